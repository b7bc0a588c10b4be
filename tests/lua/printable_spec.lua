-- What a script, a device or a person says must neither draw on the terminal of who reads
-- it nor look like a line of the program.
local drawing = require "linewright.drawing"
local plot = require "linewright.plot"
local printable = require "linewright.printable"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local query = require "linewright.query"
local report = require "linewright.report"
local show = require "linewright.repl.show"
local small_run = dofile "tests/support/small_run.lua"
local sys = require "linewright.sys"
local why = require "linewright.why"

local EVIL = "a\nHELD    forged\r\27]0;title\7\0\127\194\155"

-- No control character but the line break, and each line that the text begins is set in.
local function assert_plain(text)
  assert.is_nil(text:find "[%z\1-\9\11-\31\127]")
  assert.is_nil(text:find "\194[\128-\159]")
  assert.truthy(text:find("forged", 1, true), text)
  for line in text:gmatch "[^\n]+" do assert.is_nil(line:find "^ ?HELD    forged") end
end

describe("a text on a terminal", function()
  it("is as it was, if it is plain", function()
    assert.equal("20 \194\181m, 5 \194\176C", printable("20 \194\181m, 5 \194\176C", "  "))
  end)

  it("shows what would draw, and sets in what follows a line break", function()
    assert.equal("\\x1b[2J\\x00\\x7f\\x9b\\x09", printable("\27[2J\0\127\194\155\9", ""))
    assert.equal("a\n  b\n  c\n  d", printable("a\nb\r\nc\rd", "  "))
    assert.equal("a b c d", printable "a\nb\r\nc\rd")
  end)
end)

describe("what a recipe says", function()
  local t, notes

  setup(function()
    notes = {}
    t = small_run({ execute = function(r)
      r.step(EVIL, function() end)
      r.mark(EVIL)
      r.alarm(EVIL)
      for i = 1, 3 do r.record("m" .. EVIL, i) end
      error(EVIL, 0)
    end }, { on_note = function(text) notes[#notes + 1] = text end })
    t:start()
    t:run_until("Held", { within = "1 min" })
  end)

  it("is plain in the lines of a run and in its HELD block", function()
    assert_plain(notes[#notes])
    for _, note in ipairs(notes) do assert.is_nil(note:find "[%z\1-\9\11-\31\127]") end
  end)

  it("is plain in the report", function()
    t.line:pump()
    assert_plain(report.text(t.line.store, t.line.run_id))
  end)

  it("is one plain row in the chart of its procedure", function()
    local rows = drawing.text { { verb = "step", label = EVIL, line = 3, children = {} } }
    assert_plain(rows)
    assert.equal(1, select(2, rows:gsub("\n", "")))
  end)

  it("is plain in the causes of something, and in the answer to a question", function()
    assert_plain(why.text { { t = 0, depth = 1, text = EVIL } })
    assert_plain(query.text { items = { { label = EVIL, text = EVIL } }, interpretation = EVIL, row_n = 1, batch_n = 1 })
  end)
end)

describe("the program prints plainly", function()
  local RECIPE = [[
return recipe "evil" { api = 1, version = "1.0.0", title = "t",
  needs = { web = cap "web_transport@1" {} },
  execute = function(r) print(%s) r.step("one", function() error(%s, 0) end) end }
]]
  local SPEC = [[
local rig = require "linewright.rig"
describe(%s, function() it("b", function()
  local t = rig { recipe = "evil.lua", line = "%s" }
  t:start()
  error(t:run_until("Held", { within = "1 min" }) and t.run.reason)
end) end)
]]
  local LITERAL = '"' .. EVIL:gsub(".", function(c) return ("\\%03d"):format(c:byte()) end) .. '"'
  local project, here

  setup(function()
    project, here = projects.new(), sys.cwd()
    project:write("evil.lua", RECIPE:format(LITERAL, LITERAL))
    project:write("evil_spec.lua", SPEC:format(LITERAL, here .. "/examples/lines/pilot_a.lua"))
  end)
  teardown(function() project:remove() end)

  local function run(...) return process.run(project.dir, { process.program(), ... }, "cd " .. project.dir .. ";") end

  it("what a recipe prints in virtual time", function()
    local code, out = run("run", "evil.lua", "--line", here .. "/examples/lines/pilot_a.lua", "--sim", "--speed", "max")
    assert.equal(1, code)
    assert_plain(out)
  end)

  it("what a test under it raised", function()
    local code, out = run("test", "evil_spec.lua")
    assert.equal(1, code)
    assert.is_nil(out:find "[%z\1-\9\11-\31\127]")
    assert.truthy(out:find("forged", 1, true), out)
  end)

  it("tables, texts and pictures of the REPL", function()
    assert_plain(show.grid({ "head" }, { { EVIL } }))
    assert.is_nil(show.value(EVIL):find "[%z\1-\9\11-\31\127]")
    assert_plain(plot.text { title = EVIL, series = { { name = EVIL, unit = EVIL, x = { 0, 1 }, y = { 0, 1 } } } })
  end)
end)

-- `linewright report`: the batch record as text, JSON and HTML.
local has = require "tests.support.has"
local json = require "linewright.json"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local sys = require "linewright.sys"

local unpack = table.unpack or unpack

local project, db
before_each(function()
  project = projects.new()
  db = project.dir .. "/a.db"
  project:edit("soak.lua", "  end,\n}",
    '    r.record("purity", 0.5, "1")\n    r.alarm("too <hot> & \\"wet\\"")\n  end,\n}')
  local code, _, err = process.run(project.dir, { process.program(), "run", project.dir .. "/soak.lua", "--line",
    project.dir .. "/shed.lua", "--sim", "--speed", "max", "--db", db, "--batch", "b7" })
  assert.equal(0, code, err)
end)
after_each(function() project:remove() end)

local function report(...) return process.run(project.dir, { process.program(), "report", "--db", db, ... }) end

describe("linewright report", function()
  it("prints what happened", function()
    local code, out = report()
    assert.equal(0, code)
    has(out, "BATCH RECORD  soak 1.0.0 / shed / batch b7")
    has(out, "heat")
    has(out, "purity")
  end)

  it("gives the same as JSON", function()
    local code, out = report("--json", "b7")
    assert.equal(0, code)
    local r = assert(json.decode(out))
    assert.same({ "b7", "soak", "Complete" }, { r.batch, r.recipe, r.state })
    assert.equal("purity", r.results[1].name)
    assert.equal(0.5, r.results[1].value)
    assert.same({ name = "hot", value = 80, unit = "degC" }, r.formula[1])
    local names = {}
    for _, item in ipairs(r.timeline) do names[item.name] = item end
    assert.is_truthy(names.Execute and names.heat and names.heat.lasted_s)
    assert.is_truthy(r.begun:find "^%d+%-%d+%-%d+T%d+:%d+:%d+Z$")
  end)

  it("writes one HTML file that loads nothing and escapes what people wrote", function()
    local code, out = report("--html", project.dir .. "/b7.html")
    assert.equal(0, code)
    has(out, "written: ")
    local text = assert(sys.read_file(project.dir .. "/b7.html"))
    has(text, "<h1>Batch b7: soak 1.0.0 on shed</h1>")
    has(text, "too &lt;hot&gt; &amp; &quot;wet&quot;")
    has(text, "</html>")
    has(text, ">oven.zones[1].setpoint [degC]</text>")
    has(text, "<svg viewBox=")
    assert.is_nil(text:find("nan", 1, true))
    for _, word in ipairs { "http", "<script", "<link", "url(", "src=" } do
      assert.is_nil(text:find(word, 1, true), word)
    end
    -- Every table, row and cell that is opened is closed.
    for _, tag in ipairs { "table", "tr", "td", "th", "h2" } do
      local _, opened = text:gsub("<" .. tag .. "[ >]", "")
      local _, closed = text:gsub("</" .. tag .. ">", "")
      assert.equal(opened, closed, tag)
    end
  end)

  it("says when it cannot write", function()
    local code, _, err = report("--html", project.dir .. "/no/b7.html")
    assert.equal(3, code)
    has(err, "no/b7.html")
  end)

  it("writes over what it wrote, never over records", function()
    local before = assert(sys.read_file(db))
    for _, words in ipairs { { "--html", db }, { "--html", project.dir .. "/soak.lua" } } do
      local code, _, err = report(unpack(words))
      assert.equal(3, code)
      has(err, "E-EXISTS cannot write " .. words[2])
    end
    assert.is_true(before == sys.read_file(db))
    assert.equal(0, (report("--html", project.dir .. "/b7.html")))
    assert.equal(0, (report("--html", project.dir .. "/b7.html")))
  end)

  it("says in one line that the records are damaged", function()
    local pages, bytes = {}, assert(sys.read_file(db))
    for from = 1, #bytes, 4096 do
      local page = bytes:sub(from, from + 4095)
      pages[#pages + 1] = page:find("purity", 1, true) and ("\0"):rep(4096) or page
    end
    sys.write_file(db, table.concat(pages))
    for _, command in ipairs { { "report", "b7" }, { "why", "purity", "--batch", "b7" } } do
      local code, _, err = process.run(project.dir, { process.program(), command[1], "--db", db,
        unpack(command, 2) })
      assert.equal(3, code, command[1])
      assert.truthy(err:find "^E%-CORRUPT [^\n]*a%.db: %a+ing failed: [^\n]*\n$", err)
      assert.is_nil(err:find "traceback")
    end
  end)
end)

-- The catalogue of errors: nothing is raised that is not in it, and the page of
-- the guide says the same. tests/e2e/error_codes_spec.lua meets each of them.
local errors = require "linewright.errors"
local json = require "linewright.json"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local sys = require "linewright.sys"

local function each_file(dir, fn)
  for _, name in ipairs(sys.list(dir) or {}) do
    local path = dir .. "/" .. name
    if sys.exists(path) == "directory" then each_file(path, fn)
    elseif name:find "%.[ch]$" or name:find "%.lua$" then fn(path, assert(sys.read_file(path))) end
  end
end

-- Not for users: the name of a code that is none, and what processes of ours
-- tell each other when one of them has ended.
local INTERNAL = { ["E-UNKNOWN"] = true, ["E-CLOSED"] = true }

local function used_codes()
  local out = {}
  local function note(code, path)
    if not INTERNAL[code] then out[code] = out[code] or path end
  end
  for _, dir in ipairs { "host", "lua", "stdlib" } do
    each_file(dir, function(path, text)
      if path:find("linewright/errors", 1, true) then return end
      for code in text:gmatch "%f[%w](E%-%u+)" do
        if not text:find("REC" .. "IP" .. code, 1, true) then note(code, path) end
      end
      for code in text:gmatch "%f[%w]LW_E_(%u+)%f[^%w_]" do note("E-" .. code, path) end
    end)
  end
  return out
end

describe("a finding", function()
  local project
  before_each(function() project = projects.new() end)
  after_each(function() project:remove() end)
  it("shows the line of the file, with a mark below the thing", function()
    project:edit("shed.lua", "range =", "rnage =")
    local text = project:check()
    assert.truthy(text:find("at shed.lua:8\n       8 |                   setpoint = tag { io, \"oven.sp1\", "
      .. "unit = \"degC\", rnage = { 20, 120 },\n         | " .. (" "):rep(66) .. "^^^^^", 1, true), text)
  end)
end)

describe("a run", function()
  it("shows the line of the recipe that failed", function()
    local project = projects.new()
    project:edit("soak.lua", "r.step(", "local x = nil\n    x = x + p.hot\n    r.step(")
    local code, out = process.run(project.dir, { process.program(), "run", project.dir .. "/soak.lua", "--line",
      project.dir .. "/shed.lua", "--sim", "--speed", "max", "--on-hold=exit", "--db", project.dir .. "/a.db" })
    project:remove()
    assert.equal(1, code)
    assert.truthy(out:find("soak.lua:7)\n        7 |     x = x + p.hot\n          |     ^\n", 1, true), out)
  end)
end)

describe("the catalogue", function()
  local used = used_codes()

  it("has every code that the sources raise", function()
    for code, path in pairs(used) do assert.is_table(errors.find(code), code .. " of " .. path) end
  end)
  it("has no code that nothing raises", function()
    for _, code in ipairs(errors.codes()) do assert.is_string(used[code], code) end
  end)
  it("is complete, and its examples begin with their code", function()
    for _, code in ipairs(errors.codes()) do
      local e = errors.find(code)
      for _, key in ipairs { "text", "why", "fix" } do assert.truthy(e[key]:find "%.$", code .. " " .. key) end
      assert.equal(code .. " ", e.example:sub(1, #code + 1))
    end
  end)
  it("is what docs/errors.md says", function()
    assert.equal(errors.page(), sys.read_file "docs/errors.md",
      "run build/release/linewright --role tool script tools/error_guide.lua")
  end)
end)

describe("linewright explain", function()
  local dir = os.tmpname() .. "-explain"
  setup(function() assert(sys.mkdir(dir)) end)
  teardown(function() os.execute("rm -rf " .. dir) end)
  local function run(...) return process.run(dir, { process.program(), "explain", ... }) end

  it("tells one, in any spelling", function()
    local code, out = run "replay"
    assert.equal(0, code)
    assert.equal(errors.text(errors.find "E-REPLAY"), out)
  end)
  it("offers a near name", function()
    local code, out, err = run "E-REPLY"
    assert.same({ 1, "", "linewright explain: 'E-REPLY' is no error code. Did you mean 'E-REPLAY'?\n" }, { code, out, err })
  end)
  it("lists all, also as data", function()
    local _, out = run()
    assert.truthy(out:find("\nE-REPLAY       Equipment", 1, true))
    _, out = run "--json"
    assert.equal(#errors.codes(), #json.decode((out:gsub("\n$", ""))))
  end)
end)

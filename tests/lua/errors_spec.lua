-- The catalogue of errors: nothing is raised that is not in it, nothing is in it
-- that cannot be raised, and the page of the guide says the same.
local errors = require "linewright.errors"
local explain = require "linewright.explain"
local json = require "linewright.json"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local small_run = dofile "tests/support/small_run.lua"
local sys = require "linewright.sys"

local function each_file(dir, fn)
  for _, name in ipairs(sys.list(dir) or {}) do
    local path = dir .. "/" .. name
    if sys.exists(path) == "directory" then each_file(path, fn)
    elseif name:find "%.[ch]$" or name:find "%.lua$" then fn(path, assert(sys.read_file(path))) end
  end
end

-- Not for users: the name of a code that is none.
local INTERNAL = { ["E-UNKNOWN"] = true }

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

local SET = "set(p.hot)"
-- code, file, what stands there, what is written instead
local FILES = {
  { "E-ADDRESS", "shed.lua", 'temp = tag { io, "oven.t1", unit = "degC" }',
    'temp = tag { io, "oven.sp1", unit = "degC", access = "rw", range = {1, 2}, safe = { hold = 1, stop = 1, abort = 1 } }' },
  { "E-API", "soak.lua", "api = 1", "api = 9" },
  { "E-CONTRACT", "shed.lua", '"zoned_dryer@1"', '"zoned_drier@1"' },
  { "E-KEY", "shed.lua", "range =", "rnage =" },
  { "E-NAME", "soak.lua", "eq.oven", "eq.ovn" },
  { "E-RANGE", "soak.lua", "default = 80", "default = 800" },
  { "E-SAFE", "shed.lua", "stop = 25, abort", "abort" },
  { "E-SYNTAX", "soak.lua", "execute =", "execute" },
  { "E-TYPE", "shed.lua", "range = { 20, 120 }", "range = 20" },
  { "E-UNIT", "shed.lua", '"oven.t1", unit = "degC"', '"oven.t1", unit = "m/min"' },
  { "E-SCRIPT", "soak.lua", "return recipe", "local x = nil + 1\nreturn recipe" },
  { "E-BUDGET", "soak.lua", "return recipe", "while true do end\nreturn recipe" },
  { "E-NOTFOUND", "shed.lua", '"coater"', '"coaterr"' },
  { "E-ARG", "soak.lua", "r.step(\"heat\", function() eq.oven.zones[1].setpoint:set(p.hot) end)",
    "r.ask { prompt = \"ok?\", choices = { \"yes\" }, within = \"1 min\", default = \"no\" }" },
  { "E-TIME", "soak.lua", SET, "set(p.hot) end) r.dwell \"5 kg\" r.step(\"x\", function()" },
  { "E-REPLAY", "soak.lua", "execute =",
    "validate = function(p, eq) return eq.oven:hottest() > p.hot and \"hot\" or nil end,\n  execute =" },
}

describe("a finding", function()
  local project
  before_each(function() project = projects.new() end)
  after_each(function() project:remove() end)
  for _, case in ipairs(FILES) do
    it("has the code " .. case[1], function()
      project:edit(case[2], case[3], case[4])
      local text, _, findings = project:check { sim = true }
      local found
      for _, f in ipairs(findings) do found = found or (f.code == case[1] and f) end
      assert.is_table(found, text)
      assert.equal(1, #found.at > 0 and 1 or 0, text)
    end)
  end
  it("shows the line of the file, with a mark below the thing", function()
    project:edit("shed.lua", "range =", "rnage =")
    local text = project:check()
    assert.truthy(text:find("at shed.lua:8\n       8 |                   setpoint = tag { io, \"oven.sp1\", "
      .. "unit = \"degC\", rnage = { 20, 120 },\n         | " .. (" "):rep(66) .. "^^^^^", 1, true), text)
  end)
end)

-- code, execute(r, eq, p)
local RUNS = {
  { "E-ARG", function(r) r.step("x") end },
  { "E-BUDGET", function() while true do end end },
  { "E-JOURNAL", function(r) r.step("x", function() return print end) end },
  { "E-NAME", function(_, eq) return eq.nothing end },
  { "E-STEP", function(r) r.step("a", function() r.step("b", function() end) end) end },
  { "E-TIME", function(r) r.dwell "5 kg" end },
  { "E-WAIT", function(r)
    r.wait_until("x", function() r.dwell "1 s" end, { within = "1 min" })
  end },
}

describe("a run", function()
  for _, case in ipairs(RUNS) do
    it("is held with " .. case[1], function()
      local t = small_run { execute = case[2] }
      t:start()
      t:run_until("Held", { within = "10 min" })
      assert.truthy(t.run.reason:find(case[1] .. " ", 1, true), t.run.reason)
    end)
  end
  it("shows the line of the recipe that failed", function()
    local project = projects.new()
    project:edit("soak.lua", "r.step(", "local x = nil\n    x = x + p.hot\n    r.step(")
    local code, out = process.run(project.dir, { process.program(), "run", project.dir .. "/soak.lua", "--line",
      project.dir .. "/shed.lua", "--sim", "--speed", "max", "--on-hold=exit", "--db", project.dir .. "/a.db" })
    project:remove()
    assert.equal(1, code)
    assert.truthy(out:find("soak.lua:7)\n        7 |     x = x + p.hot\n          |     ^\n", 1, true), out)
  end)
  it("that spent its memory says so", function()
    assert.equal("E-MEMORY the script used more than its memory", (explain.error("x", "memory")))
  end)
  it("is refused a twin without its functions", function()
    local project = projects.new()
    project:write("shed_twin.lua", 'return twin "t" { params = {}, signals = function() return { ["oven.t1"] = "degC", '
      .. '["oven.sp1"] = "degC" } end, start = function() return {} end, step = function() error "broken" end }')
    project:edit("shed.lua", '{ "coater", zones = 1 }', '{ "shed_twin" }')
    local code, _, err = process.run(project.dir, { process.program(), "run", project.dir .. "/soak.lua", "--line",
      project.dir .. "/shed.lua", "--sim", "--speed", "max", "--db", project.dir .. "/a.db" })
    project:remove()
    assert.is_true(code ~= 0)
    assert.truthy(err:find("E-TWIN", 1, true), err)
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
  it("has only codes that a test raises", function()
    local tested = {}
    each_file("tests", function(_, text)
      for code in text:gmatch "%f[%w](E%-%u+)" do tested[code] = true end
      for code in text:gmatch "%f[%w]LW_E_(%u+)" do tested["E-" .. code] = true end
    end)
    for _, code in ipairs(errors.codes()) do assert.is_true(tested[code], code) end
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

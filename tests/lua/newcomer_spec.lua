-- Fifty mistakes as newcomers make them. Each message is judged by whether it
-- alone tells the fix: it has to name the file and line, the thing, what stands
-- there, and what to write instead.
local findings_of = require "linewright.findings"
local lint = require "linewright.lint"
local projects = require "tests.support.project"
local sys = require "linewright.sys"

local STEP = 'r.step("heat", function() eq.oven.zones[1].setpoint:set(p.hot) end)'
local SET = "set(p.hot)"

local function body(text) return { "soak.lua", STEP, text } end

-- { what the newcomer thought, { file, what stands there, what they wrote }, place, essential words... }
local CASES = {
  { "a step needs no name", body 'r.step(function() eq.oven.zones[1].setpoint:set(p.hot) end)', "soak.lua:6",
    "r.step", "name comes first, in quotes" },
  { "verbs are methods", body 'r:step("heat", function() end)', "soak.lua:6", "r:step", "r.step" },
  { "minutes are m", body 'r.dwell "5 m"', "soak.lua:6", "cannot convert m", 'Did you mean "5 min"?' },
  { "a time is a number in quotes", body 'r.dwell "300"', "soak.lua:6", "'300' has no unit" },
  { "sleep waits", body 'sleep(5)', "soak.lua:6", "'sleep' is not defined", "r.dwell" },
  { "os.time is the clock", { "soak.lua", SET, "set(os.time())" }, "soak.lua:6", "'os'", "time()" },
  { "os.clock is the clock", body 'local t = os.clock() r.record("t", t, "s")', "soak.lua:6", "'os'", "time()" },
  { "print to a file", body 'local f = io.open("x", "w") f:write("a")', "soak.lua:6", "'io'", "r.record" },
  { "a global counter", body 'r.step("n", function() count = 1 end)', "soak.lua:6", "'count'", "local count" },
  { "channels are numbers", body 'r.step("x", function() if eq.oven.zones[1].temp > 50 then r.mark("x") end end)',
    "soak.lua:6", "is a channel, not a number", ":read()" },
  { "channels can be assigned", body 'r.step("x", function() eq.oven.zones[1].setpoint = 50 end)', "soak.lua:6",
    "cannot be assigned", ":set(value)" },
  { "set with a dot", body 'r.step("x", function() eq.oven.zones[1].setpoint.set(50) end)', "soak.lua:6",
    "called with a colon" },
  { "a tag's address in a recipe", body 'r.step("x", function() eq.plc.hr10:set(50) end)', "soak.lua:6",
    "eq.plc is not in `needs` (oven)" },
  { "a slip in a role", { "soak.lua", "eq.oven", "eq.oevn" }, "soak.lua:6", "eq.oevn", "Did you mean 'oven'?" },
  { "a slip in a parameter", { "soak.lua", SET, "set(p.hto)" }, "soak.lua:6", "p.hto", "Did you mean 'hot'?" },
  { "a slip in a verb", body 'r.setp("heat", function() end)', "soak.lua:6", "r.setp", "Did you mean 'step'?" },
  { "a slip in an option", body 'r.wait_until("x", function() return true end, { whitin = "5 min" })', "soak.lua:6",
    "unknown option 'whitin'", "Did you mean 'within'?" },
  { "a limit of another unit", { "soak.lua", "max = 120", 'max = "120 m/min"' }, "soak.lua:4", "cannot convert m/min",
    "degC" },
  { "a default outside", { "soak.lua", "default = 80", "default = 800" }, "soak.lua:4", "hot", "800", "20..120 degC" },
  { "degrees are deg C", { "soak.lua", '"degC", default', '"deg C", default' }, "soak.lua:4", "deg C", "degC" },
  { "celsius has another c", { "soak.lua", '"degC", default', '"celcius", default' }, "soak.lua:4", "'celcius'",
    "Did you mean 'celsius'?" },
  { "no comma", { "soak.lua", 'version = "1.0.0",', 'version = "1.0.0"' }, "soak.lua:3", "E-SYNTAX", "expected" },
  { "no end", { "soak.lua", "set(p.hot) end)", "set(p.hot))" }, "soak.lua:6", "E-SYNTAX", "`end` of the function missing" },
  { "C's not-equal", body 'if p.hot != 3 then r.dwell(1) end', "soak.lua:6", "E-SYNTAX", "~=" },
  { "a plus-equals", body 'local n = 1 n += 1', "soak.lua:6", "E-SYNTAX", "x = x + 1" },
  { "no return in front of recipe", { "soak.lua", "return recipe", "recipe" }, "soak.lua:1", "return recipe" },
  { "no api", { "soak.lua", "api = 1, ", "" }, "soak.lua:1", "api = 1" },
  { "run is the procedure", { "soak.lua", "execute =", "run =" }, "soak.lua:1", "execute" },
  { "a contract without version", { "soak.lua", '"zoned_dryer@1"', '"zoned_dryer"' }, "soak.lua:3",
    "without its version", "zoned_dryer@1" },
  { "a contract in the plural", { "soak.lua", '"zoned_dryer@1"', '"zoned_dryers@1"' }, "soak.lua:3", "zoned_dryers@1",
    "Did you mean 'zoned_dryer'" },
  { "at least as an operator", { "soak.lua", '"zoned_dryer@1" {}', '"zoned_dryer@1" { zones = ">=3" }' }, "soak.lua:3",
    "zones", "at_least(3)" },
  { "a tag in a recipe", { "soak.lua", "execute =", 't = tag { 1 },\n  execute =' }, "soak.lua:5", "'tag' is a word of line files" },
  { "a guard called when it is made", { "soak.lua", "execute =",
    'guards = { { text = "hot", level = "hold", when = true } },\n  execute =' }, "soak.lua:5", "when", "function" },
  { "a guard's level in words", { "soak.lua", "execute =",
    'guards = { { text = "hot", level = "pause", when = function() return false end } },\n  execute =' }, "soak.lua:5",
    "level = 'pause'", "hold, stop, abort" },
  { "a question without choices that has a default", body 'r.ask { prompt = "ok?", choices = { "yes", "no" }, default = "y" }',
    "soak.lua:6", "default 'y'", "yes, no" },
  { "an ohm is a unit of temperature", { "shed.lua", '"oven.t1", unit = "degC"', '"oven.t1", unit = "ohm"' }, "shed.lua:7",
    "cannot convert ohm", "degC" },
  { "an output needs no range", { "shed.lua", "range = { 20, 120 },", "" }, "shed.lua:8", "must declare range",
    "{ least, most }" },
  { "an output needs no safe values", { "shed.lua", 'safe = { hold = "keep", stop = 25, abort = 25 } }', "}" }, "shed.lua:8",
    "must declare safe" },
  { "one safe value", { "shed.lua", 'safe = { hold = "keep", stop = 25, abort = 25 }', "safe = 25" }, "shed.lua:9",
    "safe", "hold =" },
  { "a range from high to low", { "shed.lua", "{ 20, 120 }", "{ 120, 20 }" }, "shed.lua:8", "range 120..20 is empty" },
  { "min and max", { "shed.lua", "range = { 20, 120 }", "min = 20, max = 120" }, "shed.lua:8", "'max'", "range" },
  { "int16 as elsewhere", { "shed.lua", '"oven.t1", unit', '"oven.t1", type = "int16", unit' }, "shed.lua:7", "int16", "s16" },
  { "float as elsewhere", { "shed.lua", '"oven.t1", unit', '"oven.t1", type = "float", unit' }, "shed.lua:7", "float", "f32" },
  { "a driver by its maker's name", { "shed.lua", 'driver "sim" {}', 'driver "modbus" { host = "10.0.0.1" }' }, "shed.lua:1",
    "'modbus'", "modbus_tcp" },
  { "an ip instead of a host", { "shed.lua", 'driver "sim" {}', 'driver "modbus_tcp" { ip = "10.0.0.1" }' }, "shed.lua:1",
    "ip", "host" },
  { "a time-out in milliseconds", { "shed.lua", 'driver "sim" {}', 'driver "modbus_tcp" { host = "h", timeout = 500 }' },
    "shed.lua:1", "timeout = 500 s", '"300 ms"' },
  { "a property without unit", { "shed.lua", 'length = "2 m"', 'length = "2"' }, "shed.lua:6", "length", "m" },
  { "an interlock on a tag's address", { "shed.lua", "units = {",
    'interlocks = { interlock { "oven.t1", above = "90 degC", level = "abort" } }, units = {' }, "shed.lua:4", "oven.t1",
    "matches no channel" },
  { "a unit by another name", { "shed.lua", '"zoned_dryer@1"', '"oven@1"' }, "shed.lua:5", "oven@1", "not in the library" },
  { "equipment is read on the way", body 'local t = eq.oven.zones[1].temp:read()', "soak.lua:6", "outside a step", "r.step", lint = true },
}

describe("a newcomer who thinks that", function()
  local project
  before_each(function() project = projects.new() end)
  after_each(function() project:remove() end)

  local function message(case)
    local edit = case[2]
    project:edit(edit[1], edit[2], edit[3])
    if not case.lint then return (project:check()) end
    local f = findings_of.new()
    lint.text(f, edit[1], assert(sys.read_file(project.dir .. "/" .. edit[1])))
    return f:text()
  end

  for _, case in ipairs(CASES) do
    it(case[1] .. " is told what to write", function()
      local text = message(case)
      local found
      for block in ("\n" .. text .. "\n"):gsub("\n(%u%u%u%u )", "\n\1%1"):gsub("\n(warn )", "\n\1%1"):gmatch "\1([^\1]+)" do
        local is_here = block:find("at " .. case[3], 1, true)
        for i = 4, #case do is_here = is_here and block:find(case[i], 1, true) end
        found = found or is_here
      end
      assert.truthy(found, text)
    end)
  end
  it("fifty of them", function() assert.equal(50, #CASES) end)
end)

-- Calls that a recipe writes out and that would fail when they run, perhaps in
-- the third hour of a batch: check tells them, and tells nothing else.
local projects = require "tests.support.project"

local STEP = 'r.step("heat", function() eq.oven.zones[1].setpoint:set(p.hot) end)'

local project
before_each(function() project = projects.new() end)
after_each(function() project:remove() end)

local function with(body)
  project:edit("soak.lua", STEP, body)
  return (project:check())
end

-- body, message
local WRONG = {
  { 'r.dwell "10 parsnips"', "r.dwell: unknown unit 'parsnips'" },
  { 'r.dwell "10 degC"', "r.dwell: cannot convert degC" },
  { 'r.dwell("5 min", { clock = "wal" })',
    "r.dwell: clock must be active, wall, restart, not 'wal'. Did you mean 'wall'?" },
  { 'r.wait_until("hot", function() return true end, { within = "40" })',
    "r.wait_until: within: '40' has no unit" },
  { 'r.wait_until("hot", function() local a, b = 1, 2 return a < b end, { within = "4 min", stedy = 3 })',
    "r.wait_until: unknown option 'stedy' (known: keep, otherwise, steady, within). Did you mean 'steady'?" },
  { 'r.wait_until("hot", function() return true end, { within = "4 min", otherwise = "halt" })',
    "r.wait_until: otherwise must be hold, stop, abort, suspend, continue, not 'halt'" },
  { 'r.wait_first({ a = function() return true end }, { within = "4 x" })',
    "r.wait_first: within: unknown unit 'x'" },
  { 'r.step("heat", { backoff = "3 kg" }, function() end)', "r.step: backoff: cannot convert kg" },
  { 'r.step("heat", { onse = true }, function() end)', "r.step: unknown option 'onse'" },
  { 'r.operation("heat", { eoo = "setup" }, function() end)', "r.operation: unknown option 'eoo'" },
  { 'r.loop("l", { every = "2 sx", run = function(st, dt) return st, dt end })',
    "r.loop: every: unknown unit 'sx'" },
  { 'local a = r.ask { prompt = "ok?", choices = { "yes", "no" }, within = "1 min", default = "maybe" }',
    "r.ask: default 'maybe' is not among the choices (yes, no)" },
  { 'r.ask { prompt = "ok?", choices = { "yes", "no" }, default = "yes" }',
    "r.ask: a default needs `within`" },
  { 'r.step("s", function() eq.oven.zones[1].setpoint:set "20 m/min" end)',
    "oven.zones[].setpoint: cannot convert m/min" },
  { 'r.step("s", function() local f = filter.ewma { tau = "6 m" } return f(1, 1) end)',
    "filter.ewma: tau must be a time" },
  { 'r.step("s", function() local f = filter.ewmaa { tau = "6 s" } return f(1, 1) end)',
    "filter.ewmaa is not in the library" },
  { 'local trim = control.dead_time_i { target = 3, gain = 0.6 }\n    r.loop("l", { every = 1, run = trim })',
    "control.dead_time_i: delay is missing" },
  { 'eq.oven.zones[1].setpoint = p.hot', "eq.oven.zones[].setpoint cannot be assigned: write eq.oven.zones[].setpoint:set(value)" },
  { 'r.step("s", function() if eq.oven.zones[1].temp > 50 then r.mark("x") end end)',
    "eq.oven.zones[].temp is a channel, not a number: write eq.oven.zones[].temp:read()" },
  { 'r.step("s", function() eq.oven.zones[1].setpoint.set(50) end)',
    "eq.oven.zones[].setpoint.set is called with a colon" },
  { 'r:dwell "5 s"', "r:dwell: the verbs take a dot, r.dwell" },
  { 'r.wait_until(function() return true end, { within = "1 min" })',
    "r.wait_until: its label comes first, in quotes" },
  { 'r.step(function() end)', "r.step: its name comes first, in quotes" },
  { 'local oven = eq.oven\n    r.step("s", function() oven:profil(p.hot) end)',
    "eq.oven.profil is not in the methods of zoned_dryer@1" },
  { 'local oven = eq.oven\n    r.step("s", function() oven.zones[1].setpoint:sett(p.hot) end)',
    "eq.oven.zones[].setpoint.sett is not in the verbs of a channel (fired, read, set). Did you mean 'set'?" },
  { 'local sp = eq.oven.zones[1].setpoint\n    r.step("s", function() sp:sett(p.hot) end)',
    "eq.oven.zones[].setpoint.sett is not in the verbs of a channel" },
  { 'for _, z in ipairs(eq.oven.zones) do r.step("s", function() z.tmep:read() end) end',
    "eq.oven.zones[].tmep is not in eq.oven.zones[] (setpoint, temp). Did you mean 'temp'?" },
}

describe("a call that is written out wrong", function()
  for _, case in ipairs(WRONG) do
    it("is found: " .. case[1], function()
      local text = with(case[1])
      assert.is_truthy(text:find(case[2], 1, true), ("no '%s' in:\n%s"):format(case[2], text))
      assert.is_truthy(text:find("at soak.lua:%d+"), text)
    end)
  end
end)

local RIGHT = {
  'r.dwell "10 min"', 'r.dwell(5)', 'r.dwell(p.hot)', 'r.dwell("5 min", { clock = "wall" })',
  'local o = { within = p.hot }\n    r.wait_until("x", function() return true end, o)',
  'r.wait_until("x", function() return true end, { within = 40 * 60, otherwise = function() end })',
  'r.ask { prompt = "ok?", choices = { "yes", "no" }, within = "1 min", default = "no" }',
  'local c = { "yes" }\n    r.ask { prompt = "ok?", choices = c, within = "1 min", default = "no" }',
  'r.ask { prompt = "how many?" }',
  'r.step("s", { once = true, retries = 2, backoff = "3 s" }, function() end)',
  'r.step("s", function() eq.oven.zones[1].setpoint:set "80 degF" end)',
  'r.step("s", function() local f = filter.ewma { tau = p.hot } return f(1, 1) end)',
  'local oven = eq.oven\n    r.step("s", function() oven:profile { { 0, 70 }, { 1, 80 } } end)',
  'r.step("s", function() local t = { [eq.oven.zones[1].temp] = 1 } r.mark("x", { n = #eq.oven.zones, t = t and 1 }) end)',
  'r.step("s", function() local sp = eq.oven.zones[1].setpoint\n    local x = sp:read() return x end)',
  'r.step("s", function() if eq.oven.zones[1].temp == nil then return 1 end end)',
  -- the name stands for something else further on
  'local oven = eq.oven\n    oven = { sett = function() end }\n    oven:sett(1)',
  'local a = eq.oven\n    do local a = { go = function() end } a:go() end',
  'local t = eq.oven.length * 2\n    r.record("t", t)',
  'local t = eq.oven.length and { x = 1 }\n    r.record("t", t.x)',
  'for _, z in ipairs(eq.oven.zones) do r.step("s", function() z.temp:read() end) end',
}

describe("a call that is right", function()
  for _, body in ipairs(RIGHT) do
    it("is left alone: " .. body, function()
      local text, _, findings = (function()
        project:edit("soak.lua", STEP, body)
        return project:check()
      end)()
      assert.is_false(findings:failed(), text)
    end)
  end
end)

local REGISTERS = [[
local plc = driver "modbus_tcp" { host = "127.0.0.1" }
local SAFE = { hold = "keep", stop = 25, abort = 25 }
return line "shed" {
  api = 1, revision = 1,
  units = {
    oven = equip "zoned_dryer@1" {
      props = { length = "2 m", temp_max = "130 degC" },
      zones = { { temp = tag { plc, TEMP, unit = "degC" },
                  setpoint = tag { plc, SETPOINT, unit = "degC", range = { 20, 120 }, safe = SAFE } },
                { temp = tag { plc, "ir:900", type = "s16", unit = "degC" },
                  setpoint = tag { plc, OTHER, unit = "degC", range = { 20, 120 }, safe = SAFE } } },
    },
  },
}
]]

describe("registers of one device", function()
  local function findings(temp, setpoint, other)
    local places = { TEMP = temp, SETPOINT = setpoint, OTHER = other }
    project:write("shed.lua", (REGISTERS:gsub("%u+", function(w) return places[w] end)))
    local text, _, found = project:check()
    return text, found:failed()
  end
  local U16 = '"hr:300", type = "u16"'

  it("that a 32-bit value fills are not free", function()
    local text = findings('"hr:100", type = "f32"', '"hr:101", type = "u16"', U16)
    assert.is_truthy(text:find("oven.zones[1].setpoint and oven.zones[1].temp share a register: "
      .. "oven.zones[1].setpoint = u16 hr:101; oven.zones[1].temp = f32 big "
      .. "hr:100 (hr:100..101). One address, type or word_order is wrong", 1, true), text)
  end)
  it("end at the last one, however long a number is", function()
    local text = findings('"hr:99999999999999999999", type = "f32"', U16, '"hr:200", type = "u16"')
    assert.is_truthy(text:find("'hr:99999999999999999999' is no Modbus address", 1, true), text)
  end)
  it("are the same under both spellings", function()
    local text = findings('"ir:1", type = "s16"', '"40201", type = "u16"', '"hr:200", type = "u16"')
    assert.is_truthy(text:find("oven.zones[1].setpoint and oven.zones[2].setpoint are both written", 1,
      true), text)
  end)
  it("cannot be read in two word orders", function()
    local text = findings('"hr:100", type = "f32", word_order = "little"', U16,
      '"hr:200", type = "u16", feedback = "hr:100"')
    assert.is_truthy(text:find("share a register", 1, true), text)
  end)
  it("side by side are fine", function()
    local text, failed = findings('"hr:100", type = "f32"', '"hr:102", type = "f32"', U16)
    assert.is_false(failed, text)
  end)
  it("that the watchdog counts in are no outputs", function()
    project:write("shed.lua", (REGISTERS:gsub("host = [^,}]+",
      '%0, watchdog = { register = "40301" }'):gsub("%f[%w]%u+%f[%W]", { TEMP = U16, SETPOINT = U16,
      OTHER = '"hr:200", type = "u16"' })))
    local text = project:check()
    assert.is_truthy(text:find("oven.zones[1].setpoint and the watchdog are both written", 1, true),
      text)
  end)
  it("read by another tag in the same type are only mentioned", function()
    local text, failed = findings('"hr:200", type = "u16"', '"40201", type = "u16"', U16)
    assert.is_false(failed, text)
    assert.is_truthy(text:find("warn E-ADDRESS oven.zones[1].temp reads what "
      .. "oven.zones[1].setpoint writes (40201 (hr:200))", 1, true), text)
  end)
end)

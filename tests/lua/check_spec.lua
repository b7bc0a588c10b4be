-- What a recipe or profile can get wrong: each mistake is one finding with the
-- line it is on, what was written, and what would be right.
local projects = require "tests.support.project"

local project
before_each(function() project = projects.new() end)
after_each(function() project:remove() end)

local function finds(text, wanted, place)
  local a, b = text:find(wanted, 1, true)
  assert.is_truthy(a, ("no '%s' in:\n%s"):format(wanted, text))
  if place then
    local rest = text:sub(b + 1)
    local block = rest:match "^[^\n]*\n(.-)\n%u" or rest
    assert.is_truthy(("\n" .. block):find(place, 1, true), ("no '%s' below '%s' in:\n%s"):format(
      place, wanted, text))
  end
end

describe("a fitting recipe and line", function()
  it("have nothing to complain about", function()
    local text, bundle, findings = project:check()
    assert.equal("ok   needs oven: zoned_dryer@1", text)
    assert.is_false(findings:failed())
    assert.is_string(bundle.plan)
  end)
end)

-- name, file, what stands there, what is written instead, message, place
local MISTAKES = {
  { "a misspelt key of a tag", "shed.lua", 'range = {', 'rnage = {',
    "unknown key 'rnage' in tag oven.zones[1].setpoint. Did you mean 'range'?", "shed.lua:8" },
  { "an output without range", "shed.lua", 'range = { 20, 120 },', '',
    "oven.zones[1].setpoint can be set, so it must declare range", "shed.lua:8" },
  { "an output without safe values", "shed.lua",
    'safe = { hold = "keep", stop = 25, abort = 25 } }', '}',
    "oven.zones[1].setpoint can be set, so it must declare safe", "shed.lua:8" },
  { "a level without a safe value", "shed.lua", 'stop = 25, abort', 'abort',
    "oven.zones[1].setpoint declares no safe.stop", "shed.lua:9" },
  { "a safe value out of range", "shed.lua", 'stop = 25', 'stop = 250',
    "oven.zones[1].setpoint: safe.stop = 250 degC is outside the tag's range 20..120 degC",
    "shed.lua:9" },
  { "a safe level that is none", "shed.lua", 'stop = 25', 'sotp = 25',
    "unknown key 'sotp' in oven.zones[1].setpoint: safe. Did you mean 'stop'?", "shed.lua:9" },
  { "an empty range", "shed.lua", '{ 20, 120 }', '{ 120, 20 }',
    "oven.zones[1].setpoint: range 120..20 is empty", "shed.lua:8" },
  { "not-a-number in a range", "shed.lua", '{ 20, 120 }', '{ 0/0, 120 }',
    "oven.zones[1].setpoint: range must be a finite number, got nan", "shed.lua:8" },
  { "a unit of another dimension", "shed.lua", '"oven.t1", unit = "degC"',
    '"oven.t1", unit = "m/min"', "oven.zones[1].temp: cannot convert m/min", "shed.lua:7" },
  { "an unknown unit", "shed.lua", '"oven.t1", unit = "degC"', '"oven.t1", unit = "degz"',
    "oven.zones[1].temp: unknown unit 'degz'", "shed.lua:7" },
  { "a tag without a unit", "shed.lua", '"oven.t1", unit = "degC"', '"oven.t1"',
    "oven.zones[1].temp declares no unit", "shed.lua:7" },
  { "a tag without an address", "shed.lua", 'tag { io, "oven.t1", unit', 'tag { io, unit',
    "oven.zones[1].temp: the second entry of a tag is its address", "shed.lua:7" },
  { "an unknown filter", "shed.lua", '"oven.t1", unit = "degC"',
    '"oven.t1", unit = "degC", filter = { { "hampal", window = 5 } }',
    "oven.zones[1].temp: filter 1 = 'hampal' is not one of", "shed.lua:7" },
  { "a filter's parameter out of range", "shed.lua", '"oven.t1", unit = "degC"',
    '"oven.t1", unit = "degC", filter = { { "hampel", window = -5, k = 3 } }',
    "oven.zones[1].temp: filter 1 'hampel': window = -5 is outside", "shed.lua:7" },
  { "an unknown filter parameter", "shed.lua", '"oven.t1", unit = "degC"',
    '"oven.t1", unit = "degC", filter = { "hampel", windw = 5 }',
    "unknown key 'windw' in oven.zones[1].temp: filter 1 'hampel'. Did you mean 'window'?",
    "shed.lua:7" },
  { "a twin signal that is none", "shed.lua", '"oven.t1"', '"oven.t9"',
    "oven.zones[1].temp: the twin has no signal 'oven.t9'. Did you mean 'oven.t1'?",
    "shed.lua:7" },
  { "an unknown option of the twin", "shed.lua", 'zones = 1 },', 'zoens = 1 },',
    "unknown key 'zoens' in twin \"coater\". Did you mean 'zones'?", "shed.lua:3" },
  { "an unknown driver", "shed.lua", 'driver "sim" {}', 'driver "smi" {}',
    "driver = 'smi' is not one of", "shed.lua:1" },
  { "an unknown option of a driver", "shed.lua", 'driver "sim" {}', 'driver "sim" { sede = 3 }',
    "unknown key 'sede' in driver \"sim\"", "shed.lua:1" },
  { "a missing property", "shed.lua", 'length = "2 m", ', '',
    "unit 'oven' lacks the property length [m] of zoned_dryer@1", "shed.lua:6" },
  { "a misspelt property", "shed.lua", 'length = "2 m"', 'lenght = "2 m"',
    "unknown key 'lenght' in props of unit 'oven'. Did you mean 'length'?", "shed.lua:6" },
  { "a property of another dimension", "shed.lua", '"2 m"', '"2 kg"',
    "oven.length: cannot convert kg", "shed.lua:6" },
  { "a missing channel", "shed.lua", 'temp = tag { io, "oven.t1", unit = "degC" },', '',
    "unit 'oven' lacks oven.zones[1].temp: zoned_dryer@1 asks for readable degC", "shed.lua:5" },
  { "a channel that the contract lacks", "shed.lua", 'props = { l', 'fan = 1, props = { l',
    "unknown key 'fan' in unit 'oven' (zoned_dryer@1)", "shed.lua:6" },
  { "a contract that is not in the library", "shed.lua", '"zoned_dryer@1"', '"zoned_drier@1"',
    "capability 'zoned_drier@1' is not in the library. Did you mean 'zoned_dryer'?",
    "shed.lua:5" },
  { "a contract of another version", "shed.lua", '"zoned_dryer@1"', '"zoned_dryer@2"',
    "capability 'zoned_dryer@2' is not there: the library has zoned_dryer@1", "shed.lua:5" },
  { "a misspelt word", "shed.lua", 'equip "zoned', 'equp "zoned',
    "'equp' is not defined. Did you mean 'equip'?", "shed.lua:5" },
  { "an unknown key of the line", "shed.lua", 'revision = 1', 'revison = 1',
    "unknown key 'revison' in line 'shed'. Did you mean 'revision'?", "shed.lua:3" },
  { "an api above ours", "shed.lua", 'api = 1', 'api = 9',
    "line 'shed' asks for api 9; this host has api 1", "shed.lua:3" },
  { "a tick that is no multiple of the scan", "shed.lua", 'revision = 1',
    'revision = 1, scan = "30 ms"', "line.tick 100 ms must be a multiple of line.scan 30 ms",
    "shed.lua:3" },
  { "an interlock on nothing", "shed.lua", 'units = {',
    'interlocks = { interlock { "oven.zone[*].temp", above = "90 degC", level = "abort" } }, units = {',
    "interlock: \"oven.zone[*].temp\" matches no channel of line 'shed'. Did you mean 'oven.zones[*].temp'?",
    "shed.lua:4" },
  { "an interlock without a level", "shed.lua", 'units = {',
    'interlocks = { interlock { "oven.zones[*].temp", above = "90 degC" } }, units = {',
    "interlock \"oven.zones[*].temp\" declares no level", "shed.lua:4" },
  { "an interlock without a comparison", "shed.lua", 'units = {',
    'interlocks = { interlock { "oven.zones[*].temp", level = "abort" } }, units = {',
    "interlock \"oven.zones[*].temp\" compares with nothing", "shed.lua:4" },
  { "an interlock's limit of another dimension", "shed.lua", 'units = {',
    'interlocks = { interlock { "oven.zones[*].temp", above = "9 m", level = "abort" } }, units = {',
    "interlock \"oven.zones[*].temp\": above: cannot convert m", "shed.lua:4" },
  { "a permit about a reading", "shed.lua", 'units = {',
    'interlocks = { permit { "oven.zones[*].temp", above = 1, needs = { "oven.zones[*].temp", above = 1 } } }, units = {',
    "oven.zones[1].temp is a reading; a permit is about an output", "shed.lua:4" },
  { "two outputs at one address", "shed.lua", 'temp = tag { io, "oven.t1", unit = "degC" }',
    'temp = tag { io, "oven.sp1", unit = "degC", access = "rw", range = {1, 2}, safe = { hold = 1, stop = 1, abort = 1 } }',
    "are both written to oven.sp1", "shed.lua" },
  { "a syntax error", "shed.lua", 'units = {', 'units = {{',
    "E-SYNTAX", "shed.lua:" },
  { "an error of the file itself", "shed.lua", 'return line', 'local x = nil + 1\nreturn line',
    "attempt to perform arithmetic on a nil value", "shed.lua:2" },
  { "a file that never ends", "shed.lua", 'return line', 'while true do end\nreturn line',
    "E-BUDGET it did not come to an end within its time", "shed.lua" },

  { "a recipe without execute", "soak.lua", 'execute =', 'starting =',
    "recipe 'soak' has no handler `execute`", "soak.lua:1" },
  { "a misspelt handler", "soak.lua", 'execute =', 'exceute =',
    "unknown key 'exceute' in recipe 'soak'. Did you mean 'execute'?", "soak.lua:5" },
  { "a recipe without version", "soak.lua", ', version = "1.0.0"', '',
    "recipe 'soak' has no version", "soak.lua:1" },
  { "a role that no unit plays", "soak.lua", 'oven = cap "zoned_dryer@1" {}',
    'oven = cap "zoned_dryer@1" {}, web = cap "web_transport@1" {}',
    "needs web: web_transport@1 (line offers oven zoned_dryer@1)", "soak.lua:3" },
  { "a need of a property that the contract lacks", "soak.lua", '"zoned_dryer@1" {}',
    '"zoned_dryer@1" { temp_mx = at_least "1 degC" }',
    "unknown key 'temp_mx' in needs oven (zoned_dryer@1). Did you mean 'temp_max'?",
    "soak.lua:3" },
  { "a need that the line does not meet", "soak.lua", '"zoned_dryer@1" {}',
    '"zoned_dryer@1" { temp_max = at_least "150 degC" }',
    "FAIL oven.temp_max >= 150 degC (line offers 130 degC)", "soak.lua:3\n     at shed.lua:6" },
  { "too few zones", "soak.lua", '"zoned_dryer@1" {}', '"zoned_dryer@1" { zones = at_least(3) }',
    "FAIL oven.zones >= 3 (line has 1)", "soak.lua:3\n     at shed.lua:7" },
  { "a name that is not in needs", "soak.lua", 'eq.oven.zones', 'eq.ovn.zones',
    "E-NAME eq.ovn is not in `needs` (oven). Did you mean 'oven'?", "soak.lua:6" },
  { "a parameter that is not declared", "soak.lua", 'p.hot', 'p.hott',
    "E-NAME p.hott is not in `params` (hot). Did you mean 'hot'?", "soak.lua:6" },
  { "a member that the contract lacks", "soak.lua", 'eq.oven.zones', 'eq.oven.zoens',
    "eq.oven.zoens is not in zoned_dryer@1 (hottest, length, profile, settled, temp_max, zones). Did you mean 'zones'?",
    "soak.lua:6" },
  { "a method that the contract lacks", "soak.lua", 'eq.oven.zones[1].setpoint:set(p.hot)',
    'eq.oven:profil(p.hot)', "eq.oven.profil is not in the methods of zoned_dryer@1", "soak.lua:6" },
  { "a default out of range", "soak.lua", 'default = 80', 'default = 800',
    "hot = 800 degC is outside 20..120 degC", "soak.lua:4" },
  { "a default of another dimension", "soak.lua", 'default = 80', 'default = "80 m"',
    "hot = 80 m: cannot convert m", "soak.lua:4" },
  { "an unknown key of a parameter", "soak.lua", 'default = 80', 'dafault = 80',
    "unknown key 'dafault' in parameter 'hot'. Did you mean 'default'?", "soak.lua:4" },
  { "a guard without a level", "soak.lua", 'execute =',
    'guards = { { text = "hot", when = function() return false end } },\n  execute =',
    "guards \"hot\": level = 'nil' is not one of hold, stop, abort, suspend", "soak.lua:5" },
  { "a state that is none", "soak.lua", 'execute =',
    'guards = { { text = "hot", level = "hold", active = during "Excute", when = function() end } },\n  execute =',
    "'Excute' is not a PackML state. Did you mean 'Execute'?", "soak.lua:5" },
  { "a line's word in a recipe", "soak.lua", 'execute =', 'extra = tag { 1 },\n  execute =',
    "'tag' is a word of line files", "soak.lua:5" },
  { "a need that is no contract", "soak.lua", 'cap "zoned_dryer@1" {}', '"zoned_dryer@1"',
    "needs.oven must be cap \"contract@1\" { ... }, got string", "soak.lua:3" },
  { "an undeclared channel in suspend_when", "soak.lua", 'execute =',
    'suspend_when = { signal = "oven.level", below = 1 },\n  execute =',
    "suspend_when: 'oven.level' is no channel of the equipment", "soak.lua:5" },
  { "a suspension that never says where it goes on", "soak.lua", 'execute =',
    'suspend_when = { signal = "oven.zones[1].temp", below = 30 },\n  execute =',
    "suspend_when has `below` and no `resume_above`: where does it go on?", "soak.lua:5" },
  { "a suspension that goes on at the wrong key", "soak.lua", 'execute =',
    'suspend_when = { signal = "oven.zones[1].temp", above = 30, resume_above = 40 },\n  execute =',
    "suspend_when has `above` and no `resume_below`, not `resume_above`", "soak.lua:5" },
  { "a type of another tool", "shed.lua", '"oven.t1", unit', '"oven.t1", type = "i32", unit',
    "oven.zones[1].temp: type 'i32' is called 's32' here", "shed.lua:7" },
  { "a letter that is another unit", "shed.lua", '"oven.t1", unit = "degC"', '"oven.t1", unit = "C"',
    "cannot convert C (electric charge) to degC (temperature). Did you mean 'degC'?", "shed.lua:7" },
  { "a safe value in words", "shed.lua", 'hold = "keep"', 'hold = "hold"',
    "safe.hold = 'hold' is neither a number in degC nor \"keep\"", "shed.lua:9" },
  { "a range of one number", "shed.lua", 'range = { 20, 120 }', 'range = 20',
    "range must be a table, got number: write range = { least, most }", "shed.lua:8" },
  { "a number in quotes", "shed.lua", '"oven.t1", unit', '"oven.t1", scale = "0.1", unit',
    "scale must be a finite number, got the text \"0.1\": write 0.1 without quotes", "shed.lua:7" },
  { "a revision in quotes", "shed.lua", 'revision = 1', 'revision = "1"',
    "line.revision must be a whole number from 0, got the text \"1\"", "shed.lua:3" },
  { "a time-out in milliseconds without its unit", "shed.lua", 'driver "sim" {}',
    'driver "modbus_tcp" { host = "127.0.0.1", timeout = 300 }',
    "timeout = 300 s should be 1 ms to 60 s; a bare number is seconds, write \"300 ms\"", "shed.lua:1" },
  { "a port that there is not", "shed.lua", 'driver "sim" {}',
    'driver "modbus_tcp" { host = "127.0.0.1", port = 70000 }',
    "option port = 70000 should be a whole number, 1 to 65535", "shed.lua:1" },
  { "a watchdog that names no register", "shed.lua", 'driver "sim" {}',
    'driver "modbus_tcp" { host = "127.0.0.1", watchdog = { every = "250 ms" } }',
    "option watchdog.register is missing", "shed.lua:1" },
  { "a watchdog that is never served", "shed.lua", 'driver "sim" {}',
    'driver "modbus_tcp" { host = "127.0.0.1", watchdog = { register = "hr:9", every = 0 } }',
    "option watchdog.every = 0 s should be 1 ms to 60 s", "shed.lua:1" },
  { "an option that is an empty table", "shed.lua", 'driver "sim" {}',
    'driver "modbus_tcp" { host = "127.0.0.1", port = {} }',
    "port must be a finite number, got table", "shed.lua:1" },
  { "a watchdog without any word", "shed.lua", 'driver "sim" {}',
    'driver "modbus_tcp" { host = "127.0.0.1", watchdog = {} }',
    "unknown key 'watchdog' in driver \"modbus_tcp\"", "shed.lua:1" },
  { "a channel's path without end", "shed.lua", "units = {",
    'interlocks = { interlock { ("oven."):rep(1000), above = 130, level = "abort" } },\n  units = {',
    "interlock: a channel's path of 5000 bytes, at most 255 are possible", "shed.lua:4" },
  { "an interlock beyond the end of a list", "shed.lua", "units = {",
    'interlocks = { interlock { "oven.zones[9].temp", above = 130, level = "abort" } },\n  units = {',
    "\"oven.zones[9].temp\" matches no channel of line 'shed' (oven.zones has 1)", "shed.lua:4" },
  { "interlocks with names", "shed.lua", "units = {",
    'interlocks = { hot = interlock { "oven.zones[1].temp", above = 130, level = "abort" } },\n  units = {',
    "interlocks is a list, { a, b }: it has 0 in order, and besides 'hot'", "shed.lua:4" },
  { "a list with a gap", "shed.lua", "zones = {", "zones = { [3] = {},",
    "oven.zones is a list, { a, b }: it has 1 in order, and besides '3'", "shed.lua:7" },
  { "a line's name that draws on the terminal", "shed.lua", 'line "shed"', 'line "sh\\27[31med"',
    "the line's name has a control character or is not UTF-8", "shed.lua:2" },
  { "a recipe's name that is too long", "soak.lua", 'recipe "soak"', 'recipe(("x"):rep(96))',
    "the recipe's name has 96 bytes, at most 95 are kept", "soak.lua:1" },
  { "a version that is too long", "soak.lua", 'version = "', 'version = "' .. ("1."):rep(16),
    "bytes, at most 31 are kept", "soak.lua:2" },
  { "a byte order mark", "shed.lua", "local io", "\239\187\191local io",
    "the file begins with a byte order mark: save it as UTF-8 without one", "shed.lua:1" },
  { "the clock of the machine", "soak.lua", 'set(p.hot)', 'set(os.time())',
    "'os' is not defined: the run's clock is time(), waiting is r.dwell", "soak.lua:6" },
  { "a file", "soak.lua", 'set(p.hot)', 'set(io.read())',
    "'io' is not defined: files are the host's: results leave with r.record", "soak.lua:6" },
}

describe("check finds", function()
  for _, case in ipairs(MISTAKES) do
    local name, file, from, to, wanted, place =
      case[1], case[2], case[3], case[4], case[5], case[6]
    it(name, function()
      project:edit(file, from, to)
      local text, bundle, findings = project:check()
      finds(text, wanted, place)
      assert.is_true(findings:failed())
      assert.is_nil(bundle.plan)
    end)
  end
end)

local TWENTY = [[
local io = driver "modbus_tcp" { host = "10.0.0.9", prot = 502 }
local function t(a, more)
  more = more or {}
  more[1], more[2] = io, a
  return tag(more)
end
return line "twenty" {
  api = 1, revison = 2, scan = "10 apples",
  units = {
    oven = equip "zoned_dryer@1" {
      props = { length = "2 kg", temp_mx = "130 degC" },
      zones = {
        { temp = t("30101", { type = "s61", unit = "degC" }),
          setpoint = t("99999", { type = "u16", unit = "degC", range = { 200, 20 },
                                  safe = { hold = 1 } }) },
        { temp = t("30102", { type = "s16", unit = "degX" }), setpiont = t "40102" },
      },
    },
    web = equip "web_transport@1" {
      props = { speed_max = 3 },
      speed = t("30011", { type = "u16", unit = "m/min", range = { 0, 99999 },
                           safe = { hold = 0, stop = 0, abort = -1 }, filter = { "ewna" } }),
    },
    lamp = equp "lamp@1" {},
  },
  interlocks = {
    interlock { "oven.zone[*].temp", above = 1, level = "abort" },
    interlock { "web.speed", above = "3 m/min", level = "panic" },
  },
}
]]

describe("a profile with twenty mistakes", function()
  it("gets a finding for each in one go, each with its line", function()
    project:write("shed.lua", TWENTY)
    local text, _, findings = project:check()
    for _, wanted in ipairs {
      "unknown key 'prot' in driver \"modbus_tcp\". Did you mean 'port'?",
      "unknown key 'revison' in line 'twenty'. Did you mean 'revision'?",
      "line.scan: unknown unit 'apples'",
      "oven.length: cannot convert kg",
      "unknown key 'temp_mx' in props of unit 'oven'. Did you mean 'temp_max'?",
      "unit 'oven' lacks the property temp_max",
      "oven.zones[1].temp: type = 's61' is not one of",
      "oven.zones[1].setpoint: range 200..20 is empty",
      "oven.zones[1].setpoint declares no safe.stop",
      "oven.zones[1].setpoint declares no safe.abort",
      "oven.zones[1].setpoint: ", -- the address
      "oven.zones[2].temp: unknown unit 'degX'",
      "unknown key 'setpiont' in oven.zones[2]. Did you mean 'setpoint'?",
      "unit 'oven' lacks oven.zones[2].setpoint",
      "web.speed: safe.abort = -1 m/min is outside the tag's range",
      "web.speed: range 0..99999 m/min does not fit u16",
      "web.speed: filter 1 = 'ewna' is not one of",
      "'equp' is not defined. Did you mean 'equip'?",
      "interlock: \"oven.zone[*].temp\" matches no channel",
      "interlock \"web.speed\": level = 'panic' is not one of",
    } do
      finds(text, wanted)
    end
    assert.is_true(findings.fail_n >= 20, findings.fail_n .. " findings:\n" .. text)
    for _, f in ipairs(findings) do
      if f.kind == "fail" then
        assert.is_true(#f.at > 0, f.text)
        assert.is_true(f.at[1].line > 0, f.text)
      end
    end
  end)
end)

describe("waits", function()
  it("without `within` are warned about, with their label and line", function()
    project:edit("soak.lua", 'r.step("heat"', 'r.wait_until("warm", function() return true end)\n    r.step("heat"')
    local text, _, findings = project:check()
    finds(text, "warn wait_until \"warm\" has no `within`: it may wait for ever", "soak.lua:6")
    assert.is_false(findings:failed())
  end)
  it("with options are not", function()
    project:edit("soak.lua", 'r.step("heat"',
      'r.wait_until("warm", function() return true end, { within = "1 min" })\n    r.step("heat"')
    assert.is_nil((project:check()):find("warn", 1, true))
  end)
  it("with options from elsewhere are not", function()
    project:edit("soak.lua", 'r.step("heat"',
      'r.wait_until("warm", function() return true end, p)\n    r.step("heat"')
    assert.is_nil((project:check()):find("warn", 1, true))
  end)
end)

describe("validate", function()
  local function with(body)
    project:edit("soak.lua", "execute =", "validate = function(p, eq) " .. body .. " end,\n  execute =")
    return (project:check())
  end
  it("says in its own words what does not fit", function()
    finds(with 'return { "too hot for " .. eq.oven.length .. " m" }', "FAIL too hot for 2 m", "soak.lua:5")
  end)
  it("may return one text", function() finds(with 'return "no"', "FAIL no", "soak.lua:5") end)
  it("cannot touch equipment", function()
    finds(with 'eq.oven.zones[1].temp:read()', "E-REPLAY oven.zones[1].temp cannot be touched in validate", "soak.lua:5")
  end)
  it("is told about names that are not there", function()
    finds(with 'return eq.oven.lenght', "E-NAME eq.oven.lenght is not in zoned_dryer@1", "soak.lua:5")
  end)
  it("that loops is stopped", function()
    finds(with 'while true do end', "E-BUDGET", "soak.lua:5")
  end)
end)

describe("a handler's text", function()
  local function with(body)
    project:edit("soak.lua", 'r.step("heat", function() eq.oven.zones[1].setpoint:set(p.hot) end)', body)
    return (project:check())
  end
  it("may not name what nothing defines", function()
    finds(with 'r.dwell(hott)', "E-NAME 'hott' is not defined", "soak.lua:6")
  end)
  it("may not use a line's word", function()
    finds(with 'r.dwell(driver)', "E-NAME 'driver' is a word of line files", "soak.lua:6")
  end)
  it("may not use a verb that is none", function()
    finds(with 'r.dwel "1 s"', "E-NAME r.dwel is not in the verbs", "soak.lua:6")
    finds((project:check()), "Did you mean 'dwell'?")
  end)
  it("may not set a reading", function()
    finds(with 'eq.oven.zones[1].temp:set(3)', "E-READONLY oven.zones[].temp is a reading, it cannot be set",
      "soak.lua:6")
  end)
  it("may not name a channel that the list lacks", function()
    finds(with 'eq.oven.zones[i + 1].setpont:set(3)', "E-NAME eq.oven.zones[].setpont is not in", "soak.lua:6")
    finds((project:check()), "Did you mean 'setpoint'?")
  end)
  it("may not call what a channel does not do", function()
    finds(with 'eq.oven.zones[1].temp:raed()', "eq.oven.zones[].temp.raed is not in the verbs of a channel (fired, read, set)",
      "soak.lua:6")
  end)
  it("may not call a method that the contract lacks", function()
    finds(with 'eq.oven:hotest()', "eq.oven.hotest is not in the methods of zoned_dryer@1", "soak.lua:6")
  end)
  it("may do everything that Lua does with names", function()
    local text = with [[
      local a, b = 1, { a = 2, ["c"] = 3; d = function(x, ...) local y = x return y end }
      local function f(n) if n > 0 then return f(n - 1) end return select("#", b) end
      for i = 1, 3 do a = a + i end
      for k, v in pairs(b) do a = f(k == v and 1 or 0) end
      repeat local z = a until z
      goto out
      ::out::
      while a and not b.c.d.e do break end
      local s = ("%d"):format(a) .. [=[ unknown words here ]=] -- and here
      r.step(s, function() eq.oven.zones[1].setpoint:set(p.hot); return math.floor(a / 0x1F + 1e-3) end)
      r.record("n", #eq.oven.zones + eq.oven.length)
      for _, zone in ipairs(eq.oven.zones) do zone.setpoint:set(20) end]]
    assert.equal("ok   needs oven: zoned_dryer@1", text)
  end)
  it("knows every verb of the runtime and no other", function()
    local r = require("linewright.verbs").new {}
    local names = {}
    for name in pairs(debug.getmetatable(r).__index) do names[name] = true end
    assert.same(names, require("linewright.static").VERBS)
  end)
end)

describe("modules", function()
  it("beside the recipe are pinned in the bundle", function()
    project:write("helpers.lua", "return { twice = function(x) return 2 * x end }")
    project:edit("soak.lua", "return recipe", 'local h = require "helpers"\nreturn recipe')
    project:edit("soak.lua", "set(p.hot)", "set(h.twice(p.hot))")
    local _, before = project:check()
    project:write("helpers.lua", "return { twice = function(x) return 3 * x end }")
    local _, after, findings = project:check()
    assert.is_false(findings:failed())
    assert.not_equal(before.hash, after.hash)
    local roles = {}
    for _, file in ipairs(after.files) do roles[file.role] = true end
    assert.is_true(roles.module)
  end)
  it("that are not there are named", function()
    project:edit("soak.lua", "return recipe", 'local h = require "helprs"\nreturn recipe')
    finds((project:check()), "module 'helprs' is not there", "soak.lua:1")
  end)
  it("cannot be fetched by a path", function()
    project:edit("soak.lua", "return recipe", 'local h = require "../evil"\nreturn recipe')
    finds((project:check()), "require takes the name of a module", "soak.lua:1")
  end)
  it("cannot be loaded once the run has its files", function()
    project:write("helpers.lua", "return {}")
    project:edit("soak.lua", "r.step", 'require "helpers"\n    r.step')
    local _, bundle = project:check()
    local ok, message = pcall(bundle.recipe.execute, {}, {}, {})
    assert.is_false(ok)
    finds(message, "module 'helpers' was not loaded with the file")
  end)
  it("mistakes in them are findings", function()
    project:write("helpers.lua", "return { f = function() return undefned end }")
    project:edit("soak.lua", "return recipe", 'local h = require "helpers"\nreturn recipe')
    finds((project:check()), "E-NAME 'undefned' is not defined", "helpers.lua:1")
  end)
end)

describe("suspend_when", function()
  local function with(text)
    project:edit("soak.lua", "execute =", "suspend_when = " .. text .. ",\n  execute =")
    return project:check()
  end
  it("comes resolved, in the channel's unit", function()
    local _, b = with '{ signal = "oven.zones[1].temp", below = "104 degF", resume_above = 45, settle = "10 s" }'
    assert.equal("oven.zones[1].temp", b.suspend.channel.path)
    assert.equal("below", b.suspend.op)
    assert.near(40, b.suspend.limit, 1e-9)
    assert.equal(45, b.suspend.resume)
    assert.equal(10e9, b.suspend.settle_ns)
  end)
  it("may go on where it stopped, if that is said", function()
    local _, b = with '{ signal = "oven.zones[1].temp", above = 90, resume_below = 90 }'
    assert.equal(90, b.suspend.resume)
  end)
  it("that resumes on the wrong side is refused", function()
    finds(with '{ signal = "oven.zones[1].temp", below = 50, resume_above = 40 }',
      "suspend_when: resume_above = 40 lies on the wrong side of below = 50", "soak.lua:5")
  end)
  it("needs one comparison", function()
    finds(with '{ signal = "oven.zones[1].temp" }', "suspend_when needs `below`", "soak.lua:5")
  end)
end)

describe("formulas", function()
  local function with(text, options)
    project:write("f.lua", text)
    options = options or {}
    options.formula = project.dir .. "/f.lua"
    return project:check(options)
  end
  it("give values in units of their own", function()
    local _, b = with 'return formula "x" { recipe = "soak", hot = "150 degF" }'
    assert.near(65.5556, b.params.hot, 1e-3)
  end)
  it("are weaker than the command line", function()
    local _, b = with('return formula "x" { recipe = "soak", hot = 90 }', { set = { hot = "100" } })
    assert.equal(100, b.params.hot)
  end)
  it("for another recipe are refused", function()
    finds(with 'return formula "x" { recipe = "sauk", hot = 90 }',
      "formula 'x' is for recipe 'sauk', not for 'soak'", "f.lua:1")
  end)
  it("with unknown or wrong values name both sides", function()
    local text = with 'return formula "x" {\n  hot = 900,\n  cold = 3 }'
    finds(text, "hot = 900 degC is outside 20..120 degC", "f.lua:2\n     at soak.lua:4")
    finds(text, "the recipe has no parameter 'cold' (hot)", "f.lua:3")
  end)
end)

describe("text that shows other code than it runs", function()
  it("with bidirectional controls is refused", function()
    project:edit("soak.lua", "execute =", "-- \226\128\174 over\n  execute =")
    finds((project:check()), "a bidirectional control character", "soak.lua:5")
  end)
  it("with letters of other scripts in names is refused", function()
    project:edit("soak.lua", "execute =", "tit\208\181l = 1,\n  execute =")
    finds((project:check()), "a letter that is not ASCII outside of a string or comment", "soak.lua:5")
  end)
  it("with such letters in texts and comments is fine", function()
    project:edit("soak.lua", "execute =", "title = \"Tro\195\182ckner\", -- \195\182\n  execute =")
    assert.is_false(select(3, project:check()):failed())
  end)
  it("that is bytecode or has zero bytes is refused", function()
    project:write("soak.lua", "\27LJ\2")
    finds((project:check()), "the file is compiled Lua, not text", "soak.lua:1")
    project:write("soak.lua", "return\0 1")
    finds((project:check()), "the file is no text: it has a zero byte", "soak.lua:1")
  end)
end)

-- Every code of the catalogue, met as a user meets it: through the program. Each
-- message is held against what it must name: the place, the thing, the value.
local errors = require "linewright.errors"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local sys = require "linewright.sys"

local STEP = 'r.step("heat", function() eq.oven.zones[1].setpoint:set(p.hot) end)'
local TEMP = 'temp = tag { io, "oven.t1", unit = "degC" }'
local CHECKED, HELD, COMMANDED, ELSEWHERE = {}, {}, {}, {}

-- code -> file, what stands there, what is written instead, place, what the message names
CHECKED["E-ADDRESS"] = { "shed.lua", TEMP, 'temp = tag { io, "oven.sp1", unit = "degC", access = "rw", range = {1, 2}, '
  .. 'safe = { hold = 1, stop = 1, abort = 1 } }', "shed.lua:7", "oven.zones[1].setpoint", "oven.zones[1].temp", "oven.sp1" }
CHECKED["E-API"] = { "soak.lua", "api = 1", "api = 9", "soak.lua:2", "recipe 'soak'", "api 9", "api 1" }
CHECKED["E-CONTRACT"] = { "shed.lua", '"zoned_dryer@1"', '"zoned_drier@1"', "shed.lua:5", "'zoned_drier@1'",
  "Did you mean 'zoned_dryer'" }
CHECKED["E-GLOBAL"] = { "soak.lua", STEP, 'r.step("n", function() count = 1 end)', "soak.lua:6", "'count'", "local count" }
CHECKED["E-KEY"] = { "shed.lua", "range =", "rnage =", "shed.lua:8", "'rnage'", "oven.zones[1].setpoint",
  "Did you mean 'range'?" }
CHECKED["E-NAME"] = { "soak.lua", "eq.oven", "eq.ovn", "soak.lua:6", "eq.ovn", "Did you mean 'oven'?" }
CHECKED["E-NOTFOUND"] = { "shed.lua", '"coater"', '"coaterr"', "shed.lua:3", "'coaterr'" }
CHECKED["E-RANGE"] = { "soak.lua", "default = 80", "default = 800", "soak.lua:4", "hot = 800 degC", "20..120 degC" }
CHECKED["E-READONLY"] = { "soak.lua", STEP, 'r.step("x", function() p.hot = 5 end)', "soak.lua:6", "p.hot", "local hot" }
CHECKED["E-SAFE"] = { "shed.lua", "stop = 25, abort", "abort", "shed.lua:9", "oven.zones[1].setpoint", "safe.stop",
  'a number in degC or "keep"' }
CHECKED["E-SHAPE"] = { "soak.lua", "return recipe", 'local m = infer.load { "mlp.onnx", input = { 99 } }\nreturn recipe',
  "soak.lua:1", "'mlp.onnx'", "[99]", "[? x 4]" }
CHECKED["E-SYNTAX"] = { "soak.lua", "execute =", "execute", "soak.lua:5", "'}' expected", "near 'function'" }
CHECKED["E-UNSUPPORTED"] = { "soak.lua", "return recipe", 'local m = infer.load { "shed.lua" }\nreturn recipe',
  "soak.lua:1", "shed.lua", "no backend" }
CHECKED["E-TYPE"] = { "shed.lua", "range = { 20, 120 }", "range = 20", "shed.lua:8", "oven.zones[1].setpoint: range",
  "got number", "range = { least, most }" }
CHECKED["E-UNIT"] = { "shed.lua", '"oven.t1", unit = "degC"', '"oven.t1", unit = "m/min"', "shed.lua:7", "m/min (speed)",
  "degC (temperature)" }

-- code -> line 6 of the recipe, what the message names
HELD["E-ARG"] = { 'local name = 3 r.step(name)', "r.step: name", "a string", "a number" }
HELD["E-BUDGET"] = { "local n = 0 while true do n = n + 1 end", "CPU budget of ", " ms exceeded" }
HELD["E-INFER"] = { 'm:call({ 1, 2, 3, 4 }, { within = "100 ms" })', "'mlp.onnx'", "0.1 s" }
HELD["E-JOURNAL"] = { 'r.step("x", function() return print end)', "step 'x'", "a function", "plain tables" }
HELD["E-MEMORY"] = { 'local t = {} for i = 1, 200 do t[i] = ("x"):rep(1000000) .. i end', "48 MiB", "`memory`" }
HELD["E-OWNER"] = { 'r.parallel { a = function() ' .. STEP .. ' r.dwell "1 min" end, b = function() r.dwell "1 s" ' .. STEP
  .. " end }", "oven.zones[1].setpoint", "branch 'a'", "branch 'b'" }
HELD["E-REGEX"] = { 'regex.match("abc", "(a")', "'(a'", "byte 3", "closing parenthesis" }
HELD["E-REPLAY"] = { 'if eq.oven:hottest() > 5 then r.dwell "1 s" end', "oven.zones[1].temp", "Fix: put the read in r.step" }
HELD["E-SCRIPT"] = { "local rate = nil r.dwell(rate * 2)", "local 'rate'", "a nil value" }
HELD["E-STEP"] = { 'r.step("a", function() r.step("b", function() end) end)', "step 'b'", "step 'a'", "r.phase" }
HELD["E-TIME"] = { 'local time = "5 kg" r.dwell(time)', "r.dwell", "kg (mass)", "s (time)" }
HELD["E-TOUCH"] = { 'r.wait_until("x", function() eq.oven.zones[1].setpoint:set(50) return true end, { within = 1 })',
  "oven.zones[1].setpoint", "a condition" }
HELD["E-WAIT"] = { 'r.wait_until("x", function() r.dwell "1 s" end, { within = "1 min" })', "r.dwell", "a condition" }

-- What a spec of its own raises, where more than a command has to be there.
ELSEWHERE["E-AGAIN"] = "tests/c/worker/test_host.c"
ELSEWHERE["E-STOP"] = "tests/e2e/repl_terminal_spec.lua"
ELSEWHERE["E-RELOAD"] = "tests/e2e/reload_spec.lua"
ELSEWHERE["E-TIMEOUT"] = "tests/c/loop/test_loop.c"

local project
before_each(function()
  project = projects.new()
  project:write("mlp.onnx", assert(sys.read_file "tests/data/infer/mlp.onnx"))
end)
after_each(function() project:remove() end)


-- Everything that a command line prints, and how it ended.
local function cli(words, prefix)
  table.insert(words, 1, process.program())
  local code, out, err = process.run(project.dir, words, ("cd %s; %s"):format(project.dir, prefix or ""))
  return out .. err, code
end

local function run(...)
  return cli { "run", "soak.lua", "--line", "shed.lua", "--sim", "--speed", "max", "--on-hold=exit", "--db", "a.db", ... }
end

-- code -> what is done, and what the message names
COMMANDED["E-CORRUPT"] = { function()
  project:write("old.db", ("no records in here. "):rep(100))
  return cli { "report", "--db", "old.db" }
end, "old.db" }
COMMANDED["E-CRASH"] = { function() return cli { "repl", "-e", 'os.execute "kill -9 $PPID"' } end,
  "the evaluator died", "Killed" }
COMMANDED["E-DENIED"] = { function()
  run()
  return cli { "query", "--db", "a.db", "--sql", "delete from record" }
end, "a.db", "may only read" }
COMMANDED["E-EXISTS"] = { function() return cli { "new", "recipe", "soak" } end, "soak.lua", "is there already" }
COMMANDED["E-FULL"] = { function()
  run()
  return cli { "report", "--db", "a.db", "--html", "/dev/full" }
end, "/dev/full", "No space left" }
COMMANDED["E-IO"] = { function() return run("--db", "none/a.db") end, "none/a.db", "No such file" }
COMMANDED["E-NOMEM"] = { function()
  local limit = "ulimit -v 700000;"
  -- A build with sanitizers does not start with so little.
  if select(2, cli({ "version" }, limit)) ~= 0 then return nil end
  return cli({ "repl", "-e", "x = dsp.samples(2^27)" }, limit)
end, "not enough memory" }
COMMANDED["E-POLICY"] = { function()
  project:edit("shed.lua", "revision = 1,", 'revision = 1, release = { policy = "production" },')
  return cli { "run", "soak.lua", "--line", "shed.lua", "--db", "a.db" }
end, "line 'shed'", "production", "linewright pack" }
COMMANDED["E-PROTO"] = { function()
  local _, port = project:plc()
  project:edit("shed.lua", 'driver "sim" {}', ('driver "modbus_tcp" { host = "127.0.0.1", port = %s }'):format(port))
  project:edit("shed.lua", '"oven.t1"', '"ir:9000", type = "u16"')
  project:edit("shed.lua", '"oven.sp1"', '"hr:9001", type = "u16"')
  return cli { "run", "soak.lua", "--line", "shed.lua", "--db", "a.db", "--on-hold=exit" }
end, "modbus_tcp (shed.lua:1)", "oven.zones[1]", "900", "Illegal data address" }
COMMANDED["E-QUESTION"] = { function()
  run()
  return cli { "query", "--db", "a.db", "mean sped in batch sim" }
end, "'sped'" }
COMMANDED["E-STATE"] = { function()
  project:edit("soak.lua", "  execute", '  completing = function(r) r.suspend "x" end,\n  execute')
  return run()
end, "r.suspend", "state Completing", "soak.lua:5" }
COMMANDED["E-TWIN"] = { function()
  project:write("bad.lua", 'return twin "bad" {\n  signals = { ["oven.t1"] = "degC", ["oven.sp1"] = "degC" },\n'
    .. "  start = function() return {} end,\n  step = function(s) s.x = s.x + 1 end,\n}\n")
  project:edit("shed.lua", '{ "coater", zones = 1 }', '"bad.lua"')
  return run()
end, "bad: step failed", "bad.lua:4", "'x'" }
COMMANDED["E-USAGE"] = { function() return cli { "run", "soak.lua", "--line", "shed.lua", "--speed", "10", "--json" } end,
  "--speed", "--sim" }

local function names(text, code, essentials, from)
  assert.is_truthy(text:find(code .. " ", 1, true) or text:find(('"%s"'):format(code), 1, true), text)
  for i = from, #essentials do
    assert.is_truthy(text:find(essentials[i], 1, true), ("no '%s' in:\n%s"):format(essentials[i], text))
  end
end

describe("a finding", function()
  for code, case in pairs(CHECKED) do
    it("has the code " .. code .. ", its place, the thing and the value", function()
      project:edit(case[1], case[2], case[3])
      local text = cli { "check", "soak.lua", "--line", "shed.lua", "--sim" }
      names(text, code, case, 5)
      assert.is_truthy(text:find("at " .. case[4], 1, true), text)
    end)
  end
end)

describe("a held run", function()
  for code, case in pairs(HELD) do
    it("has the code " .. code .. ", the recipe's line, the thing and the value", function()
      project:edit("soak.lua", STEP, case[1])
      project:edit("shed.lua", "revision = 1,", "revision = 1, memory = 48,")
      project:edit("soak.lua", "return recipe", 'local m = infer.load { "mlp.onnx", latency = "2 s" } return recipe')
      local text = run("--batch", "1")
      names(text:match "  why .*" or text, code, case, 2)
      assert.is_truthy(text:find("(soak.lua:6)", 1, true), text)
    end)
  end
end)

describe("a command", function()
  for code, case in pairs(COMMANDED) do
    it("has the code " .. code .. ", the thing and the value", function()
      local text, exit = case[1]()
      if not text then return pending "this build needs more memory to start" end
      names(text, code, case, 2)
      assert.is_true(exit ~= 0)
      assert.is_nil(text:find("stack traceback", 1, true), text)
    end)
  end
end)

describe("the catalogue", function()
  it("has no code that is not met here or in a spec of its own", function()
    for _, code in ipairs(errors.codes()) do
      local own = ELSEWHERE[code]
      assert.is_truthy(CHECKED[code] or HELD[code] or COMMANDED[code] or own, code)
      local wanted = own and (own:find "%.c$" and "LW_E_" .. code:sub(3) or code)
      assert.is_truthy(not own or assert(sys.read_file(own)):find(wanted, 1, true), code)
    end
  end)
end)

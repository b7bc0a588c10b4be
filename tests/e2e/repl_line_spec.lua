-- Live lines in the REPL: a twin, a run that is looked at, and line B's PLC
-- simulator over Modbus TCP, where the ledger tells what was really written.
local has = require "tests.support.has"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local store = require "linewright.store"
local sys = require "linewright.sys"

local project
local function path(name) return project.dir .. "/" .. name end

before_each(function() project = projects.new() end)
after_each(function() project:remove() end)

local function repl(...)
  return process.run(project.dir, { process.program(), "repl", ... })
end

describe("a line on its twin", function()
  it("is read, set within its limits, without arming", function()
    local code, out, err = repl("--line", path "shed.lua", "--sim", project:write("x.lua", [[
      print(read "oven.zones[1].setpoint")
      set("oven.zones[1].setpoint", "353.15 K")
      os.execute "sleep 0.2"
      print(("%g"):format(read("oven.zones[1].setpoint").value))
      print(pcall(set, "oven.zones[1].setpoint", 500))
      print(pcall(set, "oven.zones[1].temp", 50))
      print(pcall(arm, "shed", "1 min"))
      print(pcall(read, "oven.zones[1].tmp"))
    ]]))
    assert.same({ 0, "" }, { code, err })
    has(out, "25 degC  good")
    has(out, "\n80\n")
    has(out, "E-RANGE oven.zones[1].setpoint: 500 degC is outside 20..120 degC")
    has(out, "E-DENIED oven.zones[1].temp is a reading, it cannot be set")
    has(out, "E-STATE a twin needs no arming")
    has(out, "Did you mean 'oven.zones[1].temp'?")
  end)

  it("is only looked at when the profile is taken as it stands", function()
    local code, out = repl("--line", path "shed.lua", "-e",
      "print(read 'oven.zones[1].temp') print(pcall(set, 'oven.zones[1].setpoint', 50))")
    assert.equal(0, code)
    has(out, "degC  good")
    has(out, 'E-STATE the outputs are not armed: arm("shed", "10 min")')
  end)

  it("that is not there is told by its name", function()
    local code, out, err = repl("--line", path "shd.lua", "--sim", "-e", "1")
    assert.same({ 1, "" }, { code, out })
    has(err, "shd.lua' is not there. Did you mean 'shed.lua'?")
  end)

  it("says what is wrong with a profile and exits with 1", function()
    project:edit("shed.lua", "range = { 20, 120 },", "")
    local code, _, err = repl("--line", path "shed.lua", "--sim", "-e", "1")
    assert.equal(1, code)
    has(err, "range")
  end)
end)

describe("a run elsewhere", function()
  it("is looked at by its database, and nothing can be set", function()
    project:edit("soak.lua", "(p.hot) end)", "(p.hot) end) r.ask { prompt = 'go on?' }")
    project:start("host", "run", path "soak.lua", "--line", path "shed.lua", "--sim", "--db", path "a.db")
    process.wait(function()
      local status = process.status(project.dir, path "a.db")
      return status and status.prompt ~= ""
    end, "the question")
    local code, out = repl("--db", path "a.db", "-e", [[
      for _ = 1, 100 do
        if read("oven.zones[1].setpoint").value == 80 then break end
        os.execute "sleep 0.02" -- it is read back with the next scans
      end
      print(read 'oven.zones[1].setpoint') print(pcall(set, 'oven.zones[1].setpoint', 50)) print(status())]])
    assert.equal(0, code)
    has(out, "80 degC  good")
    has(out, "E-DENIED oven.zones[1].setpoint: a run has this line, it is only looked at")
    has(out, "state     Execute")
    -- The line that the run has is looked at, another one is brought up.
    local _, of_run = repl("--db", path "a.db", "--line", path "shed.lua", "-e", "print(status())")
    has(of_run, "state     Execute")
    local _, of_other = repl("--db", path "a.db", "--line", "lines/pilot_a.lua", "-e", "print(status())")
    has(of_other, "line    pilot-A, looked at")
  end)

  it("that is not there is told in one line", function()
    local code, out, err = repl("--db", path "none.db", "-e", "attach()")
    assert.same({ 1, "" }, { code, out })
    has(err, "E-NOTFOUND no running host listens at")
  end)
end)

describe("a line on its devices", function()
  local function ledger() return sys.read_file(path "ledger") or "" end

  local function run(text)
    return repl("--line", path "line.lua", "--db", path "a.db", project:write("x.lua", text))
  end

  local function commands()
    local s, out = assert(store.open(path "a.db", "r")), {}
    for _, t_ns, _, kind, key in s:records(1) do
      if kind == "cmd" or kind == "out" then out[#out + 1] = { t_ns, kind .. " " .. key } end
    end
    s:close()
    table.sort(out, function(a, b) return a[1] < b[1] end)
    for i, row in ipairs(out) do out[i] = row[2] end
    return table.concat(out, ", ")
  end

  it("is written to under a lease only, which ends by itself and puts everything back", function()
    project:line_b()
    local _, out, err = run [[
      print(pcall(set, "web.speed", 5))
      print(pcall(arm, "line-A", "1 min"))
      print(pcall(arm, "line-B", "2 h"))
      arm("line-B", "1200 ms")
      set("web.speed", "6 m/min")
      print(pcall(set, "web.speed", 5000))
      os.execute "sleep 0.2"
      print("then", read "web.speed")
      os.execute "sleep 1.5"
      print("after", read("web.speed"))
      print(pcall(set, "web.speed", 5))
    ]]
    has(out, 'E-STATE the outputs are not armed: arm("line-B", "10 min")')
    has(out, "E-RANGE the line is called 'line-B', not 'line-A'")
    has(out, "E-RANGE a lease lasts up to 1 h")
    has(out, "E-RANGE web.speed: 5000 m/min is outside")
    has(out, "then\t6.00")
    has(out, "after\t0 m/min")
    has(err, "the lease is over: outputs that were set go back to what they were")
    assert.equal("cmd arm, out web.speed, cmd disarm, out web.speed", commands())
  end)

  it("goes back by steps that the guard allows", function()
    project:line_b()
    local line = sys.read_file(path "line.lua")
    project:write("line.lua", (line:gsub("range = { 0, 120 },", "range = { 0, 120 }, step_max = 10,")))
    local _, out, err = run [[
      arm("line-B", "10 min")
      print(pcall(set, "web.speed", 6))
      set("web.speed", 3)
      os.execute "sleep 0.2"
      set("web.speed", 6)
      os.execute "sleep 0.3"
      print("then", read "web.speed")
      disarm()
      os.execute "sleep 1"
      print("after", read "web.speed")
    ]]
    has(out, "a step to 6 m/min is larger than 3.048 m/min")
    has(out, "then\t6.00")
    has(out, "after\t0 m/min")
    has(err, "disarmed: outputs that were set go back to what they were")
    local _, outs = commands():gsub("out web.speed", "")
    assert.equal(4, outs) -- 3, 6, 3, 0
    local _, told = process.run(project.dir, { process.program(), "why", "web.speed", "--db", path "a.db" })
    -- The last way back may lie behind the end of the record.
    assert.is_truthy(told:find("by hand: engineer armed the outputs for 600 s", 1, true)
      or told:find("put back when the outputs were no longer armed", 1, true), told)
  end)

  it("has its interlocks while it is armed: a trip ends the lease with safe outputs", function()
    project:line_b()
    local line = sys.read_file(path "line.lua")
    project:write("line.lua", (line:gsub("interlocks = {",
      'interlocks = { interlock { "web.speed", above = "20 ft/min", level = "stop" },')))
    local _, out, err = run [[
      arm("line-B", "10 min")
      set("web.speed", 5)
      os.execute "sleep 0.2"
      set("web.speed", 7)
      os.execute "sleep 0.8"
      print("after", read "web.speed")
      print(pcall(set, "web.speed", 1))
    ]]
    has(err, "TRIP interlock web.speed: the outputs are at their safe values and no longer armed")
    has(out, "after\t0 m/min")
    has(out, "E-STATE the outputs are not armed")
  end)

  it("writes nothing at all while it is looked at", function()
    project:line_b()
    local code, out = run [[ os.execute "sleep 0.6" print(read "web.speed") ]]
    assert.equal(0, code)
    has(out, "0 m/min  good")
    assert.equal("", (ledger():gsub("[%d%.]+ start[^\n]*\n", ""):gsub("[%d%.]+ client[^\n]*\n", "")))
    assert.is_nil(sys.exists(path "a.db"))
  end)

  it("gets its outputs back when the program is told to go", function()
    project:line_b()
    local p = project:start("armed", "repl", "--line", path "line.lua", "--db", path "a.db",
      project:write("x.lua", [[
        arm("line-B", "10 min")
        set("web.speed", "6 m/min")
        print "set" io.stdout:flush()
        os.execute "sleep 30"
      ]]))
    process.wait(function() return p:out():find "set\n" end, "the lease")
    os.execute "sleep 0.3"
    p:signal "TERM"
    assert.equal(143, (p:finish()))
    assert.equal("cmd arm, out web.speed, cmd disarm, out web.speed", commands())
  end)

  it("gets its outputs back when the evaluator is killed", function()
    project:line_b()
    local code, out, err = run [[
      arm("line-B", "10 min")
      set("web.speed", "6 m/min")
      os.execute "sleep 0.3"
      print("then", read "web.speed")
      io.stdout:flush()
      os.execute "kill -9 $PPID"
    ]]
    assert.equal(1, code)
    has(out, "then\t6.00")
    has(err, "E-CRASH the evaluator died (Killed)")
    has(err, "the evaluator is gone: outputs that were set go back to what they were")
    assert.equal("cmd arm, out web.speed, cmd disarm, out web.speed", commands())
  end)
end)

-- Line B over Modbus TCP against the PLC simulator: what the plant gets to see
-- when worker, host or cable die.
local has = require "tests.support.has"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local sys = require "linewright.sys"

local RECIPE = [[
return recipe "feed" {
  api = 1, version = "1.0.0",
  needs = { web = cap "web_transport@1" {}, die = cap "slot_die@1" {} },
  execute = function(r, eq)
    r.step("web on", function()
      eq.web.speed:set "6 m/min"
      r.wait_until("web at speed", function() return eq.web.speed:read() > 5.5 end, { within = "30 s" })
      eq.die.flow:set "120 mL/min"
    end)
    r.ask { prompt = "enough?" }
  end,
  unholding = function(r, eq)
    r.restore_setpoints "^web"
    r.wait_until("web at speed", function() return eq.web.speed:read() > 5.5 end, { within = "30 s" })
    r.restore_setpoints "^die"
  end,
  completing = function(r, eq)
    eq.die.flow:set(0)
    eq.web.speed:set(0)
  end,
}
]]

local project, plc, host
local function path(name) return project.dir .. "/" .. name end
local function ledger() return sys.read_file(path "ledger") or "" end

before_each(function()
  project = projects.new()
  plc = project:line_b()
  project:write("feed.lua", RECIPE)
  host = project:start("host", "run", path "feed.lua", "--line", path "line.lua", "--db", path "a.db",
    "--on-hold=wait")
end)
after_each(function() project:remove() end)

local function status() return process.status(project.dir, path "a.db") end

local function wait_fed()
  return process.wait(function()
    local s = status()
    return s and s.prompt ~= "" and s
  end, "the question at the end")
end

-- 120 mL/min at 12 mL/min per turn, in tenths: the register goes to 100 and back.
local PUMP_ON, PUMP_OFF = "write 40021 0 100", "write 40021 100 0"

describe("a line over Modbus TCP", function()
  it("is driven in the vendor's units and left clean", function()
    wait_fed()
    has(ledger(), PUMP_ON)
    process.run(project.dir, { process.program(), "command", "complete", "--db", path "a.db" })
    assert.equal(0, (host:finish()))
    has(ledger(), PUMP_OFF)
  end)

  it("gets its hold values when the worker dies", function()
    local s = wait_fed()
    os.execute("kill -9 " .. s.worker_pid)
    process.wait_state(project.dir, path "a.db", "Held")
    has(ledger(), PUMP_OFF)
  end)

  it("is dropped by the PLC's own dead-man when the host dies", function()
    wait_fed()
    host:signal "KILL"
    process.wait(function() return ledger():find("drop host silent", 1, true) end, "the dead-man")
  end)

  it("lives through one lost answer: its readings are bad only at their max_age", function()
    wait_fed()
    local before = status().drivers[1].failures
    plc:signal "STOP"
    process.wait(function()
      local s = status()
      return s and s.drivers[1].failures > before
    end, "the time-out of one poll")
    plc:signal "CONT"
    process.wait(function()
      local s = status()
      return s and s.drivers[1].state == "good"
    end, "the next answer")
    assert.equal("Execute", status().state)
    assert.equal(0, status().trips)
  end)

  it("tells a PLC that has started again nothing until a person unholds", function()
    wait_fed()
    local port = plc:out():match "127%.0%.0%.1:(%d+)"
    plc:signal "KILL"
    local second = process.start(project.dir, "plc2", { process.beside "plc_line_b", "--port", port,
      "--ledger", path "ledger2" })
    local function told(what)
      return (sys.read_file(path "ledger2") or ""):find("write " .. what, 1, true)
    end
    local held = process.wait_state(project.dir, path "a.db", "Held")
    has(held.reason, "has started again")
    assert.is_nil(told "40")
    process.run(project.dir, { process.program(), "command", "unhold", "--db", path "a.db" })
    process.wait(function() return told "40021 0 100" end, "the pump's set-point again")
    assert.is_true(told "40011 0 197" < told "40021 0 100") -- the web first, as the recipe has it
    second:stop()
  end)

  it("aborts when the PLC falls silent: an interlock without its input is tripped", function()
    wait_fed()
    plc:signal "KILL"
    local code, out = host:finish()
    assert.equal(1, code)
    has(out, "Aborted")
    has(out, "dryer over-temperature")
    -- Nobody was there to take the safe values: who reads "Aborted" is told so.
    local left = "outputs did not reach their device, see to it by hand: die.flow"
    has(host:err(), left)
    has(select(2, process.run(project.dir, { process.program(), "report", "--db", path "a.db" })), left)
  end)
end)

-- Interlocks and permits are the scan's; here is what the run makes of their trips.
local projects = require "tests.support.project"
local rig = require "linewright.rig"
local small_run = dofile "tests/support/small_run.lua"

local function on_line_b(parts)
  parts.execute = parts.execute or function(r) r.dwell "10 h" end
  local t = small_run(parts, { line = "lines/line_b.lua" })
  t:advance "5 s"
  t:start()
  t:run_until("Execute", { within = "1 min" })
  return t
end

describe("an interlock", function()
  it("aborts with its text, whatever the script does, and lets the run come back", function()
    local t = on_line_b {}
    t:force("oven.t2", 159)
    t:run_until("Aborted", { within = "5 s" })
    assert.equal("dryer over-temperature", t.run.reason)
    t:force("oven.t2", nil)
    t:advance "5 s"
    for _, command in ipairs { "clear", "reset", "start" } do
      assert.is_true((t:command(command)))
      t:advance "2 s"
    end
    assert.equal("Execute", t:state())
  end)

  it("with a bad input is tripped", function()
    local t = on_line_b {}
    t:fault("oven.t5", "bad")
    t:run_until("Aborted", { within = "10 s" })
    assert.equal("dryer over-temperature (oven.zones[5].temp has no good reading)", t.run.reason)
  end)

  it("acts in Held too", function()
    local t = on_line_b {}
    t:command "hold"
    t:run_until("Held", { within = "5 s" })
    t:force("oven.t2", 159)
    t:run_until("Aborted", { within = "5 s" })
  end)
end)

-- The scan has put the outputs to rest and takes nothing more: a run that went on would
-- work at nothing and say so to nobody.
describe("an interlock that suspends", function()
  local function on_shed(project)
    project:write("shed.lua", [[
local io = driver "sim" {}
return line "shed" {
  api = 1, revision = 1, twin = { "coater", zones = 1 },
  units = { oven = equip "zoned_dryer@1" {
    props = { length = "2 m", temp_max = "130 degC" },
    zones = { { temp = tag { io, "oven.t1", unit = "degC" },
      setpoint = tag { io, "oven.sp1", unit = "degC", range = { 20, 120 },
                       safe = { hold = 25, suspend = 60, stop = 25, abort = 25 } } } } } },
  interlocks = { interlock { "oven.zones[1].temp", above = 100, level = "suspend",
                             text = "next oven is full" } },
}
]])
    project:edit("soak.lua", "set(p.hot) end)", "set(p.hot) end) r.dwell '1 h'")
    return rig { recipe = project.dir .. "/soak.lua", line = project.dir .. "/shed.lua" }
  end

  it("suspends in Execute, and holds who takes the run up against it", function()
    local p = projects.new()
    local t = on_shed(p)
    t:start()
    t:run_until("Execute", { within = "1 min" })
    t:force("oven.zones[1].temp", 110)
    t:run_until("Suspended", { within = "5 s" })
    assert.equal(60, t:value "oven.zones[1].setpoint")
    t:command "unsuspend"
    t:run_until("Held", { within = "5 s" })
    assert.same({ "next oven is full", 25 }, { t.run.reason, t:value "oven.zones[1].setpoint" })
    t:command "unhold"
    t:advance "5 s"
    assert.equal("Held", t:state())
    t:force("oven.zones[1].temp", nil)
    t:advance "5 s"
    t:command "unhold"
    t:run_until("Execute", { within = "5 s" })
    t:advance "1 s"
    assert.equal(80, t:value "oven.zones[1].setpoint")
    p:remove()
  end)

  it("stops who starts or completes against it", function()
    local p = projects.new()
    local t = on_shed(p)
    t:start()
    t:run_until("Execute", { within = "1 min" })
    t:command "complete"
    t:run_until("Complete", { within = "1 min" })
    t:force("oven.zones[1].temp", 110)
    t:advance "5 s"
    t:command "reset"
    t:run_until("Stopped", { within = "5 s" })
    assert.equal("next oven is full", t.run.reason)
    p:remove()
  end)
end)

describe("a permit", function()
  local function flow_onto_standing_web()
    return on_line_b { execute = function(r, eq)
      r.step("flow", function() eq.die.flow:set(200) end)
      r.dwell "10 h"
    end }
  end

  it("holds with its text and keeps the output back", function()
    local t = flow_onto_standing_web()
    t:run_until("Held", { within = "5 s" })
    assert.equal("no coating flow onto a standing web", t.run.reason)
    t:advance "1 s"
    assert.equal(0, t:value "die.flow")
  end)

  it("holds again after an unhold while it is not given", function()
    local t = flow_onto_standing_web()
    t:run_until("Held", { within = "5 s" })
    assert.is_true((t:command "unhold"))
    t:advance "1 s"
    assert.equal("Unholding", t:state()) -- it may yet be given
    t:run_until("Held", { within = "2 min" })
    assert.equal("timed out after 60 s waiting for: no coating flow onto a standing web", t.run.reason)
    t:advance "1 s"
    assert.equal(0, t:value "die.flow")
  end)

  it("is waited for by a set-point that is restored, and given by another", function()
    local t = on_line_b { execute = function(r, eq)
      r.step("go", function() eq.web.speed:set(6) end)
      r.wait_until("web at speed", function() return eq.web.speed:read() > 5 end, { within = "1 min" })
      r.step("flow", function() eq.die.flow:set(200) end)
      r.dwell "10 h"
    end, holding = function(_, eq) eq.web.speed:set(0) end }
    t:advance "10 s"
    t:command "hold"
    t:run_until("Held", { within = "1 min" })
    t:advance "5 s"
    assert.is_near(0, t:value "web.speed", 0.01)
    assert.is_true((t:command "unhold"))
    t:run_until("Execute", { within = "1 min" })
    t:advance "1 s"
    assert.is_near(6, t:value "web.speed", 0.1)
    assert.is_near(200, t:value "die.flow", 2)
  end)

  it("lost while the web stops holds the run", function()
    local t = on_line_b { execute = function(r, eq)
      r.step("go", function() eq.web.speed:set(6) end)
      r.wait_until("web at speed", function() return eq.web.speed:read() > 5 end, { within = "1 min" })
      r.step("flow", function() eq.die.flow:set(200) end)
      r.dwell "10 h"
    end }
    t:advance "10 s"
    assert.is_near(200, t:value "die.flow", 2)
    t:force("web.v", 0)
    t:run_until("Held", { within = "5 s" })
    assert.equal("no coating flow onto a standing web", t.run.reason)
  end)
end)

local packml = require "linewright.packml"
local small_run = dofile "tests/support/small_run.lua"

local function fails() error("handler broke", 0) end

local function dwell(r) r.dwell "10 h" end

local function start(parts)
  parts.execute = parts.execute or dwell
  local t = small_run(parts)
  return t
end

-- Bring a run to a state by commands; handlers that wait keep it there.
local TO = {
  Stopped = {}, Idle = { "reset" }, Execute = { "reset", "start" },
  Resetting = { "reset" }, Starting = { "reset", "start" },
  Holding = { "reset", "start", "hold" }, Held = { "reset", "start", "hold" },
  Unholding = { "reset", "start", "hold", "unhold" }, Suspending = { "reset", "start", "suspend" },
  Suspended = { "reset", "start", "suspend" }, Unsuspending = { "reset", "start", "suspend", "unsuspend" },
  Stopping = { "reset", "stop" }, Aborting = { "abort" }, Aborted = { "abort" },
  Clearing = { "abort", "clear" }, Completing = { "reset", "start", "complete" },
  Complete = { "reset", "start", "complete" },
}
local HANDLER = {
  Resetting = "resetting", Starting = "starting", Holding = "holding", Unholding = "unholding",
  Suspending = "suspending", Unsuspending = "unsuspending", Stopping = "stopping", Aborting = "aborting",
  Clearing = "clearing", Completing = "completing",
}

local function bring(state)
  local parts = { execute = dwell }
  if HANDLER[state] then parts[HANDLER[state]] = dwell end
  local t = small_run(parts)
  for _, command in ipairs(TO[state]) do
    assert.is_true(t:command(command))
    t:advance "2 s"
  end
  assert.equal(state, t:state())
  return t
end

describe("commands", function()
  local COMMANDS = { "reset", "start", "stop", "hold", "unhold", "suspend", "unsuspend", "abort", "clear", "complete" }

  it("are taken in exactly 42 of 170 cases; the others are refused in words and recorded", function()
    local taken = 0
    for state in pairs(TO) do
      for _, command in ipairs(COMMANDS) do
        local legal = packml.command(state, command)
        local t = bring(state)
        local ok, message = t:command(command)
        if legal then
          taken = taken + 1
          assert.is_true(ok, state .. " " .. command)
        else
          assert.same({ false, ("command '%s' is not allowed in state %s"):format(command, state) }, { ok, message })
        end
        assert.is_true(t:count("cmd", command) >= 1)
      end
    end
    assert.equal(42, taken)
  end)

  it("that are unknown are refused with what can be commanded", function()
    local t = start {}
    assert.same({ false, "command 'jump' is not known; reset, abort can be commanded in state Stopped" },
      { t:command "jump" })
  end)
end)

describe("a failing handler", function()
  local function fails_in(state, handler, commands)
    local t = start { [handler] = fails }
    for _, command in ipairs(commands) do
      t:command(command)
      t:advance "2 s"
    end
    t:advance "2 s"
    assert.equal(state, t:state(), handler)
    assert.equal("handler broke", t.run.reason)
  end

  it("climbs the ladder by the state it was in", function()
    fails_in("Held", "execute", { "reset", "start" })
    fails_in("Stopped", "holding", { "reset", "start", "hold" })
    fails_in("Held", "unholding", { "reset", "start", "hold", "unhold" })
    fails_in("Stopped", "starting", { "reset", "start" })
    fails_in("Stopped", "completing", { "reset", "start", "complete" })
    fails_in("Stopped", "resetting", { "reset" })
    fails_in("Stopped", "suspending", { "reset", "start", "suspend" })
    fails_in("Held", "unsuspending", { "reset", "start", "suspend", "unsuspend" })
    fails_in("Aborted", "stopping", { "reset", "stop" })
    fails_in("Aborted", "clearing", { "abort", "clear" })
    fails_in("Aborted", "aborting", { "abort" })
  end)

  it("that never ends is stopped by the budget, and pcall cannot help it", function()
    local t = start { execute = function() while true do pcall(function() while true do end end) end end }
    t:start()
    t:run_until("Held", { within = "1 min" })
    assert.truthy(t.run.reason:find("E-BUDGET", 1, true), t.run.reason)
  end)
end)

describe("safe outputs", function()
  local function coating(more)
    local parts = more or {}
    parts.execute = function(r, eq)
      r.step("go", function() eq.web.speed:set(6) eq.die.flow:set(100) end)
      r.dwell "1 h"
    end
    local t = start(parts)
    t:start()
    t:run_until("Execute", { within = "1 min" })
    t:advance "1 s"
    assert.equal(100, t:value "die.flow")
    return t
  end

  it("are on the outputs before the state's handler runs", function()
    local seen
    local t
    t = coating { holding = function() seen = { t:value "die.flow", t:value "web.speed" } end }
    t:command "hold"
    t:run_until("Held", { within = "1 min" })
    assert.same({ 0, 6 }, seen) -- safe.hold of the web is "keep"
  end)

  it("of a stop and an abort hold without any handler", function()
    for command, state in pairs { stop = "Stopped", abort = "Aborted" } do
      local t = coating()
      t:command(command)
      t:run_until(state, { within = "1 min" })
      assert.same({ 0, 0 }, { t:value "die.flow", t:value "web.speed" })
    end
  end)

  it("stay after a set-point of the old epoch", function()
    local t = coating { holding = function(_, eq) eq.web.speed:set "0.5 m/min" end }
    t:command "hold"
    t:run_until("Held", { within = "1 min" })
    t:advance "5 s"
    assert.same({ 0, 0.5 }, { t:value "die.flow", t:value "web.speed" })
    t:command "unhold"
    t:run_until("Execute", { within = "1 min" })
    t:advance "1 s"
    assert.same({ 100, 6 }, { t:value "die.flow", t:value "web.speed" }) -- not holding's creep
  end)
end)

describe("r.hold, r.stop, r.abort, r.suspend", function()
  it("climb from inside the script, and a hold is not repeated after unhold or a power loss", function()
    local t = start { execute = function(r)
      r.hold "check the knife"
      r.step("after", function() end)
      r.dwell "10 min"
    end }
    t:start()
    t:run_until("Held", { within = "1 min" })
    assert.equal("check the knife", t.run.reason)
    t:crash()
    t:reboot()
    assert.equal(0, t:count("end", "after"))
    t:command "unhold"
    t:run_until("Execute", { within = "1 min" })
    t:advance "1 s"
    assert.equal("Execute", t:state())
    assert.equal(1, t:count("end", "after"))
    for word, state in pairs { stop = "Stopped", abort = "Aborted", suspend = "Suspended" } do
      local other = start { execute = function(r) r[word] "why" end }
      other:start()
      other:run_until(state, { within = "1 min" })
      assert.equal("why", other.run.reason)
    end
  end)

  it("may be called from a loop", function()
    local t = start { execute = function(r)
      r.loop("l", { every = "1 s", run = function() r.hold "from the loop" end })
      r.dwell "1 h"
    end }
    t:start()
    t:run_until("Held", { within = "10 s" })
    assert.equal("from the loop", t.run.reason)
  end)
end)

describe("pause", function()
  local function stepping(n)
    local t = start { execute = function(r)
      for i = 1, n do
        r.step("s" .. i, function() end)
        r.dwell "10 s"
      end
    end }
    t:start()
    t:run_until("Execute", { within = "1 min" })
    return t
  end

  it("stops at the next step with outputs unchanged, until resume", function()
    local t = stepping(3)
    t:advance "2 s"
    assert.is_true(t:command "pause")
    t:advance "1 min"
    assert.equal("Execute", t:state())
    assert.same({ 1, 0 }, { t:count("end", "s1"), t:count("begin", "s2") })
    assert.is_true(t:command "resume")
    t:run_until("Complete", { within = "1 min" })
  end)

  it("ends with its batch", function()
    local t = stepping(3)
    t:command "pause"
    t:advance "1 min"
    for _, command in ipairs { "stop", "reset", "start" } do
      assert.is_true(t:command(command))
      t:run_until(({ stop = "Stopped", reset = "Idle", start = "Execute" })[command], { within = "1 min" })
      local ok, message = t:command "resume"
      assert.is_false(ok)
      assert.truthy(message:find("nothing is paused", 1, true), message)
    end
    t:run_until("Complete", { within = "1 min" })
  end)

  it("happens at each step in mode semi-automatic", function()
    local t = stepping(3)
    t:command("mode", "semi-automatic")
    t:advance "1 min"
    assert.equal(0, t:count("end", "s2"))
    t:command "resume"
    t:advance "1 min"
    assert.same({ 1, 0 }, { t:count("end", "s2"), t:count("end", "s3") })
    t:command "resume"
    t:run_until("Complete", { within = "1 min" })
  end)

  it("asks for each step's approval in mode semi-automatic, and records whose it was", function()
    local t = stepping(3)
    t:command("mode", "semi-automatic")
    t:advance "1 min"
    assert.equal("Begin step 's2'?", t.run.prompts[1].prompt)
    assert.same({ false, "no step 's9' waits for approval; there is 's2'" }, { t:command("approve", "s9") })
    assert.is_true((t.line:command("approve", "ana")))
    t:advance "1 min"
    assert.same({ 1, 0 }, { t:count("end", "s2"), t:count("begin", "s3") })
    local who
    for _, _, _, kind, key, data in t.line.store:records(t.line.run_id) do
      if kind == "answer" and key:find("approve s2", 1, true) then who = data end
    end
    assert.truthy(who:find('"who":"ana"', 1, true))
    assert.is_true((t:answer "approve"))
    t:run_until("Complete", { within = "1 min" })
    assert.same({ false, "no step waits for approval" }, { t:command "approve" })
  end)

  it("still asks after a power loss, and no question is left when the mode is left", function()
    local t = stepping(3)
    t:command("mode", "semi-automatic")
    t:advance "1 min"
    t:crash()
    t:reboot()
    assert.is_true(t:command "unhold")
    t:advance "1 min"
    assert.equal("Begin step 's2'?", t.run.prompts[1].prompt)
    assert.equal(1, #t.run.prompts)
    t:command("mode", "automatic")
    t:run_until("Complete", { within = "1 min" })
    assert.equal(0, #t.run.prompts)
  end)

  it("is refused where nothing runs", function()
    local t = start {}
    assert.same({ false, "command 'pause' is not allowed in state Stopped" }, { t:command "pause" })
    assert.same({ false, "command 'resume' is not allowed in state Stopped: nothing is paused" }, { t:command "resume" })
  end)
end)

-- What the audit trail says of values that a person set: new, old, reason.
local function audit_of(t)
  local json, out = require "linewright.json", {}
  t.line:pump()
  for _, _, _, kind, key, data in t.line.store:records(t.line.run_id) do
    local d = kind == "cmd" and key == "set" and json.decode(data)
    if d and d.ok then
      out[#out + 1] = ("%s %s <- %g%s"):format(d.param or d.arg, d.v or "", d.was, d.reason and ": " .. d.reason or "")
    end
  end
  return out
end

describe("mode Manual", function()
  it("lets a person set outputs within their limits, and nothing start", function()
    local t = start {}
    assert.is_false((t:command("set", "die.flow 20")))
    assert.is_true((t:command("mode", "manual")))
    t:command "reset"
    t:run_until("Idle", { within = "1 min" })
    assert.is_true((t:command("set", "die.flow 20 mL/min")))
    t:advance "1 s"
    assert.equal(20, t:value "die.flow")
    assert.same({ "die.flow 20 mL/min  <- 0" }, audit_of(t))
    local ok, message = t:command("set", "die.flow 9999")
    assert.is_false(ok)
    assert.truthy(message:find("E-RANGE die.flow", 1, true))
    assert.same({ false, "command 'start' is not allowed in mode Manual" }, { t:command "start" })
    assert.is_true((t:command("mode", "automatic")))
    assert.is_true((t:command "start"))
    t:run_until("Execute", { within = "1 min" })
    assert.same({ false, "mode Manual can be chosen in Stopped, Idle or Aborted, not in Execute" },
      { t:command("mode", "manual") })
  end)
end)

describe("a changeable parameter", function()
  local function with(execute)
    local rig = require "linewright.rig"
    local recipe = rig.load "recipes/electrode_coating.lua"
    recipe.params.speed.changeable = true
    recipe.guards, recipe.validate, recipe.holding, recipe.unholding = nil, nil, nil, nil
    recipe.execute = execute
    local t = rig { recipe = recipe, line = "lines/pilot_a.lua" }
    t:start()
    return t
  end

  it("takes a new value while the batch runs, and keeps it over a power loss", function()
    local t = with(function(r, eq, p)
      r.loop("follow", { every = "1 s", state = {}, run = function() eq.web.speed:set(p.speed) end })
      r.dwell "1 h"
    end)
    t:advance "5 s"
    assert.equal(6, t:value "web.speed")
    assert.is_true((t:command("set", "speed 7 m/min")))
    assert.is_true((t:command("set", "speed 7.5 m/min because the film is dry")))
    assert.same({ "speed 7 <- 6", "speed 7.5 <- 7: the film is dry" }, audit_of(t))
    t:advance "5 s"
    assert.equal(7.5, t:value "web.speed")
    assert.same({ false, "speed = 99 m/min is outside 0.5..60 m/min" }, { t:command("set", "speed 99") })
    local _, message = t:command("set", "coat_weight 100")
    assert.truthy(message:find("parameter 'coat_weight' is fixed for this batch", 1, true), message)
    _, message = t:command("set", "sped 3")
    assert.truthy(message:find("'sped' is no parameter and no channel. Did you mean 'speed'?", 1, true), message)
    t:crash()
    t:reboot()
    t:command "unhold"
    t:run_until("Execute", { within = "1 min" })
    t:advance "3 s"
    assert.equal(7.5, t:value "web.speed")
  end)

  it("is nothing that a recipe can take apart", function()
    local t = with(function(r, _, p) r.record("meta", getmetatable(p)) end)
    t:run_until("Complete", { within = "1 min" })
    assert.same({ "p" }, t.run.records.meta)
  end)

  it("is read like equipment: where a replay would see another value it is refused", function()
    local t = with(function(r, _, p) if p.speed > 3 then r.dwell "1 h" end end)
    t:run_until("Held", { within = "1 min" })
    assert.truthy(t.run.reason:find("E-REPLAY p.speed is changeable and was read outside a step", 1, true),
      t.run.reason)
  end)
end)

describe("mode Maintenance", function()
  it("is chosen at rest, recorded, and runs like Production", function()
    local t = start {}
    assert.is_true((t:command("mode", "maintenance")))
    assert.equal("Maintenance", t.run.mode)
    assert.is_true((t:command "reset"))
    t:run_until("Idle", { within = "1 min" })
    assert.is_true((t:command "start"))
    t:run_until("Execute", { within = "1 min" })
    assert.same({ false, "mode Maintenance can be left in Stopped, Idle or Aborted, not in Execute" },
      { t:command("mode", "production") })
    local _, message = t:command("mode", "auto")
    assert.truthy(message:find("use production, maintenance or manual", 1, true))
  end)
end)

describe("a reason", function()
  it("of any length is cut, so that the record of the state can hold it", function()
    local t = small_run { execute = function() error(("x"):rep(200000), 0) end }
    t:start()
    t:run_until("Held", { within = "1 min" })
    assert.equal(1003, #t.run.reason)
  end)

  it("stays with the state that rests, and goes when the run goes on", function()
    local t = small_run { execute = function(r) r.hold "knife" r.dwell "1 h" end }
    t:start()
    t:run_until("Held", { within = "1 min" })
    assert.equal("knife", t.run.reason)
    t:command "unhold"
    t:run_until("Execute", { within = "1 min" })
    assert.is_nil(t.run.reason)
  end)
end)

local small_run = dofile "tests/support/small_run.lua"

local function start(parts)
  local t = small_run(parts)
  t:start()
  t:run_until("Execute", { within = "1 min" })
  return t
end

local function power_cut(t)
  t:crash()
  t:reboot()
end

-- A script whose shape a spec can change between two lives of the process.
local function scripted(script)
  return start { execute = function(r, eq) return script[1](r, eq) end }, script
end

describe("after a power loss", function()
  it("finished steps return what they returned, and nothing is touched", function()
    local calls, values = 0, {}
    local t = start { execute = function(r, eq)
      local x, y = r.step("measure", function()
        calls = calls + 1
        return 0.1 + 0.2, { z = eq.oven.zones[1].temp:read() }
      end)
      values[#values + 1] = { x, y.z }
      r.dwell "1 h"
    end }
    t:advance "10 s"
    power_cut(t)
    assert.equal("Held", t:state())
    assert.equal(1, calls)
    assert.same(values[1], values[2])
  end)

  it("comes back Held from every state of the hold set, else stopped, aborted or complete", function()
    local function after(commands, parts)
      parts = parts or {}
      parts.execute = parts.execute or function(r) r.dwell "1 h" end
      local t = small_run(parts)
      for _, command in ipairs(commands) do
        t:command(command)
        t:advance "2 s"
      end
      power_cut(t)
      t:advance "2 s"
      return t:state()
    end
    local wait = function(r) r.dwell "1 h" end
    assert.equal("Held", after { "reset", "start" })
    assert.equal("Held", after { "reset", "start", "hold" })
    assert.equal("Held", after({ "reset", "start", "hold" }, { holding = wait }))
    assert.equal("Held", after({ "reset", "start", "hold", "unhold" }, { unholding = wait }))
    assert.equal("Held", after { "reset", "start", "suspend" })
    assert.equal("Stopped", after {})
    assert.equal("Stopped", after { "reset" })
    assert.equal("Stopped", after({ "reset", "start" }, { starting = wait }))
    assert.equal("Stopped", after({ "reset", "start", "complete" }, { completing = wait }))
    assert.equal("Complete", after { "reset", "start", "complete" })
    assert.equal("Aborted", after { "abort" })
    assert.equal("Stopped", after { "abort", "clear" })
  end)

  it("comes back as often as it must", function()
    local n = 0
    local t = start { execute = function(r)
      for i = 1, 5 do
        r.step("s" .. i, function() n = n + 1 end)
        r.dwell "10 min"
      end
    end }
    for _ = 1, 4 do
      t:advance "12 min"
      power_cut(t)
      t:advance "1 s"
      power_cut(t)
      assert.is_true(t:command "unhold")
      t:run_until("Execute", { within = "1 min" })
    end
    t:run_until("Complete", { within = "2 h" })
    assert.equal(5, n)
  end)

  it("restores the set-points of Execute, not those of holding", function()
    local t = start {
      execute = function(r, eq)
        r.step("go", function() eq.web.speed:set(6) eq.oven.zones[2].setpoint:set(60) end)
        r.dwell "1 h"
      end,
      holding = function(_, eq) eq.web.speed:set "0.5 m/min" end,
    }
    t:advance "5 s"
    t:command "hold"
    t:run_until("Held", { within = "1 min" })
    power_cut(t)
    assert.equal(0, t:value "web.speed")
    t:command "unhold"
    t:run_until("Execute", { within = "1 min" })
    t:advance "1 s"
    assert.same({ 6, 60 }, { t:value "web.speed", t:value "oven.zones[2].setpoint" })
  end)

  it("restores what `starting` has set, too", function()
    local t = start {
      starting = function(_, eq) eq.oven.zones[1].setpoint:set(55) end,
      execute = function(r) r.step("go", function() end) r.dwell "1 h" end,
    }
    t:advance "5 s"
    power_cut(t)
    assert.equal(0, t:value "oven.zones[1].setpoint")
    t:command "unhold"
    t:run_until("Execute", { within = "1 min" })
    t:advance "1 s"
    assert.equal(55, t:value "oven.zones[1].setpoint")
  end)

  it("a step that was cut is done again from its beginning", function()
    local n = 0
    local t = start { execute = function(r)
      r.step("long", function() n = n + 1 r.dwell "10 min" end)
    end }
    t:advance "5 min"
    power_cut(t)
    t:command "unhold"
    t:run_until("Complete", { within = "11 min" })
    assert.equal(2, n)
    assert.equal(1, t:count("end", "long"))
  end)

  it("a script that has done more than fits into one tick is walked all the same", function()
    local line = require("linewright.rig").load "lines/pilot_a.lua"
    line.tick_cpu = "50 ms"
    local is_lucky = false
    local t = small_run({ execute = function(r)
      for i = 1, 40 do
        local stop = os.clock() + 0.005
        repeat until os.clock() > stop
        r.step("s", function() return i end)
        r.dwell "1 s"
      end
      r.step("last", function() if not is_lucky then error "no luck" end end)
    end }, { line = line })
    t:start()
    t:run_until("Held", { within = "5 min" })
    power_cut(t)
    assert.is_true(t:command "unhold")
    t:advance "5 s"
    assert.equal("Held", t:state())
    assert.truthy(t.run.reason:find("no luck", 1, true), t.run.reason)
    is_lucky = true
    assert.is_true(t:command "unhold")
    t:run_until("Complete", { within = "1 min" })
    assert.equal(40, t:count("end", "s"))
  end)

  it("records of results come back, once each", function()
    local t = start { execute = function(r)
      r.record("mass", 5, "g")
      r.record("mass", 6, "g")
      r.dwell "1 h"
    end }
    t:advance "1 s"
    power_cut(t)
    assert.same({ 5, 6 }, t.run.records.mass)
    t:command "unhold"
    t:run_until("Complete", { within = "2 h" })
    assert.same({ 5, 6 }, t.run.records.mass)
    assert.equal(2, t:count("data", "mass"))
  end)

  it("a loop's count of marks, alarms and records goes on with fresh keys", function()
    local t = start { execute = function(r)
      r.alarm "one"
      r.mark "two"
      r.dwell "1 h"
    end }
    t:advance "1 s"
    power_cut(t)
    t:command "unhold"
    t:run_until("Execute", { within = "1 min" })
    assert.same({ 1, 1 }, { t:count("alarm", "one"), t:count("mark", "two") })
  end)
end)

describe("a cut once-step", function()
  local function cut()
    local n = { 0 }
    local t = start { execute = function(r, eq)
      r.step("dose", { once = true }, function()
        n[1] = n[1] + 1
        eq.die.flow:set(20)
        r.dwell "5 min"
        eq.die.flow:set(0)
      end)
      r.step("next", function() end)
    end }
    t:advance "1 min"
    power_cut(t)
    assert.equal("dose", t.run.unknown[1].label)
    local ok, message = t:command "unhold"
    assert.is_false(ok)
    assert.equal("command 'unhold' has to wait: did once-step 'dose' happen? answer done, redo or abort", message)
    return t, n
  end

  it("judged done is not repeated", function()
    local t, n = cut()
    assert.is_true(t:answer "done")
    assert.is_true(t:command "unhold")
    t:run_until("Complete", { within = "1 h" })
    assert.same({ 1, 1 }, { n[1], t:count("end", "next") })
  end)

  it("judged redo is repeated, also when the power goes in between", function()
    local t, n = cut()
    assert.is_true(t:answer "redo")
    power_cut(t)
    assert.equal(0, #t.run.unknown)
    assert.is_true(t:command "unhold")
    t:run_until("Complete", { within = "1 h" })
    assert.equal(2, n[1])
  end)

  it("keeps the set-point that went out, done or redone", function()
    for _, answer in ipairs { "done", "redo" } do
      local t = start { execute = function(r, eq)
        r.step("slow", { once = true }, function() eq.web.speed:set "10 m/min" end)
        r.step("fast", { once = true }, function()
          eq.web.speed:set "20 m/min"
          r.dwell "5 min"
        end)
        r.dwell "1 h"
      end }
      t:advance "1 min"
      power_cut(t)
      t:answer(answer)
      local slowest, unhold = math.huge, t:command "unhold"
      assert.is_true(unhold)
      t:run_until("Execute", { within = "1 min" })
      t:advance "30 s"
      for _ = 1, 20 do
        slowest = math.min(slowest, t:value "web.speed")
        t:advance "1 s"
      end
      assert.is_near(20, slowest, 0.5, answer)
    end
  end)

  it("judged abort ends the run", function()
    local t, n = cut()
    assert.is_true(t:answer "abort")
    t:run_until("Aborted", { within = "1 min" })
    assert.equal(1, n[1])
    assert.equal(0, #t.run.unknown)
  end)

  it("is in doubt no more when a guard ends the run before the answer", function()
    local t = start {
      execute = function(r) r.step("dose", { once = true }, function() r.dwell "5 min" end) end,
      guards = { { text = "overweight", level = "stop",
        when = function(eq) return (eq.gauge.mass:read() or 0) > 100 end } },
    }
    t:advance "1 min"
    power_cut(t)
    assert.equal(1, #t.run.prompts)
    t:force("gauge.m", 120)
    t:run_until("Stopped", { within = "5 s" })
    assert.same({ 0, 0 }, { #t.run.prompts, #t.run.unknown })
    t:force("gauge.m", 50)
    t:advance "1 s"
    t:start()
    t:run_until("Execute", { within = "1 min" })
    t:command "hold"
    t:run_until("Held", { within = "1 min" })
    assert.is_true(t:command "unhold")
  end)

  it("is asked about again when the power goes before the answer", function()
    local t = cut()
    power_cut(t)
    assert.equal("dose", t.run.unknown[1].label)
    assert.equal(1, #t.run.prompts)
  end)

  it("that failed by an error is in doubt too", function()
    local n = 0
    local t = small_run { execute = function(r)
      r.step("dose", { once = true }, function()
        n = n + 1
        if n == 1 then error("valve", 0) end
      end)
    end }
    t:start()
    t:run_until("Held", { within = "1 min" })
    assert.same({ "dose", true }, { t.run.unknown[1].label, t.run.unknown[1].is_failure })
    t:answer "redo"
    t:command "unhold"
    t:run_until("Complete", { within = "1 min" })
    assert.equal(2, n)
  end)
end)

describe("a once-step of a state handler", function()
  local function purging(n, parts)
    parts.execute = parts.execute or function(r) r.dwell "1 h" end
    parts.purge = function(r)
      r.step("purge", { once = true }, function()
        n[1] = n[1] + 1
        r.dwell "5 min"
      end)
    end
    return parts
  end

  local function cut_in(handler, commands)
    local n = { 0 }
    local parts = purging(n, {})
    parts[handler], parts.purge = parts.purge, nil
    local t = start(parts)
    for _, command in ipairs(commands) do
      t:command(command)
      t:advance "2 s"
    end
    t:advance "1 min"
    power_cut(t)
    return t, n
  end

  it("that was cut is asked about like one of execute", function()
    local t = cut_in("holding", { "hold" })
    assert.equal("Held", t:state())
    assert.equal("Once-step 'purge' of holding was begun and not confirmed. Did it happen?",
      t.run.prompts[1].prompt)
    local ok, message = t:command "unhold"
    assert.is_false(ok)
    assert.truthy(message:find("did once-step 'purge' happen?", 1, true))
    assert.is_true(t:answer "done")
    assert.is_true(t:command "unhold")
    t:run_until("Execute", { within = "1 min" })
  end)

  it("judged done is not done again by the unholding that goes on", function()
    local t, n = cut_in("unholding", { "hold", "unhold" })
    t:answer "done"
    t:command "unhold"
    t:run_until("Execute", { within = "1 min" })
    assert.equal(1, n[1])
    -- Another hold is another matter.
    t:command "hold"
    t:advance "2 s"
    t:command "unhold"
    t:run_until("Execute", { within = "6 min" })
    assert.equal(2, n[1])
  end)

  it("judged redo is done again", function()
    local t, n = cut_in("unholding", { "hold", "unhold" })
    t:answer "redo"
    t:command "unhold"
    t:run_until("Execute", { within = "6 min" })
    assert.equal(2, n[1])
  end)

  it("that was finished before the cut is not done again", function()
    local n = 0
    local t = start {
      execute = function(r) r.dwell "1 h" end,
      unholding = function(r)
        for _ = 1, 2 do r.step("purge", { once = true }, function() n = n + 1 end) end
        r.dwell "5 min"
      end,
    }
    t:command "hold"
    t:advance "2 s"
    t:command "unhold"
    t:advance "1 min"
    power_cut(t)
    assert.equal(0, #t.run.unknown)
    t:command "unhold"
    t:run_until("Execute", { within = "6 min" })
    assert.equal(2, n)
  end)

  it("is in doubt as well when a hold breaks off its handler", function()
    local n = { 0 }
    local parts = purging(n, {})
    parts.unholding, parts.purge = parts.purge, nil
    local t = start(parts)
    for _, command in ipairs { "hold", "unhold", "hold" } do
      t:command(command)
      t:advance "2 s"
    end
    assert.equal("Held", t:state())
    assert.equal("purge", t.run.unknown[1].label)
  end)

  it("is named where the run comes back at an end", function()
    local t = cut_in("completing", { "complete" })
    assert.equal("Stopped", t:state())
    assert.equal(0, #t.run.prompts)
    assert.truthy(t.run.reason:find("begun and not confirmed: once-step 'purge'", 1, true), t.run.reason)
  end)
end)

describe("a replay that does not fit", function()
  it("is refused with both sides when the script no longer reaches a finished step", function()
    local t = scripted {
      function(r) r.step("mix", function() end) r.dwell "1 h" end,
    }
    local script = { function(r) r.step("stir", function() end) r.dwell "1 h" end }
    t:advance "1 s"
    t:crash()
    t.bundle.recipe.execute = script[1]
    t:reboot()
    assert.equal("Held", t:state())
    assert.truthy(t.run.reason:find("REPLAY  refused: the journal has finished 'mix' (execute/mix#1), the script "
      .. "never reaches it; it waits at 'stir'", 1, true), t.run.reason)
    local ok, message = t:command "unhold"
    assert.is_false(ok)
    assert.equal(t.run.reason, message)
    assert.is_true(t:command "stop")
  end)

  it("is refused at the unhold after an error, before an output is let go", function()
    local lives, done = 0, {}
    local t = small_run { execute = function(r, eq)
      lives = lives + 1
      local name = lives == 1 and "mix" or "stir"
      r.step(name, function() done[#done + 1] = name end)
      r.step("boom", function() if lives == 1 then error "no luck" end end)
      r.step("go", function() eq.web.speed:set(6) end)
    end }
    t:start()
    t:run_until("Held", { within = "1 min" })
    for _ = 1, 2 do
      local ok, message = t:command "unhold"
      assert.is_false(ok)
      assert.truthy(message:find("REPLAY  refused: the journal has finished 'mix' (execute/mix#1), the script "
        .. "never reaches it; it waits at 'stir'", 1, true), message)
      t:advance "5 s"
      assert.equal("Held", t:state())
    end
    assert.same({ "mix" }, done)
    assert.equal(0, t:count("state", "Unholding"))
    assert.is_true(t:command "stop")
  end)

  it("gives way to a trip that comes while the script is walked again", function()
    local t = small_run { execute = function(r) r.step("boom", function() error "no luck" end) end }
    t:start()
    t:run_until("Held", { within = "1 min" })
    function t.run:take_trip()
      self.take_trip = nil
      self:fault("abort", "too hot")
    end
    local ok, message = t:command "unhold"
    assert.is_false(ok)
    assert.truthy(message:find("unhold", 1, true), message)
    assert.equal("Aborting", t:state())
    t:run_until("Aborted", { within = "1 min" })
    assert.equal(0, t:count("state", "Unholding"))
  end)

  it("is refused when the bundle is another one", function()
    local t = start { execute = function(r) r.dwell "1 h" end }
    t:advance "1 s"
    t:crash()
    t.line.bundle.hash = ("9f3c"):rep(16)
    local other = {}
    for k, v in pairs(t.bundle) do other[k] = v end
    other.hash = ("71aa"):rep(16)
    t.line:reboot(0, other)
    local run = t.line.run
    assert.equal("Held", run.state)
    assert.equal("REPLAY  refused: journal was made with bundle 9f3c..., this is 71aa... (recipe 2.3.0 -> 2.3.0). "
      .. "Run the old bundle or stop the batch.", run.reason)
  end)
end)

describe("a run from a seed", function()
  local function records(seed)
    local t = small_run({ execute = function(r, eq)
      r.step("go", function() eq.web.speed:set(6) eq.die.flow:set(100) end)
      r.loop("l", { every = "1 s", checkpoint = "2 s", state = {}, run = function(st)
        st.mass = eq.gauge.mass:read()
      end })
      r.parallel { b = function() r.dwell "7 s" end, a = function() r.dwell "3 s" end }
      r.dwell "2 min"
    end }, { seed = seed })
    t:start()
    t:run_until("Complete", { within = "5 min" })
    t.line:pump()
    local out = {}
    for _, t_ns, wall_ns, kind, key, data in t.line.store:records(t.line.run_id) do
      out[#out + 1] = table.concat({ t_ns, wall_ns, kind, key, data }, " ")
    end
    return table.concat(out, "\n")
  end

  it("leaves the same records each time, and others from another seed", function()
    local a = records(5)
    assert.equal(a, records(5))
    assert.not_equal(a, records(6))
  end)
end)

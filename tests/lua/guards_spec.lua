local small_run = dofile "tests/support/small_run.lua"

local function run(parts)
  parts.execute = parts.execute or function(r) r.dwell "10 h" end
  local t = small_run(parts)
  t:start()
  t:run_until("Execute", { within = "1 min" })
  return t
end

describe("a guard", function()
  it("acts once its condition has lasted", function()
    local since
    local t = run { guards = { { text = "too heavy", level = "stop", lasting = "5 s",
      when = function(eq) return (eq.gauge.mass:read() or 0) > 100 end } } }
    t:advance "3 s"
    t:force("gauge.m", 120)
    t:advance "3 s"
    t:force("gauge.m", 90)
    t:advance "1 s"
    t:force("gauge.m", 120)
    since = t.line:now_ns()
    t:run_until("Stopped", { within = "10 s" })
    assert.is_near(5, (t.line:now_ns() - since) / 1e9, 0.6)
    assert.equal("too heavy", t.run.reason)
  end)

  it("is asked only in the states that it names", function()
    local asked = {}
    local t = small_run {
      execute = function(r) r.dwell "5 s" end,
      guards = { { text = "g", level = "hold", active = { kind = "during", states = { Held = true } },
        when = function() asked[#asked + 1] = true return false end } },
    }
    t:start()
    t:run_until("Complete", { within = "1 min" })
    assert.equal(0, #asked)
  end)

  it("that cannot see counts as tripped", function()
    local t = run { guards = { { text = "overweight", level = "hold", lasting = "1 s",
      when = function(eq) return eq.gauge.mass:read() > 1e6 end } } }
    t:advance "5 s"
    assert.equal("Execute", t:state())
    t:fault("gauge.m", "bad")
    t:run_until("Held", { within = "3 s" })
    assert.equal("overweight (gauge.mass has no good reading)", t.run.reason)
  end)

  it("that is wrong acts at its own level", function()
    local t = small_run { execute = function(r) r.dwell "1 h" end,
      guards = { { text = "bad guard", level = "abort", when = function() return nil .. "x" end } } }
    t:run_until("Aborted", { within = "1 min" })
    assert.truthy(t.run.reason:find("guard 'bad guard' failed:", 1, true))
  end)

  it("holds again when its cause is still there after an unhold", function()
    local t = run { guards = { { text = "hot", level = "hold", when = function(eq)
      return (eq.gauge.mass:read() or 0) > 100 end } } }
    t:force("gauge.m", 120)
    t:run_until("Held", { within = "3 s" })
    t:command "unhold"
    t:advance "1 s"
    t:run_until("Held", { within = "3 s" })
    t:force("gauge.m", 50)
    t:advance "1 s"
    t:command "unhold"
    t:run_until("Execute", { within = "3 s" })
    t:advance "10 s"
    assert.equal("Execute", t:state())
  end)

  it("of level hold changes nothing where a hold is not possible", function()
    local t = small_run { execute = function() end,
      guards = { { text = "g", level = "hold", when = function() return true end } } }
    t:advance "5 s"
    assert.equal("Stopped", t:state())
  end)
end)

describe("an alarm", function()
  it("is raised, cleared and acknowledged, each time on record", function()
    local t = run { alarms = { { text = "light coat", priority = "low",
      when = function(eq) return (eq.gauge.mass:read() or 0) > 100 end } } }
    t:force("gauge.m", 120)
    t:advance "2 s"
    local alarm = t.run.alarms[1]
    assert.same({ true, false, "low" }, { alarm.active, alarm.acked, alarm.priority })
    assert.equal("Execute", t:state())
    assert.is_true(t:command("ack", "light coat"))
    t:force("gauge.m", 50)
    t:advance "2 s"
    assert.same({ false, true }, { alarm.active, alarm.acked })
    assert.equal(3, t:count("alarm", "light coat"))
    assert.same({ false, "no alarm waits for acknowledgement" }, { t:command "ack" })
  end)

  it("that cannot see is told as its device's, once, and stays as it was", function()
    local t = run { alarms = {
      { text = "heavy", when = function(eq) return eq.gauge.mass:read() > 1e6 end },
      { text = "light", when = function(eq) return eq.gauge.mass:read() < -1e6 end } } }
    t:advance "3 s"
    t:fault("gauge.m", "bad")
    t:advance "3 s"
    assert.equal(1, #t.run.alarms)
    assert.truthy(t.run.alarms[1].text:find "^no good readings from sim %(.*:%d+%)$")
    assert.is_true(t.run.alarms[1].active)
    t:fault("gauge.m", "none")
    t:advance "3 s"
    assert.is_false(t.run.alarms[1].active)
    assert.equal(1, #t.run.alarms)
  end)

  it("from the script is one alarm however often it comes", function()
    local t = run { execute = function(r)
      for _ = 1, 3 do r.alarm("again", { priority = "high" }) end
      r.dwell "1 h"
    end }
    t:advance "1 s"
    assert.equal(1, #t.run.alarms)
    assert.equal(3, t.run.alarms[1].n)
  end)
end)

describe("suspend_when", function()
  local function starved(more)
    local spec = { signal = "gauge.mass", below = 10, resume_above = "20 g/m2", settle = "5 s", text = "no slurry" }
    local parts = more or {}
    parts.suspend_when = spec
    parts.execute = parts.execute or function(r, eq)
      r.step("go", function() eq.web.speed:set(6) eq.die.flow:set(100) end)
      r.loop("l", { every = "1 s", state = { n = 0 }, run = function(st) st.n = st.n + 1 end })
      r.dwell "10 h"
    end
    local t = small_run(parts)
    t:force("gauge.m", 50)
    t:advance "1 s"
    t:start()
    t:run_until("Execute", { within = "1 min" })
    t:advance "5 s"
    return t
  end

  it("suspends when starved and resumes by itself with hysteresis", function()
    local t = starved()
    t:force("gauge.m", 5)
    t:run_until("Suspended", { within = "3 s" })
    assert.equal("no slurry", t.run.reason)
    local n = t.run.loops[1].st.n
    t:force("gauge.m", 15)
    t:advance "1 min"
    assert.equal("Suspended", t:state())
    assert.equal(n, t.run.loops[1].st.n)
    t:force("gauge.m", 25)
    t:advance "4 s"
    assert.equal("Suspended", t:state())
    t:run_until("Execute", { within = "3 s" })
    assert.equal(100, t:value "die.flow")
  end)

  it("begins to settle anew when the signal falls back, and a bad one is no news", function()
    local t = starved()
    t:fault("gauge.m", "bad")
    t:advance "20 s"
    assert.equal("Execute", t:state())
    t:force("gauge.m", 5)
    t:run_until("Suspended", { within = "3 s" })
    for _ = 1, 4 do
      t:force("gauge.m", 25)
      t:advance "4 s"
      t:force("gauge.m", 15)
      t:advance "1 s"
    end
    assert.equal("Suspended", t:state())
  end)

  it("leaves a person's suspend alone", function()
    local t = starved()
    assert.is_true(t:command "suspend")
    t:run_until("Suspended", { within = "3 s" })
    t:advance "1 min"
    assert.equal("Suspended", t:state())
    assert.is_true(t:command "unsuspend")
    t:run_until("Execute", { within = "3 s" })
  end)

  it("can be held from Suspended and then needs an unhold", function()
    local t = starved()
    t:force("gauge.m", 5)
    t:run_until("Suspended", { within = "3 s" })
    t:command "hold"
    t:run_until("Held", { within = "3 s" })
    t:force("gauge.m", 50)
    t:advance "1 min"
    assert.equal("Held", t:state())
  end)
end)

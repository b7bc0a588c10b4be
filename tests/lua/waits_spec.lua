local small_run = dofile "tests/support/small_run.lua"

local function start(parts)
  local t = small_run(parts)
  t:start()
  return t
end

local function seconds(t) return t.line:now_ns() / 1e9 end

describe("r.wait_until", function()
  it("goes on when the condition holds", function()
    local t = start { execute = function(r, eq)
      r.step("heat", function() eq.oven.zones[1].setpoint:set "40 degC" end)
      r.wait_until("warm", function() return eq.oven.zones[1].temp:read() > 35 end, { within = "30 min" })
      r.record("warm", r.step("t", function() return (eq.oven.zones[1].temp:read()) end))
    end }
    t:run_until("Complete", { within = "30 min" })
    assert.is_true(t.run.records.warm[1] > 34.5)
  end)

  it("holds at its time-out by default and says for what it waited", function()
    local t = start { execute = function(r)
      r.operation("heat-up", function()
        r.wait_until("never", function() return false, "it is at 3" end, { within = "40 min" })
      end)
    end }
    t:run_until("Held", { within = "41 min" })
    assert.equal("timed out after 40 min waiting for: never", t.run.reason)
    assert.truthy(t.run.where:find("^execute > heat%-up   %(tests/lua/waits_spec.lua:%d+%)$"))
    assert.equal("it is at 3", t.run.now_text)
  end)

  it("is no condition that holds when it raises nothing", function()
    local function raise() error() end
    local waits = {
      function(r) r.wait_until("guarded", raise, { within = "1 min" }) end,
      function(r) r.wait_first({ guarded = raise }, { within = "1 min" }) end,
    }
    for _, wait in ipairs(waits) do
      local t = start { execute = function(r)
        wait(r)
        r.record("passed", 1)
      end }
      t:run_until("Held", { within = "10 s" })
      assert.equal("an error without a text", t.run.reason)
      assert.is_nil(t.run.records.passed)
    end
  end)

  it("begins its time-out again after an unhold", function()
    local t = start { execute = function(r)
      r.wait_until("never", function() return false end, { within = "60 s" })
    end }
    t:run_until("Held", { within = "70 s" })
    t:advance "10 min"
    assert.is_true(t:command "unhold")
    t:run_until("Execute", { within = "10 s" })
    local at = seconds(t)
    t:run_until("Held", { within = "70 s" })
    assert.is_near(60, seconds(t) - at, 0.3)
  end)

  for word, state in pairs { stop = "Stopped", abort = "Aborted", hold = "Held" } do
    it("does what otherwise = '" .. word .. "' says", function()
      local t = start { execute = function(r)
        r.wait_until("never", function() return false end, { within = "1 s", otherwise = word })
      end }
      t:run_until(state, { within = "10 s" })
      assert.equal("timed out after 1 s waiting for: never", t.run.reason)
    end)
  end

  it("goes on with false after otherwise = 'continue', or after a function", function()
    local got, called = {}, false
    local t = start { execute = function(r)
      got[1] = r.wait_until("a", function() return false end, { within = "1 s", otherwise = "continue" })
      got[2] = r.wait_until("b", function() return false end,
        { within = "1 s", otherwise = function() called = true end })
      got[3] = r.wait_until("c", function() return true end)
    end }
    t:run_until("Complete", { within = "10 s" })
    assert.same({ false, false, true }, got)
    assert.is_true(called)
  end)

  it("wants the condition steady", function()
    local since, t = nil, nil
    t = start { execute = function(r)
      r.wait_until("steady", function()
        local s = seconds(t)
        local ok = s > 10 and not (s > 15 and s < 16)
        if not ok then since = s end
        return ok
      end, { within = "5 min", steady = "10 s" })
    end }
    t:run_until("Complete", { within = "1 min" })
    assert.is_near(26, seconds(t), 0.4)
    assert.is_true(since < 16)
  end)

  it("does not look before the set-points of this instant are out", function()
    local t = start { execute = function(r, eq)
      r.step("heat", function() for _, z in ipairs(eq.oven.zones) do z.setpoint:set(40) end end)
      r.wait_until("warm", function() return eq.oven:settled "2 K" end, { within = "1 h" })
    end }
    t:advance "1 min"
    assert.equal("Execute", t:state())
    t:run_until("Complete", { within = "1 h" })
  end)

  it("takes a bad reading for a condition that does not hold", function()
    local t = start { execute = function(r, eq)
      r.wait_until("light", function() return eq.gauge.mass:read() < 1e6 end, { within = "2 min" })
    end }
    t:fault("gauge.m", "bad")
    t:advance "1 min"
    assert.equal("Execute", t:state())
    t:run_until("Held", { within = "2 min" })
    assert.equal("gauge.mass is bad", t.run.now_text)
    t:fault("gauge.m", nil)
    t:command "unhold"
    t:run_until("Complete", { within = "1 min" })
  end)

  it("holds when its condition is wrong, and names the line", function()
    local t = start { execute = function(r)
      r.wait_until("broken", function() return nil + 1 end, { within = "2 min" })
    end }
    t:run_until("Held", { within = "10 s" })
    assert.truthy(t.run.reason:find("attempt to perform arithmetic", 1, true))
    assert.truthy(t.run.where:find("waits_spec.lua", 1, true))
  end)

  it("may not be used in a loop, a condition or a guard", function()
    for _, parts in ipairs {
      { execute = function(r)
        r.loop("l", { every = "1 s", run = function() r.dwell "1 s" end })
        r.dwell "1 min"
      end },
      { execute = function(r) r.wait_until("w", function() r.dwell "1 s" end, { within = "1 min" }) end },
    } do
      local t = start(parts)
      t:run_until("Held", { within = "1 min" })
      assert.truthy(t.run.reason:find("E-WAIT r.dwell cannot be used in", 1, true), t.run.reason)
    end
  end)
end)

describe("a kept condition", function()
  local function kept(extra)
    local parts = { execute = function(r, eq)
      r.step("heat", function() for _, z in ipairs(eq.oven.zones) do z.setpoint:set(40) end end)
      r.wait_until("warm", function() return eq.oven:settled "2 K" end, { within = "1 h", keep = true })
      if extra then extra(r) end
      r.step("go", function() eq.web.speed:set(6) end)
      r.dwell "1 h"
    end }
    local t = start(parts)
    t:run_until(function() return t:count("end", "go") == 1 end, { within = "1 h" })
    return t
  end

  it("is proved again before a held run goes on", function()
    local t = kept()
    t:command "hold"
    t:run_until("Held", { within = "1 min" })
    t:force("oven.t1", 25)
    t:command "unhold"
    t:advance "2 min"
    assert.equal("Unholding", t:state())
    t:force("oven.t1", nil)
    t:run_until("Execute", { within = "1 min" })
  end)

  it("holds again when the proof does not come in time", function()
    local t = kept()
    t:command "hold"
    t:run_until("Held", { within = "1 min" })
    t:force("oven.t1", 25)
    t:command "unhold"
    t:run_until("Held", { within = "2 h" })
    assert.equal("timed out after 60 min waiting for: warm", t.run.reason)
  end)

  it("is forgotten after r.release", function()
    local t = kept(function(r) r.release "warm" end)
    t:command "hold"
    t:run_until("Held", { within = "1 min" })
    t:force("oven.t1", 25)
    t:command "unhold"
    t:run_until("Execute", { within = "1 min" })
  end)
end)

describe("r.wait_first", function()
  it("says which condition fired, in the order of names, also after a power loss", function()
    local said = {}
    local t = start { execute = function(r)
      said[#said + 1] = r.wait_first {
        zulu = function() return true end, alpha = function() return true end, never = function() return false end,
      }
      r.dwell "10 min"
    end }
    t:advance "10 s"
    t:crash()
    t:reboot()
    assert.same({ "alpha", "alpha" }, said)
  end)

  it("times out like any wait", function()
    local got = "?"
    local t = start { execute = function(r)
      got = r.wait_first({ a = function() return false end }, { within = "5 s", otherwise = "continue" })
    end }
    t:run_until("Complete", { within = "10 s" })
    assert.is_nil(got)
  end)
end)

describe("r.dwell", function()
  local function lasts(clock, hold_s)
    local t = start { execute = function(r) r.dwell("60 s", { clock = clock }) end }
    t:run_until("Execute", { within = "1 min" })
    local began = seconds(t)
    t:advance "20 s"
    t:command "hold"
    t:run_until("Held", { within = "10 s" })
    t:advance(hold_s)
    t:command "unhold"
    t:run_until("Complete", { within = "10 min" })
    return seconds(t) - began
  end

  it("stands still while Held on the active clock", function()
    assert.is_near(120, lasts("active", 60), 1)
  end)
  it("goes on while Held on the wall clock", function()
    assert.is_near(80.4, lasts("wall", 60), 1)
    assert.is_near(60, lasts("wall", 10), 1)
  end)
  it("begins anew on the restart clock", function()
    assert.is_near(140, lasts("restart", 60), 1)
  end)

  local function left_after_power_loss(clock)
    local t = start { execute = function(r) r.dwell("60 min", { clock = clock }) end }
    t:advance "20 min"
    t:crash()
    t:reboot { after = "10 min" }
    t:command "unhold"
    t:run_until("Execute", { within = "1 min" })
    local at = seconds(t)
    t:run_until("Complete", { within = "2 h" })
    return (seconds(t) - at) / 60
  end

  it("keeps what has passed over a power loss, or counts the outage, or begins anew", function()
    assert.is_near(40, left_after_power_loss "active", 0.3)
    assert.is_near(30, left_after_power_loss "wall", 0.3)
    assert.is_near(60, left_after_power_loss "restart", 0.3)
  end)

  it("refuses what is no time", function()
    local t = start { execute = function(r) r.dwell "5 apples" end }
    t:run_until("Held", { within = "10 s" })
    assert.truthy(t.run.reason:find("E-TIME r.dwell", 1, true))
  end)
end)

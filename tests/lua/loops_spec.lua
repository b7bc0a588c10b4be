local small_run = dofile "tests/support/small_run.lua"

local function start(execute, more)
  local parts = more or {}
  parts.execute = execute
  local t = small_run(parts)
  t:start()
  t:run_until("Execute", { within = "1 min" })
  return t
end

describe("r.loop", function()
  it("runs at its interval and is told the time since it last ran", function()
    local dts = {}
    local t = start(function(r)
      r.loop("l", { every = "2 s", run = function(_, dt) dts[#dts + 1] = dt end })
      r.dwell "11 s"
    end)
    t:run_until("Complete", { within = "1 min" })
    assert.equal(5, #dts)
    for _, dt in ipairs(dts) do assert.is_near(2, dt, 1e-9) end
  end)

  it("skips what it missed and never bursts", function()
    local n, sum = 0, 0
    local t = start(function(r)
      r.loop("fast", { every = "30 ms", run = function(_, dt) n, sum = n + 1, sum + dt end })
      r.dwell "10 s"
    end)
    t:run_until("Complete", { within = "1 min" })
    assert.is_true(n <= 101)
    assert.is_near(10, sum, 0.15)
    assert.is_true(t:count("late", "fast") >= 1 and t:count("late", "fast") <= 12)
  end)

  it("stands still while Held, and its dt does not count that time", function()
    local st, most = nil, 0
    local t = start(function(r)
      st = r.loop("l", { every = "1 s", state = { n = 0 }, run = function(s, dt)
        s.n, most = s.n + 1, math.max(most, dt)
      end })
      r.dwell "1 min"
    end)
    t:advance "10 s"
    t:command "hold"
    t:run_until("Held", { within = "10 s" })
    local n = st.n
    t:advance "10 min"
    assert.equal(n, st.n)
    t:command "unhold"
    t:run_until("Complete", { within = "10 min" })
    assert.is_true(most < 1.2)
  end)

  it("ends with the scope and with the branch that made it", function()
    local inner, child = 0, 0
    local t = start(function(r)
      r.phase("p", function()
        r.loop("inner", { every = "1 s", run = function() inner = inner + 1 end })
        r.dwell "5.5 s"
      end)
      r.parallel { a = function()
        r.loop("child", { every = "1 s", run = function() child = child + 1 end })
        r.dwell "5.5 s"
      end }
      r.dwell "20 s"
    end)
    t:run_until("Complete", { within = "1 min" })
    assert.same({ 5, 5 }, { inner, child })
  end)

  it("holds the run when it fails, and goes on with its state after unhold", function()
    local t = start(function(r)
      r.loop("l", { every = "1 s", state = { n = 0 }, run = function(s)
        s.n = s.n + 1
        if s.n == 3 then error("bearing hot", 0) end
      end })
      r.dwell "10 s"
    end)
    t:run_until("Held", { within = "10 s" })
    assert.equal("loop 'l': bearing hot", t.run.reason)
    t:command "unhold"
    t:run_until("Complete", { within = "1 min" })
    assert.is_true(t.run.loops[1].st.n > 8)
  end)

  it("freezes on a bad reading: no set-point goes out, and it says so once", function()
    local t = start(function(r, eq)
      r.loop("l", { every = "1 s", run = function() eq.die.flow:set(20 + eq.gauge.mass:read()) end })
      r.dwell "1 min"
    end)
    t:advance "5 s"
    assert.equal(20, t:value "die.flow")
    t:fault("gauge.m", "bad")
    t:advance "20 s"
    assert.equal("Execute", t:state())
    assert.equal(20, t:value "die.flow")
    assert.equal(1, t:count("note", "l"))
  end)

  it("has its state back after a power loss from the last checkpoint", function()
    local seen
    local function execute(r)
      local st = r.loop("l", { every = "1 s", checkpoint = "5 s", state = { n = 0, list = {} }, run = function(s)
        s.n = s.n + 1
        s.list[#s.list + 1] = s.n
      end })
      st.n = st.n + 1000 -- writes during the fast-forward are discarded
      r.dwell "2 s"
      r.wait_until("counted", function() seen = st.n return st.n >= 1100 end, { within = "1 h" })
    end
    local t = start(execute)
    t:advance "32 s"
    t:crash()
    t:reboot()
    local st = t.run.loops[1].st
    assert.is_true(st.n >= 1027 and st.n <= 1032, st.n)
    assert.equal(st.n - 1000, #st.list)
    t:command "unhold"
    t:run_until("Complete", { within = "1 h" })
    assert.equal(1100, seen)
  end)

  it("is held once, with its name, when its state can no longer be kept", function()
    for what, grow in pairs {
      ["holds a function"] = function(s) s.f = print end,
      ["at most 64 KiB"] = function(s) s.text = ("x"):rep(200000) end,
    } do
      local t = start(function(r)
        r.loop("l", { every = "1 s", checkpoint = "2 s", state = { n = 0 }, run = grow })
        r.dwell "1 h"
      end)
      t:run_until("Held", { within = "1 min" })
      assert.truthy(t.run.reason:find(what, 1, true), t.run.reason)
    end
  end)

  it("keeps what it ended with over two power losses, for the script as well", function()
    local seen = {}
    local t = start(function(r)
      local st
      r.operation("first", function()
        st = r.loop("l", { every = "1 s", checkpoint = "1 h", state = { n = 0 }, run = function(s) s.n = s.n + 1 end })
        r.dwell "10 s"
      end)
      seen[#seen + 1] = st.n
      r.dwell "1 min"
    end)
    t:advance "20 s"
    for _ = 1, 2 do
      t:crash()
      t:reboot()
    end
    assert.is_true(seen[1] >= 9)
    assert.same({ seen[1], seen[1], seen[1] }, seen)
  end)

  it("refuses a state that cannot be stored, and options it does not know", function()
    for reason, opts in pairs {
      ["E-JOURNAL the state of loop 'l' holds a function"] =
        { every = 1, state = { f = print }, run = function() end },
      ["E-KEY r.loop 'l': unknown option 'evry' (known: checkpoint, every, run, state). Did you mean 'every'?"] =
        { evry = 1, run = function() end },
      ["E-ARG r.loop 'l': every is missing"] = { run = function() end },
    } do
      local t = small_run { execute = function(r) r.loop("l", opts) end }
      t:start()
      t:run_until("Held", { within = "10 s" })
      assert.truthy(t.run.reason:find(reason, 1, true), t.run.reason)
    end
  end)

  it("marks from within a loop keep distinct keys over a power loss", function()
    local t = start(function(r)
      r.loop("l", { every = "1 s", run = function() r.mark("spot", { at = 1 }) end })
      r.dwell "1 h"
    end)
    t:advance "10.5 s"
    t:crash()
    t:reboot()
    local n = t:count("mark", "spot")
    t:command "unhold"
    t:run_until("Execute", { within = "1 min" })
    t:advance "10.5 s"
    assert.equal(n + 10, t:count("mark", "spot"))
    assert.equal(n + 10, t.run.rt.journal.high["execute/l/spot"])
  end)
end)

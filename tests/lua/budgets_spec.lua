-- What a recipe may use beside time and memory: each limit once, declared in the
-- profile, with the line to blame, past every pcall.
local budgets = require "linewright.budgets"
local small_run = dofile "tests/support/small_run.lua"
local projects = require "tests.support.project"

-- A run whose limits are set as a profile would set them.
local function run(limits, execute)
  local rig = require "linewright.rig"
  local line = rig.load "lines/pilot_a.lua"
  line.limits = limits
  local t = small_run({ execute = execute }, { line = line })
  t:start()
  t:run_until(function(r) return r.state == "Held" or r.state == "Complete" end, { within = "10 min" })
  return t
end

local function is_held(t, wanted)
  assert.equal("Held", t:state())
  assert.is_truthy(t.run.reason:find(wanted, 1, true), t.run.reason)
  assert.matches("budgets_spec.lua:%d+", t.run.where)
end

describe("a limit of the line", function()
  it("counts branches", function()
    is_held(run({ branches = 5 }, function(r)
      local many = {}
      for i = 1, 9 do many["b" .. i] = function() r.dwell "1 s" end end
      r.parallel(many)
      r.dwell "1 h"
    end), "E-BUDGET more than 5 branches at once (limits.branches of line 'pilot-A')")
  end)

  it("is the profile's for CPU time in virtual time, too", function()
    local rig = require "linewright.rig"
    local line = rig.load "lines/pilot_a.lua"
    line.tick_cpu = "5 ms"
    local t = small_run({ execute = function() while true do end end }, { line = line })
    t:start()
    t:run_until("Held", { within = "1 min" })
    assert.is_truthy(t.run.reason:find("5 ms", 1, true), t.run.reason)
  end)

  it("counts loops", function()
    is_held(run({ loops = 2 }, function(r)
      for i = 1, 3 do r.loop("l" .. i, { every = "1 s", run = function() end }) end
    end), "E-BUDGET more than 2 loops at once")
  end)

  it("counts conditions, of one wait and of all that are kept", function()
    local function never() return false end
    is_held(run({ conditions = 3 }, function(r)
      r.wait_first { a = never, b = never, c = never, d = never }
    end), "E-BUDGET more than 3 conditions waited for or kept (limits.conditions of line 'pilot-A')")
    is_held(run({ conditions = 3 }, function(r)
      for i = 1, 4 do r.wait_until("k" .. i, function() return true end, { keep = true }) end
      r.dwell "1 h"
    end), "E-BUDGET more than 3 conditions")
  end)

  it("gives conditions back that are no longer waited for, kept or alive", function()
    local function always() return true end
    local function never() return false end
    local t = run({ conditions = 3 }, function(r)
      for i = 1, 9 do
        r.wait_until("k" .. i, always, { keep = true })
        r.release("k" .. i)
        r.wait_first { a = always, b = never }
        r.wait_until("late", never, { within = "1 s", otherwise = "continue" })
      end
      pcall(r.parallel, {
        a = function() r.wait_first { x = never, y = never } end,
        b = function() r.dwell "2 s" error "enough" end,
      })
    end)
    local scheduler = t.run.rt.scheduler
    assert.equal("Complete", t:state(), t.run.reason)
    assert.same({ 0, 0 }, { scheduler.watched, budgets.timers(scheduler) })
  end)

  it("counts records, which may come in a burst but not for ever", function()
    local t = run({ records = 5 }, function(r)
      for i = 1, 50 do r.record("x", i) end
      r.dwell "10 s"
      for i = 1, 51 do r.mark("m", { i = i }) end
    end)
    is_held(t, "E-BUDGET more than 5 records a second")
    assert.equal(50, t:count("data", "x"))
    assert.equal(50, t:count("mark", "m"))
  end)

  it("lets records flow at the rate that is allowed", function()
    local t = run({ records = 5 }, function(r)
      for i = 1, 300 do
        r.record("x", i)
        r.dwell "0.2 s"
      end
    end)
    assert.equal("Complete", t:state())
  end)

  it("counts alarms", function()
    is_held(run({ alarms = 3 }, function(r)
      for i = 1, 4 do r.alarm("a" .. i) end
    end), "E-BUDGET more than 3 alarms a minute")
  end)

  it("measures texts", function()
    is_held(run({ text = 20 }, function(r) r.alarm(("x"):rep(21)) end),
      "E-BUDGET more than 20 bytes in a label, alarm or note")
    is_held(run({ text = 20 }, function(r) r.step(("x"):rep(21), function() end) end), "E-BUDGET")
  end)

  it("measures records", function()
    local t = run({ record = 100 }, function(r)
      r.record("x", ("y"):rep(60))
      r.mark("m", { s = ("y"):rep(101) })
    end)
    is_held(t, "E-BUDGET more than 100 bytes in a record (limits.record of line 'pilot-A')")
    assert.same({ 1, 0 }, { t:count("data", "x"), t:count("mark", "m") })
  end)

  it("is spent for a step's retries, too", function()
    local tries = 0
    is_held(run({ alarms = 1 }, function(r)
      r.step("again", { retries = 5 }, function()
        tries = tries + 1
        r.alarm "a"
        r.alarm "b"
      end)
    end), "E-BUDGET more than 1 alarms")
    assert.equal(1, tries)
  end)

  it("has good defaults, and is checked in the profile", function()
    local project = projects.new()
    project:edit("shed.lua", "revision = 1,", "revision = 1, limits = { alarms = 0, loop = 3 },")
    local text = project:check()
    local bundle
    assert.is_truthy(text:find("line.limits.alarms [alarms a minute] = 0 is no whole number from 1 to 6000",
      1, true), text)
    assert.is_truthy(text:find("loops", 1, true), text)
    project:edit("shed.lua", "limits = { alarms = 0, loop = 3 },", "limits = { alarms = 7 },")
    text, bundle = project:check()
    assert.is_not_nil(bundle, text)
    assert.equal(7, bundle.profile.limits.alarms)
    assert.equal(200, bundle.profile.limits.loops)
    project:remove()
  end)

  it("is told with what is used", function()
    local t = run(nil, function(r)
      for i = 1, 10 do r.record("x", i) end
    end)
    local rt = t.run.rt
    assert.matches("^CPU 1000 ms a tick, memory %d+ of %d+ MiB, timers 2 of 10200, branches 1 of 10000, "
      .. "loops 0 of 200, conditions 3 of 10000, questions 0 of 100, records %d+ of 5000, notes 0 of 500, alarms 0 of 60, "
      .. "text to 1000 B, record to 65536 B, inputs to 4096 MiB$",
      rt.budgets:text({ branches = 1, loops = 0, conditions = 3, questions = 0, timers = 2 }, rt.budget_ns))
  end)
end)

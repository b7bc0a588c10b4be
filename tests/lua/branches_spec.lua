local small_run = dofile "tests/support/small_run.lua"

local function start(parts)
  local t = small_run(parts)
  t:start()
  return t
end

local function reason_of(execute)
  local t = start { execute = execute }
  t:run_until("Held", { within = "1 min" })
  return t.run.reason
end

describe("the CPU budget", function()
  it("is the tick's: many branches, each well within it, cannot have it many times over", function()
    local done = 0
    local function burn()
      local stop = os.clock() + 0.01
      repeat until os.clock() > stop
      done = done + 1
    end
    local tasks = {}
    for i = 1, 50 do tasks[("b%02d"):format(i)] = burn end
    local line = require("linewright.rig").load "lines/pilot_a.lua"
    line.tick_cpu = "50 ms"
    local t = small_run({ execute = function(r) r.parallel(tasks) end }, { line = line })
    t:start()
    t:run_until("Held", { within = "1 min" })
    local reason = t.run.reason
    assert.truthy(reason:find("E-BUDGET CPU budget of 50 ms exceeded", 1, true), reason)
    assert.is_true(done >= 4 and done < 20, done)
  end)
end)

describe("r.parallel", function()
  it("starts branches in the order of their names, ends when all have, returns their results", function()
    local order, results = {}, nil
    local t = start { execute = function(r)
      results = r.parallel {
        c = function() order[#order + 1] = "c" r.dwell "1 s" order[#order + 1] = "c2" return 3 end,
        a = function() order[#order + 1] = "a" r.dwell "2 s" order[#order + 1] = "a2" return 1 end,
        b = function() order[#order + 1] = "b" return 2 end,
      }
      order[#order + 1] = "end"
    end }
    t:run_until("Complete", { within = "1 min" })
    assert.equal("a b c c2 a2 end", table.concat(order, " "))
    assert.same({ a = 1, b = 2, c = 3 }, results)
  end)

  it("cancels the others at the first error, and says where it was", function()
    local later, loops = false, 0
    local t = start { execute = function(r)
      r.operation("make", function()
        r.parallel {
          bad = function() r.dwell "5 s" error("pump lost", 0) end,
          good = function()
            r.loop("l", { every = "1 s", run = function() loops = loops + 1 end })
            r.dwell "10 s"
            later = true
          end,
        }
      end)
    end }
    t:run_until("Held", { within = "1 min" })
    assert.equal("pump lost", t.run.reason)
    assert.truthy(t.run.where:find("execute > make > bad", 1, true))
    local n = loops
    t:advance "1 min"
    assert.is_false(later)
    assert.equal(n, loops)
  end)

  it("lets the parent catch that error and go on, now and after a power loss", function()
    local t = start { execute = function(r)
      local ok = pcall(r.parallel, {
        bad = function() r.step("s", function() error("x", 0) end) end,
        good = function() r.step("g", function() end) r.dwell "10 s" end,
      })
      r.step(ok and "fine" or "repair", function() end)
      r.dwell "10 min"
    end }
    t:advance "1 min"
    assert.equal(1, t:count("end", "repair"))
    t:crash()
    t:reboot()
    assert.equal("Held", t:state())
    assert.is_nil(t.run.refused)
    t:command "unhold"
    t:run_until("Complete", { within = "1 h" })
    assert.equal(1, t:count("begin", "s"))
  end)

  it("nests, and goes on after a power loss where each branch was", function()
    local done = {}
    local t = start { execute = function(r)
      r.parallel {
        one = function()
          r.parallel {
            x = function() r.step("x1", function() done[#done + 1] = "x1" end) r.dwell "20 min" end,
            y = function() r.dwell "10 s" r.step("y1", function() done[#done + 1] = "y1" end) end,
          }
        end,
        two = function() for i = 1, 3 do r.step("t" .. i, function() done[#done + 1] = "t" .. i end) end end,
      }
      r.step("last", function() done[#done + 1] = "last" end)
    end }
    t:advance "1 min"
    assert.same({ "t1", "x1", "t2", "t3", "y1" }, done) -- in the order of creation
    t:crash()
    t:reboot()
    t:command "unhold"
    t:run_until("Complete", { within = "1 h" })
    assert.same({ "t1", "x1", "t2", "t3", "y1", "last" }, done)
  end)

  it("refuses what is no set of branches", function()
    assert.truthy(reason_of(function(r) r.parallel { a = 5 } end):find("E-ARG r.parallel: branch 'a' must be a function", 1, true))
    assert.truthy(reason_of(function(r) r.step("s", function() r.parallel {} end) end)
      :find("E-STEP r.parallel is inside step 's'", 1, true))
  end)

  it("costs at most 2 kB for a branch that sleeps", function()
    local branches = {}
    local t
    for i = 1, 1000 do branches["b" .. i] = function() t.r.dwell "1 h" end end
    t = small_run { execute = function(r)
      t.r = r
      r.parallel(branches)
    end }
    t:start()
    t:run_until("Execute", { within = "1 min" })
    collectgarbage() collectgarbage()
    t:advance "1 s"
    local used = collectgarbage "count"
    for _, b in ipairs(t.run.rt.scheduler.live) do if b.parent then b.co, b.poll = nil, nil end end
    t.run.rt.scheduler.live = { t.run.execute.root }
    t.run.execute.root.children = {}
    collectgarbage() collectgarbage()
    local each = (used - collectgarbage "count") * 1024 / 1000
    -- PUC Lua's coroutines alone take 1 kB to 3.7 kB; the figure is LuaJIT's.
    local most = jit and 2048 or 6144 -- luacheck: ignore 113
    assert.is_true(each <= most, ("%.0f bytes"):format(each))
  end)
end)

describe("ownership", function()
  it("lets one live branch set a channel", function()
    assert.equal("E-OWNER die.flow is owned by branch 'a'; branch 'b' may not set it at the same time",
      reason_of(function(r, eq)
        r.parallel {
          a = function() r.step("s", function() eq.die.flow:set(20) end) r.dwell "1 min" end,
          b = function() r.dwell "1 s" r.step("s", function() eq.die.flow:set(30) end) end,
        }
      end))
  end)

  it("ends with the branch, and a waiting parent lends what it owns", function()
    local t = start { execute = function(r, eq)
      r.step("mine", function() eq.die.flow:set(10) end)
      r.parallel { a = function() r.step("s", function() eq.die.flow:set(20) end) end }
      r.parallel { b = function() r.step("s", function() eq.die.flow:set(30) end) end }
      r.step("mine again", function() eq.die.flow:set(40) end)
    end }
    t:run_until("Complete", { within = "1 min" })
  end)

  it("counts a loop as the branch that made it", function()
    assert.truthy(reason_of(function(r, eq)
      r.parallel {
        a = function()
          r.loop("flow", { every = "1 s", run = function() eq.die.flow:set(20) end })
          r.dwell "1 min"
        end,
        b = function() r.dwell "3 s" r.step("s", function() eq.die.flow:set(30) end) end,
      }
    end):find("E-OWNER die.flow is owned by branch 'a'", 1, true))
  end)

  it("does not bind state handlers: completing stops what a loop owned", function()
    local t = start {
      execute = function(r, eq)
        r.loop("flow", { every = "1 s", run = function() eq.web.speed:set(6) eq.die.flow:set(20) end })
        r.dwell "10 s"
      end,
      completing = function(_, eq) eq.die.flow:set(0) end,
    }
    t:run_until("Complete", { within = "1 min" })
    t:advance "1 s"
    assert.equal(0, t:value "die.flow")
  end)
end)

describe("the touch rule", function()
  it("refuses a reading and a set-point outside of steps, with the way to mend it", function()
    local reason = reason_of(function(r, eq)
      if eq.oven.zones[2].temp:read() > 1 then r.dwell "1 s" end
    end)
    assert.equal("E-REPLAY oven.zones[2].temp was read outside a step, wait, loop, guard or state handler.\n"
      .. "  Why: after a power loss this code runs again and would see a different value.\n"
      .. "  Fix: put the read in r.step(...) and use the value it returns.", reason)
    assert.truthy(reason_of(function(_, eq) eq.die.flow:set(1) end)
      :find("E-REPLAY die.flow was set outside a step", 1, true))
  end)

  it("lets conditions and guards only read", function()
    assert.truthy(reason_of(function(r, eq)
      r.wait_until("x", function() eq.die.flow:set(1) return true end, { within = "1 s" })
    end):find("E-TOUCH die.flow was set inside a condition, which may only read", 1, true))
  end)

  it("still holds after a step, also when the step failed", function()
    assert.truthy(reason_of(function(r, eq)
      pcall(r.step, "s", function() error "x" end)
      return eq.gauge.mass:read()
    end):find("E-REPLAY gauge.mass was read outside", 1, true))
  end)

  it("refuses to set a reading, a value out of range, a wrong unit and what is no number", function()
    for reason, fn in pairs {
      ["E-READONLY gauge.mass is a reading, it cannot be set"] = function(eq) eq.gauge.mass:set(1) end,
      ["E-RANGE die.flow: 5000 mL/min is outside the limits of line 'pilot-A' (0..1500 mL/min)"] =
        function(eq) eq.die.flow:set(5000) end,
      ["E-RANGE die.flow: nan mL/min"] = function(eq) eq.die.flow:set(0 / 0) end,
      ["cannot convert degC (temperature) to"] = function(eq) eq.web.speed:set "5 degC" end,
      ["a quantity is a number or a string with a unit, not a boolean"] = function(eq) eq.web.speed:set(true) end,
    } do
      local got = reason_of(function(r, eq) r.step("s", function() fn(eq) end) end)
      assert.truthy(got:find(reason, 1, true), got)
    end
  end)

  it("names the limits in the line's unit too", function()
    local t = small_run({ execute = function(r, eq) r.step("s", function() eq.die.flow:set(5000) end) end },
      { line = "lines/line_b.lua" })
    t:start()
    t:run_until("Held", { within = "1 min" })
    assert.equal("E-RANGE die.flow: 5000 mL/min is outside the limits of line 'line-B' (0..3960 mL/min = 0..330 rpm)",
      t.run.reason)
  end)
end)

-- Recipes that use their words where nobody thought of it.
local small_run = dofile "tests/support/small_run.lua"

local function start(execute, more)
  local parts = more or {}
  parts.execute = execute
  local t = small_run(parts)
  t:start()
  return t
end

describe("a loop that ends the run's Execute", function()
  for level, safe in pairs { hold = 40, stop = 25, abort = 25 } do
    it("sets no output behind r." .. level, function()
      local said
      local t = start(function(r, eq)
        local setpoint = eq.oven.zones[1].setpoint
        r.step("heat", function() setpoint:set(40) end)
        r.loop("bold", { every = "1 s", run = function()
          r[level] "enough"
          local _, message = pcall(setpoint.set, setpoint, 111)
          said = said or message
          setpoint:set(111)
        end })
        r.dwell "1 h"
      end)
      t:advance "30 s"
      assert.equal("enough", t.run.reason)
      assert.equal(safe, t:value "oven.sp1")
      assert.truthy(said:find("E-STATE oven.zones[1].setpoint may no longer be set here", 1, true))
    end)
  end
end)

describe("r.ask", function()
  local function refused(question)
    local said
    local t = start(function(r)
      local _, message = pcall(r.ask, question)
      said = message
    end)
    t.run.quiet = false
    t:run_until("Complete", { within = "1 min" })
    return said
  end

  it("takes texts only", function()
    assert.truthy(refused { prompt = "go?", choices = { true, false } }:find("choices[1] must be a string, not a boolean", 1, true))
    assert.truthy(refused { prompt = "go?", choices = { "a", {} } }:find("choices[2] must be a string, not a table", 1, true))
    assert.truthy(refused { prompt = "go?", choices = {} }:find("choices has no answer in it", 1, true))
    assert.truthy(refused { prompt = "go?", default = { 1 }, within = 1 }:find("default must be a string, not a table", 1, true))
    assert.truthy(refused { prompt = "go?", role = print }:find("role must be a string, not a function", 1, true))
  end)

  it("keeps the choices that it was given", function()
    local t = start(function(r)
      local choices = { "yes", "no" }
      r.loop("bend", { every = "1 s", run = function() choices[1], choices[2] = {}, nil end })
      r.record("said", r.ask { prompt = "go?", choices = choices } == "no" and 1 or 0)
    end)
    t.run.quiet = false
    t:advance "5 s"
    assert.is_false((t:answer "maybe"))
    assert.is_true((t:answer "no"))
    t:run_until("Complete", { within = "1 min" })
    assert.same({ 1 }, t.run.records.said)
  end)
end)

describe("a time-out's own steps", function()
  for _, times in ipairs { { within = "1 s", dwell = "10 min" }, { within = "1 h", dwell = "1 min" } } do
    it(("dwell %s behind a wait of %s, over a hold, too"):format(times.dwell, times.within), function()
      local t = start(function(r)
        r.wait_until("never", function() return false end,
          { within = times.within, otherwise = function() r.dwell(times.dwell) end })
      end)
      t:run_until(function(run)
        local b = run.rt.scheduler.live[1]
        return b and b.waits and b.waits:find " to pass$"
      end)
      t:advance "10 s"
      assert.is_true(t:command "hold")
      t:advance "10 s"
      assert.is_true(t:command "unhold")
      t:run_until("Execute", { within = "1 min" })
      local began = t.line:now_ns()
      t:run_until("Complete", { within = "2 h" })
      local left = (times.dwell == "1 min" and 60 or 600) - 10
      assert.is_near(left, (t.line:now_ns() - began) / 1e9, 1.5)
    end)
  end
end)

describe("a verb in the comparator of a sort", function()
  for _, name in ipairs { "dwell", "parallel", "ask", "step", "hold", "wait_until" } do
    it("is refused: r." .. name, function()
      local said, unsorted = {}, { 2, 1 }
      local t = start(function(r)
        local calls = {
          dwell = function() r.dwell "1 s" end,
          parallel = function() r.parallel { a = function() error "late" end } end,
          ask = function() r.ask { prompt = "go?" } end,
          step = function() r.step("cut", { once = true }, function() end) end,
          hold = function() r.hold "why" end,
          wait_until = function() r.wait_until("it", function() return true end) end,
        }
        said[1] = select(2, pcall(table.sort, unsorted, calls[name]))
        r.dwell "2 s"
      end)
      t:run_until("Complete", { within = "1 min" })
      assert.truthy(said[1]:find(("E-WAIT r.%s: what calls this may not wait"):format(name), 1, true))
      assert.equal(0, #t.run.prompts)
    end)
  end
end)

describe("a metatable", function()
  it("of a loop's state runs nothing when the state comes back", function()
    local function never() error "ran" end
    local t = start(function(r)
      local state = r.loop("count", { every = "1 s", state = { n = 0 }, checkpoint = "5 s",
        run = function(st) st.n = st.n + 1 end })
      setmetatable(state, { __newindex = never, __pairs = never, __index = never })
      r.dwell "1 h"
    end)
    t:advance "25 s"
    t:crash()
    t:reboot()
    assert.equal("Held", t:state())
    assert.is_true(t.run.loops[1].st.n >= 20)
  end)

  it("put into the recipe's own table runs nothing", function()
    local own
    local t = small_run { execute = function(r)
      own.version = setmetatable({}, { __tostring = function() error "ran" end })
      own.holding = 5
      r.hold "enough"
    end }
    own = t.bundle.recipe
    local block = {}
    t.run.on_note = function(text) block[#block + 1] = text end
    t:start()
    t:run_until("Held", { within = "1 min" })
    assert.equal("enough", t.run.reason)
    assert.truthy(block[#block]:find("^HELD    electrode%-coating %d+%.%d+%.%d+ /"), block[#block])
  end)
end)

describe("a text as long as a script likes", function()
  local long = ("x"):rep(70000)

  it("is the reason, cut, wherever it comes from", function()
    local ways = {
      function(r) r.loop("l", { every = "1 s", run = function() r.hold(long) end }) r.dwell "1 h" end,
      function(r) r.wait_until("w", function() r.hold(long) end, { within = "1 min" }) end,
      function(r) r.step("s", function() error(long, 0) end) end,
      function(r) r.step("s", { retries = 1 }, function() error(long, 0) end) end,
      function(r) r.wait_until("w", function() return false, long end, { within = "1 s" }) end,
    }
    for _, way in ipairs(ways) do
      local t = start(way)
      t:run_until("Held", { within = "1 min" })
      assert.equal(2, t:count("state", "Held") + t:count("state", "Holding"))
      assert.truthy(t.run.reason:find "^xxx" or t.run.reason:find "^timed out")
      assert.is_true(#(t.run.now_text or t.run.reason) < 1100)
    end
  end)

  it("is no loop's name", function()
    local t = start(function(r) r.loop(long, { every = "1 s", run = function() end }) end)
    t:run_until("Held", { within = "1 min" })
    assert.truthy(t.run.reason:find("E-BUDGET more than 1000 bytes", 1, true))
  end)

  it("cannot look like a line of ours in the block of a held run", function()
    local fake = "a\nHELD    fake\r  can   start"
    for _, way in ipairs {
      function(r) r.hold(fake) end, function(r) r.step("s", function() error(fake, 0) end) end,
      function(r) r.wait_until("w", function() return false, fake end, { within = "1 s" }) end,
    } do
      local t, block = small_run { execute = way }, nil
      t.run.on_note = function(text) block = text end
      t:start()
      t:run_until("Held", { within = "1 min" })
      assert.truthy(block:find("a\n        HELD    fake\n          can   start\n", 1, true), block)
    end
  end)
end)

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

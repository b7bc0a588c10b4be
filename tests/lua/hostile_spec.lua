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

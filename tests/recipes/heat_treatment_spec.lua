-- A recipe of another trade: two units at once, a question, a suspend condition,
-- ramp and soak, on a line that counts in Fahrenheit and psi.
local rig = require "linewright.rig"

describe("heat-treatment on hardening-shop", function()
  local t
  before_each(function()
    t = rig { recipe = "recipes/heat_treatment.lua", line = "lines/hardening_shop.lua",
      params = { soak_temp = "400 degC", soak_time = "20 min", ramp = 10 } }
    t:start()
    t:run_until(function(run) return #run.prompts == 1 end, { within = "1 min" })
  end)

  local function loaded() assert.is_true((t:answer "yes")) end

  it("waits for the operator, then ramps, soaks and cools both furnaces", function()
    t:advance "1 h"
    assert.is_near(20, t:value "left.setpoint", 0.5)
    loaded()
    t:advance "10 min"
    assert.is_near(120, t:value "left.setpoint", 3)
    assert.is_near(120, t:value "right.temp", 15)
    t:run_until("Complete", { within = "12 h" })
    assert.is_near(400, t.run.records.left_soak[1], 5)
    assert.is_near(400, t.run.records.right_soak[1], 5)
  end)

  it("is suspended while the gas is low: the ramp stands still and goes on by itself", function()
    loaded()
    t:advance "10 min"
    t:force("gas.p", 1.2)
    t:run_until("Suspended", { within = "5 s" })
    assert.equal("protective gas is low", t.run.reason)
    local sp = t:value "left.setpoint"
    t:advance "30 min"
    assert.equal(sp, t:value "left.setpoint")
    t:force("gas.p", 3)
    t:run_until("Execute", { within = "40 s" })
    t:advance "1 min"
    assert.is_near(sp + 10, t:value "left.setpoint", 1.5)
  end)

  it("goes on where each furnace was after a power loss, and proves the soak temperature first", function()
    loaded()
    t:run_until(function() return t:count("begin", "soak") == 2 end, { within = "4 h" })
    t:advance "10 min"
    t:crash()
    t:reboot { after = "1 h" }
    assert.equal("Held", t:state())
    assert.equal(2, #t.run.execute.keep)
    assert.is_true(t:command "unhold")
    t:advance "1 min"
    assert.equal("Unholding", t:state())
    t:run_until("Complete", { within = "24 h" })
    assert.same({ 2, 2 }, { t:count("begin", "heat"), t:count("end", "soak") })
  end)

  it("aborts both when one furnace is too hot", function()
    loaded()
    t:advance "10 min"
    t:force("right.temp", 1010)
    t:run_until("Aborted", { within = "10 s" })
    t:advance "2 s"
    assert.equal("right furnace too hot", t.run.reason)
    assert.is_near(20, t:value "left.setpoint", 0.5)
  end)

  it("refuses a ramp that a furnace cannot follow", function()
    local ok, e = pcall(rig, { recipe = "recipes/heat_treatment.lua", line = "lines/hardening_shop.lua",
      params = { ramp = 18 } })
    assert.is_false(ok)
    assert.truthy(e:find("ramp of 18 K/min is more than the furnace follows (15 K/min)", 1, true))
  end)
end)

-- What the rig says to a slip of the pen in a spec.
local small_run = require "tests.support.small_run"

local function refusal(what)
  local ok, message = pcall(what, small_run { execute = function(r) r.dwell "1 h" end })
  assert.is_false(ok)
  return tostring(message)
end

describe("the rig", function()
  for name, case in pairs {
    ["a state that is none"] =
      { function(t) t:run_until "Hold" end, "'Hold' is no state. Did you mean 'Held'?" },
    ["a verb that is none"] =
      { function(t) t:run_untl "Held" end, "rig has no 'run_untl'. Did you mean 'run_until'?" },
    ["a verb after the power was cut"] =
      { function(t) t:crash(); t:advance "1 s" end, "the power is cut since crash(); reboot() brings it back" },
    ["a kind of record that is none"] =
      { function(t) t:count("prompts") end, "Did you mean 'prompt'?" },
    ["a value of nothing"] =
      { function(t) t:value "oven.t11" end, "Did you mean 'oven.t1'?" },
    ["a signal that is none"] =
      { function(t) t:force("oven.t11", 1) end, "Did you mean 'oven.t1'?" },
  } do
    it("refuses " .. name .. ", with the place in the spec", function()
      local message = refusal(case[1])
      assert.truthy(message:find(case[2], 1, true), message)
      assert.truthy(message:find("rig_spec.lua:", 1, true), message)
    end)
  end

  it("knows every kind of record that the journal has", function()
    local file = assert(io.open "host/base/record.h")
    local kinds = file:read "*a":match "#define LW_RECORD_KINDS(.-)enum {"
    file:close()
    local listed = {}
    for kind in kinds:gmatch "X%((%w+), [01]%)" do listed[#listed + 1] = kind end
    assert.same(listed, require("linewright.words").RECORDS)
  end)

  it("counts all of a kind without a label, and reads signals of the twin", function()
    local t = small_run { execute = function(r)
      r.mark "one"
      r.mark "two"
      r.mark "two"
      r.dwell "1 h"
    end }
    t:start()
    t:advance "1 s"
    assert.equal(2, t:count("mark", "two"))
    assert.equal(3, t:count "mark")
    t:force("oven.t1", 40)
    t:advance "1 s"
    assert.near(40, t:value "oven.zones[1].temp", 0.2)
    assert.near(25, t:value "oven.sp1", 10)
  end)

  it("tells where a handler failed when the run is not held for it", function()
    local t = small_run {
      starting = function(r) r.wait_until(function() end) end, execute = function() end,
    }
    t:start()
    t:run_until("Stopped", { within = "1 min" })
    assert.truthy(t.run.reason:find("rig_spec.lua:", 1, true), t.run.reason)
  end)
end)

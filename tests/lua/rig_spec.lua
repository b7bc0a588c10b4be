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
    ["a signal that is none"] =
      { function(t) t:force("oven.t11", 1) end, "Did you mean 'oven.t1'?" },
  } do
    it("refuses " .. name .. ", with the place in the spec", function()
      local message = refusal(case[1])
      assert.truthy(message:find(case[2], 1, true), message)
      assert.truthy(message:find("rig_spec.lua:", 1, true), message)
    end)
  end

  it("tells where a handler failed when the run is not held for it", function()
    local t = small_run {
      starting = function(r) r.wait_until(function() end) end, execute = function() end,
    }
    t:start()
    t:run_until("Stopped", { within = "1 min" })
    assert.truthy(t.run.reason:find("rig_spec.lua:", 1, true), t.run.reason)
  end)
end)

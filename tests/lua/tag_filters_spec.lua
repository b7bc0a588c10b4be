-- Filters declared on a tag, as a profile's author writes them.

local loader = require "linewright.loader"

local function bundle(filter)
  local line = loader.load "examples/lines/pump_bench.lua"
  line.units.bench.pumps[1].flow.filter = filter
  return loader.bundle { recipe = "recipes/pump_watch.lua", line = line, sim = false }
end

local function finding(filter)
  local ok, e = pcall(bundle, filter)
  assert.is_false(ok)
  return tostring(e)
end

describe("a tag's filter", function()
  it("takes words, times and frequencies", function()
    assert.is_truthy(bundle { "lowpass", cutoff = "0.1 Hz", order = 3, design = "bessel" })
    assert.is_truthy(bundle { { "debounce", hold = "3 s" }, { "rate", up = "5 L/min/s" } })
    assert.is_truthy(bundle { { "deadband", band = "100 mL/min" }, { "integral" } })
  end)

  it("names a wrong word and offers the nearest", function()
    local text = finding { "lowpass", cutoff = "0.1 Hz", design = "besel" }
    assert.truthy(text:find("design = 'besel' is not one of butterworth", 1, true))
    assert.truthy(text:find("'bessel'?", 1, true))
    assert.truthy(finding({ "lopass", cutoff = "0.1 Hz" }):find("'lowpass'?", 1, true))
  end)
end)

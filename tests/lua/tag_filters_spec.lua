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

  it("is any kernel of the table", function()
    local filters = require "linewright.filters"
    local given = {
      lowpass = { cutoff = "0.1 Hz" }, highpass = { cutoff = "0.1 Hz" }, fir = { cutoff = "0.1 Hz" },
      bandpass = { low = "0.1 Hz", high = "0.2 Hz" }, bandstop = { low = "0.1 Hz", high = "0.2 Hz" },
      notch = { frequency = "0.1 Hz" }, equiripple = { cutoff = "0.1 Hz", stop = "0.2 Hz" },
      ewma = { tau = "5 s" }, rate = { up = "1 L/min/s" }, deadband = { band = "1 L/min" },
      hysteresis = { on = "5 L/min", off = "3 L/min" }, debounce = { hold = "1 s" }, despike = { step = "1 L/min" },
      stuck = { within = "9 s" }, fill = { samples = 3 }, kalman = { noise = "1 L/min", wander = 0.1 },
      page_hinkley = { delta = 1, limit = 9 }, adwin = { range = "8 L/min" }, derivative = {}, integral = {},
      alphabeta = {}, cusum = {}, ewma_chart = {}, shewhart = {}, ar = {},
    }
    for _, kind in ipairs { filters.kinds() } do
      local spec = { kind }
      for name, value in pairs(given[kind] or { window = 5 }) do spec[name] = value end
      assert.is_truthy(bundle(spec), kind)
    end
  end)

  it("names a wrong word and offers the nearest", function()
    local text = finding { "lowpass", cutoff = "0.1 Hz", design = "besel" }
    assert.truthy(text:find("design = 'besel' is not one of butterworth", 1, true))
    assert.truthy(text:find("'bessel'?", 1, true))
    assert.truthy(finding({ "lopass", cutoff = "0.1 Hz" }):find("'lowpass'?", 1, true))
  end)
end)

-- Writes docs/filters.md: every filter and detector of the table with its
-- parameters, and its step and frequency response drawn from the kernels.
--   linewright --role tool script tools/filter_guide.lua

local dsp = require "linewright.dsp"
local filters = require "linewright.filters"
local sys = require "linewright.sys"

local RATE, N, WIDTH = 100, 1024, 64
local unpack = table.unpack or unpack

-- Parameters that show each kind at work on a signal of 100 samples a second.
local SHOWN = {
  lowpass = { 5, 4 }, highpass = { 5, 2 }, bandpass = { 5, 15 }, bandstop = { 5, 15 },
  notch = { 10, 3 }, ewma = { 0.05 }, fir = { 5, 31 }, equiripple = { 5, 10 }, savgol = { 15, 3 },
  average = { 11 }, deviation = { 11 }, median = { 11 }, quantile = { 11, 0.9 }, hampel = { 7, 3 },
  rate = { 5 }, deadband = { 0.1 }, hysteresis = { 0.6, 0.4 }, debounce = { 0.05 },
  despike = { 0.5, 4 }, stuck = { 0.2 }, alphabeta = { 0.3, 0.05 }, integral = {}, fill = { 5 },
  minimum = { 15 }, maximum = { 15 }, mad = { 15, 1.4826 }, derivative = { 0.05 },
  kalman = { 0.5, 0.01 },
  adwin = { 2 },
}
local LINEAR = {
  lowpass = true, highpass = true, bandpass = true, bandstop = true, notch = true, ewma = true,
  fir = true, equiripple = true, savgol = true, average = true, alphabeta = true,
}
local UNITS = {
  count = "whole number", number = "number", Hz = "frequency", s = "time", dB = "dB",
  value = "difference in the tag's unit", level = "value in the tag's unit",
  rate = "tag's unit per second", choice = "one of the words",
}
local BARS = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" }

local function bar(x, low, high)
  if not x then return " " end
  local share = high > low and (x - low) / (high - low) or 0.5
  return BARS[math.max(1, math.min(8, 1 + math.floor(share * 7.999)))]
end

-- A tenth of a second of zeros, then ones.
local function step_plot(kind)
  local f, x = dsp.filter(kind, RATE, unpack(SHOWN[kind])), dsp.samples(WIDTH)
  for i = 11, WIDTH do x:set(i, 1) end
  local y, out = f:run(x), {}
  local low, high = math.min(0, y:min() or 0), math.max(1, y:max() or 1)
  for i = 1, WIDTH do out[i] = bar(y:get(i), low, high) end
  return ("`%s` %.2g to %.2g"):format(table.concat(out), low, high)
end

-- Gain from 0 to half the sample rate, -60 dB at the foot.
local function gain_plot(kind)
  local f, x = dsp.filter(kind, RATE, unpack(SHOWN[kind])), dsp.samples(2 * N):rate(RATE)
  x:set(N + 1, 1)
  local spectrum, out = dsp.spectrum(f:run(x):slice(N + 1, 2 * N):copy()), {}
  for i = 1, WIDTH do
    local gain = spectrum:get(1 + math.floor((i - 0.5) * (N / 2) / WIDTH)) * N / 2
    out[i] = bar(20 * math.log(math.max(gain, 1e-9)) / math.log(10), -60, 0)
  end
  return ("`%s` 0 to %g Hz"):format(table.concat(out), RATE / 2)
end

local function param_lines(kind, out)
  local i = 1
  local name, measure, low, high, default, help, words = filters.param(kind, i)
  if name then out[#out + 1] = "\n| parameter | is | range | default | |\n|---|---|---|---|---|" end
  while name do
    local range = high >= 1e299 and "any" or ("%g to %g"):format(low, high)
    if words then range = words:gsub(" ", ", ") end
    out[#out + 1] = ("| `%s` | %s | %s | %s | %s |"):format(name, UNITS[measure], range,
      default and ("%g"):format(default) or "must be given", help)
    i = i + 1
    name, measure, low, high, default, help, words = filters.param(kind, i)
  end
end

local out = {
  "# Filters and detectors",
  "",
  "Drawn by `tools/filter_guide.lua` from the kernels themselves; do not edit.",
  "",
  "Declare them on a tag,",
  "`filter = { { \"hampel\", window = 7, k = 3 }, { \"lowpass\", cutoff = \"2 Hz\" } }`,",
  "or make one in the REPL with `dsp.filter(kind, rate_hz, ...)`. A sample that is missing",
  "repeats the last output. The plots show a step after 0.1 s, and the gain; 100 samples a second.",
}

for _, kind in ipairs { filters.kinds() } do
  out[#out + 1] = ("\n## %s\n\n%s."):format(kind, (filters.help(kind):gsub("^%l", string.upper)))
  param_lines(kind, out)
  if SHOWN[kind] then
    local list = {}
    for i, v in ipairs(SHOWN[kind]) do list[i] = ("%s = %g"):format((filters.param(kind, i)), v) end
    local shown = #list > 0 and table.concat(list, ", ") or "its defaults"
    out[#out + 1] = ("\nShown with %s.\n"):format(shown)
    out[#out + 1] = "- step: " .. step_plot(kind)
    if LINEAR[kind] then out[#out + 1] = "- gain: " .. gain_plot(kind) end
  else
    out[#out + 1] = "\nA detector: gives a severity, 1 and more is an alarm."
  end
end

assert(sys.write_file("docs/filters.md", table.concat(out, "\n") .. "\n"))

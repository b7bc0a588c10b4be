-- Writes docs/filters.md and docs/filters/*.svg: every filter and detector of the table with its
-- parameters, its step and its frequency response, all drawn from the kernels.
--   linewright --role tool script tools/filter_guide.lua
-- With the word `files` it gives a table of path to text instead: a spec asks whether what lies in
-- docs/ is still true.

-- luacheck: ignore 631 (rows of a table)

local dsp = require "linewright.dsp"
local filters = require "linewright.filters"
local plot = require "linewright.plot"
local sys = require "linewright.sys"

local format = string.format
local unpack = table.unpack or unpack

local RATE, N = 100, 1024      -- samples a second; of a frequency's measurement
local STEP_N, STEP_AT = 128, 20
local SHIFT_N, SHIFT_AT = 300, 200
local SIZE = { width = 420, height = 130 }
local FLOOR_DB = -80

-- Parameters that show each kind at work on a signal of 100 samples a second.
local SHOWN = {
  lowpass = { 5, 4 }, highpass = { 5, 2 }, bandpass = { 5, 15 }, bandstop = { 5, 15 },
  notch = { 10, 3 }, ewma = { 0.05 }, fir = { 5, 31 }, equiripple = { 5, 10 }, savgol = { 15, 3 },
  average = { 11 }, deviation = { 11 }, median = { 11 }, quantile = { 11, 0.9 }, minimum = { 11 },
  maximum = { 11 }, mad = { 11 }, hampel = { 7, 3 }, rate = { 5 }, deadband = { 0.1 },
  hysteresis = { 0.6, 0.4 }, debounce = { 0.05 }, despike = { 0.5, 4 }, stuck = { 0.5 },
  alphabeta = { 0.3, 0.05 }, integral = {}, fill = { 5 }, derivative = { 0.05 },
  kalman = { 0.3, 0.02 },
  cusum = {}, ewma_chart = {}, page_hinkley = { 0.5, 20 }, shewhart = {}, zscore = { 30, 4 },
  ar = { 2, 4, 100 }, adwin = { 8 },
}
-- Their output is not the signal any more: a frequency has no gain there.
local NO_GAIN = { deviation = true, mad = true }
local UNITS = {
  count = "whole number", number = "number", Hz = "frequency", s = "time", dB = "dB",
  value = "difference in the tag's unit", level = "value in the tag's unit",
  rate = "tag's unit per second", choice = "one of the words",
}

local INTRO = [[
# Filters and detectors

Drawn by `tools/filter_guide.lua` from the kernels themselves; do not edit.

Each kernel is at hand in three ways:

- on a tag of a line profile, where the scan runs it in C:
  `filter = { { "hampel", window = 7, k = 3 }, { "lowpass", cutoff = "2 Hz" } }`;
- in a recipe as an object: `local f = filter.lowpass { cutoff = "2 Hz", every = "10 ms" }`, then
  `f:step(x)` for a reading or `f:run(samples)` for a block;
- on sample arrays in the REPL: `dsp.filter("lowpass", 100, 2):run(samples)`.

A missing sample repeats the last output. Before a filter has seen enough it gives nil. `f:save()`
is its state as text, which a recipe may keep in a loop's state; `f:load(text)` goes on from there.
`f:delay()` tells how late it is, `f:response(hz)` gain, phase and delay at a frequency. A detector
gives a severity, 1 and more is an alarm; `f:why()` tells why and at which sample it last fired.
Declared on a tag, a detector makes the tag read its severity. When an alarm begins, at most once a
second, the scan records it: it stands in the batch report, and `linewright why CHANNEL` tells the
reading and the severity. A recipe asks `eq.pump.flow:fired()` for why and how long ago.
]]

local BLOCKS = [[
## On blocks, and several signals at once

| for | word |
|---|---|
| arrays with time base, unit and quality; float64, float32, int16 | `dsp.samples`, `dsp.of`, `dsp.csv`, `s:to "i16"`, `s:quality(i)` |
| filters of one's own | `dsp.cascade(rate, sections)`, `dsp.fir(rate, taps)`, `dsp.taps`, `dsp.remez` |
| no delay: forward and backward | `dsp.zero_phase(s, "bandpass", 5, 15)`, sections or taps |
| many channels | `dsp.bank(channels, "lowpass", rate, 2)` |
| several readings, hidden states | `dsp.kalman`, `dsp.complementary` |
| several signals that belong together | `watch.together`, `dsp.monitor` (Hotelling, Mahalanobis) |
| one signal, told side | `watch.level { train = 400, side = "low" }` |
| the distribution of a signal | `watch.distribution { method = "ks" }` or `"psi"`; `dsp.ks`, `dsp.psi` |
| figures | `s:rms()`, `s:crest()`, `s:kurtosis()`, `s:peak_to_peak()`, `s:crossings()`, `s:mad()` |
| spectra | `dsp.spectrum`, `dsp.welch`, `dsp.tone`, `dsp.band_power`, `dsp.envelope`, `dsp.whiten` |
| motor currents | `dsp.clarke`, `dsp.park`, `dsp.dq`, `dsp.polar` |
| one grid of time, way or turns | `align.by_time`, `align.by_distance`, `align.roll_map`, `align.by_turn`, `align.orders`, `align.lag`, `dsp.regrid`, `dsp.decimate` |
| bearings | `vibration.bearing` |

## On real recordings

They lie beside the source tree, not in it. Settings were chosen on the parts that their notes name
for it, the figures are of the others.

- `linewright run recipes/pump_watch.lua --line examples/lines/skab_valve1.lua
  --formula examples/formulas/skab_valve1.lua --sim --speed max`: a pump bench with closing valves
  (SKAB, valve1/8 to 15, a subset of 8 of 34 files): F1 0.92, false alarms 10.2 %, missed 7.5 %
  (on valve1/0 to 7, which tuned it: 0.91, 7.4 %, 11.5 %). The leaderboard over all files: Conv-AE
  0.78, 13.6 %, 28.0 %; T2+Q 0.76, 26.6 %, 24.9 %; alarming always gives F1 0.70. The watch expects
  a fault to lower the flow, which the other files' faults need not do.
- `linewright run recipes/bearing_watch.lua --line examples/lines/cwru_bearings.lua --sim
  --speed max`: ten bearings (CWRU, second halves): 8 right, 0 wrong, 2 not told (B007, OR014).
]]

local function noise(n)
  local s, x = dsp.samples(n):rate(RATE), 1
  for i = 1, n do
    local sum = 0
    for _ = 1, 12 do
      x = (x * 16807) % 2147483647
      sum = sum + x / 2147483647
    end
    s:set(i, sum - 6)
  end
  return s
end

local function list_of(s)
  local out = {}
  for i = 1, #s do out[i] = s:get(i) or 0 / 0 end
  return out
end

local function times_of(n)
  local out = {}
  for i = 1, n do out[i] = (i - 1) / RATE end
  return out
end

local function picture(title, label, unit, series)
  return plot.svg({ title = title, x = { label = label, unit = unit }, series = series }, SIZE)
end

local function step_of(kind)
  local x = dsp.samples(STEP_N):rate(RATE)
  for i = STEP_AT + 1, STEP_N do x:set(i, 1) end
  local y, t = dsp.filter(kind, RATE, unpack(SHOWN[kind])):run(x), times_of(STEP_N)
  return picture(kind .. ": step", "time", "s", {
    { name = "in", x = t, y = list_of(x), panel = "step", is_held = true },
    { name = "out", x = t, y = list_of(y), panel = "step" },
  })
end

-- A shift by three standard deviations, and what the detector makes of it.
local function shift_of(kind)
  local x = noise(SHIFT_N)
  for i = SHIFT_AT + 1, SHIFT_N do x:set(i, x:get(i) + 3) end
  local f = dsp.filter(kind, RATE, unpack(SHOWN[kind]))
  local y, t = f:run(x), times_of(SHIFT_N)
  local why, at = f:why()
  local svg = picture(kind .. ": a shift by 3 sigma", "time", "s", {
    { name = "signal", x = t, y = list_of(x) }, { name = "severity", x = t, y = list_of(y) },
  })
  return svg, why, at
end

local sines

-- Sines of amplitude 1, each a whole number of periods in N samples, twice as long.
local function make_sines()
  local out = {}
  for k = 8, N / 2 - 8, 8 do
    local s = dsp.samples(2 * N):rate(RATE)
    for i = 1, 2 * N do s:set(i, math.sin(2 * math.pi * k * (i - 1) / N)) end
    out[#out + 1] = { hz = k * RATE / N, s = s }
  end
  return out
end

-- How strongly a sine of amplitude 1 comes out as itself, once the filter has settled.
local function gain_of(kind)
  sines = sines or make_sines()
  local hz, db = {}, {}
  for i, sine in ipairs(sines) do
    local y = dsp.filter(kind, RATE, unpack(SHOWN[kind])):run(sine.s):slice(N + 1, 2 * N)
    local gain = y:count() == N and dsp.tone(y, sine.hz) or 0
    hz[i], db[i] = sine.hz, math.max(FLOOR_DB, 20 * math.log(math.max(gain, 1e-9)) / math.log(10))
  end
  return picture(kind .. ": gain of a sine of amplitude 1", "frequency", "Hz", {
    { name = "gain", unit = "dB", x = hz, y = db },
  })
end

local function param_lines(kind, out)
  local i = 1
  local name, measure, low, high, default, help, words = filters.param(kind, i)
  if name then out[#out + 1] = "\n| parameter | is | range | default | |\n|---|---|---|---|---|" end
  while name do
    local range = high >= 1e299 and "any" or format("%g to %g", low, high)
    if words then
      range = words:gsub(" ", ", ")
      default = default and words:match "%S+"
    else
      default = default and format("%g", default)
    end
    out[#out + 1] = format("| `%s` | %s | %s | %s | %s |", name, UNITS[measure], range,
      default or "must be given", help)
    i = i + 1
    name, measure, low, high, default, help, words = filters.param(kind, i)
  end
end

local function shown_text(kind)
  local out = {}
  for i, v in ipairs(SHOWN[kind]) do out[i] = format("%s = %g", (filters.param(kind, i)), v) end
  return #out > 0 and table.concat(out, ", ") or "its defaults"
end

local function add_image(files, out, kind, what, svg)
  files[format("docs/filters/%s-%s.svg", kind, what)] = svg .. (svg:sub(-1) == "\n" and "" or "\n")
  out[#out + 1] = format("![%s of %s](filters/%s-%s.svg)", what, kind, kind, what)
end

local function add_kind(files, out, kind)
  out[#out + 1] = format("\n## %s\n\n%s.", kind, (filters.help(kind):gsub("^%l", string.upper)))
  param_lines(kind, out)
  out[#out + 1] = format("\nShown with %s, %d samples a second.\n", shown_text(kind), RATE)
  local svg, why, at = shift_of(kind)
  if why then
    add_image(files, out, kind, "shift", svg)
    out[#out + 1] = format("\n`f:why()` last told: %s, at sample %d.", why, at)
    return
  end
  add_image(files, out, kind, "step", step_of(kind))
  if not NO_GAIN[kind] then add_image(files, out, kind, "gain", gain_of(kind)) end
end

local function make()
  local files, out = {}, { INTRO .. BLOCKS }
  for _, kind in ipairs { filters.kinds() } do
    assert(SHOWN[kind], kind .. " is not shown")
    add_kind(files, out, kind)
  end
  files["docs/filters.md"] = table.concat(out, "\n") .. "\n"
  return files
end

local word = ...
if word == "files" then return make() end
sys.mkdir "docs/filters"
for path, text in pairs(make()) do assert(sys.write_file(path, text)) end
return 0

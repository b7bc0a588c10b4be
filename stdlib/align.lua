--- Bringing signals onto one grid: of time, of travelled distance, of turns of a shaft.
---
---   local mass, thickness = align.by_time(mass, thickness, 10)
---   local map = align.roll_map { speed = speed, step = 0.01, signals = {
---     { samples = mass, at = 4 }, { samples = thickness, at = 9.5 } } }
---   local orders = align.orders(acceleration, shaft, 64)
---
--- Signals are sample arrays with a rate; a speed is sampled as they are.

local dsp = require "linewright.dsp"

local tostring = require("linewright.safe").plain

local align = {}

local function fail(...) error(string.format(...), 3) end

local function rate_of(word, s)
  local rate_hz, t0_s = s:rate()
  if rate_hz == 0 then fail("%s: a signal without a rate; set one by rate(hz, t0)", word) end
  return rate_hz, t0_s
end

-- Times of all samples [s].
local function times(s)
  local rate_hz, t0_s = s:rate()
  return dsp.ramp(#s, t0_s, 1 / rate_hz)
end

local function above(word, what, x)
  if type(x) ~= "number" or not (x > 0) then
    fail("%s: %s must be above 0, not %s", word, what, tostring(x))
  end
  return x
end

--- Two signals on one grid of time, where both have readings.
---@param a linewright.Samples with a rate
---@param b linewright.Samples with a rate
---@param rate_hz number of the grid
---@return linewright.Samples a, linewright.Samples b
function align.by_time(a, b, rate_hz)
  above("align.by_time", "rate_hz", rate_hz)
  local rate_a, from_a = rate_of("align.by_time", a)
  local rate_b, from_b = rate_of("align.by_time", b)
  local from = math.max(from_a, from_b)
  local to = math.min(from_a + (#a - 1) / rate_a, from_b + (#b - 1) / rate_b)
  if to < from then fail "align.by_time: the signals have no time in common" end
  local n = math.floor((to - from) * rate_hz + 1e-9) + 1
  local function on_grid(s, rate)
    return dsp.regrid(times(s), s, from, 1 / rate_hz, 1.5 / rate, n)
  end
  return on_grid(a, rate_a), on_grid(b, rate_b)
end

-- Readings at places that rise, on a grid from `from` with n places.
local function by_place(word, s, places, from, step, n)
  if #s ~= #places then fail("%s: %d readings, but %d of the speed", word, #s, #places) end
  local gap = math.max(1.5 * step, (places:max() - places:min()) / 2)
  return dsp.regrid(places, s, from, step, gap, n)
end

--- A signal per step of the way that its speed makes.
---@param s linewright.Samples
---@param speed linewright.Samples per second, as many, never negative
---@param step number > 0, in the unit of the way
---@return linewright.Samples its rate is samples per unit of the way
function align.by_distance(s, speed, step)
  above("align.by_distance", "step", step)
  rate_of("align.by_distance", speed)
  local places = dsp.travel(speed)
  local n = math.floor(places:max() / step + 1e-9) + 1
  return by_place("align.by_distance", s, places, 0, step, n)
end

--- What gauges along a web saw of the same piece of web: reading i of every result is of the same
--- place on the roll. A gauge at `at` sees it later than one further up.
---@param opts table speed: samples [way/s]; step: of the map; signals: list of { samples, at }
---@return linewright.Samples[] in the order of signals
function align.roll_map(opts)
  above("align.roll_map", "step", opts.step)
  rate_of("align.roll_map", opts.speed)
  local travelled, out, first, last = dsp.travel(opts.speed), {}, math.huge, -math.huge
  for _, signal in ipairs(opts.signals) do
    first, last = math.min(first, signal.at), math.max(last, signal.at)
  end
  -- The piece that stood at `first` when the recording began is place 0; what the last gauge saw
  -- of it came later, and the last pieces never reached it.
  local n = math.floor((travelled:max() - (last - first)) / opts.step + 1e-9) + 1
  if n < 1 then fail "align.roll_map: the web did not travel from the first gauge to the last" end
  for i, signal in ipairs(opts.signals) do
    out[i] = by_place("align.roll_map", signal.samples, travelled - (signal.at - first), 0,
      opts.step, n)
  end
  return out
end

--- A signal per part of a turn: what swings with the shaft stays in its place however fast the
--- shaft turns.
---@param s linewright.Samples
---@param shaft linewright.Samples turns per second, as many
---@param per_turn number > 0, samples of a turn
---@return linewright.Samples its rate is per_turn
function align.by_turn(s, shaft, per_turn)
  above("align.by_turn", "per_turn", per_turn)
  return align.by_distance(s, shaft, 1 / per_turn)
end

--- Amplitudes by orders of the shaft: order k lies at bin 1 + k * spectrum:rate().
---@param s linewright.Samples
---@param shaft linewright.Samples turns per second, as many
---@param per_turn number samples of a turn, more than twice the highest order
---@return linewright.Samples
function align.orders(s, shaft, per_turn)
  local turns = align.by_turn(s, shaft, per_turn)
  local n = 2 ^ math.floor(math.log(#turns) / math.log(2) + 1e-9)
  local part = turns:slice(1, n)
  return dsp.spectrum((part - part:mean()) * dsp.window("hann", n) * 2)
end

--- How late b is after a, to a fraction of a sample.
---@param a linewright.Samples with a rate
---@param b linewright.Samples as many
---@param most_s number largest lag looked for [s]
---@return number? seconds nil when one is constant
---@return number? correlation
function align.lag(a, b, most_s)
  local rate_hz = rate_of("align.lag", a)
  local lag, correlation = dsp.lag(a, b, math.floor(above("align.lag", "most_s", most_s) * rate_hz))
  return lag and lag / rate_hz, correlation
end

return align

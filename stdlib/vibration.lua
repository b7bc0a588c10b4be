--- Vibration of machines: which part of a rolling bearing rings?
---
---   local bearing = vibration.bearing { rate = 12000,
---     orders = { outer = 3.585, inner = 5.415, ball = { 4.714, 2.357, 0.398 } } }
---   local verdict = bearing(acceleration, shaft_hz)    -- nil until a judgement is due
---
--- A damaged spot knocks each time a ball rolls over it and makes the housing ring at some kHz; the
--- envelope of that ringing repeats at the spot's own frequency, a fixed multiple of the shaft's. A
--- damaged ball knocks on both races, spins and rides round with the cage, so that any of these
--- frequencies may show. Blocks are whitened first, which needs no choice of a band.
--- Sources: R. B. Randall, J. Antoni, Mech. Syst. Signal Process. 25 (2011) 485; P. Borghesani et
--- al., Mech. Syst. Signal Process. 36 (2013) 370; W. A. Smith, R. B. Randall, Mech. Syst. Signal
--- Process. 64-65 (2015) 100.

local dsp = require "linewright.dsp"
local safe = require "linewright.safe"
local sorted = require "linewright.sorted"

local tostring = safe.plain

local floor, format, max, min = math.floor, string.format, math.max, math.min

local vibration = {}

-- How far lines may lie from their places, for balls slip, and the steps between trials; all
-- harmonics of one part slip alike.
local SLIP, SLIP_STEPS = 0.012, 24
-- Bins to either side of a line whose median is the floor.
local AROUND = 60
-- Bins within which a line may be the shaft's own.
local SHAFT = 2.5

local OPTIONS = { rate = true, low = true, high = true, orders = true, block = true,
  average = true, harmonics = true, least = true }

local function number(opts, key, default, low, high)
  local v = opts[key]
  if v == nil then v = default end
  if type(v) ~= "number" or not (v >= low and v <= high) then
    error(format("vibration.bearing: %s must be a number in %g..%g, not %s", key, low, high,
      tostring(opts[key])), 3)
  end
  return v
end

-- All frequencies as a list of { name, order }, in the order of names.
local function check_orders(orders)
  if type(orders) ~= "table" or next(orders) == nil then
    error("vibration.bearing: orders must name at least one defect frequency, in shaft turns", 3)
  end
  local out = {}
  for name, given in pairs(orders) do
    for _, order in ipairs(type(given) == "table" and given or { given }) do
      if type(order) ~= "number" or not (order > 0) then
        error(format("vibration.bearing: orders.%s must be above 0", tostring(name)), 3)
      end
      out[#out + 1] = { name = name, order = order }
    end
  end
  sorted.by(out, "name", "order")
  return out
end

-- Height over the floor around it of the line at bin `at`, from 0.
local function height(spectrum, at)
  local n = #spectrum
  if at < 1 or at + 2 > n then return 0 end
  local base = spectrum:slice(max(2, at + 1 - AROUND), min(n, at + 1 + AROUND)):median()
  return base > 0 and spectrum:slice(at, at + 2):max() / base or 0
end

-- Mean height of a part's harmonics, at the slip where they stand highest.
local function strength_of(spectrum, order, shaft_hz, harmonics)
  local bins, best = spectrum:rate() * shaft_hz, 0
  for trial = -SLIP_STEPS, SLIP_STEPS do
    local sum = 0
    for k = 1, harmonics do
      local turns = k * order * (1 + SLIP * trial / SLIP_STEPS)
      if math.abs(turns - floor(turns + 0.5)) * bins >= SHAFT then
        sum = sum + height(spectrum, floor(turns * bins + 0.5))
      end
    end
    best = max(best, sum / harmonics)
  end
  return best
end

local Bearing = {}
Bearing.__index = Bearing
Bearing.__metatable = "vibration.bearing"

-- Add the power of block i, from 0: lines of the squared envelope of what is left whitened.
local function add_block(self, i)
  local from = 1 + i * self.block / 4
  local part = self.samples:slice(from, from + self.block - 1)
  local envelope = dsp.envelope(dsp.whiten(part), self.low, self.high) ^ 2
  local lines = dsp.spectrum((envelope - envelope:mean()) * self.window) ^ 2
  self.power = self.power and self.power + lines or lines
end

-- Look for one line of one part.
local function look(self, entry, shaft_hz)
  local strengths = self.verdict.strengths
  local strength = strength_of(self.lines, entry.order, shaft_hz, self.harmonics)
  strengths[entry.name] = max(strengths[entry.name] or 0, strength)
end

local function finish(self)
  local verdict = self.verdict
  for _, entry in ipairs(self.orders) do
    local strength = verdict.strengths[entry.name]
    if strength > verdict.strength then
      verdict.strength, verdict.nearest = strength, entry.name
    end
  end
  if verdict.strength >= self.least then verdict.fault = verdict.nearest end
  self.at, self.work, self.power = 0, 0, nil
  return verdict
end

-- One piece of the work of a judgement, so that no tick has all of it.
local function work(self, shaft_hz)
  self.work = self.work + 1
  local lines = self.work - self.average
  if lines <= 0 then
    add_block(self, self.work - 1)
  elseif lines <= #self.orders then
    if lines == 1 then
      self.lines = (self.power / self.average):sqrt()
      self.verdict = { fault = "none", strength = 0, strengths = {} }
    end
    look(self, self.orders[lines], shaft_hz)
  else
    return finish(self)
  end
end

--- Spectrum of the last judgement: of the squared envelope, whitened, averaged over blocks that
--- overlap by three quarters; nil before the first.
---@return linewright.Samples|nil
function Bearing:spectrum() return self.lines end

--- Take one sample. When there are enough, the next calls, `average` and one for each frequency,
--- judge instead of listening.
---@param x number|nil acceleration; a missing one counts as no movement
---@param shaft_hz number turns a second
---@return table|nil verdict when it is found: fault ("none" below `least`), nearest, strength,
---  strengths by name: mean height of the harmonics over the floor of the spectrum
function Bearing:__call(x, shaft_hz)
  if self.at == #self.samples then return work(self, shaft_hz) end
  self.at = self.at + 1
  self.samples:set(self.at, x or 0)
end

--- Watch a rolling bearing.
---@param opts table rate: samples a second; orders: by name of a part its frequency, or a list of
---  them, in turns of the shaft; low, high: band that rings [Hz] (default all); block: samples of
---  a spectrum, a power of two (default 32768); average: blocks of a judgement (default 4);
---  harmonics (default 3); least: strength of a fault (default 2)
---@return table callable with each sample and the shaft's turns a second
function vibration.bearing(opts)
  if not safe.is_plain(opts) then error("vibration.bearing takes a plain table of options", 2) end
  for key in pairs(opts) do
    if not OPTIONS[key] then
      error(format("vibration.bearing: unknown option '%s'", tostring(key)), 2)
    end
  end
  local rate = number(opts, "rate", nil, 1, 1e7)
  local block = number(opts, "block", 32768, 256, 2 ^ 20)
  local average = floor(number(opts, "average", 4, 1, 100))
  local low = number(opts, "low", 0, 0, rate / 2)
  if math.log(block) / math.log(2) % 1 > 1e-9 then
    error("vibration.bearing: block must be a power of two", 2)
  end
  return setmetatable({
    low = low, high = number(opts, "high", rate / 2, low, rate / 2),
    orders = check_orders(opts.orders), block = block, average = average,
    harmonics = number(opts, "harmonics", 3, 1, 20),
    least = number(opts, "least", 2, 1, 1e6), at = 0, work = 0, window = dsp.window("hann", block),
    samples = dsp.samples(block + (average - 1) * block / 4):rate(rate),
  }, Bearing)
end

return vibration

--- Vibration of machines: which part of a rolling bearing rings?
---
---   local bearing = vibration.bearing { rate = 12000, low = 2000, high = 5500,
---     orders = { outer = 3.585, inner = 5.415, ball = 4.714 } }
---   local verdict = bearing(acceleration, shaft_hz)    -- nil until a block is full
---
--- A damaged spot knocks each time a ball rolls over it and makes the housing ring at some kHz; the
--- envelope of that ringing repeats at the spot's own frequency, a fixed multiple of the shaft's.
--- Source: R. B. Randall, J. Antoni, Mech. Syst. Signal Process. 25 (2011) 485.

local dsp = require "linewright.dsp"

local format = string.format

local vibration = {}

-- How far a line may lie from its place: balls slip.
local SLIP = 0.02
-- Bins to either side of it whose median is the floor.
local AROUND = 60

local OPTIONS = { rate = true, low = true, high = true, orders = true, block = true,
  harmonics = true, least = true }

local function number(opts, key, default, low, high)
  local v = opts[key]
  if v == nil then v = default end
  if type(v) ~= "number" or not (v >= low and v <= high) then
    error(format("vibration.bearing: %s must be a number in %g..%g, not %s", key, low, high,
      tostring(opts[key])), 3)
  end
  return v
end

local function check_orders(orders)
  if type(orders) ~= "table" or next(orders) == nil then
    error("vibration.bearing: orders must name at least one defect frequency, in shaft turns", 3)
  end
  for name, order in pairs(orders) do
    if type(order) ~= "number" or not (order > 0) then
      error(format("vibration.bearing: orders.%s must be above 0", tostring(name)), 3)
    end
  end
  return orders
end

-- Height of the highest line near hz over the floor around it.
local function line_at(spectrum, hz)
  local per_hz = spectrum:rate()
  local n = #spectrum
  local first = math.max(2, math.floor(hz * (1 - SLIP) * per_hz) + 1)
  local last = math.min(n, math.ceil(hz * (1 + SLIP) * per_hz) + 1)
  if last < first then return 0 end
  local floor = spectrum:slice(math.max(2, first - AROUND), math.min(n, last + AROUND)):median()
  return floor > 0 and spectrum:slice(first, last):max() / floor or 0
end

local Bearing = {}
Bearing.__index = Bearing
Bearing.__metatable = "vibration.bearing"

--- Spectrum of the envelope of the newest full block.
---@return linewright.Samples
function Bearing:spectrum()
  local envelope = dsp.envelope(self.samples, self.low, self.high)
  return dsp.spectrum((envelope - envelope:mean()) * self.window)
end

local function judge(self, shaft_hz)
  local spectrum = self:spectrum()
  local verdict = { fault = "none", strength = 0, strengths = {} }
  for name, order in pairs(self.orders) do
    local sum = 0
    for k = 1, self.harmonics do sum = sum + line_at(spectrum, k * order * shaft_hz) end
    local strength = sum / self.harmonics
    verdict.strengths[name] = strength
    if strength > verdict.strength then
      verdict.strength, verdict.nearest = strength, name
    end
  end
  if verdict.strength >= self.least then verdict.fault = verdict.nearest end
  return verdict
end

--- Take one sample.
---@param x number|nil acceleration; a missing one counts as no movement
---@param shaft_hz number turns a second
---@return table|nil verdict when a block is full: fault ("none" below `least`), nearest, strength,
---  strengths by name: mean height of the harmonics over the floor of the envelope's spectrum
function Bearing:__call(x, shaft_hz)
  self.at = self.at + 1
  self.samples:set(self.at, x or 0)
  if self.at < self.block then return nil end
  self.at = 0
  return judge(self, shaft_hz)
end

--- Watch a rolling bearing.
---@param opts table rate: samples a second; low, high: band that rings [Hz]; orders: defect
---  frequencies by name, in turns of the shaft; block: samples of a judgement, a power of two
---  (default 32768); harmonics (default 3); least: strength of a fault (default 10)
---@return table callable with each sample and the shaft's turns a second
function vibration.bearing(opts)
  if type(opts) ~= "table" then error("vibration.bearing takes a table of options", 2) end
  for key in pairs(opts) do
    if not OPTIONS[key] then
      error(format("vibration.bearing: unknown option '%s'", tostring(key)), 2)
    end
  end
  local rate = number(opts, "rate", nil, 1, 1e7)
  local block = number(opts, "block", 32768, 256, 2 ^ 20)
  local low = number(opts, "low", nil, 0, rate / 2)
  if math.log(block) / math.log(2) % 1 > 1e-9 then
    error("vibration.bearing: block must be a power of two", 2)
  end
  return setmetatable({
    low = low, high = number(opts, "high", nil, low, rate / 2), orders = check_orders(opts.orders),
    block = block, harmonics = number(opts, "harmonics", 3, 1, 20),
    least = number(opts, "least", 10, 1, 1e6), at = 0,
    samples = dsp.samples(block):rate(rate), window = dsp.window("hann", block),
  }, Bearing)
end

return vibration

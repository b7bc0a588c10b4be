--- Signal filters for recipes: `local f = filter.ewma { tau = "6 s" }`, then
--- `f(x, dt)` in a loop, or `f:step(x, dt)`, gives the filtered value, or nil while
--- there is too little to say one; nil in gives nil out and does not touch the
--- filter. `f:run(samples)` filters a block.
---
--- The same kernels in C that a line profile declares on a tag, every one by its
--- name there: `filter.kalman { noise = 0.2, wander = 0.01 }`, and with the time
--- between readings where it goes by time: `filter.bandpass { low = "1 Hz", high =
--- "5 Hz", every = "10 ms" }`. A filter lives as long as the script's own variable:
--- keep `f:save()` in a loop's state and `f:load(text)` it to go on after a restart.

local dsp = require "linewright.dsp"
local filters = require "linewright.filters"
local safe = require "linewright.safe"
local units = require "linewright.units"

local tostring = safe.plain

local format = string.format
local unpack = table.unpack or unpack -- luacheck: ignore 113 143

local filter = {}

-- Options of a filter, each checked and named in messages; level 3 = the recipe.
local function option(name, opts, key, default, least)
  local v = opts[key]
  if v == nil then v = default end
  if type(v) ~= "number" or not (v >= least and v < math.huge) then
    error(format("filter.%s: %s must be a number >= %s, not %s", name, key, units.number(least),
      tostring(opts[key])), 3)
  end
  return v
end

local function seconds(name, opts, key)
  local ns, message = units.duration(opts[key] or "?")
  if not ns or ns == 0 then
    local why = opts[key] and ": " .. tostring(message) or ""
    error(format('filter.%s: %s must be a time such as "6 s"%s', name, key, why), 3)
  end
  return ns / 1e9
end

local function known(name, opts, ...)
  if not safe.is_plain(opts) then
    error(format("filter.%s takes a plain table of options", name), 3)
  end
  local words = {}
  for _, word in ipairs { ... } do words[word] = true end
  for key in pairs(opts) do
    if not words[key] then
      error(format("filter.%s: unknown option '%s' (known: %s)", name, tostring(key),
        table.concat({ ... }, ", ")), 3)
    end
  end
end

-- For filters that go by samples the rate says nothing: one a second.
local function by_samples(kind, ...) return dsp.filter(kind, 1, ...) end

-- For filters that go by the clock a call without dt stands at the same instant.
local Clocked = {}
Clocked.__index = Clocked
Clocked.__metatable = "filter"
function Clocked:step(x, dt) return self.filter:step(x, dt or 0) end
Clocked.__call = Clocked.step
function Clocked:save() return self.filter:save() end
function Clocked:load(text)
  local ok, message, code = self.filter:load(text)
  if not ok then return nil, message, code end
  return self
end
function Clocked:reset()
  self.filter:reset()
  return self
end
function Clocked:primed() return self.filter:primed() end
function Clocked:kind() return self.filter:kind() end
-- How late it is in samples depends on the time between them.
function Clocked:delay() return nil, self.delay_s end

-- The samples tell the time between them; the state does not depend on it.
function Clocked:run(samples, out)
  local rate = samples:rate()
  if rate == 0 then
    error(format("filter.%s: samples without a rate; set one by rate(hz)", self:kind()), 2)
  end
  local f = assert(dsp.filter(self:kind(), rate, self.parameter):load(self.filter:save()))
  local y = f:run(samples, out)
  self.filter:load(f:save())
  return y
end

local function by_clock(kind, parameter, delay_s)
  return setmetatable({ filter = dsp.filter(kind, 1, parameter), parameter = parameter,
    delay_s = delay_s }, Clocked)
end

-- ------------------------------------------------------ by kernels names ---

-- These go by time though no parameter says so.
local BY_TIME = { integral = true, derivative = true, alphabeta = true }

-- A word as the kernel counts it.
local function place_of(words, given)
  local place = 0
  for word in words:gmatch "%S+" do
    if word == given then return place end
    place = place + 1
  end
end

local READ = {
  Hz = function(given) return units.value(given, "Hz") end,
  s = function(given)
    local ns, message = units.duration(given)
    return ns and ns / 1e9, message
  end,
}

-- One parameter as the kernel takes it, nil for its default.
local function value_of(kind, name, measure, words, given)
  if given == nil then return nil end
  local value, message
  if measure == "choice" then
    value, message = place_of(words, given), "one of " .. words
  elseif READ[measure] then
    value, message = READ[measure](given)
  else
    value, message = type(given) == "number" and given or nil, "a number expected"
  end
  if not value then error(format("filter.%s: %s: %s", kind, name, tostring(message)), 4) end
  return value
end

local function read(kind, opts)
  local names, list, i = { "every" }, {}, 1
  local is_timed = BY_TIME[kind] or false
  local name, measure, _, _, _, _, words = filters.param(kind, i)
  while name do
    names[i + 1] = name
    list[i] = value_of(kind, name, measure, words, opts[name])
    is_timed = is_timed or measure == "Hz" or measure == "s" or measure == "rate"
    i = i + 1
    name, measure, _, _, _, _, words = filters.param(kind, i)
  end
  known(kind, opts, unpack(names))
  return list, i - 1, is_timed
end

-- The kernel `kind` by its own parameters; `every` is the time between readings.
local function any(kind)
  return function(opts)
    if not safe.is_plain(opts) then
      error(format("filter.%s takes a plain table of options", kind), 2)
    end
    local list, n, is_timed = read(kind, opts)
    local every = is_timed and seconds(kind, opts, "every") or 1
    local ok, f = pcall(dsp.filter, kind, 1 / every, unpack(list, 1, n))
    if not ok then error(tostring(f):match "filter '.*" or f, 2) end
    return f
  end
end

-- ----------------------------------------------------------- by own names ---

--- First-order lag: y moves towards x with the time constant `tau`.
--- Source: zero-order hold, g = 1 - exp(-dt/tau).
---@param opts table tau: time, e.g. "6 s"; every: time between readings, if it is always the same
---@return function(x: number|nil, dt: number): number|nil
function filter.ewma(opts)
  known("ewma", opts, "tau", "every")
  if opts.every then return any "ewma"(opts) end
  local tau_s = seconds("ewma", opts, "tau")
  return by_clock("ewma", tau_s, tau_s)
end

local function window(name, opts, default, least)
  return math.floor(option(name, opts, "window", default, least))
end

--- Median of the last `window` values.
---@param opts table window: count, default 5
---@return function(x: number|nil): number|nil
function filter.median(opts)
  known("median", opts, "window")
  return by_samples("median", window("median", opts, 5, 1))
end

--- Outliers out: a value further than k robust standard deviations from the
--- median of the last `window` values is replaced by that median.
--- Source: F. R. Hampel, J. Am. Stat. Assoc. 69 (1974) 383.
---@param opts table window: count (default 7), k (default 3)
---@return function(x: number|nil): number|nil
function filter.hampel(opts)
  known("hampel", opts, "window", "k")
  return by_samples("hampel", window("hampel", opts, 7, 3), option("hampel", opts, "k", 3, 0))
end

--- Mean of the last `window` values.
---@param opts table window: count, default 5
---@return function(x: number|nil): number|nil
function filter.mean(opts)
  known("mean", opts, "window")
  return by_samples("average", window("mean", opts, 5, 1))
end

--- At most `rate` per second up or down.
---@param opts table rate: in the signal's unit per second, above 0; every: as for ewma
---@return function(x: number|nil, dt: number): number|nil
function filter.rate(opts)
  known("rate", opts, "rate", "every")
  if opts.every then return any "rate" { up = opts.rate, every = opts.every } end
  return by_clock("rate", option("rate", opts, "rate", nil, 1e-12), 0)
end

--- Butterworth low-pass for readings at a fixed interval.
---@param opts table cutoff: "0.1 Hz"; every: time between readings; order (default 2)
---@return function(x: number|nil): number|nil
function filter.lowpass(opts)
  known("lowpass", opts, "cutoff", "every", "order")
  local cutoff, message = units.value(opts.cutoff or "?", "Hz")
  if not cutoff then error("filter.lowpass: cutoff: " .. tostring(message), 2) end
  local rate = 1 / seconds("lowpass", opts, "every")
  local ok, f = pcall(dsp.filter, "lowpass", rate, cutoff, option("lowpass", opts, "order", 2, 1))
  if not ok then error(tostring(f):match "filter 'lowpass'.*" or f, 2) end
  return f
end

--- Holds its value until the signal leaves it by more than `band`.
---@param opts table band: in the signal's unit
---@return function(x: number|nil): number|nil
function filter.deadband(opts)
  known("deadband", opts, "band")
  return by_samples("deadband", option("deadband", opts, "band", nil, 0))
end

--- 1 from `on` until `off`, then 0; with on < off upside down.
---@param opts table on, off: in the signal's unit
---@return function(x: number|nil): number|nil
function filter.hysteresis(opts)
  known("hysteresis", opts, "on", "off")
  local on = option("hysteresis", opts, "on", nil, -math.huge)
  local off = option("hysteresis", opts, "off", nil, -math.huge)
  if on == off then error("filter.hysteresis: on and off must differ", 2) end
  return by_samples("hysteresis", on, off)
end

for _, kind in ipairs { filters.kinds() } do filter[kind] = filter[kind] or any(kind) end

return filter

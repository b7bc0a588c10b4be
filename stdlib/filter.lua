--- Signal filters for recipes: `local f = filter.ewma { tau = "6 s" }`, then
--- `f(x, dt)` in a loop gives the filtered value, or nil while there is too little
--- to say one; nil in gives nil out and does not touch the filter.
---
--- The same kernels in C that a line profile declares on a tag. A filter lives as
--- long as the script's own variable: after a restart it is empty again.

local dsp = require "linewright.dsp"
local units = require "linewright.units"

local format = string.format

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
  if type(opts) ~= "table" then error(format("filter.%s takes a table of options", name), 3) end
  local words = {}
  for _, word in ipairs { ... } do words[word] = true end
  for key in pairs(opts) do
    if not words[key] then
      error(format("filter.%s: unknown option '%s' (known: %s)", name, tostring(key),
        table.concat({ ... }, ", ")), 3)
    end
  end
end

-- The filter as a plain function, which recipes can keep but not look into.
local function callable(f)
  return function(x, dt) return f:step(x, dt) end
end

-- For filters that go by samples the rate says nothing: one a second.
local function by_samples(kind, ...) return callable(dsp.filter(kind, 1, ...)) end

-- For filters that go by the clock a call without dt stands at the same instant.
local function by_clock(kind, ...)
  local f = dsp.filter(kind, 1, ...)
  return function(x, dt) return f:step(x, dt or 0) end
end

--- First-order lag: y moves towards x with the time constant `tau`.
--- Source: zero-order hold, g = 1 - exp(-dt/tau).
---@param opts table tau: time, e.g. "6 s"
---@return function(x: number|nil, dt: number): number|nil
function filter.ewma(opts)
  known("ewma", opts, "tau")
  return by_clock("ewma", seconds("ewma", opts, "tau"))
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
---@param opts table rate: in the signal's unit per second, above 0
---@return function(x: number|nil, dt: number): number|nil
function filter.rate(opts)
  known("rate", opts, "rate")
  return by_clock("rate", option("rate", opts, "rate", nil, 1e-12))
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
  return callable(f)
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

return filter

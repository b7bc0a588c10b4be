--- Signal filters for recipes: `local f = filter.ewma { tau = "6 s" }`, then
--- `f(x, dt)` in a loop gives the filtered value, or nil while there is too little
--- to say one; nil in gives nil out and does not touch the filter.
---
--- A filter lives as long as the script's own variable: after a restart it is
--- empty again.

local units = require "linewright.units"

local format, abs = string.format, math.abs

local filter = {}

-- Options of a filter, each checked and named in messages; level 3 = the recipe.
local function option(name, opts, key, default, least)
  local v = opts[key]
  if v == nil then v = default end
  if type(v) ~= "number" or not (v >= least and v < math.huge) then
    error(format("filter.%s: %s must be a number >= %s, not %s", name, key, units.number(least), tostring(opts[key])), 3)
  end
  return v
end

local function seconds(name, opts, key)
  local ns, message = units.duration(opts[key] or "?")
  if not ns or ns == 0 then
    error(format("filter.%s: %s must be a time such as \"6 s\"%s", name, key, opts[key] and ": " .. tostring(message) or ""), 3)
  end
  return ns / 1e9
end

local function known(name, opts, ...)
  if type(opts) ~= "table" then error(format("filter.%s takes a table of options", name), 3) end
  local words = {}
  for _, word in ipairs { ... } do words[word] = true end
  for key in pairs(opts) do
    if not words[key] then
      error(format("filter.%s: unknown option '%s' (known: %s)", name, tostring(key), table.concat({ ... }, ", ")), 3)
    end
  end
end

--- First-order lag: y moves towards x with the time constant `tau`.
--- Source: zero-order hold, g = 1 - exp(-dt/tau).
---@param opts table tau: time, e.g. "6 s"
---@return function(x: number|nil, dt: number): number|nil
function filter.ewma(opts)
  known("ewma", opts, "tau")
  local tau, y = seconds("ewma", opts, "tau"), nil
  return function(x, dt)
    if x == nil then return nil end
    if y == nil then
      y = x
    elseif dt and dt > 0 then
      y = y + (1 - math.exp(-dt / tau)) * (x - y)
    end
    return y
  end
end

-- The last n values, oldest overwritten first, and a copy of them in order.
local function window(n)
  local ring, count, at, order = {}, 0, 0, {}
  return function(x)
    at = at % n + 1
    ring[at] = x
    if count < n then count = count + 1 end
    if count < n then return nil end
    for i = 1, n do order[i] = ring[i] end
    table.sort(order)
    return order, ring
  end
end

local function middle(sorted, n)
  if n % 2 == 1 then return sorted[(n + 1) / 2] end
  return (sorted[n / 2] + sorted[n / 2 + 1]) / 2
end

--- Median of the last `window` values.
---@param opts table window: count, 1..101
---@return function(x: number|nil): number|nil
function filter.median(opts)
  known("median", opts, "window")
  local n = math.floor(option("median", opts, "window", 5, 1))
  local push = window(n)
  return function(x)
    if x == nil then return nil end
    local sorted = push(x)
    return sorted and middle(sorted, n)
  end
end

-- Scale from median absolute deviation to standard deviation of a normal law.
local MAD = 1.4826

--- Outliers out: a value further than k robust standard deviations from the
--- median of the last `window` values is replaced by that median.
--- Source: F. R. Hampel, J. Am. Stat. Assoc. 69 (1974) 383.
---@param opts table window: count (default 7), k (default 3)
---@return function(x: number|nil): number|nil
function filter.hampel(opts)
  known("hampel", opts, "window", "k")
  local n = math.floor(option("hampel", opts, "window", 7, 3))
  local k, push, spread = option("hampel", opts, "k", 3, 0), window(n), {}
  return function(x)
    if x == nil then return nil end
    local sorted, ring = push(x)
    if not sorted then return nil end
    local centre = middle(sorted, n)
    for i = 1, n do spread[i] = abs(ring[i] - centre) end
    table.sort(spread)
    if abs(x - centre) > k * MAD * middle(spread, n) then return centre end
    return x
  end
end

--- Mean of the last `window` values.
---@param opts table window: count
---@return function(x: number|nil): number|nil
function filter.mean(opts)
  known("mean", opts, "window")
  local n = math.floor(option("mean", opts, "window", 5, 1))
  local ring, count, at = {}, 0, 0
  return function(x)
    if x == nil then return nil end
    at = at % n + 1
    ring[at] = x
    if count < n then count = count + 1 end
    if count < n then return nil end
    local sum = 0
    for i = 1, n do sum = sum + ring[i] end
    return sum / n
  end
end

--- At most `rate` per second up or down.
---@param opts table rate: in the signal's unit per second
---@return function(x: number|nil, dt: number): number|nil
function filter.rate(opts)
  known("rate", opts, "rate")
  local rate, y = option("rate", opts, "rate", nil, 0), nil
  return function(x, dt)
    if x == nil then return nil end
    if y == nil then
      y = x
      return y
    end
    local step = rate * (dt or 0)
    y = math.max(y - step, math.min(y + step, x))
    return y
  end
end

return filter

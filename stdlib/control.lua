--- Controllers for recipes' loops. Each is a callable over its own small state;
--- a measurement of nil (bad, or a filter that is not primed) gives back the
--- previous output: nothing winds up on a missing reading.

local safe = require "linewright.safe"
local units = require "linewright.units"

local tostring = safe.plain

local format, huge = string.format, math.huge

local control = {}

local IS_TIME = { delay = true, ti = true, td = true }

local function check_value(name, key, v)
  if IS_TIME[key] then
    local ns, message = units.duration(v)
    if not ns then error(format("control.%s: %s: %s", name, key, message), 4) end
    return ns / 1e9
  end
  if type(v) ~= "number" or v ~= v then
    error(format("control.%s: %s must be a number, not %s", name, key, tostring(v)), 4)
  end
  return v
end

-- Options with times in seconds; each must be known, each required one there.
local function check(name, opts, required, optional)
  if not safe.is_plain(opts) then
    error(format("control.%s takes a plain table of options", name), 3)
  end
  local out, known = {}, {}
  for word in (required .. " " .. optional):gmatch "%S+" do known[word] = true end
  for word in required:gmatch "%S+" do
    if opts[word] == nil then error(format("control.%s: %s is missing", name, word), 3) end
  end
  for key, v in pairs(opts) do
    if not known[key] then
      error(format("control.%s: unknown option '%s' (known: %s)", name, tostring(key),
        required .. " " .. optional), 3)
    end
    out[key] = check_value(name, key, v)
  end
  return out
end

local function clamp(x, lo, hi)
  if x < lo then return lo end
  if x > hi then return hi end
  return x
end

--- Integral correction once per transport delay, for a process whose effect is
--- seen only after the web has travelled: out * (1 + gain * (target - x) / target).
--- Until `delay` after a correction the readings still tell of what was made before
--- it and would be corrected twice: x is the mean of those after it, and of all
--- readings before the first correction.
---@param opts table target, gain (0..1), delay (time), out_min, out_max
---@return function(x: number|nil, dt: number, out: number): number out is the present output
function control.dead_time_i(opts)
  local o = check("dead_time_i", opts, "target gain delay", "out_min out_max")
  if o.target == 0 then error("control.dead_time_i: target must not be 0", 2) end
  local lo, hi = o.out_min or -huge, o.out_max or huge
  local sum, n, elapsed, is_first = 0, 0, 0, true
  return function(x, dt, out)
    if x == nil then return out end
    elapsed = elapsed + dt
    if is_first or elapsed >= o.delay then sum, n = sum + x, n + 1 end
    if elapsed < o.delay then return out end
    local mean = sum / n
    sum, n, elapsed, is_first = 0, 0, 0, false
    return clamp(out * (1 + o.gain * (o.target - mean) / o.target), lo, hi)
  end
end

-- The derivative acts on the measurement, so a new target gives no kick.
local function derivative(o, x, before, dt)
  if not o.td or not before or dt <= 0 then return 0 end
  return o.kp * o.td * (x - before) / dt
end

--- PI(D) controller in parallel form whose integral stops at the limits.
--- Source: K. J. Astrom, T. Hagglund, "Advanced PID Control", 2006, sections 3.3, 3.5.
---@param opts table kp, target; ti, td (times), out_min, out_max, bias
---@return function(x: number|nil, dt: number, target: number|nil): number
function control.pid(opts)
  local o = check("pid", opts, "kp target", "ti td out_min out_max bias")
  local lo, hi = o.out_min or -huge, o.out_max or huge
  local integral, before = o.bias or 0, nil
  local out = clamp(integral, lo, hi)
  return function(x, dt, target)
    if x == nil then return out end
    local e = (target or o.target) - x
    local p = o.kp * e - derivative(o, x, before, dt)
    local step = o.ti and o.ti > 0 and o.kp * e * dt / o.ti or 0
    local free = p + integral + step
    -- Integrate only where that leads back into the limits.
    if free > hi and step > 0 or free < lo and step < 0 then step = 0 end
    integral, before = integral + step, x
    out = clamp(p + integral, lo, hi)
    return out
  end
end

--- A set-point that moves towards its goal at `rate` per second.
---@param opts table start, rate (per second, > 0)
---@return function(goal: number|nil, dt: number): number
function control.ramp(opts)
  local o = check("ramp", opts, "start rate", "")
  if o.rate <= 0 then error("control.ramp: rate must be above 0", 2) end
  local at = o.start
  return function(goal, dt)
    if goal == nil then return at end
    at = clamp(goal, at - o.rate * dt, at + o.rate * dt)
    return at
  end
end

return control

--- Controllers for recipes' loops. Each is a callable over its own small state;
--- a measurement of nil (bad, or a filter that is not primed) gives back the
--- previous output: nothing winds up on a missing reading.

local units = require "linewright.units"

local format, huge = string.format, math.huge

local control = {}

local function check(name, opts, required, optional)
  if type(opts) ~= "table" then error(format("control.%s takes a table of options", name), 3) end
  for key in pairs(opts) do
    if not required[key] and not optional[key] then
      error(format("control.%s: unknown option '%s'", name, tostring(key)), 3)
    end
  end
  for key in pairs(required) do
    if opts[key] == nil then error(format("control.%s: %s is missing", name, key), 3) end
  end
  for key, v in pairs(opts) do
    if type(v) ~= "number" and not (key == "delay" or key == "ti" or key == "td") then
      error(format("control.%s: %s must be a number, not %s", name, key, tostring(v)), 3)
    end
  end
end

local function seconds(name, key, v)
  if v == nil then return nil end
  local ns, message = units.duration(v)
  if not ns then error(format("control.%s: %s: %s", name, key, message), 3) end
  return ns / 1e9
end

local function clamp(x, lo, hi)
  if x < lo then return lo end
  if x > hi then return hi end
  return x
end

--- Integral correction once per transport delay, for a process whose effect is
--- seen only after the web has travelled: out * (1 + gain * (target - x) / target),
--- x being the mean since the last correction.
---@param opts table target, gain (0..1), delay (time), out_min, out_max
---@return function(x: number|nil, dt: number, out: number): number out is the present output
function control.dead_time_i(opts)
  check("dead_time_i", opts, { target = true, gain = true, delay = true }, { out_min = true, out_max = true })
  local target, gain, delay = opts.target, opts.gain, seconds("dead_time_i", "delay", opts.delay)
  local lo, hi = opts.out_min or -huge, opts.out_max or huge
  if target == 0 then error("control.dead_time_i: target must not be 0", 2) end
  local sum, n, elapsed = 0, 0, 0
  return function(x, dt, out)
    if x == nil then return out end
    sum, n, elapsed = sum + x, n + 1, elapsed + dt
    if elapsed < delay then return out end
    local mean = sum / n
    sum, n, elapsed = 0, 0, 0
    return clamp(out * (1 + gain * (target - mean) / target), lo, hi)
  end
end

--- PI(D) controller in parallel form with clamped integral; the derivative acts
--- on the measurement, so a new target gives no kick.
--- Source: K. J. Astrom, T. Hagglund, "Advanced PID Control", 2006, sections 3.3, 3.5.
---@param opts table kp; ti, td (times); target; out_min, out_max; bias
---@return function(x: number|nil, dt: number, target: number|nil): number
function control.pid(opts)
  check("pid", opts, { kp = true, target = true },
    { ti = true, td = true, out_min = true, out_max = true, bias = true })
  local kp, bias = opts.kp, opts.bias or 0
  local ti, td = seconds("pid", "ti", opts.ti), seconds("pid", "td", opts.td)
  local lo, hi = opts.out_min or -huge, opts.out_max or huge
  local integral, before, out = bias, nil, clamp(bias, lo, hi)
  return function(x, dt, target)
    if x == nil then return out end
    local e = (target or opts.target) - x
    local slope = before and dt > 0 and (x - before) / dt or 0
    before = x
    local p = kp * e - (td and kp * td * slope or 0)
    if ti and ti > 0 then
      local step = kp * e * dt / ti
      local free = p + integral + step
      -- Integrate only where that leads back into the limits.
      if (free <= hi or step < 0) and (free >= lo or step > 0) then integral = integral + step end
    end
    out = clamp(p + integral, lo, hi)
    return out
  end
end

--- A set-point that moves towards its goal at `rate` per second.
---@param opts table start, rate (per second, > 0)
---@return function(goal: number, dt: number): number
function control.ramp(opts)
  check("ramp", opts, { start = true, rate = true }, {})
  local at, rate = opts.start, opts.rate
  if not (rate > 0) then error("control.ramp: rate must be above 0", 2) end
  return function(goal, dt)
    if goal == nil then return at end
    at = clamp(goal, at - rate * dt, at + rate * dt)
    return at
  end
end

return control

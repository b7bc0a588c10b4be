-- The numbers that bound a tag: range, steps, ramps, safe values, all in the
-- tag's own unit.

local check = require "linewright.check"
local units = require "linewright.units"

local limits = {}

local LEVELS = { "hold", "stop", "abort", "suspend" }
local IS_LEVEL = { hold = true, stop = true, abort = true, suspend = true }
-- What a device number of a type can hold; 64 bits end where doubles do.
local HOLDS = { bool = { 0, 1 }, u16 = { 0, 65535 }, s16 = { -32768, 32767 },
  u32 = { 0, 4294967295 }, s32 = { -2147483648, 2147483647 },
  u64 = { 0, 2 ^ 53 }, s64 = { -2 ^ 53, 2 ^ 53 } }

-- A number or "12 unit" in the tag's unit. With `equals` the unit is a label, so
-- only numbers and the very same unit can be read.
local function in_unit(f, out, x, what, at)
  if out.equals and type(x) == "string" then
    local value, unit = units.parse(x)
    if value and unit == out.unit then return value end
  end
  return check.value(f, x, out.unit, what, at)
end

local function check_fits(f, out, at)
  local holds = HOLDS[out.type]
  if not holds then return end
  local scale, offset = out.scale or 1, out.offset or 0
  local a, b = holds[1] * scale + offset, holds[2] * scale + offset
  local lo, hi = math.min(a, b), math.max(a, b)
  if out.lo < lo or out.hi > hi then
    f:fail(("%s: range %s..%s does not fit %s with scale %s, which holds %s..%s"):format(out.name,
      units.number(out.lo), units.text(out.hi, out.unit), out.type, units.number(scale),
      units.number(lo), units.number(hi)), at, "E-RANGE")
  end
end

local function read_range(f, tag, out)
  local range = tag.range
  if range == nil then
    if out.type == "bool" then out.lo, out.hi = 0, 1 end
    return
  end
  local at = check.place(tag.at, "range")
  if not check.type(f, range, "table", out.name .. ": range", at,
    "range = { least, most }") then return end
  if #range ~= 2 then
    f:fail(("%s: range takes two numbers, { least, most }"):format(out.name), at, "E-RANGE")
    return
  end
  local lo = in_unit(f, out, range[1], out.name .. ": range", at)
  local hi = in_unit(f, out, range[2], out.name .. ": range", at)
  if not (lo and hi) then return end
  if lo >= hi then
    f:fail(("%s: range %s..%s is empty"):format(out.name, units.number(lo), units.number(hi)), at,
      "E-RANGE")
    return
  end
  out.lo, out.hi = lo, hi
  check_fits(f, out, at)
end

-- A ramp is in the tag's unit per second; a string may say "5 m/min/s".
local function rate(f, x, unit, what, at)
  return check.value(f, x, type(x) == "string" and "(" .. unit .. ")/s" or unit, what, at)
end

local STEPS = { { "step_max", check.difference }, { "deadband", check.difference, may_be_0 = true },
  { "rate_max", rate } }

local function read_steps(f, tag, out)
  for _, row in ipairs(STEPS) do
    local key, reader = row[1], row[2]
    if tag[key] ~= nil then
      local at = check.place(tag.at, key)
      local value = reader(f, tag[key], out.unit, out.name .. ": " .. key, at)
      if value and (value < 0 or (value == 0 and not row.may_be_0)) then
        f:fail(("%s: %s = %s must be above 0"):format(out.name, key, units.number(value)), at,
          "E-RANGE")
      else
        out[key] = value
      end
    end
  end
end

local function read_safe_level(f, tag, out, level)
  local x = tag.safe[level]
  if x == "keep" or x == nil then return end
  local what = out.name .. ": safe." .. level
  local at = check.place(tag.at, "safe", level)
  if type(x) == "string" and not x:find "%d" then
    f:fail(("%s = '%s' is neither a number in %s nor \"keep\" (leave it as it is)"):format(what, x,
      out.unit), at, "E-SAFE")
    return
  end
  local value = in_unit(f, out, x, what, at)
  if not value then return end
  if out.lo and (value < out.lo or value > out.hi) then
    f:fail(("%s = %s is outside the tag's range %s..%s"):format(what, units.text(value, out.unit),
      units.number(out.lo), units.text(out.hi, out.unit)), at, "E-RANGE")
    return
  end
  out.safe[level] = value
end

local function read_safe(f, tag, out)
  local safe = tag.safe
  if safe == nil then return end
  local at = check.place(tag.at, "safe")
  if not check.type(f, safe, "table", out.name .. ": safe", at,
    "safe = { hold =, stop =, abort = }") then return end
  out.safe = {}
  check.keys(f, safe, IS_LEVEL, out.name .. ": safe", at)
  for _, level in ipairs(LEVELS) do
    if safe[level] == nil and level ~= "suspend" then
      f:fail(("%s declares no safe.%s: a number in %s or \"keep\""):format(out.name, level,
        out.unit), at, "E-SAFE")
    else
      read_safe_level(f, tag, out, level)
    end
  end
end

--- Read range, step_max, rate_max, deadband and safe into `out`.
---@param f table findings
---@param tag table as written
---@param out table the spec so far: name, unit, type, scale, offset, equals
function limits.read(f, tag, out)
  read_range(f, tag, out)
  read_steps(f, tag, out)
  read_safe(f, tag, out)
end

return limits

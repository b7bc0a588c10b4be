--- Why outputs move: which step, loop or handler sets a channel, and which
--- readings it looked at. `linewright why` walks back over these records.
---
--- What runs right now (a branch, loop, guard or condition) has a list `seen` of
--- the readings it took; equipment adds to it through `rt.seen`. A record leaves
--- only when the setter of a channel changes, or looks at something new: a loop
--- that trims a pump for hours tells once.

local units = require "linewright.units"

local format = string.format

local causes = {}

-- So many readings are told of one decision: more explain nothing.
local SAW_MAX = 12

local NOTHING = {}


--- Note a reading.
---@param seen table
---@param path string
---@param index integer
function causes.add(seen, path, index)
  seen[path] = index
  seen[#seen + 1] = path
end

--- What the readings of a list are now, for the record of a decision.
---@param rt table
---@param seen table|nil
---@return table|nil path -> value; nil when there are none
function causes.saw(rt, seen)
  if not seen or #seen == 0 then return nil end
  local out = {}
  for i = 1, math.min(#seen, SAW_MAX) do
    local path = seen[i]
    local value, quality = rt.port:read(seen[path])
    out[path] = quality ~= "bad" and value or "bad"
  end
  return out
end

-- The setter's own name and the key of its record.
local function describe(rt, b)
  local loop = rt.callback
  if loop then return loop.what, loop.key, loop.at end
  if b.step then
    return format("step '%s'", b.step), b.step_key or rt.journal:fresh_key(b.path, b.step), b.line
  end
  local name = b.ctx.handler and "handler " .. b.ctx.handler or "a person"
  return name, b.path and rt.journal:fresh_key(b.path, "set") or "run/set#1", b.line
end

local function setter(rt, b)
  return rt.callback or b.step_key or b.step or b.ctx.handler or b
end

local function first_of(seen)
  if #seen == 0 then return nil end
  local out = {}
  for i = 1, math.min(#seen, SAW_MAX) do out[i] = seen[i] end
  return out
end

--- A channel was set: tell by whom, if that is news.
---@param rt table
---@param b table the running branch
---@param channel table of the bundle
---@param value number
function causes.set(rt, b, channel, value)
  local who, seen, path = setter(rt, b), rt.seen or NOTHING, channel.path
  local told = rt.setters[path]
  if told and told.who == who and told.n == #seen then return end
  rt.setters[path] = { who = who, n = #seen }
  local by, key, at = describe(rt, b)
  rt.journal:emit("cause", key, { sets = path, v = value, unit = channel.unit, by = by, at = at,
    lo = channel.lo, hi = channel.hi, reads = first_of(seen) })
end

--- A value with its unit, as records tell it.
---@param value any
---@param unit string|nil
---@return string
function causes.text(value, unit)
  if type(value) ~= "number" then return tostring(value) end
  return units.text(tonumber(format("%.6g", value)), unit)
end

return causes

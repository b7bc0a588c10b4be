--- What a run made, as its recipe tells it: results with their limits, and
--- quantities for OEE (ISO 22400).
---
---   r.record("coat_weight", 117.9, "g/m2", { target = 118, tolerance = 3 })
---   r.produced { total = 60, scrap = { streak = 1.2 }, unit = "m", planned = "10 min" }

local surface = require "linewright.surface"
local verb = require "linewright.verb"

local tostring = require("linewright.safe").plain

local format = string.format

local outcome = {}

local LIMITS, QUANTITIES = surface.keys "result_limits", surface.keys "quantities"

local function number(v, what, least)
  if v == nil then return nil end
  if type(v) ~= "number" or v ~= v or (least and v < least) then
    verb.raise("E-ARG %s must be a number%s, not %s", what,
      least and format(" of at least %g", least) or "", tostring(v))
  end
  return v
end

--- The limits of a result: lo and hi, or target and tolerance.
---@param name string of the result
---@param limits table|nil
---@return table limits lo, hi, target
function outcome.limits(name, limits)
  local what = format("r.record '%s'", name)
  limits = verb.options(limits, LIMITS, what)
  local lo, hi = number(limits.lo, what .. ": lo"), number(limits.hi, what .. ": hi")
  local target = number(limits.target, what .. ": target")
  local tolerance = number(limits.tolerance, what .. ": tolerance", 0)
  if tolerance then
    if not target then verb.raise("E-ARG %s: tolerance needs a target", what) end
    lo, hi = lo or target - tolerance, hi or target + tolerance
  end
  if lo and hi and lo > hi then verb.raise("E-ARG %s: lo %g is above hi %g", what, lo, hi) end
  return { lo = lo, hi = hi, target = target }
end

-- Scrap as a number, or by class; its sum.
local function scrap_of(scrap)
  if scrap == nil then return nil, 0 end
  if type(scrap) == "number" then scrap = { scrap = scrap } end
  verb.expect_plain(scrap, "r.produced: scrap")
  local out, sum = {}, 0
  for class, quantity in pairs(scrap) do
    verb.expect(class, "string", "r.produced: a class of scrap")
    quantity = number(quantity, format("r.produced: scrap '%s'", class), 0)
    out[class], sum = quantity, sum + quantity
  end
  return out, sum
end

--- Quantities made since the last telling, checked: what is not good is scrap.
---@param q table total, good (default: total less scrap), scrap (number, or class -> quantity),
---  unit (default "1"), planned (how long this quantity should have taken)
---@return table data of the record
function outcome.produced(q)
  verb.expect_plain(q, "r.produced: argument")
  verb.options(q, QUANTITIES, "r.produced")
  local total = number(q.total, "r.produced: total", 0)
  if not total then verb.raise "E-ARG r.produced: total is missing" end
  local scrap, lost = scrap_of(q.scrap)
  -- Places seen twice may count more scrap than there was web: none is good then.
  local good = number(q.good, "r.produced: good", 0) or math.max(0, total - lost)
  if good < 0 or good > total then
    verb.raise("E-ARG r.produced: good %g must be within 0..total %g", good, total)
  end
  if q.unit ~= nil then verb.expect(q.unit, "string", "r.produced: unit") end
  local planned = q.planned ~= nil and verb.duration(q.planned, "r.produced: planned") / 1e9
  return { total = total, good = good, scrap = scrap, unit = q.unit or "1",
    planned_s = planned or nil }
end

return outcome

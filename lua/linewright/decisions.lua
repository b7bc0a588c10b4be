--- A decision record in words: what came out, how sure, against which limits, from
--- which models, to what effect.

local json = require "linewright.json"
local units = require "linewright.units"
local witness = require "linewright.infer_witness"

local format = string.format

local decisions = {}

local function value(v)
  if type(v) == "number" then return units.number(tonumber(format("%.6g", v))) end
  if type(v) == "table" then return json.encode(v) or "?" end
  return tostring(v)
end

-- A model by its name and the begin of its digest; a judge by what it knew, since its words
-- are the decision's.
local function evidence(by)
  if by.judge then
    return format("judge '%s' (%s)", tostring(by.judge), tostring(by.calibration):sub(1, 12))
  end
  local digest = by.digest and format(" (%s)", tostring(by.digest):sub(1, 12)) or ""
  local said = by.y ~= nil and " said " .. value(by.y)
    or by.fallback and " gave no answer: " .. by.fallback or ""
  return tostring(by.name or "model") .. digest .. said
end

local function list(from)
  local out = {}
  for i, by in ipairs(type(from) == "table" and from or {}) do
    out[i] = witness.name(by) or evidence(by)
  end
  return #out > 0 and "from " .. table.concat(out, "; ") or nil
end

local function limits(t)
  if type(t) ~= "table" then return nil end
  local out = {}
  for _, name in ipairs(json.sorted_keys(t)) do
    out[#out + 1] = format("%s %s", tostring(name), value(t[name]))
  end
  return #out > 0 and "limits " .. table.concat(out, ", ") or nil
end

--- A decision's data as one line.
---@param d table of a record of kind `decision`
---@return string
function decisions.text(d)
  local parts = { "outcome " .. value(d.outcome) }
  local function part(text) parts[#parts + 1] = text end
  if d.score ~= nil then part("score " .. value(d.score)) end
  part(limits(d.limits))
  part(list(d.from))
  for _, name in ipairs { "why", "effect", "approved", "shadow" } do
    if d[name] ~= nil then part(name .. " " .. value(d[name])) end
  end
  return table.concat(parts, ", ")
end

return decisions

--- Readings as people see them: value, unit, quality, age.

local show = require "linewright.repl.show"
local units = require "linewright.units"

local readings = {}

local function value_text(r)
  if type(r.value) == "string" then return ('"%s"'):format(r.value) end
  return units.text(tonumber(("%.6g"):format(r.value)), r.unit)
end

local function reading_text(r)
  if r.quality == "bad" then
    return ("%s: bad, %s"):format(r.path, r.value
      and ("was %s %.1f s ago"):format(value_text(r), r.age_s) or "never read")
  end
  return ("%s  %s  %.2f s old"):format(value_text(r), r.quality, r.age_s)
end

local function cell(value)
  if type(value) == "string" then return value end
  return value and ("%.6g"):format(value) or "-"
end

local One = { __show = reading_text, __tostring = reading_text, __class = "Reading" }

local List = { __show = function(list)
  local rows = {}
  for i, r in ipairs(list) do
    rows[i] = { r.path, cell(r.value), r.unit, r.quality,
      r.value and ("%.2f s"):format(r.age_s) or "" }
  end
  if #rows == 0 then return "no channel" end
  return show.grid({ "channel", "value", "unit", "quality", "age" }, rows, { [2] = true,
    [5] = true })
end }

--- A reading.
---@param r table path, value, unit, quality, age_s
---@return table
function readings.one(r) return setmetatable(r, One) end

--- A list of readings to fill.
---@return table
function readings.list() return setmetatable({}, List) end

return readings

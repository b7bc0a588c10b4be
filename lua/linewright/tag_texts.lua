-- Tags of type text: a batch number, an alarm text. They have no unit, no scale
-- and no limits, and can only be read.

local check = require "linewright.check"

local tag_texts = {}

local NUMBERS_ONLY = { "scale", "offset", "equals", "range", "step_max", "rate_max", "safe",
  "filter", "deadband", "feedback" }

local function refuse(f, out, message, at, code)
  f:fail(("%s %s"):format(out.name, message), at, code)
end

--- A recording and a twin know by the contract what a tag is; a register does not.
---@param tag table as written
---@param unit string|nil the contract's
---@return string
function tag_texts.usual_type(tag, unit)
  return unit == "text" and tag.equals == nil and "text" or "f64"
end

--- What a contract asks for, a number or a text, is what the tag must be.
---@param f table findings
---@param tag table as written
---@param out table spec: name, type
---@param unit string|nil the contract's
function tag_texts.check_contract(f, tag, out, unit)
  local at = check.place(tag.at, "type")
  if unit == nil then return end
  if out.type == "text" and unit ~= "text" then
    refuse(f, out, ("is a text, but its contract asks for a number in %s"):format(unit), at,
      "E-TYPE")
  elseif out.type ~= "text" and unit == "text" then
    refuse(f, out, ("is %s, but its contract asks for a text: type = \"text\""):format(out.type),
      at, "E-TYPE")
  end
end

--- Refuse what means nothing for a text.
---@param f table findings
---@param tag table as written
---@param out table spec: name, access
function tag_texts.read(f, tag, out)
  out.unit = "text"
  for _, key in ipairs(NUMBERS_ONLY) do
    if tag[key] ~= nil then
      refuse(f, out, ("is a text: %s is for numbers"):format(key), check.place(tag.at, key),
        "E-KEY")
    end
  end
  if tag.unit ~= nil and tag.unit ~= "text" then
    refuse(f, out, "is a text: it has no unit", check.place(tag.at, "unit"), "E-UNIT")
  end
  if tag.history == "scan" then
    refuse(f, out, "is a text: it is recorded when it changes, or with history = \"none\" never",
      check.place(tag.at, "history"), "E-TYPE")
  end
  if out.access ~= "r" then
    refuse(f, out, "is a text: it can be read, not set", check.place(tag.at, "access"),
      "E-READONLY")
    out.access = "r"
  end
end

return tag_texts

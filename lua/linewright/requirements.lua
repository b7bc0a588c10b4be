-- What a recipe asks of a unit against what the line's unit offers:
-- `temp_max = at_least "120 degC"`, `zones = at_least(3)`, `classes = includes {...}`.

local check = require "linewright.check"
local sorted = require "linewright.sorted"
local units = require "linewright.units"
local words = require "linewright.words"

local requirements = {}

local SIGN = { at_least = ">=", at_most = "<=", exactly = "=" }

local function holds(kind, offered, wanted)
  -- Conversions leave rounding in the last digits; "at least 8 m/min" is not
  -- missed by 1e-15.
  local slack = 1e-9 * math.max(math.abs(offered), math.abs(wanted))
  if kind == "at_least" then return offered >= wanted - slack end
  if kind == "at_most" then return offered <= wanted + slack end
  return math.abs(offered - wanted) <= slack
end

local function verdict(f, good, text, places)
  if good then f:ok(text) else f:fail(text, places) end
end

local function as_text(value, unit)
  return type(value) == "string" and value or units.text(value, unit)
end

local function count(f, what, need, have_n, places)
  if type(need.value) == "string" then
    return f:fail(("%s: '%s' is no number; write it like at_least(%s)"):format(what, need.value,
      need.value:match "%d+" or "3"), need.at, "E-TYPE")
  end
  local wanted = check.number(f, need.value, what, need.at)
  if not wanted then return end
  verdict(f, holds(need.kind, have_n, wanted), ("%s %s %s (line has %d)"):format(what,
    SIGN[need.kind], units.number(wanted), have_n), places)
end

local function quantity(f, what, need, prop, have, places)
  local wanted = check.value(f, need.value, prop.unit, what, need.at)
  if not wanted or type(have) ~= "number" then return end
  verdict(f, holds(need.kind, have, wanted), ("%s %s %s (line offers %s)"):format(what,
    SIGN[need.kind], as_text(need.value, prop.unit), units.text(have, prop.unit)), places)
end

local function set_of(list)
  local out = {}
  for _, x in ipairs(list) do out[x] = true end
  return out
end

local function includes(f, what, need, have, places)
  local wanted = type(need.value) == "table" and need.value or { need.value }
  local got, missing = set_of(type(have) == "table" and have or { have }), {}
  for _, x in ipairs(wanted) do
    if not got[x] then missing[#missing + 1] = tostring(x) end
  end
  local text = ("%s includes %s"):format(what, table.concat(wanted, ","))
  if #missing > 0 then text = text .. (" (missing: %s)"):format(table.concat(missing, ",")) end
  verdict(f, #missing == 0, text, places)
end

local function one_of(f, what, need, prop, have, places)
  local wanted = type(need.value) == "table" and need.value or { need.value }
  local found, shown = false, {}
  for i, x in ipairs(wanted) do
    shown[i] = as_text(x, prop.unit)
    if prop.unit ~= "text" then x = check.value(f, x, prop.unit, what, need.at) end
    if x == have then found = true end
  end
  verdict(f, found, ("%s is one of %s (line has %s)"):format(what, table.concat(shown, ","),
    as_text(have, prop.unit)), places)
end

-- A bare value stands for exactly that value.
local function as_need(value, at)
  if type(value) == "table" and (SIGN[value.kind] or value.kind == "includes"
    or value.kind == "one_of") then
    return value
  end
  return { kind = "exactly", value = value, at = at }
end

local function judge(f, what, need, prop, have, places)
  if have == nil then return end -- its absence is a finding of the unit already
  if need.kind == "includes" then return includes(f, what, need, have, places) end
  if need.kind == "one_of" then return one_of(f, what, need, prop, have, places) end
  if prop.unit ~= "text" then return quantity(f, what, need, prop, have, places) end
  verdict(f, have == need.value, ("%s = %s (line has %s)"):format(what, tostring(need.value),
    tostring(have)), places)
end

local function known_names(contract)
  local known = {}
  for name in pairs(contract.props) do known[name] = true end
  for name, def in pairs(contract.members) do
    if def.class == "list" then known[name] = true end
  end
  return known
end

--- Record how a unit meets a need.
---@param f table findings
---@param role string role in the recipe
---@param need table what `cap "x@1" {...}` returned
---@param contract table
---@param unit table the line's unit: props (in contract units), members, at
function requirements.check(f, role, need, contract, unit)
  check.keys(f, need.requires, known_names(contract), "needs " .. role .. " (" .. contract.name
    .. ")", need.at)
  local asked = 0
  for name, value in sorted(need.requires) do
    asked = asked + 1
    local prop, def = contract.props[name], contract.members[name]
    local what = role .. "." .. name
    local wanted = as_need(value, check.place(need.at, name))
    local places = { wanted.at, def and check.place(unit.at, name)
      or check.place(unit.at, "props", name) }
    if def and def.class == "list" then
      count(f, what, wanted, #unit.members[name], places)
    elseif prop and not words.is_void(value) then
      judge(f, what, wanted, prop, unit.props[name], places)
    end
  end
  if asked == 0 then f:ok(("needs %s: %s"):format(role, contract.name)) end
end

return requirements

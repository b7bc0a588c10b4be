-- Quantities at the boundary: "110 degC" to a number in the unit that is
-- wanted. Conversions are UDUNITS-2's and are kept, so that a word in a recipe
-- that runs each tick costs one table look-up.

local unit = require "linewright.unit"

local units = {}

local gains = {}     -- "from\0to" -> { gain, bias } or { false, message, code }
local parsed = {}    -- "110 degC" -> { 110, "degC" }
local durations = {} -- "10 min" -> nanoseconds
local parsed_n = 0
local PARSED_MAX = 10000 -- a recipe that builds strings in a loop must not fill the memory

--- A number as people write it: whole numbers in full, others to seven digits.
---@param x number
---@return string
function units.number(x)
  if x ~= x then return "nan" end
  if x == math.huge then return "inf" end
  if x == -math.huge then return "-inf" end
  if x == math.floor(x) and x > -1e15 and x < 1e15 then return (("%.0f"):format(x)) end
  return (("%.7g"):format(x))
end

--- A number with its unit; the unit "1" is left out.
---@param x number
---@param of string|nil unit
---@return string
function units.text(x, of)
  local number = units.number(x)
  if not of or of == "1" or of == "" then return number end
  return number .. " " .. of
end

local function split(text)
  local number, rest = text:match "^%s*([+-]?%d*%.?%d*[eE][+-]?%d+)%s*(.-)%s*$"
  if not tonumber(number) then number, rest = text:match "^%s*([+-]?%d*%.?%d*)%s*(.-)%s*$" end
  -- UDUNITS would take "1.2.3 m" as 1.2 times 0.3 m.
  if rest and rest:find "^[%d%.%+%-]" and not (rest == "1" or rest:find "^1/") then return nil end
  return tonumber(number), rest
end

--- Take a quantity apart.
---@param text string e.g. "110 degC"
---@return number|nil value
---@return string unit "" when there is none, or the message
---@return string|nil code
function units.parse(text)
  local hit = parsed[text]
  if hit then return hit[1], hit[2] end
  local value, rest = split(text)
  if not value then
    return nil, ("'%s' is not a number with a unit, e.g. \"110 degC\""):format(text), "E-SYNTAX"
  end
  if parsed_n < PARSED_MAX then
    parsed_n = parsed_n + 1
    parsed[text] = { value, rest }
  end
  return value, rest
end

-- C's messages may carry their code word in front; ours keep it apart.
local function plain(message)
  return (tostring(message):gsub("^E%-%u+:? ", ""))
end

-- C is the coulomb and F the farad, which nobody means beside a temperature.
local function temperature(from, to)
  for _, pair in ipairs { { from, to }, { to, from } } do
    local is_electric = pair[1] == "C" or pair[1] == "F"
    if is_electric and unit.convert(pair[2], "K") then
      return (". Did you mean 'deg%s'?"):format(pair[1])
    end
  end
  return ""
end

-- gal is the galileo, an acceleration, which nobody means in a pump's data sheet.
local function galileo(from, to)
  for _, pair in ipairs { { from, to }, { to, from } } do
    local meant, n = pair[1]:gsub("%f[%a]gal%f[%A]", "gallon")
    if n > 0 and unit.convert(meant, pair[2]) then return (". Did you mean '%s'?"):format(meant) end
  end
  return ""
end

--- Factors such that to = from * gain + bias.
---@param from string unit
---@param to string unit
---@return number|nil gain
---@return number|string bias or the message
---@return string|nil code
function units.gain(from, to)
  if from == to then return 1, 0 end
  local key = from .. "\0" .. to
  local hit = gains[key]
  if not hit then
    local gain, bias, code = unit.convert(from, to)
    if gain then hit = { gain, bias } else
      hit = { nil, plain(bias) .. temperature(from, to) .. galileo(from, to), code or "E-UNIT" }
    end
    gains[key] = hit
  end
  return hit[1], hit[2], hit[3]
end

--- Is the unit known? Equal units never reach the converter, so ask here.
---@param name string
---@return boolean|nil ok
---@return string|nil message
---@return string|nil code
function units.known(name)
  local key = "?" .. name
  local hit = gains[key]
  if not hit then
    local gain, message, code = unit.convert(name, name)
    if gain then hit = { true } else hit = { nil, plain(message), code or "E-UNIT" } end
    gains[key] = hit
  end
  return hit[1], hit[2], hit[3]
end

--- A number converted from one unit to another.
---@param x number
---@param from string
---@param to string
---@return number|nil value
---@return string|nil message
---@return string|nil code
function units.convert(x, from, to)
  local gain, bias, code = units.gain(from, to)
  if not gain then return nil, bias, code end
  return x * gain + bias
end

--- A quantity as a number in `to`: numbers are in `to` already, strings carry
--- their own unit.
---@param x number|string e.g. 5 or "300 mm"
---@param to string unit
---@return number|nil value
---@return string|nil message
---@return string|nil code
function units.value(x, to)
  if type(x) == "number" then return x end
  if type(x) ~= "string" then
    local got = type(x)
    return nil, ("a quantity is a number or a string with a unit, not a %s"):format(got), "E-TYPE"
  end
  local value, from, code = units.parse(x)
  if not value then return nil, from, code end
  if from == "" then
    if to == "1" then return value end
    local number = units.number(value)
    return nil, ("'%s' has no unit: write the number %s, or \"%s %s\""):format(x, number, number,
      to), "E-UNIT"
  end
  return units.convert(value, from, to)
end

-- Differences lose the bias; of temperatures they are in K, never in degC.
local function difference_gain(from, to)
  local gain, bias, code = units.gain(from, to)
  if not gain then return nil, bias, code end
  local from_zero = units.gain(from, "K") and select(2, units.gain(from, "K")) or 0
  if from_zero ~= 0 then
    return nil, ("a difference of temperatures is in K, not in %s"):format(from), "E-UNIT"
  end
  return gain
end

--- A difference, tolerance or step as a number in the unit of its channel.
---@param x number|string e.g. 2 or "2 K"
---@param to string unit of the channel, e.g. "degC"
---@return number|nil value
---@return string|nil message
---@return string|nil code
function units.difference(x, to)
  if type(x) ~= "string" then return units.value(x, to) end
  local value, from, code = units.parse(x)
  if not value then return nil, from, code end
  if from == "" then return units.value(x, to) end
  local gain, message, why = difference_gain(from, to)
  if not gain then return nil, message, why end
  return value * gain
end

--- A length of time in nanoseconds; bare numbers are seconds.
---@param x number|string e.g. 30 or "10 min"
---@return number|nil ns whole nanoseconds, >= 0
---@return string|nil message
---@return string|nil code
function units.duration(x)
  local hit = durations[x]
  if hit then return hit end
  local s, message, code = units.value(x, "s")
  if not s then
    local minutes = type(x) == "string" and x:match "^%s*([%d%.]+) ?m$"
    if minutes then message = ('%s. Did you mean "%s min"?'):format(message, minutes) end
    return nil, message, code
  end
  if not (s >= 0 and s <= 1e9) then
    return nil, ("a time of %s s is not between 0 and 1e9 s"):format(units.number(s)), "E-RANGE"
  end
  local ns = math.floor(s * 1e9 + 0.5)
  if type(x) == "string" and parsed_n < PARSED_MAX then durations[x] = ns end
  return ns
end

--- The name of a unit's dimension: "temperature", "speed".
---@param name string
---@return string|nil dimension
---@return string|nil message
function units.dimension(name)
  return unit.dimension(name)
end

--- A length of time as people say it: "30 s", "40 min", "2 h 5 min".
---@param ns number
---@return string
function units.time_text(ns)
  local s = ns / 1e9
  if s < 120 then return units.number(math.floor(s * 1000 + 0.5) / 1000) .. " s" end
  local minutes = math.floor(s / 60)
  if s < 7200 then
    local rest = math.floor(s - minutes * 60)
    return rest == 0 and minutes .. " min" or ("%d min %d s"):format(minutes, rest)
  end
  local hours = math.floor(minutes / 60)
  local rest = minutes - hours * 60
  return rest == 0 and hours .. " h" or ("%d h %d min"):format(hours, rest)
end

return units

-- string.find, match, gmatch and gsub for recipes: the same meaning as Lua 5.4's
-- on every engine, with a bound on the work of one search.

local match = require "linewright.match"

local patterns = { find = match.find, match = match.match }

-- Captures of a match, or the whole of it when the pattern has none.
local function found(text, first, last, capture, ...)
  if capture == nil then return text:sub(first, last) end
  return capture, ...
end

--- An iterator over all matches; an empty one never follows another's end.
---@param text string
---@param pattern string a leading ^ is an ordinary character
---@return fun(): ...
function patterns.gmatch(text, pattern)
  local init, last_end = 1, nil
  local function step(first, last, ...)
    if not first then
      init = #text + 2
      return nil
    end
    if last == last_end and first > last then
      init = first + 1
      return step(match.next(text, pattern, init))
    end
    init, last_end = last + 1, last
    return found(text, first, last, ...)
  end
  return function() return step(match.next(text, pattern, init)) end
end

-- "%1" and its like in a replacement.
local function expand(template, whole, ...)
  local captures = { ... }
  if #captures == 0 then captures[1] = whole end
  local out, at = {}, 1
  while true do
    local percent = match.find(template, "%", at, true)
    if not percent then break end
    local sign = template:sub(percent + 1, percent + 1)
    out[#out + 1] = template:sub(at, percent - 1)
    if sign == "%" then
      out[#out + 1] = "%"
    elseif sign == "0" then
      out[#out + 1] = whole
    elseif captures[tonumber(sign) or -1] then
      out[#out + 1] = captures[tonumber(sign)]
    else
      error(("invalid use of '%%%s' in replacement string"):format(sign), 4)
    end
    at = percent + 2
  end
  out[#out + 1] = template:sub(at)
  return table.concat(out)
end

local function replacement_for(replacement, whole, ...)
  local value
  if type(replacement) == "string" then return expand(replacement, whole, ...) end
  if type(replacement) == "table" then
    value = replacement[(found(whole, 1, #whole, ...))]
  else
    value = replacement(found(whole, 1, #whole, ...))
  end
  if not value then return whole end
  if type(value) ~= "string" and type(value) ~= "number" then
    error(("invalid replacement value (a %s)"):format(type(value)), 4)
  end
  return value
end

local REPLACEMENTS = { string = true, table = true, ["function"] = true }

--- Replace matches.
---@param text string
---@param pattern string
---@param replacement string|number|table|function
---@param most number|nil how many; all when absent
---@return string text
---@return integer count
function patterns.gsub(text, pattern, replacement, most)
  if type(replacement) == "number" then replacement = tostring(replacement) end
  if not REPLACEMENTS[type(replacement)] then
    error(("gsub: string, table or function expected, got %s"):format(type(replacement)), 2)
  end
  local is_anchored = pattern:sub(1, 1) == "^"
  local out, at, count, last_end = {}, 1, 0, nil
  local init = 1
  local function replace(first, last, ...)
    if not first then return false end
    if last == last_end and first > last then -- empty, right behind the last match
      init = first + 1
      return true
    end
    count, last_end, init = count + 1, last, last + 1
    local whole = text:sub(first, last)
    out[#out + 1] = text:sub(at, first - 1)
    out[#out + 1] = replacement_for(replacement, whole, ...)
    at = last + 1
    return not is_anchored
  end
  local is_going_on = true
  while is_going_on and count < (most or math.huge) do
    is_going_on = replace(match.next(text, pattern, init, is_anchored))
  end
  out[#out + 1] = text:sub(at)
  return table.concat(out), count
end

return patterns

--- Regular expressions for what instruments and people send as text: Perl's
--- syntax, bytes, and a bound on the work of one search. A pattern that is wrong
--- raises E-REGEX, one that backtracks too much E-BUDGET.

local engine = require "linewright.regex"

local format = string.format

local regex = {}

local function text_of(text, what)
  if type(text) == "string" then return text end
  return error(format("E-ARG regex.%s takes a text and a pattern, got a %s", what, type(text)), 3)
end

local function found(text, first, last, group, ...)
  if not first then return nil end
  if group == nil then return text:sub(first, last) end
  return group, ...
end

--- The groups of the first match, or all of it when the pattern has none.
---@param text string at most 8,192 bytes
---@param pattern string at most 1,024 bytes
---@return string|false|nil ... nil when nothing matches; false for a group without a part in it
function regex.match(text, pattern)
  return found(text_of(text, "match"), engine.find(text, pattern))
end

--- Where the first match at or after `init` begins and ends, and its groups.
---@param text string
---@param pattern string
---@param init number|nil from 1 on
---@return integer|nil first
---@return integer last
---@return string|false ... groups
function regex.find(text, pattern, init)
  return engine.find(text_of(text, "find"), pattern, init)
end

--- The named groups of the first match: "(?<volts>[\d.]+) V" gives { volts = "3.5" }.
---@param text string
---@param pattern string
---@return table<string, string|false>|nil
function regex.named(text, pattern) return engine.named(text_of(text, "named"), pattern) end

--- Every match in turn, as regex.match gives it.
---@param text string
---@param pattern string
---@return fun(): string|false|nil ...
function regex.all(text, pattern)
  local at = 1
  text_of(text, "all")
  local function step(first, last, ...)
    if not first then
      at = #text + 2
      return nil
    end
    at = last >= first and last + 1 or first + 1 -- an empty match moves on by one
    return found(text, first, last, ...)
  end
  return function()
    if at > #text + 1 then return nil end
    return step(engine.find(text, pattern, at))
  end
end

--- The text with every match replaced.
---@param text string
---@param pattern string
---@param replacement string taken as it is
---@return string
---@return integer count
function regex.replace(text, pattern, replacement)
  text_of(text, "replace")
  text_of(replacement, "replace")
  local out, at, count = {}, 1, 0
  local init = 1
  while init <= #text + 1 do
    local first, last = engine.find(text, pattern, init)
    if not first then break end
    out[#out + 1] = text:sub(at, first - 1) .. replacement
    count, at = count + 1, last + 1
    init = last >= first and last + 1 or first + 1
  end
  return table.concat(out) .. text:sub(at), count
end

return regex

-- Source text before it is Lua: may it be compiled at all, and on which line is
-- a key of a table? Values do not know where they were written; tokens do.

local source = {}

local MAX_BYTES = 1024 * 1024

-- Text that shows other code than it runs. Bidirectional controls are refused
-- everywhere, other letters than ASCII outside strings and comments.
-- Source: N. Boucher, R. Anderson, "Trojan Source", USENIX Security 2023.
local function bidi_line(text)
  for _, pattern in ipairs { "\226\128[\142\143\170-\174]", "\226\129[\166-\169]", "\216\156" } do
    local at = text:find(pattern)
    if at then return select(2, text:sub(1, at):gsub("\n", "")) + 1 end
  end
end

local function long_bracket(text, at)
  local level = text:match("^%[(=*)%[", at)
  if not level then return nil end
  local _, close = text:find("]" .. level .. "]", at + #level + 2, true)
  return close or #text
end

local function quoted(text, at)
  local quote, i = text:sub(at, at), at + 1
  while true do
    local stop = text:find("[\\\n" .. quote .. "]", i)
    if not stop then return #text end
    local c = text:sub(stop, stop)
    if c == quote then return stop end
    if c == "\n" then return stop - 1 end
    i = stop + 2
  end
end

-- End of the token at `at`, its kind and, for names, strings and numbers, its text.
local function token(text, at)
  local c = text:sub(at, at)
  if c:find "[%a_]" then
    local _, stop, name = text:find("^([%w_]+)", at)
    return stop, "name", name
  elseif c == '"' or c == "'" then
    local stop = quoted(text, at)
    return stop, "string", text:sub(at + 1, stop - 1)
  elseif c == "[" and text:find("^%[=*%[", at) then
    return long_bracket(text, at), "string", ""
  elseif c:find "%d" then
    local _, stop, number = text:find("^([%w%.]+)", at)
    return stop, "number", number
  elseif text:find("^[=~<>]=", at) or text:find("^%.%.", at) then
    return at + 1, text:sub(at, at + 1)
  end
  return at, c
end

local function comment_end(text, at)
  return text:find("^%-%-%[=*%[", at) and long_bracket(text, at + 2)
    or (text:find("\n", at, true) or #text + 1) - 1
end

--- Cut a text into tokens.
---@param text string
---@return table tokens list of { kind, text|nil, line }; kind is "name", "string", "number"
---  or the sign itself
function source.tokens(text)
  local out, at, line, n = {}, 1, 1, #text
  if text:sub(1, 1) == "#" then at = text:find("\n", 1, true) or n + 1 end
  while at <= n do
    local _, blank = text:find("^[ \t\r]+", at)
    local stop = blank
    if text:byte(at) == 10 then
      line, stop = line + 1, at
    elseif not blank and text:find("^%-%-", at) then
      stop = comment_end(text, at)
      line = line + select(2, text:sub(at, stop):gsub("\n", ""))
    elseif not blank then
      local kind, value
      stop, kind, value = token(text, at)
      out[#out + 1] = { kind, value, line }
      if kind == "string" then line = line + select(2, text:sub(at, stop):gsub("\n", "")) end
    end
    at = stop + 1
  end
  return out
end

local function foreign_letter(text)
  if not text:find "[\128-\255]" then return nil end
  for _, t in ipairs(source.tokens(text)) do
    if #t[1] == 1 and t[1]:find "[\128-\255]" then return t[3] end
  end
end

--- May this text be compiled?
---@param text string
---@return boolean|nil ok
---@return string|nil message
---@return number|nil line
function source.gate(text)
  if #text > MAX_BYTES then
    return nil, ("the file has %d bytes, at most %d are read"):format(#text, MAX_BYTES), 1
  end
  if text:sub(1, 1) == "\27" then return nil, "the file is compiled Lua, not text", 1 end
  local zero = text:find("%z")
  if zero then return nil, "the file is no text: it has a zero byte", 1 end
  if text:sub(1, 3) == "\239\187\191" then
    return nil, "the file begins with a byte order mark: save it as UTF-8 without one", 1
  end
  local line = bidi_line(text)
  if line then
    return nil, "a bidirectional control character: the line reads otherwise than it runs", line
  end
  line = foreign_letter(text)
  if line then
    return nil, "a letter that is not ASCII outside of a string or comment", line
  end
  return true
end

--- A line of a text.
---@param text string
---@param n number from 1
---@return string
function source.line(text, n)
  local at = 1
  for _ = 2, n do at = (text:find("\n", at, true) or #text) + 1 end
  return text:sub(at, (text:find("\n", at, true) or #text + 1) - 1)
end

local OPEN = { ["{"] = "}", ["("] = ")", ["["] = "]" }
local CLOSE = { ["}"] = true, [")"] = true, ["]"] = true }

-- Index of the sign that closes the bracket at index `at`.
local function closing(tokens, at)
  local depth = 0
  for i = at, #tokens do
    local kind = tokens[i][1]
    if OPEN[kind] then depth = depth + 1 elseif CLOSE[kind] then
      depth = depth - 1
      if depth == 0 then return i end
    end
  end
  return #tokens
end
source.closing = closing

local BLOCK = { ["function"] = 1, ["do"] = 1, ["if"] = 1, ["repeat"] = 1, ["end"] = -1,
  ["until"] = -1 }

-- What a token does to how deep brackets and blocks are nested.
local function nesting(t)
  if OPEN[t[1]] then return 1 elseif CLOSE[t[1]] then return -1 end
  return t[1] == "name" and BLOCK[t[2]] or 0
end
source.nesting = nesting

--- The parts between commas of a list of arguments or of a constructor.
---@param tokens table from source.tokens
---@param open number index of the bracket that opens it
---@return table parts list of { first, last }, indices into tokens
function source.parts(tokens, open)
  local out, depth, first, stop = {}, 0, open + 1, closing(tokens, open)
  for i = open + 1, stop do
    local kind = tokens[i][1]
    if depth == 0 and (kind == "," or kind == ";" or i == stop) then
      if i > first then out[#out + 1] = { first, i - 1 } end
      first = i + 1
    end
    depth = depth + nesting(tokens[i])
  end
  return out
end

local function is(t, kind, text) return t and t[1] == kind and (not text or t[2] == text) end

-- Does `key =` or `["key"] =` stand at index i? The index after the sign.
local function key_at(tokens, i, depth, key)
  if depth == 1 and is(tokens[i], "name", key) and is(tokens[i + 1], "=") then return i + 2 end
  if depth == 2 and is(tokens[i], "string", key) and is(tokens[i - 1], "[")
    and is(tokens[i + 2], "=") then
    return i + 3
  end
end

-- Index of the token after `key =` inside the constructor that opens at `open`.
local function entry(tokens, open, key)
  local depth = 0
  for i = open, closing(tokens, open) do
    local kind = tokens[i][1]
    if OPEN[kind] then depth = depth + 1 elseif CLOSE[kind] then depth = depth - 1 end
    local value = key_at(tokens, i, depth, key)
    if value then return value, tokens[i][3] end
  end
end

-- Index of the constructor that is, or is the argument of, the value at `at`:
-- `{`, `list {`, `cap "x@1" {`.
local function constructor(tokens, at)
  for i = at, math.min(at + 3, #tokens) do
    if is(tokens[i], "{") then return i end
    if is(tokens[i], ",") then return nil end
  end
end

local function first_constructor(tokens, line)
  for i, t in ipairs(tokens) do
    if t[3] >= line and t[1] == "{" then return i end
  end
end

--- The line on which a key of a table constructor stands.
---@param tokens table from source.tokens
---@param line number where the constructor, or the call around it, begins
---@param path table keys from the outer table inwards, e.g. {"props", "width"}
---@return number line the nearest that could be found
function source.line_of(tokens, line, path)
  local at, found = first_constructor(tokens, line), line
  for _, key in ipairs(path) do
    local value, where
    if at and type(key) == "string" then value, where = entry(tokens, at, key) end
    if not value then return found end
    at, found = constructor(tokens, value), where
  end
  return found
end

return source

--- What could follow the text before the cursor: names, members, methods,
--- parameters, and inside of quotes channels, tags, files and units.

local show = require "linewright.repl.show"
local sorted = require "linewright.sorted"
local strings = require "linewright.repl.complete_strings"

local complete = {}

local MOST = 400

local KEYWORDS = { "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if",
  "in", "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while" }
local COLONS = { [":clear"] = "forget what was saved up for :save", [":help"] = "what there is",
  [":jobs"] = "what goes on in the background", [":load"] = "run a file: :load FILE",
  [":quit"] = "leave", [":save"] = "plot (.svg .png), session (.lua, _spec.lua), samples (.csv)",
  [":trace"] = "where the last error came from", [":names"] = "names that you gave" }

local raw_metatable = debug.getmetatable

local function matches(names, prefix, hint)
  local out = {}
  for _, name in ipairs(names) do
    if name:sub(1, #prefix) == prefix and (prefix ~= "" or name:sub(1, 1) ~= "_") then
      out[#out + 1] = { name, hint and hint(name) or "" }
    end
  end
  return out
end

-- ------------------------------------------------------------------- values --

local function is_name(k)
  return type(k) == "string" and k:find "^[%a_][%w_]*$" and not k:find "^__"
end

-- Fields of a table, what it says of itself, and what lies behind its __index.
local function add_fields(out, t)
  for _ = 1, 8 do
    if type(t) ~= "table" then return end
    for k in next, t do
      if is_name(k) then out[k] = true end
    end
    local meta = raw_metatable(t) or {}
    local members = rawget(meta, "__members") or function() return {} end
    for _, k in ipairs(members(t)) do out[k] = true end
    t = rawget(meta, "__index")
  end
end

local function members_of(value)
  local out = {}
  if type(value) == "string" then add_fields(out, string) end
  if type(value) == "table" then add_fields(out, value) end
  local meta = type(value) == "userdata" and raw_metatable(value)
  if meta then add_fields(out, meta.__index) end
  return sorted.keys(out)
end

-- Steps along "a.b[1].c" without calling anything but plain look-ups.
local function step(value, key)
  if type(value) == "table" and rawget(value, key) ~= nil then return rawget(value, key) end
  local meta = raw_metatable(value) or {}
  local index = rawget(meta, "__index")
  if type(index) == "table" then return step(index, key) end
  if not rawget(meta, "__members") then return nil end
  local ok, member = pcall(function() return value[key] end)
  return ok and member or nil
end

--- What a path of names stands for, nil when it stands for nothing.
---@param s table session
---@param path string e.g. "t.run.state"
function complete.value(s, path)
  local head, rest = path:match "^([%a_][%w_]*)(.*)$"
  if not head then return nil end
  local value = s.env:get(head)
  while value ~= nil and rest ~= "" do
    local name, after = rest:match "^[%.:]([%a_][%w_]*)(.*)$"
    local index, beyond = rest:match "^%[(%d+)%](.*)$"
    if not (name or index) then return nil end
    value, rest = step(value, name or tonumber(index)), after or beyond
  end
  return value
end

local KINDS = { ["linewright.samples"] = "Samples", ["linewright.dsp.filter"] = "Filter" }

-- The documentation's name for what a value is.
local function class_of(path, value)
  if show.is_samples(value) then return "Samples" end
  local meta = raw_metatable(value)
  local named = meta and type(meta) == "table" and rawget(meta, "__class")
  return named or KINDS[tostring(value)] or path:match "([%w_]+)$"
end

local function member_candidates(s, path, prefix, is_method)
  local value = complete.value(s, path)
  if value == nil then return {} end
  local hints = s.docs:members(class_of(path, value))
  return matches(members_of(value), prefix, function(name)
    if hints[name] then return hints[name] end
    local member = step(value, name)
    if is_method and type(member) ~= "function" then return "" end
    return type(member) == "table" and "" or type(member) == "function" and "" or tostring(member)
  end)
end

-- --------------------------------------------------------------- parameters --

-- The call whose braces are still open at the end: its name, and what is in
-- them. `f(x, {` is a call of f too.
local open_call
function open_call(text)
  local depth, i = 0, #text
  while i > 0 do
    local c = text:sub(i, i)
    if c == "}" or c == ")" then depth = depth + 1
    elseif c == "{" or c == "(" then
      if depth == 0 then
        local name = text:sub(1, i - 1):match "([%a_][%w_%.:]*)%s*%(?%s*$"
        if not name and c == "{" then name = open_call(text:sub(1, i - 1)) end
        return name, c, text:sub(i + 1)
      end
      depth = depth - 1
    end
    i = i - 1
  end
end

local function field_candidates(s, text, prefix)
  local name, bracket, inside = open_call(text)
  if bracket ~= "{" or not (inside:find "^%s*$" or inside:find ",%s*$") then return {} end
  local before = text:sub(1, #text - #inside - 1)
  if before:find "params%s*=%s*$" then return strings.params(s, text, prefix) end
  local out = {}
  for _, field in ipairs(name and s.docs:fields(name) or {}) do
    if field.name:sub(1, #prefix) == prefix and not inside:find(field.name .. "%s*=") then
      out[#out + 1] = { field.name .. " = ", field.text }
    end
  end
  return out
end

-- -------------------------------------------------------------------- names --

local function name_candidates(s, prefix)
  local out = matches(s.env:names(), prefix, function(name)
    local entry = s.docs:entry(name)
    return entry and (entry.args or "") .. "  " .. (entry.text[1] or "") or ""
  end)
  for _, item in ipairs(matches(KEYWORDS, prefix)) do out[#out + 1] = item end
  return out
end

-- Is the text inside of a string that is still open? What it holds so far.
local function open_string(text)
  local quote, from
  local i = 1
  while i <= #text do
    local c = text:sub(i, i)
    if quote then
      if c == "\\" then i = i + 1 elseif c == quote then quote = nil end
    elseif c == '"' or c == "'" then
      quote, from = c, i + 1
    end
    i = i + 1
  end
  return quote and text:sub(from), from
end

local function colon_candidates(s, text)
  local word, rest = text:match "^%s*(:%a*)(.*)$"
  if not word then return nil end
  if rest == "" then
    return matches(sorted.keys(COLONS), word, function(name) return COLONS[name] end), #word
  end
  local path = rest:match "%s+(.*)$" or ""
  return strings.files(s, path), #path
end

--- Candidates and how many bytes at the end they replace.
---@param s table session
---@param text string up to the cursor
---@return table[] candidates { replacement, hint }
---@return integer n
function complete.candidates(s, text)
  local special, special_n = colon_candidates(s, text)
  if special then return special, special_n end
  local inside, from = open_string(text)
  if inside then return strings.candidates(s, text:sub(1, from - 2), inside) end
  local asked = text:match "^%s*%?%s*([%w_%.:]*)$"
  if asked and not asked:find "[%.:]" then
    return matches(s.docs:names(), asked, nil), #asked
  end
  local path, sign, prefix = text:match "([%a_][%w_%.%[%]:]-)([%.:])([%w_]*)$"
  if path then return member_candidates(s, path, prefix, sign == ":"), #prefix end
  prefix = text:match "[%a_][%w_]*$" or ""
  local fields = field_candidates(s, text:sub(1, #text - #prefix), prefix)
  if #fields > 0 then return fields, #prefix end
  if prefix == "" and text:find "%S" then return {}, 0 end
  return name_candidates(s, prefix), #prefix
end

--- The same as the text that the line editor takes.
---@return string
function complete.answer(s, text)
  local ok, list, n = pcall(complete.candidates, s, text)
  if not ok then return "0" end
  table.sort(list, function(a, b) return a[1] < b[1] end)
  local out = { tostring(n) }
  for i = 1, math.min(#list, MOST) do
    out[#out + 1] = list[i][1] .. "\t" .. (list[i][2]:gsub("[\t\n]", " "))
  end
  return table.concat(out, "\n")
end

return complete

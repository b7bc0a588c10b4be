--- Sentences that are said later, in the language that was asked in: a message is
--- an English template with what goes into it, and is written out at the end.

local chinese = require "linewright.query_chinese"

local format = string.format
local unpack = table.unpack or unpack

local query_tongue = {}

--- A message. Arguments may be messages themselves; a message without arguments is a
--- word that has to be translated, a plain string is a name that has not.
---@param template string of string.format, English
---@param ... any
---@return table message
function query_tongue.message(template, ...)
  return { template, n = select("#", ...), ... }
end

--- A word to be translated, or nil.
---@param text string|nil
---@return table|nil message
function query_tongue.word(text) return text and query_tongue.message(text) end

local function arguments(language, message)
  local out = {}
  for i = 1, message.n do
    local x = message[i + 1]
    out[i] = type(x) == "table" and query_tongue.say(language, x) or x
  end
  return out
end

-- "%2$s 的 %1$s": the words of another language come in another order.
local function ordered(template, args)
  local text = template:gsub("%%%%", "\0"):gsub("%%(%d)%$([%d%.]*%a)", function(i, how)
    return format("%" .. how, args[tonumber(i)])
  end)
  return (text:gsub("%z", "%%"))
end

--- Write a message out.
---@param language string "en" or "zh"
---@param message table|string a string is what it is
---@return string
function query_tongue.say(language, message)
  if type(message) == "string" then return message end
  local template = language == "zh" and chinese[message[1]] or message[1]
  local args = arguments(language, message)
  if template:find "%%%d%$" then return ordered(template, args) end
  if message.n == 0 then return template end
  return format(template, unpack(args, 1, message.n))
end

--- Messages one behind the other; what is missing is left out.
---@param list table[] of messages and strings
---@param separator string
---@return table message
function query_tongue.join(list, separator)
  local marks = {}
  for i = 1, #list do marks[i] = "%s" end
  return query_tongue.message(table.concat(marks, separator), unpack(list))
end

--- The language of a question: that of its words, not of the names in it.
---@param tokens table[] of query_words.scan
---@return string "en" or "zh"
function query_tongue.of(tokens)
  local has_english, has_chinese, has_chinese_name = false, false, false
  for _, token in ipairs(tokens) do
    local is_far = token.text:byte(1) > 127
    if token.kind == "symbol" then
      has_chinese = has_chinese or is_far
      has_english = has_english or token.text:find "^%a" ~= nil
    else
      has_chinese_name = has_chinese_name or is_far
    end
  end
  local is_chinese = has_chinese or not has_english and has_chinese_name
  return is_chinese and "zh" or "en"
end

return query_tongue

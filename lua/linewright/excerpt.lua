--- The line of a file that a message is about, with a mark below the thing.

local source = require "linewright.source"

local excerpt = {}

local LONGEST = 110

-- Where a word stands in a line as a whole word.
local function word_at(line, word)
  local from = 1
  while true do
    local a, b = line:find(word, from, true)
    if not a then return nil end
    local inside = line:sub(a - 1, a - 1):find "[%w_]" and word:find "^[%w_]"
      or line:sub(b + 1, b + 1):find "[%w_]" and word:find "[%w_]$"
    if not inside then return a, b end
    from = b + 1
  end
end

-- What a message quotes comes first, then the last name of a path, then any name.
local function candidates(message)
  message = message:gsub("Did you mean.*$", "")
  local out = {}
  local function add(word)
    if #word > 0 then out[#out + 1] = word end
  end
  for word in message:gmatch "near '([^']+)'" do add(word) end
  for word in message:gmatch "['\"]([^'\"\n]+)['\"]" do add(word) end
  for path in message:gmatch "[%a_][%w_%.%[%]]*[%.%]][%w_%.%[%]]+" do
    add(path:match "([%a_][%w_]*)$" or "")
  end
  for word in message:gmatch "[%a_][%w_]*" do
    if #word > 2 then add(word) end
  end
  return out
end

--- The line and a mark, or nil when there is no such line.
---@param text string of the file
---@param n number line
---@param message string
---@return table|nil lines two of them
---@return number|nil column of the mark, from 1
function excerpt.of(text, n, message)
  local line = source.line(text, n)
  if not line:find "%S" or #line > LONGEST or line:find "[%z\1-\8\11-\31\127]" then return nil end
  line = line:gsub("\t", " ")
  local from, to = line:find "%S", line:find "%S"
  for _, word in ipairs(candidates(message)) do
    local a, b = word_at(line, word)
    if a then
      from, to = a, b
      break
    end
  end
  local number = tostring(n)
  -- Letters of several bytes take one column.
  local before = line:sub(1, from - 1):gsub("[\128-\191]", "")
  local mark = (" "):rep(#before) .. ("^"):rep(to - from + 1)
  return { number .. " | " .. line:gsub("%s+$", ""), (" "):rep(#number) .. " | " .. mark }, from
end

return excerpt

--- Reads LuaCATS comments: the stubs of lua/meta and the library's own files. What
--- `?name` shows and what the reference pages say comes from here.

local sys = require "linewright.sys"

local reader = {}

---@class linewright.stub.entry
---@field name string|nil "r.step"; nil for a table that has no name of its own
---@field args string|nil "(name, options, fn)" of a function
---@field class string|nil "linewright.tag"
---@field text string[] lines of prose
---@field example string[] lines of code
---@field params { name: string, type: string, text: string, optional: boolean }[]
---@field fields { name: string, type: string, text: string, optional: boolean }[]
---@field returns { type: string, text: string }[]

local OPEN = { ["("] = 1, ["<"] = 1, ["{"] = 1, ["["] = 1 }
local CLOSE = { [")"] = 1, [">"] = 1, ["}"] = 1, ["]"] = 1 }

-- A type and what stands behind it: blanks inside of brackets and after a comma
-- or colon belong to the type.
local function split_type(text)
  local depth, before = 0, ""
  for i = 1, #text do
    local c = text:sub(i, i)
    depth = depth + (OPEN[c] or 0) - (CLOSE[c] or 0)
    if c == " " and depth <= 0 and before ~= "," and before ~= ":" then
      return text:sub(1, i - 1), (text:sub(i + 1):gsub("^%s+", ""))
    end
    before = c
  end
  return text, ""
end

-- "name? type text"
local function add_item(list, rest)
  local name, more = rest:match "^(%S+)%s+(.*)$"
  if not name then return end
  local kind, text = split_type(more)
  list[#list + 1] = { name = name:gsub("%?$", ""), type = kind, text = text,
    optional = name:find "%?$" ~= nil or kind:find "|nil" ~= nil }
end

local TAGS = {
  param = function(entry, rest) add_item(entry.params, rest) end,
  field = function(entry, rest) add_item(entry.fields, rest) end,
  ["return"] = function(entry, rest)
    local kind, text = split_type(rest)
    entry.returns[#entry.returns + 1] = { type = kind, text = text }
  end,
  class = function(entry, rest) entry.class = rest:gsub("^%(exact%) ", ""):match "^[%w_%.]+" end,
}

local function new_entry(block)
  local entry = { text = {}, example = {}, params = {}, returns = {}, fields = {} }
  for _, line in ipairs(block) do
    local tag, rest = line:match "^@(%a+)%s*(.*)$"
    if TAGS[tag] then TAGS[tag](entry, rest)
    elseif not tag and line:find "^  +" then
      entry.example[#entry.example + 1] = line:gsub("^  +", "", 1)
    elseif not tag then
      entry.text[#entry.text + 1] = line
    end
  end
  return entry
end

-- What the line below a comment declares.
local function declare(entry, line)
  local name, args = line:match "^%s*function%s+([%w_%.:]+)%s*(%b())"
  if not name then name, args = line:match "^([%w_%.:]+)%s*=%s*function%s*(%b())" end
  if name then
    entry.name, entry.args = name, args
    return true
  end
  entry.name = line:match "^%s*local%s+([%w_]+)%s*=%s*{"
  return entry.name ~= nil
end

-- `A.x, A.y = B.z, B.z`: more names of what was documented last.
local function aliases(out, line, entry)
  local left, right = line:match "^([%w_%.:, ]+)%s*=%s*([%w_%.:, ]+)$"
  if not (left and entry and entry.args) then return end
  if right:match "^[%w_%.:]+":gsub(":", ".") ~= entry.name:gsub(":", ".") then return end
  for name in left:gmatch "[%w_]+[%.:][%w_]+" do
    if entry.name:find ":" then name = name:gsub("%.", ":") end
    out[#out + 1] = setmetatable({ name = name, alias = entry.name }, { __index = entry })
  end
end

-- The comment that has just ended above `line`.
local function finish(out, block, line)
  if #block == 0 then return nil end
  local entry = new_entry(block)
  local is_code = line:find "%S" and not line:find "^%-%-"
  if is_code and declare(entry, line) or not is_code and entry.class then
    out[#out + 1] = entry
    return entry
  end
end

--- Everything that a file documents, in its order.
---@param path string
---@return linewright.stub.entry[]
function reader.read(path)
  local out, block, last = {}, {}, nil
  for line in ((sys.read_file(path) or "") .. "\n"):gmatch "([^\n]*)\n" do
    local doc = line:match "^%s*%-%-%- ?(.*)$" or line:match "^%s*%-%-%-(@.*)$"
    if doc then block[#block + 1] = doc else
      if #block == 0 then aliases(out, line, last) end
      last = finish(out, block, line) or last
      block = {}
    end
  end
  finish(out, block, "")
  return out
end

return reader

--- Words about the records: questions in words and in SQL.

local show = require "linewright.repl.show"
local store = require "linewright.store"

local database = {}

local function world(value, message, code)
  if value == nil then error((code or "E-IO") .. " " .. tostring(message), 3) end
  return value
end

local Answer = { __show = function(self) return require("linewright.query").text(self) end }

local function open_store(s, path)
  return world(store.open(path or s.options.db or "linewright.db", "r"))
end

-- What is not understood is refused, with the nearest question that is.
local function ask(s, text, options)
  local opened = open_store(s, options and options.db)
  local answer, message, code, nearest = require("linewright.query").ask(opened, text)
  opened:close()
  if answer then return setmetatable(answer, Answer) end
  if nearest then message = ("%s. It can answer: %s"):format(message, nearest) end
  return world(nil, message, code)
end

local ROWS_MAX = 1000

local Rows = { __show = function(self)
  local cells, is_number = {}, {}
  for i, row in ipairs(self) do
    cells[i] = {}
    for c, name in ipairs(self.columns) do
      local x = row[name]
      is_number[c] = is_number[c] or type(x) == "number"
      cells[i][c] = x == nil and "" or type(x) == "number" and ("%.14g"):format(x) or tostring(x)
    end
  end
  return show.grid(self.columns, cells, is_number)
end }

-- The first rows of a SELECT, each by its columns' names.
local function select_rows(s, text, path)
  local opened = open_store(s, path)
  local q, message, code = opened:sql(text)
  if not q then opened:close() end
  world(q, message, code)
  local rows = setmetatable({ columns = { q:columns() } }, Rows)
  while #rows < ROWS_MAX do
    local values = { q:row() }
    if not values[1] then break end
    local row = {}
    for i, name in ipairs(rows.columns) do row[name] = values[i + 1] end
    rows[#rows + 1] = row
  end
  q:close()
  opened:close()
  return rows
end

-- The records as an object: that of the command line, or db "other.db".
local function object(s, path)
  local methods = {
    ask = function(_, text) return ask(s, text, { db = path }) end,
    sql = function(_, text) return select_rows(s, text, path) end,
  }
  return setmetatable({}, { __index = methods, __call = function(_, other)
    return object(s, other)
  end, __show = function() return "records of " .. (path or s.options.db or "linewright.db") end })
end

--- The words of this group.
---@param s table session
---@return table
function database.words(s)
  return { ask = function(text, options) return ask(s, text, options) end, db = object(s) }
end

return database

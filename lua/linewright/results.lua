--- What a step returned, as plain data: several values, nils among them.

local json = require "linewright.json"
local own_place = require "linewright.own_place"
local safe = require "linewright.safe"

local format = string.format

local results = {}

-- Of an error's text, which may be as long as a script likes: a record holds so much of
-- it whatever is in it.
local FAILURE_MAX = 8000

--- The values a step returned, ready for its end record.
---@param label string
---@param n integer how many
---@param ... any
---@return table|nil data
---@return string|nil err E-JOURNAL with what cannot be stored
function results.pack(label, n, ...)
  if n == 0 then return {} end
  local list, shown = { ... }, {}
  for i = 1, n do
    local text, what = json.encode(list[i])
    if not text then
      return nil, format("E-JOURNAL step '%s' returned %s; only numbers, strings, booleans and "
        .. "plain tables can be stored", label, what)
    end
    -- Read back, so that the first run and a replay see the very same thing.
    shown[i] = { v = json.decode(text) }
  end
  if n == 1 then return shown[1] end
  return { n = n, list = shown }
end

local unpack = table.unpack or unpack -- luacheck: ignore 143

--- What a script has raised, as an error that is one: `error()` has nothing to say.
---@param err any
---@return any
function results.raised(err)
  if err == nil then return "an error without a text" end
  return err or "false"
end

--- The text that the record of a failure holds.
---@param err any
---@return string
function results.failure(err)
  local text = own_place.strip(safe.plain(results.raised(err)))
  return #text > FAILURE_MAX and text:sub(1, FAILURE_MAX) .. "..." or text
end

--- The values an end record holds.
---@param data table
---@return any ...
function results.unpack(data)
  if not data.list then return data.v end
  local values = {}
  for i, item in ipairs(data.list) do values[i] = item.v end
  return unpack(values, 1, data.n)
end

return results

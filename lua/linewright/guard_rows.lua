--- What guards are calibrated on: rows of figures with names, from lists or samples.

local dsp = require "linewright.dsp"
local hash = require "linewright.hash"
local safe = require "linewright.safe"

local tostring = safe.plain

local format = string.format
local unpack = table.unpack or unpack -- luacheck: ignore 143

local rows = {}

--- One row as samples.
---@param row any samples or a list of numbers
---@return linewright.Samples
function rows.one(row)
  if type(row) == "number" then return dsp.of(row) end
  if type(row) ~= "table" then return row end
  return dsp.of(unpack(row, 1, #row))
end

local function check_row(word, row, i, d)
  if #row ~= d then
    error(format("%s: row %d has %d figures, %d are expected", word, i, #row, d), 4)
  end
  return row
end

--- Rows of d figures one after the other.
---@param word string for messages
---@param list any samples [n d], or a list of rows
---@param d integer
---@return linewright.Samples x
---@return integer n
function rows.flat(word, list, d)
  if type(list) ~= "table" then
    if #list % d ~= 0 then
      error(format("%s: %d numbers are not rows of %d figures", word, #list, d), 3)
    end
    return list, #list / d
  end
  local x = dsp.samples(#list * d)
  for i, row in ipairs(list) do
    row = check_row(word, rows.one(row), i, d)
    for k = 1, d do x:set((i - 1) * d + k, row:get(k)) end
  end
  return x, #list
end

--- Numbers of rows as samples.
---@return linewright.Samples
function rows.places(list) return rows.flat("places", list, 1) end

--- Column k of flat rows.
---@return linewright.Samples
function rows.column(x, d, k)
  local n = #x / d
  local out = dsp.samples(n)
  for i = 1, n do out:set(i, x:get((i - 1) * d + k)) end
  return out
end

--- A digest of what a guard learnt, for the records of its decisions.
---@return string sha256
function rows.digest(...)
  local parts = {}
  for i = 1, select("#", ...) do
    local v = select(i, ...)
    parts[i] = type(v) == "number" and format("%.17g", v) or type(v) == "string" and v or v:csv()
  end
  return hash.sha256(table.concat(parts, "\n"))
end

--- An option that must be a number in a range.
---@return number
function rows.number(word, opts, key, default, low, high)
  local v = opts[key]
  if v == nil then v = default end
  if type(v) ~= "number" or not (v >= low and v <= high) then
    error(format("%s: %s must be a number in %g..%g, not %s", word, key, low, high, tostring(v)), 3)
  end
  return v
end

--- Options without strangers among them.
function rows.known(word, opts, keys)
  if not safe.is_plain(opts) then error(format("%s takes a plain table of options", word), 3) end
  for key in pairs(opts) do
    if not keys[key] then error(format("%s: unknown option '%s'", word, tostring(key)), 3) end
  end
  return opts
end

return rows

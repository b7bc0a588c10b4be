-- The standard library as words: each file in stdlib/ is a name that recipes,
-- contracts and modules can use, `filter.ewma {...}`.

local safe = require "linewright.safe"
local sys = require "linewright.sys"

local stdlib = {}

local WITH_LIBRARY = { recipe = true, module = true }

local cache

local function names()
  local out = {}
  for _, file in ipairs(sys.list(sys.datadir() .. "/stdlib") or {}) do
    out[#out + 1] = file:match "^([%a_][%w_]*)%.lua$"
  end
  return out
end

local function load_all()
  local out = {}
  for _, name in ipairs(names()) do
    local module = require(name)
    out[name] = type(module) == "table" and safe.freeze(module, name) or module
  end
  return out
end

--- Library words of one kind of file.
---@param role string
---@return table words name to read-only module
function stdlib.words(role)
  local units = require "linewright.units"
  local out = { quantity = units.value, quantity_text = units.text }
  if not WITH_LIBRARY[role] then return out end
  cache = cache or load_all()
  for name, module in pairs(cache) do out[name] = module end
  return out
end

return stdlib

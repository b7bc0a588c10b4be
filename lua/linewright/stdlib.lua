-- The standard library as words: each file in stdlib/ is a name that recipes,
-- contracts and modules can use, `filter.ewma {...}`.

local infer_words = require "linewright.infer_words"
local safe = require "linewright.safe"
local sys = require "linewright.sys"
local units = require "linewright.units"

local stdlib = {}

local WITH_LIBRARY = { recipe = true, module = true, capability = true }

-- Quantities for contracts and helpers: wrong ones are errors at the caller's line.
local function reader(fn)
  return function(x, unit)
    local value, message, code = fn(x, unit)
    if not value then error((code or "E-UNIT") .. " " .. message, 2) end
    return value
  end
end

local QUANTITIES = { quantity = reader(units.value), difference = reader(units.difference) }

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
---@param project table|nil takes what the words of models declare
---@param dir string|nil folder of the file
---@return table words name to read-only module
function stdlib.words(role, project, dir)
  local out = safe.with(QUANTITIES, {})
  if not WITH_LIBRARY[role] then return out end
  cache = cache or load_all()
  for name, module in pairs(cache) do out[name] = module end
  if project and role ~= "capability" then out.infer = infer_words.of(project, dir) end
  return out
end

--- The library's modules that are tables of functions, for checks of their names.
---@return table blocks name to name to function
function stdlib.blocks()
  cache = cache or load_all()
  local out = {}
  for name in pairs(cache) do
    local module = require(name)
    if type(module) == "table" then out[name] = module end
  end
  return out
end

return stdlib

-- Formula parameters: what a recipe declares, what a formula, the command line
-- or a spec gives, and the numbers that a run works with.

local check = require "linewright.check"
local sorted = require "linewright.sorted"
local suggest = require "linewright.suggest"
local surface = require "linewright.surface"
local units = require "linewright.units"
local words = require "linewright.words"

local params = {}

local KEYS = surface.keys "parameter"

-- Where a value was given, for messages: the formula's own line if it has one.
local function text_of_limits(p)
  if p.min and p.max then
    return ("is outside %s..%s"):format(units.number(p.min), units.text(p.max, p.unit))
  elseif p.min then
    return ("is below the least, %s"):format(units.text(p.min, p.unit))
  end
  return ("is above the most, %s"):format(units.text(p.max, p.unit))
end

local function number(f, p, value, at)
  local what = p.name .. " = " .. (type(value) == "table" and "a table" or tostring(value))
  local x = check.value(f, value, p.unit, what, { at, p.at })
  if not x then return nil end
  if (p.min and x < p.min) or (p.max and x > p.max) then
    f:fail(("%s = %s %s"):format(p.name, units.text(x, p.unit), text_of_limits(p)), { at, p.at },
      "E-RANGE")
  end
  return x
end

local function copy(value, depth)
  if type(value) ~= "table" or depth > 16 then return value end
  local out = {}
  for k, v in pairs(value) do out[k] = copy(v, depth + 1) end
  return out
end

local function is_plain(value, depth)
  local kind = type(value)
  if kind == "number" or kind == "string" or kind == "boolean" then return true end
  if kind ~= "table" or depth > 16 then return false end
  for k, v in pairs(value) do
    local named = type(k) == "string" or type(k) == "number"
    if not (named and is_plain(v, depth + 1)) then return false end
  end
  return true
end

local function structured(f, p, value, at)
  local wanted = type(p.default)
  if p.default ~= nil and type(value) ~= wanted then
    f:fail(("%s must be a %s, got %s"):format(p.name, wanted, type(value)), { at, p.at }, "E-TYPE")
  elseif not is_plain(value, 1) then
    f:fail(("%s must hold plain data: numbers, strings, booleans and tables of these"):format(
      p.name), { at, p.at }, "E-TYPE")
  elseif p.choices then
    return check.one_of(f, value, p.choices, p.name, at)
  else
    return copy(value, 1)
  end
end

local function resolve_one(f, p, value, at)
  if p.unit then return number(f, p, value, at) end
  return structured(f, p, value, at)
end

local function read_limits(f, p, t, what)
  for _, key in ipairs { "min", "max" } do
    if t[key] ~= nil and p.unit then
      p[key] = check.value(f, t[key], p.unit, what .. ": " .. key, check.place(t.at, key))
    end
  end
  if p.min and p.max and p.min > p.max then
    f:fail(("%s: min %s is above max %s"):format(what, units.number(p.min), units.number(p.max)),
      t.at, "E-RANGE")
    p.min, p.max = nil, nil
  end
end

-- One `param { "m/min", default = 6, min = 0.5 }`.
local function declare(f, name, t, at)
  local what = "parameter '" .. name .. "'"
  if words.is_void(t) then return nil end
  if type(t) ~= "table" or t.kind ~= "param" then
    f:fail(what .. " must be written param { \"unit\", default = ... }",
      check.place(at, "params", name), "E-TYPE")
    return nil
  end
  check.keys(f, t, KEYS, what, t.at)
  local p = { name = name, at = t.at, default = t.default, help = t.help, choices = t.choices }
  if t[1] ~= nil then
    p.unit = check.unit(f, t[1], what, t.at)
    if not p.unit then return nil end
  end
  read_limits(f, p, t, what)
  if t.changeable ~= nil then
    p.changeable = check.type(f, t.changeable, "boolean", what .. ": changeable",
      check.place(t.at, "changeable"))
    if p.changeable and not p.unit then
      f:fail(what .. ": only a number with a unit can be changeable", t.at, "E-TYPE")
    end
  end
  return p
end

--- Read the `params` of a recipe.
---@param f table findings
---@param recipe table
---@return table declared name to { name, unit|nil, default, min, max, choices, at }
function params.declared(f, recipe)
  local out = {}
  local t = recipe.params
  if t == nil then return out end
  if not check.type(f, t, "table", "params", check.place(recipe.at, "params")) then return out end
  for name, def in sorted(t) do out[tostring(name)] = declare(f, tostring(name), def, recipe.at) end
  return out
end

-- Layers of values, weakest first: { values, place(name) }.
local function layers(formula, given, set)
  local out = {}
  if formula then
    local values = {}
    for k, v in pairs(formula) do
      if k ~= "kind" and k ~= "at" and k ~= "name" and k ~= "recipe" then values[k] = v end
    end
    out[1] = { values = values, place = function(name) return check.place(formula.at, name) end }
  end
  out[#out + 1] = { values = given or {}, place = function() end }
  out[#out + 1] = { values = set or {}, place = function() end, bare = true }
  return out
end

local function refuse_unknown(f, declared, layer)
  local names = sorted.keys(declared)
  for name in sorted(layer.values) do
    if declared[name] == nil then
      local hint = suggest.text(name, names)
      if hint == "" then hint = " (" .. table.concat(names, ", ") .. ")" end
      f:fail(("the recipe has no parameter '%s'%s"):format(tostring(name), hint),
        layer.place(name), "E-NAME")
    end
  end
end

-- What `--set k=v` gives is text: "30" means 30 of the parameter's unit.
local function from_text(p, value)
  if p.unit then return tonumber(value) or value end
  if type(p.default) == "number" then return tonumber(value) or value end
  if type(p.default) == "boolean" and (value == "true" or value == "false") then
    return value == "true"
  end
  return value
end

local function value_of(f, p, stack)
  local value, at = p.default, p.at
  for _, layer in ipairs(stack) do
    local given = layer.values[p.name]
    if given ~= nil then
      value, at = given, layer.place(p.name)
      if layer.bare and type(given) == "string" then value = from_text(p, given) end
    end
  end
  if value == nil then
    f:fail(("parameter '%s' has no value: it has no default, give it in a formula or by --set")
      :format(p.name), p.at, "E-RANGE")
    return nil
  end
  return resolve_one(f, p, value, at)
end

local function check_formula(f, recipe, formula)
  if formula then
    check.title(f, formula.name, "the formula's name", formula.at, check.NAME_MAX)
  end
  if not formula or formula.recipe == nil or formula.recipe == recipe.name then return end
  f:fail(("formula '%s' is for recipe '%s', not for '%s'"):format(formula.name,
    tostring(formula.recipe), recipe.name), { check.place(formula.at, "recipe"), recipe.at },
    "E-NAME")
end

--- A new value that a person gives to a changeable parameter while a batch runs.
---@param p table of params.declared
---@param text string "5" or "5 m/min"
---@return number|nil value
---@return string|nil message
function params.change(p, text)
  local value, message = units.value(tonumber(text) or text, p.unit)
  if not value then return nil, message end
  if (p.min and value < p.min) or (p.max and value > p.max) or value ~= value then
    return nil, ("%s = %s %s"):format(p.name, units.text(value, p.unit), text_of_limits(p))
  end
  return value
end

--- The numbers of a run.
---@param f table findings
---@param recipe table
---@param declared table from params.declared
---@param formula table|nil what a formula file returned
---@param given table|nil values from a spec or an embedder, name to value
---@param set table|nil values from the command line, name to text
---@return table values name to number in the parameter's unit, or plain data
function params.resolve(f, recipe, declared, formula, given, set)
  check_formula(f, recipe, formula)
  local stack = layers(formula, given, set)
  for _, layer in ipairs(stack) do refuse_unknown(f, declared, layer) end
  local out = {}
  for name, p in sorted(declared) do out[name] = value_of(f, p, stack) end
  return out
end

return params

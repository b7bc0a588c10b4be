--- A line without a recipe, for looking at it and for experiments: every unit of
--- the profile plays the role of its own name.

local loader = require "linewright.loader"
local sorted = require "linewright.sorted"

local bare = {}

local function needs_of(line)
  local out = {}
  for name, unit in sorted(type(line.units) == "table" and line.units or {}) do
    if type(unit) == "table" and unit.kind == "equip" then
      out[name] = { kind = "cap", contract = unit.contract, requires = {}, at = unit.at }
    end
  end
  return out
end

--- A recipe that needs all of a line and does nothing.
---@param line table what `line "name" {}` returned
---@return table recipe
function bare.recipe(line)
  return {
    kind = "recipe", name = "by-hand", api = 1, version = "1.0.0", at = line.at,
    needs = needs_of(line), params = {}, execute = function() end,
  }
end

--- The line and all its channels as a bundle.
---@param path string of the profile
---@param options table|nil sim (its twin instead of its devices), view (nothing that writes: no
---  outputs, no interlocks)
---@return table bundle
---@return table findings
function bare.check(path, options)
  options = options or {}
  local line = loader.load(path, { role = "line" })
  return loader.check { recipe = bare.recipe(line), line = line, sim = options.sim,
    view = options.view }
end

return bare

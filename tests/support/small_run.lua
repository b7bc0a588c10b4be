-- A rig for one handler or two: the coating recipe's needs and parameters on
-- pilot line A, its procedure replaced by what a spec gives.
--   local t = small_run { execute = function(r, eq, p) ... end, holding = ... }

local rig = require "linewright.rig"

local HANDLERS = { "resetting", "starting", "execute", "completing", "holding", "unholding", "suspending",
  "unsuspending", "stopping", "aborting", "clearing" }

return function(parts, options)
  local recipe = rig.load "recipes/electrode_coating.lua"
  for _, name in ipairs(HANDLERS) do recipe[name] = nil end
  recipe.guards = nil
  for name, part in pairs(parts) do recipe[name] = part end
  options = options or {}
  return rig { recipe = recipe, line = options.line or "lines/pilot_a.lua", params = options.params,
    seed = options.seed, on_note = options.on_note }
end

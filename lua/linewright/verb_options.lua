-- Options of the verbs: which there are, and what is right in them. The verbs
-- ask when they are called, `check` when they are written out in a recipe.

local surface = require "linewright.surface"

local tostring = require("linewright.safe").plain

local options = {}

--- Option name to what stands there: "time", a list of words, or "any".
options.OF = {
  step = surface.kinds "step", operation = surface.kinds "scope",
  wait_until = surface.kinds "wait", wait_first = surface.kinds "wait_first",
  dwell = surface.kinds "dwell", loop = surface.kinds "loop", ask = surface.kinds "question",
  alarm = surface.kinds "alarm_options",
}
options.OF.unit, options.OF.phase = options.OF.operation, options.OF.operation

--- Is a word in a list?
---@param list table
---@param word any
---@return boolean
function options.has(list, word)
  for _, known in ipairs(list) do
    if known == word then return true end
  end
  return false
end

--- What is wrong with the choices of a question, or nil.
---@param choices table|nil texts
---@param default any
---@param has_within boolean
---@return string|nil message
function options.wrong_question(choices, default, has_within)
  if default == nil then return nil end
  if choices and not options.has(choices, default) then
    return ("default '%s' is not among the choices (%s)"):format(tostring(default),
      table.concat(choices, ", "))
  end
  if not has_within then
    return "a default needs `within`, the time after which it counts, e.g. within = \"2 min\""
  end
end

return options

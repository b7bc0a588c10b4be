-- Options of the verbs: which there are, and what is right in them. The verbs
-- ask when they are called, `check` when they are written out in a recipe.

local options = {}

local TIME, ANY = "time", "any"

--- Option name to what stands there: "time", a list of words, or "any".
options.OF = {
  step = { once = ANY, retries = ANY, backoff = TIME, sign = ANY },
  operation = { oee = ANY, equipment = ANY },
  wait_until = { within = TIME, steady = TIME, keep = ANY,
    otherwise = { "hold", "stop", "abort", "suspend", "continue" } },
  wait_first = { within = TIME, otherwise = { "hold", "stop", "abort", "suspend", "continue" } },
  dwell = { clock = { "active", "wall", "restart" } },
  loop = { every = TIME, checkpoint = TIME, state = ANY, run = ANY },
  ask = { prompt = ANY, choices = ANY, within = TIME, default = ANY, role = ANY, sign = ANY },
  alarm = { priority = ANY },
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

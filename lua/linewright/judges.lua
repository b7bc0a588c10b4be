--- Judgements that can be made again: the functions of a recipe's `judges`, which depend on
--- nothing but what is known beforehand (the calibration) and what is looked at. Both go on
--- record, so what came out then comes out again, to the bit.

local hash = require "linewright.hash"
local json = require "linewright.json"
local safe = require "linewright.safe"
local suggest = require "linewright.suggest"
local verb = require "linewright.verb"

local judges = {}

-- What of a judgement is the decision's own, unless the recipe says otherwise.
judges.OWN = { "outcome", "score", "limits", "why" }

local function plain(value, what)
  local text, holds = json.encode(value)
  if not text then verb.raise("E-ARG %s %s", what, holds) end
  return text
end

--- What is known beforehand as it will be read from the record.
---@param known table|nil plain data
---@return table known a copy of its own
---@return string digest of its text
---@return string text
function judges.calibration(known)
  local text = plain(known or {}, "what a judge knows holds")
  local own = json.decode(text)
  return own, hash.sha256(text), text
end

--- The digest of what was looked at.
---@param x any plain data
---@return string
function judges.input(x) return hash.sha256(plain(x, "what a judge looks at holds")) end

local function must_be_known(recipe, name)
  local own = type(recipe.judges) == "table" and recipe.judges or {}
  if own[name] then return own[name] end
  local names = {}
  for known in pairs(own) do names[#names + 1] = known end
  table.sort(names)
  return verb.raise("E-NAME the recipe has no judge '%s'%s", tostring(name),
    suggest.text(tostring(name), names))
end

--- One of a recipe's judges with what it knows.
---@param recipe table
---@param name string
---@param known table as judges.calibration gave it
---@return fun(x: any): table judge what it says has at least an outcome
function judges.of(recipe, name, known)
  local judge = must_be_known(recipe, name)(known)
  if type(judge) ~= "function" then
    verb.raise("E-TYPE judges.%s must return the function that judges, not a %s", name, type(judge))
  end
  return function(x)
    local said = judge(x)
    if not safe.is_plain(said) or said.outcome == nil then
      verb.raise("E-TYPE judge '%s' must return a plain table with an outcome, not %s", name,
        type(said) == "table" and "one without" or "a " .. type(said))
    end
    return said
  end
end

return judges

--- Does what was read make sense together? Which figure goes with which scope.

local tongue = require "linewright.query_tongue"

local word = tongue.word

local query_check = {}

--- Figures that are of a tag or a result.
query_check.STATISTICS = { mean = true, max = true, min = true, sd = true, cpk = true, cp = true }
local STATISTICS = query_check.STATISTICS

--- A refusal: raised through the parser, caught at its door.
---@param template table|string a message, or the template of one
---@param ... any what goes into it
function query_check.refuse(template, ...)
  local message = type(template) == "table" and template or tongue.message(template, ...)
  error({ refusal = message }, 0)
end
local refuse = query_check.refuse

local OWN_GROUP = { reason = "downtime", class = "scrap" }

local needs = {}

local function needs_operand(request)
  local operand = request.operand
  if not operand then refuse("%s of what? name a tag or a result", word(request.figure)) end
  if operand.kind == "mark" then
    refuse("a mark has no %s; ask how many", word(request.figure))
  end
end

for figure in pairs(STATISTICS) do needs[figure] = needs_operand end

function needs.count(request)
  if request.operand and request.operand.kind ~= "mark" then
    refuse "how many alarms, defects or batches?"
  end
  if request.noun == nil and not request.operand then
    refuse "how many of what? alarms, defects, batches or a mark's name"
  end
end

function needs.duration(request)
  if not (request.place or request.batch or request.noun == "batch"
    or request.span and request.span.batches) then
    refuse "how long did what take? name a batch or a phase"
  end
end

local function check_limits(request)
  local figure = request.figure
  local is_capability = figure == "cp" or figure == "cpk"
  if request.limits and not is_capability then refuse "limits belong to Cp and Cpk only" end
  if is_capability and request.operand.kind == "tag" and not request.limits then
    refuse("a tag has no limits of its own: write %s of %s between LOW and HIGH",
      word(figure), request.operand.name)
  end
end

local function check_group(request)
  local group, figure = request.group, request.figure
  if not group then return end
  local is_others = OWN_GROUP[group] and OWN_GROUP[group] ~= figure
  if is_others or figure == "duration" then
    refuse("%s is not known by %s", word(figure), word(group))
  end
end

local NOUNS = { alarm = "alarms", mark = "marks", batch = "batches" }
local TAKES_OPERAND = { count = true, energy = true }

local function check_noun(request)
  local figure, noun = request.figure, request.noun
  if not noun or figure == "count" then return end
  if figure ~= "duration" then
    refuse("%s of %s? one of the two", word(figure), word(NOUNS[noun]))
  end
  if noun ~= "batch" then refuse("a %s has no duration", word(noun)) end
end

local function check_extras(request)
  local figure = request.figure
  if request.operand and not (STATISTICS[figure] or TAKES_OPERAND[figure]) then
    refuse("%s is not of a %s", word(figure), word(request.operand.kind))
  end
  check_noun(request)
  if request.place and figure == "count" then
    refuse("%s is not known by %s", word(figure), word(request.place.kind))
  end
end

--- Refuse a request that makes no sense.
---@param request table
function query_check.run(request)
  if not request.figure then
    if request.noun then refuse("how many %s?", word(NOUNS[request.noun])) end
    refuse "what is asked for is missing: yield, OEE, downtime, energy, scrap, mean of ..."
  end
  check_extras(request)
  if needs[request.figure] then needs[request.figure](request) end
  check_limits(request)
  check_group(request)
  if request.batch and request.span and request.span.batches then
    refuse "one batch or the last ones, not both"
  end
end

return query_check

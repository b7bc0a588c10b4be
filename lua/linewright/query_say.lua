--- A request said back: as the short question that means the same, and as the
--- sentence that shows how a question was understood.

local query_time = require "linewright.query_time"
local query_words = require "linewright.query_words"
local tongue = require "linewright.query_tongue"

local message, word = tongue.message, tongue.word

local query_say = {}

local WORDS = { yield = "yield", oee = "OEE", availability = "availability",
  effectiveness = "effectiveness", downtime = "downtime", energy = "energy", scrap = "scrap",
  produced = "production", mean = "mean", max = "max", min = "min", sd = "standard deviation",
  cpk = "Cpk", cp = "Cp", count = "number of", duration = "duration" }

local MEANS = {
  yield = "yield (good / total produced, ISO 22400 quality ratio)",
  oee = "OEE (availability x effectiveness x quality, ISO 22400)",
  availability = "availability (production time / planned busy time, ISO 22400)",
  effectiveness = "effectiveness (planned time of what was produced / production time, ISO 22400)",
  downtime = "downtime (held, stopping and aborted; not suspended, not idle)",
  energy = "energy", scrap = "scrap (total less good)", produced = "quantity produced",
  mean = "mean", max = "largest value", min = "smallest value", sd = "standard deviation",
  cpk = "Cpk", cp = "Cp", count = "number of", duration = "duration",
}

local NOUNS = { alarm = "alarms", mark = "defects", batch = "batches" }
local COUNTED = { alarm = "alarms and trips raised", mark = "marks",
  batch = "batches that ended" }
local SCOPES = { "line", "batch", "recipe", "product" }

-- In quotes where the scanner would not read it as one name.
local function quoted(name)
  local tokens = query_words.scan(name)
  local is_plain = #tokens == 1 and tokens[1].kind == "name" and tokens[1].text == name
    and not tokens[1].quoted
  return is_plain and name or '"' .. name .. '"'
end

local function subject(request, nouns)
  local operand, figure = request.operand, request.figure
  if operand then
    local text = message("%s %s", word(operand.kind), quoted(operand.name))
    return figure == "count" and text or message("of %s", text)
  end
  local noun = word(request.noun and nouns[request.noun])
  return noun and figure == "duration" and message("of %s", noun) or noun
end

local function scopes_of(request)
  local parts = {}
  local function add(kind, name)
    parts[#parts + 1] = message("of %s %s", word(kind), quoted(name))
  end
  if request.place then add(request.place.kind, request.place.name) end
  for _, kind in ipairs(SCOPES) do
    if request[kind] then add(kind, request[kind]) end
  end
  return parts
end

-- What a question is made of, in the order that a language says it: Chinese has
-- time and place first and the figure behind what it is of.
local ORDERS = {
  en = { "figure", "subject", "limits", "scopes", "group", "span" },
  zh = { "span", "scopes", "subject", "figure", "limits", "group" },
}

local function in_order(language, parts)
  local list = {}
  for _, name in ipairs(ORDERS[language]) do
    local part = parts[name]
    if name == "scopes" then
      for _, scope in ipairs(part) do list[#list + 1] = scope end
    else
      list[#list + 1] = part
    end
  end
  return tongue.join(list, " ")
end

local function parts_of(request, figures, nouns)
  local limits, group = request.limits, request.group
  return { figure = word(figures[request.figure]), subject = subject(request, nouns),
    scopes = scopes_of(request),
    limits = limits and message("between %.14g and %.14g", limits.lo, limits.hi),
    group = group and message("by %s", word(group)) }
end

--- The shortest question that means a request.
---@param request table
---@param language string "en" or "zh"
---@return string
function query_say.question(request, language)
  local parts = parts_of(request, WORDS, NOUNS)
  parts.span = request.span and request.span.words
  return tongue.say(language, in_order(language, parts))
end

--- How a request was understood, for the answer.
---@param request table
---@param ctx table of query_time
---@param language string "en" or "zh"
---@return string
function query_say.interpretation(request, ctx, language)
  local when = request.span and query_time.text(ctx, request.span)
    or request.batch and word "whole batch" or word "all records"
  local asked = in_order(language, parts_of(request, MEANS, COUNTED))
  return tongue.say(language, message("%s; %s", asked, when))
end

return query_say

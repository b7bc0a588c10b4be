--- A request said back: as the short question that means the same, and as the
--- sentence that shows how a question was understood.

local query_time = require "linewright.query_time"
local query_words = require "linewright.query_words"

local format = string.format

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
  if request.operand then
    local of = request.figure == "count" and "" or "of "
    return format("%s%s %s", of, request.operand.kind, quoted(request.operand.name))
  end
  local noun = request.noun and nouns[request.noun]
  if noun then return request.figure == "duration" and "of " .. noun or noun end
  return nil
end

local function scopes_into(parts, request)
  local place = request.place
  if place then parts[#parts + 1] = format("of %s %s", place.kind, quoted(place.name)) end
  for _, kind in ipairs(SCOPES) do
    if request[kind] then parts[#parts + 1] = format("of %s %s", kind, quoted(request[kind])) end
  end
end

local function limits_text(limits)
  return format("between %.14g and %.14g", limits.lo, limits.hi)
end

--- The shortest question that means a request.
---@param request table
---@return string
function query_say.question(request)
  local parts = { WORDS[request.figure] }
  parts[#parts + 1] = subject(request, NOUNS)
  if request.limits then parts[#parts + 1] = limits_text(request.limits) end
  scopes_into(parts, request)
  if request.group then parts[#parts + 1] = "by " .. request.group end
  if request.span then parts[#parts + 1] = request.span.words end
  return table.concat(parts, " ")
end

--- How a request was understood, for the answer.
---@param request table
---@param ctx table of query_time
---@return string
function query_say.interpretation(request, ctx)
  local parts = { MEANS[request.figure] }
  parts[#parts + 1] = subject(request, COUNTED)
  if request.limits then parts[#parts + 1] = limits_text(request.limits) end
  scopes_into(parts, request)
  if request.group then parts[#parts + 1] = "by " .. request.group end
  local when = request.span and query_time.text(ctx, request.span)
    or request.batch and "whole batch" or "all records"
  return table.concat(parts, " ") .. "; " .. when
end

return query_say

--- One history played twice: the second time ten years later and with nobody setting
--- the clock. The records must be the same.

local format = string.format

local twice = {}

local YEARS_S = 4e8

-- The operator's next look counts from the last event, so each keeps its place.
local function untouched(events)
  local list = {}
  for i, event in ipairs(events) do
    local sets = event.what == "clock"
    list[i] = sets and { at_s = event.at_s, what = "clock", argument = 0 } or event
  end
  return list
end

local function differs(a, b)
  if a.hash == b.hash and a.records == b.records then return nil end
  return format("played again ten years later: %d records and hash %.0f, before %d and %.0f",
    b.records, b.hash, a.records, a.hash)
end

--- Play a history, and once more elsewhere in time when nothing in it breaks.
---@param play function(events: table[]|nil, later_s: number|nil): table a result with its events
---@param events table[]|nil nil: those that play draws itself
---@return table result of the first time, broken when the second one differs
function twice.play(play, events)
  local result = play(events)
  if result.broken then return result end
  local text = differs(result, play(untouched(result.events), YEARS_S))
  if text then result.broken = { invariant = "I15", at_s = 0, text = text } end
  return result
end

return twice

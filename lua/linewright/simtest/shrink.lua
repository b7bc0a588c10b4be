--- The shortest history that still breaks something: drop what is not needed, half
--- by half, then one by one, then end the day right after the finding.

local shrink = {}

local function without(list, from, to)
  local out = {}
  for i, item in ipairs(list) do
    if i < from or i > to then out[#out + 1] = item end
  end
  return out
end

--- Shrink a list of events.
---@param events table[]
---@param breaks function(events): table|nil the result when it still breaks
---@param budget integer how many histories may be played
---@return table[] events
---@return integer played
function shrink.list(events, breaks, budget)
  local played, size = 0, math.max(1, math.floor(#events / 2))
  while #events > 0 do
    local at, dropped = 1, false
    while at <= #events and played < budget do
      local fewer = without(events, at, at + size - 1)
      played = played + 1
      if breaks(fewer) then events, dropped = fewer, true else at = at + size end
    end
    if played >= budget or (size == 1 and not dropped) then break end
    if not dropped then size = math.max(1, math.floor(size / 2)) end
  end
  return events, played
end

return shrink

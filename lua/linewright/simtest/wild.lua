--- What a broken worker may ask of its line: past the checks of the port, so that only
--- the guard of the scan is left.

local rules = require "linewright.simtest.rules"

local wild = {}

-- What a broken worker may ask for, by kind; nil where the output allows it.
local WILD = {
  ["NaN"] = function() return 0 / 0 end,
  infinity = function() return math.huge end,
  above = function(c) return c.hi + (c.hi - c.lo) * 0.01 end,
  below = function(c) return c.lo - (c.hi - c.lo) * 0.01 end,
  step = function(c, o, _, share)
    if not c.step_max or c.rate_max or not o.last then return nil end
    local far = (share * 1009 % 1 < 0.5 and 2 or -2) * c.step_max
    local to = o.last + far
    return to >= c.lo and to <= c.hi and to or o.last - far
  end,
}

local function chosen(list, share) return list[math.min(#list, 1 + math.floor(share * #list))] end

-- What needs a permit that is not there.
function WILD.permit(c, _, watcher)
  for _, permit in ipairs(watcher.rules.permits) do
    if permit.output.channel == c and not rules.is_there(watcher, permit) then
      return (permit.limit + (permit.op == "below" and c.lo or c.hi)) / 2, permit
    end
  end
end

local function ask_stale(line, watcher, o, share)
  local c = o.channel
  local value = c.lo + (c.hi - c.lo) * (0.1 + 0.8 * share)
  if c.spec.type == "bool" or o.last and math.abs(value - o.last) < 0.01 * (c.hi - c.lo) then
    return
  end
  line.engine:wild(c.index, value, 1)
  watcher:stale(o, value)
end

-- The output drawn, or the next one that this can be asked of: its channel, the value
-- and the permit that it lacks.
local function output_for(watcher, kind, first, share)
  local outputs, from = watcher.outputs, 1
  for i, o in ipairs(outputs) do
    if o == first then from = i end
  end
  for i = from, from + #outputs - 1 do
    local o = outputs[(i - 1) % #outputs + 1]
    local value, permit
    if WILD[kind] then value, permit = WILD[kind](o.channel, o, watcher, share) end
    if value then return o.channel, value, permit end
  end
end

-- Two requests for one scan: the first is refused, which trips; the second comes too
-- late by a moment.
local function ask_during(line, watcher, share)
  local first
  for _, o in ipairs(watcher.outputs) do
    if not first or o.channel.index < first.channel.index then first = o end
  end
  for _, o in ipairs(watcher.outputs) do
    local c = o.channel
    if o ~= first and c.safe.hold then
      line.engine:wild(c.index, c.spec.type == "bool" and 1 or c.lo + (c.hi - c.lo) * share)
    end
  end
  line.engine:wild(first.channel.index, 0 / 0)
  watcher:refusal("NaN was asked of " .. first.path)
end

--- Ask, straight at the desk, in Execute only: elsewhere the run is on its way already.
---@param line table of linewright.inline
---@param watcher table
---@param event linewright.simtest.Event
function wild.ask(line, watcher, event)
  local o = chosen(watcher.outputs, event.argument)
  local is_open = line.port:trip() == nil and line.port:applied()
  if not o or line.run.state ~= "Execute" or not is_open then return end
  if event.kind == "stale" then return ask_stale(line, watcher, o, event.argument * 97 % 1) end
  if event.kind == "during" then return ask_during(line, watcher, event.argument) end
  local channel, value, permit = output_for(watcher, event.kind, o, event.argument)
  if event.kind == "reading" then
    channel, value = watcher.rules.readings[1], 1
  end
  if not channel then return end
  line.engine:wild(channel.index, value)
  watcher:refusal(("%s was asked of %s"):format(event.kind, channel.path), permit)
end

return wild

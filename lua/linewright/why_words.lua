--- What the chains of `linewright why` have in common: lines with times, readings
--- in words, and the states a run went through with what moved it.

local causes = require "linewright.causes"
local journal = require "linewright.journal"

local format = string.format

local DEPTH_MAX = 8 -- states walked back over

-- The chain while it is made: lines with a time, from effect to cause.
local function add(c, t, depth, ...)
  local text = format(...)
  for _, line in ipairs(c.lines) do
    if line.t == t and line.text == text then return end
  end
  c.lines[#c.lines + 1] = { t = t, depth = depth, text = text }
end

local function value_text(c, tag, value)
  c.units[tag] = c.units[tag] or c.r:unit(tag) or ""
  return causes.text(value, c.units[tag] ~= "" and c.units[tag] or nil)
end

local function saw_text(c, saw)
  local names, parts = {}, {}
  for path in pairs(saw) do names[#names + 1] = path end
  table.sort(names)
  for i, path in ipairs(names) do
    parts[i] = format("%s %s", path, saw[path] == "bad" and "bad" or value_text(c, path, saw[path]))
  end
  return table.concat(parts, ", ")
end

local function limits_text(d)
  if d.lo == nil and d.hi == nil then return "" end
  return format(", allowed %s..%s", d.lo and causes.text(d.lo) or "",
    d.hi and causes.text(d.hi, d.unit) or "")
end

local function place_text(at) return at and format("   (%s)", at) or "" end

-- A scope ends because the last thing in it did.
local function is_scope(c, ended)
  local begun = c.r:begun(ended.key, ended.t)
  return begun ~= nil and (begun.data.scope ~= nil or begun.data.branches ~= nil)
end

-- What had to be true before a verb began: the newest verb finished before it.
local function tell_before(c, begun, depth)
  local ended = c.r:ended_before(begun)
  for _ = 1, DEPTH_MAX do
    if not ended or not is_scope(c, ended) then break end
    ended = c.r:ended_before(ended)
  end
  if not ended then return end
  local saw = ended.data.saw and ": it saw " .. saw_text(c, ended.data.saw) or ""
  local v = type(ended.data.v) == "string" and format(" ('%s')", ended.data.v) or ""
  add(c, ended.t, depth, "because '%s' was done before%s%s", journal.label(ended.key), v, saw)
  if ended.data.judged then
    add(c, ended.t, depth + 1, "judged done by %s", tostring(ended.data.judged))
  end
end

-- ------------------------------------------------------------------- states ---

-- What the scan saw, and the limit that it was held against.
local function tripped_text(d)
  local parts = { format("%s", d.cause) }
  local function part(...) parts[#parts + 1] = format(...) end
  if d.value then part("%s was %s", tostring(d.tag), causes.text(d.value, d.unit)) end
  if d.quality == "bad" then part "without a good reading" end
  if d.limit then part("%s limit %s", d.op or "", causes.text(d.limit, d.unit)) end
  return table.concat(parts, ", ") .. limits_text(d)
end

local function tell_trip(c, trip, depth)
  local d = trip.data
  add(c, trip.t, depth, "%strip to %s: %s%s", depth > 0 and "because of a " or "", d.level,
    tripped_text(d), d.text and ": " .. d.text or "")
end

local function tell_command(c, cmd, depth)
  local d = cmd.data
  local argument = d.arg and " " .. tostring(d.arg) or ""
  local was = d.was ~= nil and format(", was %s", causes.text(d.was)) or ""
  add(c, cmd.t, depth, "because commanded: %s%s by %s%s%s", cmd.key, argument, tostring(d.who),
    was, d.ok == false and ", refused: " .. tostring(d.why) or "")
end

-- What moved the run into a state: a trip, a command, or the script itself.
local function tell_trigger(c, state, before, depth)
  -- The scan's records come by another way than the script's: only time orders
  -- them.
  local trip = c.r:last("trip", state.t)
  if trip and trip.t > (before and before.t or 0) then tell_trip(c, trip, depth) end
  local cmd = c.r:before("cmd", state)
  local is_new = cmd and cmd.id > (before and before.id or 0)
  if is_new and cmd.data.ok ~= false then tell_command(c, cmd, depth) end
end

-- Nobody commands a restart: it is what follows a death.
local NOBODY = { run = true, restart = true }

local function state_text(state)
  local d, text = state.data, state.key
  if d.reason then text = text .. ": " .. d.reason end
  if d.who and not NOBODY[d.who] then text = format("%s   (by %s)", text, d.who) end
  local is_still = d.who == "restart" and d.from == state.key
  return is_still and text .. "   (still, after a restart)" or text
end

-- What the new worker found: the death of the one before, or the host's own restart.
local function tell_death(c, state, depth)
  local death = c.r:last("alarm", state.t, "host/worker")
  local before = c.r:before("state", state)
  if death and death.id > (before and before.id or 0) then
    add(c, death.t, depth, "because of a death: %s", death.data.text)
  end
end

local function tell_state(c, state, depth)
  local d = state.data
  add(c, state.t, depth, "%s%s", depth > 0 and "in state " or "", state_text(state))
  if d.saw then add(c, state.t, depth + 1, "it saw %s", saw_text(c, d.saw)) end
  if d.where then add(c, state.t, depth + 1, "it happened in %s", d.where) end
  local before = c.r:before("state", state)
  if d.who == "restart" then tell_death(c, state, depth + 1) end
  tell_trigger(c, state, before, depth + 1)
  if state.key == "Completing" and d.who == "run" then tell_before(c, state, depth + 1) end
  return before
end

-- States from the newest back to where somebody or something moved the run.
local function tell_states(c, state, depth)
  for _ = 1, DEPTH_MAX do
    if not state then return end
    local is_cause = not NOBODY[state.data.who] or state.key == "Starting"
    local had_saw = state.data.saw ~= nil or state.data.where ~= nil
    local before = tell_state(c, state, depth)
    if is_cause or had_saw then return end
    state = before
  end
end

--- Words for one chain `c`: its records `r`, its `lines`, the `units` met so far.
return {
  add = add,
  value = value_text,
  saw = saw_text,
  limits = limits_text,
  place = place_text,
  trip = tell_trip,
  command = tell_command,
  states = tell_states,
  before = tell_before,
}

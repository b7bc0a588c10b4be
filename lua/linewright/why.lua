--- Why is it so? From an output, alarm, decision or state back through the records:
--- what was commanded, by which step, on which reading, with which limits.

local calendar = require "linewright.calendar"
local causes = require "linewright.causes"
local journal = require "linewright.journal"
local suggest = require "linewright.suggest"
local why_records = require "linewright.why_records"

local format = string.format

local why = {}

local DEPTH_MAX = 8 -- states walked back over

local STATES = {}
for name in ([[Clearing Stopped Starting Idle Suspended Execute Stopping Aborting Aborted Holding
  Held Unholding Suspending Unsuspending Resetting Completing Complete]]):gmatch "%S+" do
  STATES[name:lower()] = name
end

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
  add(c, cmd.t, depth, "because commanded: %s%s by %s%s", cmd.key, argument, tostring(d.who),
    d.ok == false and ", refused: " .. tostring(d.why) or "")
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

local tell_before

local function state_text(state)
  local d, text = state.data, state.key
  if d.reason then text = text .. ": " .. d.reason end
  if d.who and d.who ~= "run" then text = format("%s   (by %s)", text, d.who) end
  return text
end

local function tell_state(c, state, depth)
  local d = state.data
  add(c, state.t, depth, "%s%s", depth > 0 and "in state " or "", state_text(state))
  if d.saw then add(c, state.t, depth + 1, "it saw %s", saw_text(c, d.saw)) end
  if d.where then add(c, state.t, depth + 1, "it happened in %s", d.where) end
  local before = c.r:before("state", state)
  tell_trigger(c, state, before, depth + 1)
  if state.key == "Completing" and d.who == "run" then tell_before(c, state, depth + 1) end
  return before
end

-- States from the newest back to where somebody or something moved the run.
local function tell_states(c, state, depth)
  for _ = 1, DEPTH_MAX do
    if not state then return end
    local is_cause = state.data.who ~= "run" or state.key == "Starting"
    local had_saw = state.data.saw ~= nil or state.data.where ~= nil
    local before = tell_state(c, state, depth)
    if is_cause or had_saw then return end
    state = before
  end
end

-- ------------------------------------------------------------------ outputs ---

local function tell_readings(c, paths, t, depth)
  local parts = {}
  for i, path in ipairs(paths) do
    local value, quality = c.r:reading(path, t)
    parts[i] = value == nil and path or format("%s %s%s", path, value_text(c, path, value),
      quality ~= "good" and " (" .. tostring(quality) .. ")" or "")
  end
  add(c, t, depth, "it read %s", table.concat(parts, ", "))
end

-- The scopes around a key, from the inside out: "execute/coat/trim#1" is in coat.
local function tell_scopes(c, key, t, depth)
  local path = key:match "^(.*)/[^/]*$"
  while path do
    local scope = c.r:scope(path, t)
    if scope then
      add(c, scope.t, depth, "in %s '%s'%s", scope.data.scope, journal.label(scope.key),
        place_text(scope.data.at))
    end
    path = path:match "^(.*)/[^/]*$"
  end
end

-- A scope ends because the last thing in it did.
local function is_scope(c, ended)
  local begun = c.r:begun(ended.key, ended.t)
  return begun ~= nil and (begun.data.scope ~= nil or begun.data.branches ~= nil)
end

-- What had to be true before a verb began: the newest verb finished before it.
tell_before = function(c, begun, depth)
  local ended = c.r:ended_before(begun)
  for _ = 1, DEPTH_MAX do
    if not ended or not is_scope(c, ended) then break end
    ended = c.r:ended_before(ended)
  end
  if not ended then return end
  local saw = ended.data.saw and ": it saw " .. saw_text(c, ended.data.saw) or ""
  local v = type(ended.data.v) == "string" and format(" gave %s", ended.data.v) or ""
  add(c, ended.t, depth, "because '%s' was done before%s%s", journal.label(ended.key), v, saw)
  if ended.data.judged then
    add(c, ended.t, depth + 1, "judged done by %s", tostring(ended.data.judged))
  end
end

local function tell_step(c, key, t, depth)
  local begun = c.r:begun(key, t)
  if begun then
    add(c, begun.t, depth, "'%s' began%s", journal.label(key), place_text(begun.data.at))
    tell_before(c, begun, depth + 1)
  end
  tell_scopes(c, key, t, depth)
end

local function tell_setter(c, path, t, depth)
  local cause = c.r:cause(path, t)
  if not cause then return add(c, t, depth, "no record tells who set it") end
  local d = cause.data
  add(c, cause.t, depth, "because %s set it%s%s", d.by, limits_text(d), place_text(d.at))
  if d.reads then tell_readings(c, d.reads, t, depth + 1) end
  if d.by == "a person" then
    local cmd = c.r:last("cmd", t, "set")
    if cmd then tell_command(c, cmd, depth + 1) end
  else
    tell_step(c, cause.key, cause.t, depth + 1)
  end
end

local function output_text(c, path, out)
  local d = out.data
  local text = format("%s went out as %s", path, value_text(c, path, d.v))
  if d.to then text = format("%s on its way to %s", text, value_text(c, path, d.to)) end
  if d.raw then text = format("%s (device number %s)", text, causes.text(d.raw)) end
  return text
end

local function tell_output(c, path, t)
  local out = c.r:last("out", t, path)
  if not out then return false end
  if out.data.safe then
    add(c, out.t, 0, "%s, the safe value for %s", output_text(c, path, out), out.data.safe)
  else
    add(c, out.t, 0, "%s", output_text(c, path, out))
    tell_setter(c, path, out.t, 1)
  end
  tell_states(c, c.r:last("state", out.t), 1)
  return true
end

-- A reading has no cause in the records; what it was, they tell.
local function tell_reading(c, path, t)
  local value, quality = c.r:reading(path, t)
  if value == nil and quality == nil or not c.r:unit(path) then return false end
  add(c, t, 0, "%s is a reading: %s, %s", path, value_text(c, path, value), tostring(quality))
  tell_states(c, c.r:last("state", t), 1)
  return true
end

-- --------------------------------------------------- alarms and decisions ---

local function tell_data(c, record, depth)
  local names, parts = {}, {}
  for name, v in pairs(record.data) do
    if type(v) ~= "table" then names[#names + 1] = name end
  end
  table.sort(names)
  for i, name in ipairs(names) do
    parts[i] = format("%s %s", name, causes.text(record.data[name]))
  end
  if #parts > 0 then add(c, record.t, depth, "with %s", table.concat(parts, ", ")) end
end

local function tell_maker(c, record, depth)
  local maker = record.key:match "^(.*)/[^/]*$"
  if maker and maker ~= "alarm" and maker:find "/" then
    add(c, record.t, depth, "made in %s", journal.path_text(maker))
    tell_scopes(c, record.key, record.t, depth)
  end
end

local function tell_alarm(c, name, t)
  local record = c.r:named("'alarm','trip'", name, t)
  if not record then return false end
  if record.kind == "trip" then
    tell_trip(c, record, 0)
  else
    add(c, record.t, 0, "alarm '%s', priority %s%s", journal.label(record.key),
      tostring(record.data.priority or "medium"), place_text(record.data.at))
    if record.data.saw then add(c, record.t, 1, "it saw %s", saw_text(c, record.data.saw)) end
    tell_maker(c, record, 1)
  end
  tell_states(c, c.r:last("state", record.t), 1)
  return true
end

local function tell_decision(c, name, t)
  local record = c.r:named("'decision','mark','data','count'", name, t)
  if not record then return false end
  local words = { decision = "decision", mark = "mark", data = "result", count = "count" }
  add(c, record.t, 0, "%s '%s'", words[record.kind], journal.label(record.key))
  tell_data(c, record, 1)
  if record.data.saw then add(c, record.t, 1, "it saw %s", saw_text(c, record.data.saw)) end
  tell_maker(c, record, 1)
  tell_states(c, c.r:last("state", record.t), 1)
  return true
end

local function tell_named_state(c, name, t)
  local state = STATES[name:lower()]
  local record = state and c.r:last("state", t, state)
  if not record then return false end
  tell_states(c, record, 0)
  return true
end

local ASKED = [[SELECT DISTINCT key FROM record WHERE run = ?1 AND kind IN ('out', 'state')
  UNION SELECT DISTINCT label(key) FROM record WHERE run = ?1
  AND kind IN ('alarm', 'decision', 'mark', 'data') UNION SELECT DISTINCT data->>'text'
  FROM record WHERE run = ?1 AND kind = 'trip' ORDER BY 1]]

local function not_found(c, thing)
  local names = c.r:names(ASKED)
  for _, name in ipairs(names) do
    if name:lower() == thing:lower() then
      return format("'%s' is recorded after that time only", name)
    end
  end
  local near = suggest.text(thing, names)
  if near ~= "" then return format("nothing is recorded of '%s'%s", thing, near) end
  return format("nothing is recorded of '%s' by then; there is %s%s", thing,
    table.concat(names, ", ", 1, math.min(#names, 12)), #names > 12 and ", ..." or "")
end

local TELLERS = { tell_named_state, tell_output, tell_alarm, tell_decision, tell_reading }

-- The first that knows the thing tells it; nothing asked is the run itself.
local function tell(c, thing, t)
  if not thing then
    local state = c.r:last("state", t)
    tell_states(c, state, 0)
    return state ~= nil, "no state is recorded by then"
  end
  for i = 1, #TELLERS do
    if TELLERS[i](c, thing, t) then return true end
  end
  return false, not_found(c, thing)
end

--- The causal chain of a thing, from effect to cause.
---@param store table linewright.store
---@param run number
---@param thing string|nil channel, alarm's text, decision, mark, result or state; nil: the state
---@param t number|nil UTC [ns]; nil: the end of the records
---@return table|nil lines { t, depth, text }
---@return string|nil message
function why.chain(store, run, thing, t)
  local c = { r = why_records.new(store, run), lines = {}, units = {} }
  local _, newest = c.r:span()
  local found, message = tell(c, thing, t or newest)
  c.r:close()
  if not found then return nil, message end
  return c.lines
end

--- A chain as text.
---@param lines table[] of why.chain
---@return string
function why.text(lines)
  local out, day = {}, nil
  for _, line in ipairs(lines) do
    local at = calendar.text(line.t)
    if at:sub(1, 10) ~= day then
      day = at:sub(1, 10)
      out[#out + 1] = day .. " UTC"
    end
    local ms = math.floor(line.t / 1e6 % 1000)
    out[#out + 1] = format("%s.%03d  %s%s", at:sub(12), ms, ("  "):rep(line.depth), line.text)
  end
  return table.concat(out, "\n") .. "\n"
end

return why

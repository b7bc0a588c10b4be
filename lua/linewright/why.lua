--- Why is it so? From an output, alarm, decision or state back through the records:
--- what was commanded, by which step, on which reading, with which limits.

local calendar = require "linewright.calendar"
local causes = require "linewright.causes"
local decisions = require "linewright.decisions"
local journal = require "linewright.journal"
local printable = require "linewright.printable"
local suggest = require "linewright.suggest"
local why_records = require "linewright.why_records"
local words = require "linewright.why_words"

local format = string.format

local why = {}

local TRIP_NS = 50e6 -- a safe value this soon after a trip is its doing

local STATES = {}
for name in ([[Clearing Stopped Starting Idle Suspended Execute Stopping Aborting Aborted Holding
  Held Unholding Suspending Unsuspending Resetting Completing Complete]]):gmatch "%S+" do
  STATES[name:lower()] = name
end

-- ------------------------------------------------------------------ outputs ---

local function tell_readings(c, paths, t, depth)
  local parts = {}
  for i, path in ipairs(paths) do
    local value, quality = c.r:reading(path, t)
    parts[i] = value == nil and path or format("%s %s%s", path, words.value(c, path, value),
      quality ~= "good" and " (" .. tostring(quality) .. ")" or "")
  end
  words.add(c, t, depth, "it read %s", table.concat(parts, ", "))
end

-- The scopes around a key, from the inside out: "execute/coat/trim#1" is in coat.
local function tell_scopes(c, key, t, depth)
  local path = key:match "^(.*)/[^/]*$"
  while path do
    local scope = c.r:scope(path, t)
    if scope then
      words.add(c, scope.t, depth, "in %s '%s'%s", scope.data.scope, journal.label(scope.key),
        words.place(scope.data.at))
    end
    path = path:match "^(.*)/[^/]*$"
  end
end

local function tell_step(c, key, t, depth)
  local begun = c.r:begun(key, t)
  if begun then
    words.add(c, begun.t, depth, "'%s' began%s", journal.label(key), words.place(begun.data.at))
    words.before(c, begun, depth + 1)
  end
  tell_scopes(c, key, t, depth)
end

-- An output that no script set: by hand at a prompt that was armed, or put back
-- when that was over.
local function tell_hand(c, t, depth)
  local armed, over = c.r:last("cmd", t, "arm"), c.r:last("cmd", t, "disarm")
  if not armed then return words.add(c, t, depth, "no record tells who set it") end
  if over and over.id > armed.id then
    return words.add(c, over.t, depth, "put back when the outputs were no longer armed")
  end
  words.add(c, armed.t, depth, "by hand: %s armed the outputs for %.14g s", armed.data.who,
    armed.data.for_s)
end

local function tell_setter(c, path, t, depth)
  local cause = c.r:cause(path, t)
  if not cause then return tell_hand(c, t, depth) end
  local d = cause.data
  words.add(c, cause.t, depth, "because %s set it%s%s", d.by, words.limits(d), words.place(d.at))
  if d.reads then tell_readings(c, d.reads, t, depth + 1) end
  if d.by == "a person" then
    local cmd = c.r:last("cmd", t, "set")
    if cmd then words.command(c, cmd, depth + 1) end
  else
    tell_step(c, cause.key, cause.t, depth + 1)
  end
end

local function output_text(c, path, out)
  local d = out.data
  local text = format("%s went out as %s", path, words.value(c, path, d.v))
  if d.to then text = format("%s on its way to %s", text, words.value(c, path, d.to)) end
  if d.raw then text = format("%s (device number %s)", text, causes.text(d.raw)) end
  return text
end

-- The scan trips at once; the run's state follows when its script hears of it.
local function tell_safe(c, path, out)
  words.add(c, out.t, 0, "%s, the safe value for %s", output_text(c, path, out), out.data.safe)
  local trip = c.r:last("trip", out.t)
  local is_trip = trip and out.t - trip.t < TRIP_NS
  if is_trip then words.trip(c, trip, 1) end
  local state = is_trip and c.r:next("state", out.t) or c.r:last("state", out.t)
  words.states(c, state, 1)
  return true
end

local function tell_output(c, path, t)
  local out = c.r:last("out", t, path)
  if not out then return false end
  if out.data.safe then return tell_safe(c, path, out) end
  words.add(c, out.t, 0, "%s", output_text(c, path, out))
  tell_setter(c, path, out.t, 1)
  words.states(c, c.r:last("state", out.t), 1)
  return true
end

-- A reading has no cause in the records; what it was, they tell.
local function tell_reading(c, path, t)
  local value, quality = c.r:reading(path, t)
  if value == nil or not c.r:unit(path) then return false end
  words.add(c, t, 0, "%s is a reading: %s, %s", path, words.value(c, path, value),
    tostring(quality))
  words.states(c, c.r:last("state", t), 1)
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
  if #parts > 0 then words.add(c, record.t, depth, "with %s", table.concat(parts, ", ")) end
end

local function tell_maker(c, record, depth)
  local maker = record.key:match "^(.*)/[^/]*$"
  if maker and maker ~= "alarm" and maker:find "/" then
    words.add(c, record.t, depth, "made in %s", journal.path_text(maker))
    tell_scopes(c, record.key, record.t, depth)
  end
end

local function tell_saw(c, record)
  local saw = record.data.saw
  if saw then words.add(c, record.t, 1, "it saw %s", words.saw(c, saw)) end
end

-- A detector among the filters of a tag tells what it saw by itself.
local function tell_severity(c, record)
  local d = record.data
  if not d.severity then return end
  words.add(c, record.t, 1, "a detector of the tag found severity %.3g, 1 is an alarm; it read %s",
    d.severity, causes.text(d.value, d.unit))
end

local function tell_alarm(c, name, t)
  local record = c.r:named("'alarm','trip'", name, t)
  if not record then return false end
  if record.kind == "trip" then
    words.trip(c, record, 0)
  else
    local d = record.data
    words.add(c, record.t, 0, "alarm '%s', priority %s%s", d.text or journal.label(record.key),
      tostring(d.priority or "medium"), words.place(d.at))
    tell_severity(c, record)
    tell_saw(c, record)
    tell_maker(c, record, 1)
  end
  words.states(c, c.r:last("state", record.t), 1)
  return true
end

local function tell_decision(c, name, t)
  local record = c.r:named("'decision','mark','data','count'", name, t)
  if not record then return false end
  local kinds = { decision = "decision", mark = "mark", data = "result", count = "count" }
  words.add(c, record.t, 0, "%s '%s'", kinds[record.kind], journal.label(record.key))
  if record.kind == "decision" then
    words.add(c, record.t, 1, "with %s", decisions.text(record.data))
  else
    tell_data(c, record, 1)
  end
  tell_saw(c, record)
  tell_maker(c, record, 1)
  words.states(c, c.r:last("state", record.t), 1)
  return true
end

local function tell_named_state(c, name, t)
  local state = STATES[name:lower()]
  local record = state and c.r:last("state", t, state)
  if not record then return false end
  words.states(c, record, 0)
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
    words.states(c, state, 0)
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
    local indent = ("  "):rep(line.depth)
    local text = printable(line.text, (" "):rep(14) .. indent)
    out[#out + 1] = format("%s.%03d  %s%s", at:sub(12), ms, indent, text)
  end
  return table.concat(out, "\n") .. "\n"
end

return why

--- Invariants that hold at every instant of a run, watched from outside: at the
--- plant's terminals, in the records, in the state. Nothing here asks the guard, the
--- runtime or the journal whether they are right.

local journal = require "linewright.journal"
local sorted = require "linewright.sorted"

local format = string.format
local abs, huge, max = math.abs, math.huge, math.max

local Watch = {}
Watch.__index = Watch

local watch = {}

--- What each invariant says. Numbers as in the project's list of invariants.
watch.INVARIANTS = {
  I1 = "each output is finite, within its range and its rate",
  I3 = "in a state at rest no output moves; after hold, stop and abort outputs are safe",
  I5 = "the state machine takes legal transitions only, and says why it is Held",
  I6 = "no finished step runs twice",
  I7 = "each step's end has its beginning on record first",
  I8 = "what was acknowledged is in the records after a crash",
  I9 = "the same seed gives the same records",
  I12 = "an interlock whose input is bad has tripped",
  I15 = "the wall clock has no effect on control",
  I20 = "once faults have ended, stop leads to Stopped in bounded time",
  host = "the host itself raises no error",
}

-- PackML's legal transitions (STANDARDS.md section 2): commands and ends.
local LEGAL = {
  Stopped = "Resetting Aborting", Resetting = "Idle Stopping Aborting",
  Idle = "Starting Stopping Aborting", Starting = "Execute Stopping Aborting",
  Execute = "Completing Holding Suspending Stopping Aborting",
  Holding = "Held Stopping Aborting", Held = "Unholding Completing Stopping Aborting",
  Unholding = "Execute Holding Stopping Aborting",
  Suspending = "Suspended Holding Stopping Aborting",
  Suspended = "Unsuspending Holding Completing Stopping Aborting",
  Unsuspending = "Execute Holding Stopping Aborting",
  Completing = "Complete Stopping Aborting", Complete = "Resetting Stopping Aborting",
  Stopping = "Stopped Aborting", Aborting = "Aborted", Aborted = "Clearing",
  Clearing = "Stopped Aborting",
}
-- After a restart a run comes back at rest.
local RETURNS = { Held = true, Stopped = true, Aborted = true, Complete = true }
local LEVEL = { Holding = "hold", Stopping = "stop", Aborting = "abort", Suspending = "suspend",
  Held = "hold", Stopped = "stop", Aborted = "abort", Clearing = "stop", Suspended = "suspend" }
local AT_REST = { Held = true, Stopped = true, Aborted = true, Suspended = true, Idle = true }
local WORKS = { Starting = true, Execute = true, Completing = true, Unholding = true,
  Unsuspending = true }

local SLACK = 1e-9 -- of a value's size: conversions there and back

local function is_close(a, b) return abs(a - b) <= SLACK * max(abs(a), abs(b), 1) end

local function outputs_of(bundle)
  local list = {}
  for path, channel in sorted(bundle.channels) do
    if channel.class == "writable" and channel.signal then
      list[#list + 1] = { path = path, channel = channel, signal = channel.signal,
        gain = channel.signal_gain * channel.gain,
        bias = channel.signal_bias * channel.gain + channel.bias }
    end
  end
  return list
end

local function interlocks_of(bundle)
  local list = {}
  for _, rule in ipairs(bundle.rules or {}) do
    if rule.kind == "interlock" and rule.channel.index then
      list[#list + 1] = { rule = rule, index = rule.channel.index, bad_ns = nil }
    end
  end
  return list
end

--- Watch a line.
---@param line table of linewright.inline
---@return table watch
function watch.new(line)
  local self = setmetatable({
    outputs = outputs_of(line.bundle), interlocks = interlocks_of(line.bundle),
    scan_ns = line.bundle.line.scan_ns, finished = {}, begun = {}, hash = 5381, records = 0,
    broken = nil,
  }, Watch)
  self:attach(line)
  return self
end

-- Remember the first finding; the ones after it are its children.
local function fail(self, invariant, ...)
  if self.broken then return end
  self.broken = { invariant = invariant, at_ns = self.line:now_ns(), text = format(...) }
end
Watch.fail = fail

-- Finished steps stay finished until the recipe is begun afresh.
local SEEN = {}

function SEEN.state(self, to, data)
  if to == "Starting" then self.finished, self.begun = {}, {} end
  local from = self.state
  if from ~= to and not LEGAL[from]:find(to, 1, true) then
    fail(self, "I5", "from %s to %s", from, to)
  end
  self.state, self.reason = to, data.reason
end

function SEEN.begin(self, key)
  if self.finished[key] then
    fail(self, "I6", "step '%s' (%s) is begun again after it was finished", journal.label(key), key)
  end
  self.begun[key] = true
end

SEEN["end"] = function(self, key, data)
  if not self.begun[key] then
    fail(self, "I7", "step '%s' (%s) ends and was never begun", journal.label(key), key)
  end
  if not data.error then self.finished[key] = true end
end

local function fold(hash, text)
  for i = 1, #text, 7 do hash = (hash * 33 + text:byte(i)) % 4294967296 end
  return (hash * 33 + #text) % 4294967296
end

-- Each record on its way out, as the journal notes it.
local function listen(self, run)
  local book = run.rt.journal
  local apply = book.apply
  function book.apply(b, kind, key, data)
    self.records = self.records + 1
    self.hash = fold(self.hash, format("%s %s %.0f", kind, key, self.line:now_ns()))
    local seen = SEEN[kind]
    if seen then seen(self, key, data) end
    return apply(b, kind, key, data)
  end
end

--- Go on with a line after a restart.
---@param line table
---@param is_return boolean|nil true after a crash
function Watch:attach(line, is_return)
  self.line, self.sim, self.state = line, line.sim, line.run.state
  self.level, self.level_seen, self.rest_ns, self.shown = nil, nil, nil, nil
  self.moved_ns = line:now_ns()
  if is_return and not RETURNS[self.state] then
    fail(self, "I5", "after a restart the run is in %s", self.state)
  end
  for _, o in ipairs(self.outputs) do o.last = nil end
  listen(self, line.run)
end

--- A driver with a fault neither reads nor writes: its terminals prove nothing.
---@param is_blind boolean
function Watch:blind(is_blind)
  self.blind_n = (self.blind_n or 0) + (is_blind and 1 or -1)
  self.moved_ns = self.line:now_ns()
end

local function check_range(self, o, value)
  local c = o.channel
  local slack = SLACK * max(abs(c.lo), abs(c.hi), 1)
  if not (value >= c.lo - slack and value <= c.hi + slack) then
    fail(self, "I1", "output %s is %.6g %s, its range is %.6g..%.6g", o.path, value, c.unit, c.lo,
      c.hi)
  end
end

-- A trip writes safe values at once, some scans before the run's state follows.
local function is_safe_value(o, value)
  for _, safe in pairs(o.channel.safe) do
    if is_close(value, safe) then return true end
  end
  return false
end

-- All but safe values moves no faster than its ramp.
local function check_rate(self, o, value, dt_s)
  local most = o.channel.rate_max and o.channel.rate_max * dt_s * 1.001
  if not most or abs(value - o.last) <= most then return end
  fail(self, "I1", "output %s moves from %.6g to %.6g %s within %.3g s, allowed are %.6g", o.path,
    o.last, value, o.channel.unit, dt_s, most)
end

local function check_safe(self, o, value)
  local safe = o.channel.safe[self.level]
  if safe and not is_close(value, safe) then
    fail(self, "I3", "one scan into %s output %s is %.6g %s, its safe value is %.6g",
      self.state, o.path, value, o.channel.unit, safe)
  end
end

local function check_move(self, o, value, now_ns)
  check_range(self, o, value)
  if is_safe_value(o, value) then return end
  check_rate(self, o, value, self.scan_ns / 1e9)
  local is_resting = self.rest_ns and self.line.run.state == self.shown
  if is_resting and now_ns - self.rest_ns > 2 * self.scan_ns then
    fail(self, "I3", "output %s moves from %.6g to %.6g %s in %s", o.path, o.last, value,
      o.channel.unit, self.state)
  end
end

-- What is there before we looked may be the plant's own, as after a power cut.
local function check_output(self, o, value, now_ns)
  if o.last and value ~= o.last then check_move(self, o, value, now_ns) end
  if self.level and self.level_seen == false then check_safe(self, o, value) end
  o.last = value
end

-- The safe values of a level that a state brings are due one scan later.
local function note_state(self)
  local state = self.line.run.state
  if state == self.shown then return end
  self.shown = state
  self.rest_ns = AT_REST[state] and self.line:now_ns() or nil
  local level = LEVEL[state]
  if level ~= self.level then self.level_seen = level and "due" or nil end
  self.level = level
  if state == "Held" and (self.line.run.reason or "") == "" then
    fail(self, "I5", "the run is Held and says no reason")
  end
end

local function check_interlocks(self, now_ns)
  local run, port = self.line.run, self.line.port
  for _, lock in ipairs(self.interlocks) do
    local _, quality = port:read(lock.index)
    if quality ~= "bad" then lock.bad_ns = nil else lock.bad_ns = lock.bad_ns or now_ns end
    local due = lock.bad_ns and lock.bad_ns + lock.rule.lasting_ns + 3 * self.scan_ns
      + self.line.tick_s * 2e9
    if due and now_ns > due and WORKS[run.state] and now_ns - self.moved_ns > 5e9 then
      fail(self, "I12", "%s is bad for %.3g s and the run is in %s", lock.rule.channel.path,
        (now_ns - lock.bad_ns) / 1e9, run.state)
    end
  end
end

--- Look at everything; call after each scan.
function Watch:look()
  local now_ns = self.line:now_ns()
  local is_blind = (self.blind_n or 0) > 0 or now_ns - self.moved_ns < 5e9
  if self.level_seen == "due" then self.level_seen = false end
  for _, o in ipairs(self.outputs) do
    local value = self.sim:get(o.signal) * o.gain + o.bias
    if abs(value) == huge or value ~= value then
      fail(self, "I1", "output %s is %s", o.path, tostring(value))
    elseif is_blind then
      o.last = nil
    else
      check_output(self, o, value, now_ns)
    end
  end
  if self.level_seen == false then self.level_seen = true end
  note_state(self)
  check_interlocks(self, now_ns)
  return self.broken
end

return watch

--- Invariants that hold at every instant of a run, watched from outside: at the
--- plant's terminals, in the records, in the state. Nothing here asks the guard, the
--- runtime or the journal whether they are right.

local records = require "linewright.simtest.records"
local rules = require "linewright.simtest.rules"
local sorted = require "linewright.sorted"

local format = string.format
local abs, huge, max = math.abs, math.huge, math.max

local Watch = {}
Watch.__index = Watch

local watch = {}

--- What each invariant says. Numbers as in the project's list of invariants.
watch.INVARIANTS = {
  I1 = "each output is finite, within its range, its step and its rate",
  I2 = "no output moves without its permit, its epoch and a healthy journal",
  I3 = "in a state at rest no output moves; after hold, stop and abort outputs are safe",
  I5 = "the state machine takes legal transitions only, and says why it is Held",
  I6 = "no finished step runs twice",
  I7 = "each step's end has its beginning on record first",
  I8 = "what was acknowledged is in the records after a crash",
  I9 = "the same seed gives the same records, and a restart goes on from them",
  I10 = "a reading is good only while it is true and young",
  I12 = "an interlock that is violated, or whose input is bad, has tripped",
  I15 = "the wall clock has no effect on control",
  I16 = "one cause gives one alarm",
  I19 = "each command and each refusal is on record",
  I20 = "with nothing wrong a run goes on; once faults have ended, stop leads to Stopped",
  host = "the host itself raises no error",
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
        quantum = rules.quantum(channel), gain = channel.signal_gain * channel.gain,
        bias = channel.signal_bias * channel.gain + channel.bias }
    end
  end
  return list
end

--- Watch a line.
---@param line table of linewright.inline
---@return table watch
function watch.new(line)
  local self = setmetatable({
    outputs = outputs_of(line.bundle), fault_of = {},
    scan_ns = line.bundle.line.scan_ns, finished = {}, begun = {}, open_once = {}, raised = {},
    hash = 5381, records = 0, commands = 0, broken = nil,
  }, Watch)
  self.rules = rules.new(line.bundle, self.outputs)
  self:attach(line)
  return self
end

-- Remember the first finding; the ones after it are its children.
local function fail(self, invariant, ...)
  if self.broken then return end
  self.broken = { invariant = invariant, at_ns = self.line:now_ns(), text = format(...) }
end
Watch.fail = fail

--- Go on with a line after a restart.
---@param line table
---@param is_return boolean|nil true after a crash
function Watch:attach(line, is_return)
  self.line, self.sim, self.state = line, line.sim, line.run.state
  self.level, self.level_seen, self.rest_ns, self.shown = nil, nil, nil, nil
  self.moved_ns, self.has_returned = line:now_ns(), is_return
  if is_return and not RETURNS[self.state] then
    fail(self, "I5", "after a restart the run is in %s", self.state)
  end
  if is_return and line.run.refused then fail(self, "I9", "%s", line.run.refused) end
  for _, o in ipairs(self.outputs) do o.last, o.is_known = nil, false end
  self.raised, self.refused_ns, self.stopped_ns = {}, nil, nil
  rules.forget(self.rules)
  records.begin(self)
  records.listen(self, line.run)
end

--- A fault of a signal began, or ended (kind "none").
---@param signal integer
---@param kind string
function Watch:fault(signal, kind)
  self.fault_of[signal] = { kind = kind, at_ns = self.line:now_ns() }
end

--- Somebody asked for what the guard must refuse: the run is held for it.
---@param text string
function Watch:refusal(text)
  self.refused_ns, self.refused_text = self.line:now_ns(), text
end

--- A request of an epoch that is over: this value must never be seen.
---@param o table of outputs
---@param value number
function Watch:stale(o, value)
  o.stale, o.stale_until_ns = value, self.line:now_ns() + 50 * self.scan_ns
end

--- What was acknowledged is in the store, in order.
---@param is_all boolean|nil so is what was not
function Watch:check_stored(is_all)
  local least = is_all and #self.sent or self.sent_before + self.line.port:committed()
  records.check_stored(self, least)
end

--- Drivers that are down, or that were a moment ago, prove nothing.
---@return boolean
function Watch:is_dazed()
  return (self.blind_n or 0) > 0 or self.line:now_ns() - self.moved_ns < 5e9
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

Watch.is_safe = is_safe_value

-- The first step after a restart begins where the device said that it was; a
-- faulty read-back moves that place.
local function is_known(self, o)
  if o.is_known then return true end
  local fault = self.fault_of[o.signal]
  o.is_known = true
  return not fault or fault.kind == "none" and fault.at_ns < self.moved_ns
end

local function check_step(self, o, value)
  local most = o.channel.step_max
  if not most or o.channel.rate_max or abs(value - o.last) <= most * (1 + 1e-6) then return end
  fail(self, "I1", "output %s steps from %.6g to %.6g %s, allowed are %.6g", o.path, o.last,
    value, o.channel.unit, most)
end

local function check_stale(self, o, value, now_ns)
  if not o.stale or now_ns > o.stale_until_ns then return end
  if is_close(value, o.stale) then
    fail(self, "I2", "output %s is %.6g %s, which was asked in an epoch before this one", o.path,
      value, o.channel.unit)
  end
end

-- All but safe values moves no faster than its ramp.
local function check_rate(self, o, value, dt_s)
  local most = o.channel.rate_max and o.channel.rate_max * dt_s * 1.001
  -- A device found outside its range counts as at the end of it.
  local from = math.min(max(o.last, o.channel.lo), o.channel.hi)
  -- Both ends of the step are rounded to the device's word.
  if not most or abs(value - from) <= most + 2 * o.quantum then return end
  fail(self, "I1", "output %s moves from %.6g to %.6g %s within %.3g s, allowed are %.6g", o.path,
    o.last, value, o.channel.unit, dt_s, most)
end

local function check_safe(self, o, value)
  local safe = o.channel.safe[self.level]
  if not safe or is_close(value, safe) then return end
  -- A trip that the run has not noticed yet may ask for more than its state.
  local _, level = self.line.port:trip()
  local of_trip = level and o.channel.safe[level]
  if of_trip and is_close(value, of_trip) then return end
  fail(self, "I3", "one scan into %s output %s is %.6g %s, its safe value is %.6g",
    self.state, o.path, value, o.channel.unit, safe)
end

local function check_move(self, o, value, now_ns)
  check_range(self, o, value)
  if is_safe_value(o, value) then return end
  check_stale(self, o, value, now_ns)
  if is_known(self, o) then
    check_rate(self, o, value, self.scan_ns / 1e9)
    check_step(self, o, value)
  end
  if self.stopped_ns and now_ns > self.stopped_ns + self.scan_ns then
    fail(self, "I2", "output %s moves from %.6g to %.6g %s without a journal", o.path, o.last,
      value, o.channel.unit)
  end
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

--- The safe values of a level that a state brings are due one scan later; call also
--- after a command, which needs no tick.
function Watch:notice()
  local state = self.line.run.state
  if state == self.shown then return end
  if self.shown then self.has_returned = nil end
  self.shown, self.shown_ns = state, self.line:now_ns()
  self.rest_ns = AT_REST[state] and self.shown_ns or nil
  local level = LEVEL[state]
  if level ~= self.level then self.level, self.level_seen = level, level and "due" end
  local is_mute = state == "Held" and (self.line.run.reason or "") == ""
  if is_mute then fail(self, "I5", "the run is Held and says no reason") end
end

-- While the run has not noticed a trip, outputs stay at their safe values.
local function check_trip(self)
  local seq, level = self.line.port:trip()
  if not seq or self:is_dazed() then return end
  for _, o in ipairs(self.outputs) do
    if o.channel.safe[level] and o.last and not is_safe_value(o, o.last) then
      return fail(self, "I3", "a trip to %s is open and output %s is %.6g %s", level, o.path,
        o.last, o.channel.unit)
    end
  end
end

-- A refusal, and a journal that stopped, take the run out of its work.
local function check_leaves(self, since_ns, now_ns, invariant, text)
  if not since_ns or now_ns <= since_ns + 2 * self.scan_ns + self.line.tick_s * 2e9 then return end
  if WORKS[self.line.run.state] then
    fail(self, invariant, "%s, %.3g s ago, and the run is in %s", text, (now_ns - since_ns) / 1e9,
      self.line.run.state)
  end
end

local function check_duties(self, now_ns)
  local line = self.line
  if self.refused_ns and not WORKS[line.run.state] then self.refused_ns = nil end
  check_leaves(self, self.refused_ns, now_ns, "I19", self.refused_text)
  if not self.stopped_ns and not line.port:store_ok() then self.stopped_ns = now_ns end
  check_leaves(self, self.stopped_ns, now_ns, "I2", "the journal has stopped")
end

--- Look at everything; call after each scan.
function Watch:look()
  local now_ns = self.line:now_ns()
  local is_blind = self:is_dazed()
  -- What a run that came back put out is looked at as soon as there is sight.
  local must_wait = is_blind and self.has_returned
  if self.level_seen == "due" and not must_wait then self.level_seen = false end
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
  rules.look(self.rules, self, now_ns)
  check_trip(self)
  self:notice()
  check_duties(self, now_ns)
  return self.broken
end

return watch

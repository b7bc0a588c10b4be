--- Invariants that hold at every instant of a run, watched from outside: at the
--- plant's terminals, in the records, in the state. Nothing here asks the guard, the
--- runtime or the journal whether they are right.

local records = require "linewright.simtest.records"
local rules = require "linewright.simtest.rules"
local stations = require "linewright.simtest.stations"
local terminals = require "linewright.simtest.terminals"

local format = string.format

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
  I13 = "a model's answer counts only when it came in time and is a number",
  I15 = "the wall clock has no effect on control",
  I16 = "one cause gives one alarm",
  I19 = "each command and each refusal is on record",
  I20 = "with nothing wrong a run goes on to its end; once faults have ended, stop stops it",
  host = "the host itself raises no error",
}

-- After a restart a run comes back at rest.
local RETURNS = { Held = true, Stopped = true, Aborted = true, Complete = true }
local LEVEL = { Holding = "hold", Stopping = "stop", Aborting = "abort", Suspending = "suspend",
  Held = "hold", Stopped = "stop", Aborted = "abort", Clearing = "stop", Suspended = "suspend" }
local AT_REST = { Held = true, Stopped = true, Aborted = true, Suspended = true, Idle = true }
local WORKS = { Starting = true, Execute = true, Completing = true, Unholding = true,
  Unsuspending = true }

-- After a fault, and after its end, each scan is looked at for so long.
local UNEASY_NS = 8e9

--- Watch a line.
---@param line table of linewright.inline
---@return table watch
function watch.new(line)
  local self = setmetatable({
    outputs = terminals.of(line.bundle), levels = LEVEL, fault_of = {}, model_faults = {},
    scan_ns = line.bundle.line.scan_ns, finished = {}, begun = {}, open_once = {}, raised = {},
    hash = 5381, records = 0, commands = 0, broken = nil,
    there = {}, value = {}, quality = {}, -- seen last: by signal, by tag, by tag
    stations = stations.by_signal(line.bundle), blind_n = {}, -- faults by driver that is down
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
---@param is_lost boolean|nil what was not acknowledged may be gone
function Watch:attach(line, is_return, is_lost)
  self.line, self.sim, self.state = line, line.sim, line.run.state
  self.level, self.level_seen, self.rest_ns, self.shown = nil, nil, nil, nil
  self.moved_ns, self.has_returned = line:now_ns(), is_return
  self.uneasy_ns = self.moved_ns + UNEASY_NS
  if is_return and not RETURNS[self.state] then
    fail(self, "I5", "after a restart the run is in %s", self.state)
  end
  if is_return and line.run.refused then fail(self, "I9", "%s", line.run.refused) end
  for _, o in ipairs(self.outputs) do o.last, o.is_known = nil, false end
  self.raised, self.asked, self.refused_ns, self.stopped_ns = {}, {}, nil, nil
  rules.forget(self.rules)
  records.begin(self, is_lost)
  records.listen(self, line.run)
end

--- A fault of a signal began, or ended (kind "none").
---@param signal integer
---@param kind string
function Watch:fault(signal, kind)
  local now_ns = self.line:now_ns()
  self.fault_of[signal] = { kind = kind, at_ns = now_ns }
  self.uneasy_ns = now_ns + UNEASY_NS
end

--- A fault of a model began, or ended (kind nil).
---@param name string
---@param kind string|nil
---@param slow_s number|nil
function Watch:model_fault(name, kind, slow_s)
  self.model_faults[name] = kind and { kind = kind, slow_s = slow_s }
end

--- Somebody asked for what the guard must refuse: the run is held for it.
---@param text string
---@param permit table|nil of the rules, when it is one that is not there now
function Watch:refusal(text, permit)
  self.refused_ns, self.refused_text, self.lacking = self.line:now_ns(), text, permit
end

-- What a permit needs may have come in the very scan that took the request.
local function look_at_lacking(self)
  local permit = self.lacking
  if permit and rules.is_there(self, permit) then self.refused_ns = nil end
  self.lacking = nil
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
  local acknowledged = self.sent_before + self.line.port:committed() - self.skipped
  local least = is_all and #self.sent or acknowledged
  records.check_stored(self, least)
end

-- Drivers that are down, or that were a moment ago, prove nothing.
local function is_dazed(self, now_ns)
  return next(self.blind_n) ~= nil or now_ns - self.moved_ns < 5e9
end

--- The drivers of a signal neither read nor write, or do so again: meanwhile no terminal
--- proves anything.
---@param signal integer
---@param is_blind boolean
function Watch:blind(signal, is_blind)
  local now_ns, blind = self.line:now_ns(), self.blind_n
  for station in pairs(self.stations[signal] or {}) do
    local n = (blind[station] or 0) + (is_blind and 1 or -1)
    blind[station] = n > 0 and n or nil
    if not is_blind and self.moved_ns == now_ns then terminals.blink(self, station) end
  end
  self.moved_ns = now_ns
end

--- Is the driver of this one down?
---@param o table with its station
---@return boolean
function Watch:is_down(o) return self.blind_n[o.station] ~= nil end

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

--- Is nothing due? Then an instant at which nothing moves is like the one before.
---@return boolean
function Watch:is_calm()
  return self.line:now_ns() > self.uneasy_ns and self.level_seen ~= "due" and not self.refused_ns
    and rules.is_calm(self.rules, WORKS[self.shown])
end

--- Look at everything; call after each scan, or while it is calm after each at which
--- something moved.
---@return table|nil broken
function Watch:look()
  local engine = self.line.engine
  local now_ns = engine:now_ns()
  local is_blind = is_dazed(self, now_ns)
  self.is_dazed = is_blind
  engine:look(self.there, self.value, self.quality)
  -- What a run that came back put out is looked at as soon as there is sight.
  local must_wait = is_blind and self.has_returned
  if self.level_seen == "due" and not must_wait then self.level_seen = false end
  terminals.look(self, now_ns, is_blind)
  look_at_lacking(self)
  rules.look(self.rules, self, now_ns)
  self:notice()
  check_duties(self, now_ns)
  return self.broken
end

return watch

--- One simulated history: a recipe on a line's twin, a list of events, the invariants
--- watched at each scan. First the bad day, then a quiet time in which an operator
--- takes the run up again, then stop.

local act = require "linewright.simtest.acts"
local day = require "linewright.simtest.day"

local history = {}

local QUIET_S = 900      -- after the last fault an operator has so long to go on
local STOP_S = 2 * 3600  -- the longest that a stopping handler may take
local GLANCE_S = 20      -- between two looks of the operator
local ATTENDS_S = 30     -- the same on the bad day
local INSISTS_S = 5      -- and while somebody insists

-- Where a run has no business while nothing has gone wrong.
local ASTRAY = { Holding = true, Held = true, Stopping = true, Aborting = true, Aborted = true }
local AT_START = { Stopped = true, Idle = true }
local STARTED_S = 120

-- Nothing has gone wrong yet: the run must be on its way, unless the recipe itself
-- has chosen to stand or waits for an answer. From an end an operator leads on.
local function check_way(self, at_s)
  local run, watcher = self.line.run, self.watcher
  local state = run.state
  local for_s = (self.line:now_ns() - watcher.shown_ns) / 1e9
  local is_astray = ASTRAY[state] or AT_START[state] and for_s > STARTED_S
  if is_astray and not watcher.is_chosen and #run.rt.prompts == 0 then
    watcher:fail("I20", "nothing has gone wrong in %.0f s and the run is in %s%s", at_s, state,
      run.reason and ": " .. run.reason or "")
  end
end

local function glance_s(self) return self:is_insisted() and INSISTS_S or ATTENDS_S end

local function go_on(self, until_s)
  while self.at_s + glance_s(self) < until_s do
    self.at_s = self.at_s + glance_s(self)
    if self:pass(self.at_s) then return true end
    if self.is_fine then check_way(self, self.at_s) end
    self:attend()
  end
  self.at_s = math.max(self.at_s, until_s)
  return self:pass(until_s)
end

local function bad_day(self, events, horizon_s)
  self.at_s = self:now_s()
  self.is_fine = true
  for _, event in ipairs(events) do
    if go_on(self, math.min(event.at_s, horizon_s)) then return end
    if self.is_fine then check_way(self, event.at_s) end
    self.is_fine = false
    if event.at_s < horizon_s then act[event.what](self, event) end
  end
  go_on(self, horizon_s)
end

local function quiet_time(self, from_s)
  act.clear_all(self)
  if not self.is_ill then self.line:slow(nil) end
  for at_s = from_s, from_s + QUIET_S, GLANCE_S do
    self:operate()
    if self:pass(at_s + GLANCE_S) then return at_s end
  end
  return from_s + QUIET_S + GLANCE_S
end

local ENDED = { Stopped = true, Aborted = true, Complete = true }
local function is_ended(run) return ENDED[run.state] end

local function stop(self, from_s)
  if is_ended(self.line.run) then return end
  self:command("stop")
  for at_s = from_s, from_s + STOP_S, GLANCE_S do
    self:operate()
    if self:pass(at_s + GLANCE_S, is_ended) or is_ended(self.line.run) then return end
  end
  self.watcher:fail("I20", "%.0f s after stop the run is in %s", STOP_S, self.line.run.state)
end

-- A resetting handler may take its time, and ask.
local function come_to_idle(self)
  local function is_reset(run) return run.state ~= "Resetting" end
  for at_s = 0, STOP_S, GLANCE_S do
    if self:pass(at_s + GLANCE_S, is_reset) then return false end
    if is_reset(self.line.run) then return true end
    self:operate()
  end
  self.watcher:fail("I20", "%.0f s after reset the run is in Resetting", STOP_S)
end

local function live(self, events, horizon_s)
  self:command("reset")
  if not come_to_idle(self) then return end
  self:command("start")
  bad_day(self, events, horizon_s)
  if self.watcher.broken then return end
  local at_s = quiet_time(self, horizon_s)
  if self.watcher.broken then return end
  stop(self, at_s)
  if self.is_ill then return end
  self.line:pump()
  self.watcher:check_stored(true)
end

--- Play one history.
---@param options table bundle (loaded afresh), seed, events, horizon_s, wall0_s (nil: the usual)
---@return table result broken (nil, or invariant, text, at_s), hash, records, virtual_s, state
function history.play(options)
  local self = day.new(options)
  local ok, why = pcall(live, self, options.events, options.horizon_s)
  if not ok then self.watcher:fail("host", "%s", tostring(why)) end
  local line, broken = self.line, self.watcher.broken
  local result = { hash = self.watcher.hash, records = self.watcher.records,
    virtual_s = self:now_s(), state = line.run and line.run.state }
  if broken then
    result.broken = { invariant = broken.invariant, text = broken.text,
      at_s = (broken.at_ns - self.began_ns) / 1e9 }
  end
  line:close()
  return result
end

return history

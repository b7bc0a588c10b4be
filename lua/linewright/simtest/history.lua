--- One simulated history: a recipe on a line's twin, a list of events, the invariants
--- watched at each scan. First the bad day, then a quiet time in which an operator
--- takes the run up again, then stop.

local inline = require "linewright.inline"
local watch = require "linewright.simtest.watch"
local wild = require "linewright.simtest.wild"

local history = {}

local QUIET_S = 900      -- after the last fault an operator has so long to go on
local STOP_S = 2 * 3600  -- the longest that a stopping handler may take
local GLANCE_S = 20      -- between two looks of the operator
local ATTENDS_S = 30     -- the same on the bad day
local ALONE = 4          -- every so many days nobody attends

-- A command, and the record that it must leave.
local function command(self, name, argument)
  local line, watcher = self.line, self.watcher
  local before = watcher.commands
  local ok = line:command(name, "sim-test", argument)
  watcher:notice()
  if line.run.rt.journal.failed then return end
  if watcher.commands ~= before + 1 or watcher.command_ok ~= ok then
    watcher:fail("I19", "command '%s' was %s and left %d records", name,
      ok and "carried out" or "refused", watcher.commands - before)
  end
end

-- The operator of the quiet time: answers, unholds, nothing clever.
local function operate(self)
  local run = self.line.run
  local question = run.rt.prompts[1]
  if question then
    command(self, "answer", question.default or (question.choices or { "ok" })[1])
  elseif run.state == "Held" then
    command(self, "unhold")
  elseif run.rt.gate.paused then
    command(self, "resume")
  end
end

-- The instant is over: look. Returns true to stand still.
local function on_moved(self)
  if self.is_stepping then return false end
  local watcher = self.watcher
  return watcher:look() or not watcher:is_calm() or self.is_over and self.is_over(self.line.run)
end

local function attach(self)
  self.line:watch(function() return on_moved(self) end)
end

-- Let time pass up to a whole scan; true when something is broken. While something is
-- due, scan by scan, so that each look sees what the scan has just seen.
local function pass(self, until_s, is_over)
  local line, watcher, scan_ns = self.line, self.watcher, self.scan_ns
  local limit_ns = self.began_ns + math.floor(until_s * 1e9 / scan_ns) * scan_ns
  local now_ns = line:now_ns()
  self.is_over = is_over
  while now_ns < limit_ns do
    self.is_stepping = not watcher:is_calm()
    line:advance(self.is_stepping and math.min(now_ns + scan_ns, limit_ns) or limit_ns)
    if self.is_stepping then watcher:look() end
    if watcher.broken then return true end
    if is_over and is_over(line.run) then return false end
    now_ns = line:now_ns()
  end
  return false
end

-- ------------------------------------------------------------------ events ---

local act = {}

function act.fault(self, event)
  local index = self.bundle.twin.index[event.name]
  if self.faulty[event.name] then act.clear(self, event) end
  self.line.sim:fault(index, event.kind, event.argument or 0)
  self.faulty[event.name] = event.kind
  self.watcher:fault(index, event.kind)
  if event.kind == "crash" then self.watcher:blind(true) end
end

function act.clear(self, event)
  local kind = self.faulty[event.name]
  if not kind then return end
  self.line.sim:fault(self.bundle.twin.index[event.name], "none", 0)
  self.faulty[event.name] = nil
  self.watcher:fault(self.bundle.twin.index[event.name], "none")
  if kind == "crash" then self.watcher:blind(false) end
end

function act.command(self, event) command(self, event.name) end

function act.answer(self, event)
  local question = self.line.run.rt.prompts[1]
  if not question then return end
  local choices = question.choices or { "ok" }
  local i = math.min(#choices, 1 + math.floor(event.argument * #choices))
  command(self, "answer", choices[i])
end

-- A host takes over what a killed worker had written; with the power that is gone.
-- What the store had acknowledged is there in both cases.
local function restart(self, outage_s)
  local line, watcher = self.line, self.watcher
  line:crash()
  if outage_s > 0 then line.engine:lose() end
  watcher:check_stored()
  line:reboot(outage_s)
  watcher:attach(line, true)
  attach(self)
end

-- A full disk is not cured by a new process.
function act.kill(self)
  if not self.is_full then restart(self, 0) end
end

function act.cut(self, event)
  if not self.is_full then restart(self, event.argument) end
end

function act.disk(self)
  self.is_full = true
  self.line.store:fill(true)
end

function act.wild(self, event) wild.ask(self.line, self.watcher, event) end

-- Somebody takes the run up again and again, whatever stands against it.
local WAY = { Aborted = "clear", Stopped = "reset", Idle = "start", Held = "unhold",
  Suspended = "unsuspend", Complete = "reset" }
local INSISTS_S, EVERY_S = 120, 5

function act.insist(self, event)
  for after_s = EVERY_S, INSISTS_S, EVERY_S do
    local word = WAY[self.line.run.state]
    operate(self)
    if word and WAY[self.line.run.state] == word then command(self, word) end
    if pass(self, math.min(event.at_s + after_s, self.horizon_s)) then return end
  end
end

-- A condition that the recipe waits for raises when it is looked at next.
function act.error(self)
  for _, b in ipairs(self.line.run.rt.scheduler.live) do
    if b.poll and b.ctx.active and not b.dead then
      function b.poll() error("sim-test: an error in a condition", 0) end
      return
    end
  end
end

local function clear_all(self)
  for name in pairs(self.faulty) do act.clear(self, { name = name }) end
end

-- ------------------------------------------------------------------- lives ---

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

-- On most days somebody attends to the line and takes it up again.
local function attend(self)
  if self.is_full or not self.is_attended then return end
  local state = self.line.run.state
  operate(self)
  if WAY[state] and self.line.run.state == state then command(self, WAY[state]) end
end

local function go_on(self, until_s)
  while self.at_s + ATTENDS_S < until_s do
    self.at_s = self.at_s + ATTENDS_S
    if pass(self, self.at_s) then return true end
    if self.is_fine then check_way(self, self.at_s) end
    attend(self)
  end
  self.at_s = math.max(self.at_s, until_s)
  return pass(self, until_s)
end

local function bad_day(self, events, horizon_s)
  self.at_s = (self.line:now_ns() - self.began_ns) / 1e9
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
  clear_all(self)
  for at_s = from_s, from_s + QUIET_S, GLANCE_S do
    operate(self)
    if pass(self, at_s + GLANCE_S) then return at_s end
  end
  return from_s + QUIET_S + GLANCE_S
end

local ENDED = { Stopped = true, Aborted = true, Complete = true }
local function is_ended(run) return ENDED[run.state] end

local function stop(self, from_s)
  if is_ended(self.line.run) then return end
  command(self, "stop")
  for at_s = from_s, from_s + STOP_S, GLANCE_S do
    operate(self)
    if pass(self, at_s + GLANCE_S, is_ended) or is_ended(self.line.run) then return end
  end
  self.watcher:fail("I20", "%.0f s after stop the run is in %s", STOP_S, self.line.run.state)
end

-- A resetting handler may take its time, and ask.
local function come_to_idle(self)
  local function is_reset(run) return run.state ~= "Resetting" end
  for at_s = 0, STOP_S, GLANCE_S do
    if pass(self, at_s + GLANCE_S, is_reset) then return false end
    if is_reset(self.line.run) then return true end
    operate(self)
  end
  self.watcher:fail("I20", "%.0f s after reset the run is in Resetting", STOP_S)
end

local function live(self, events, horizon_s)
  command(self, "reset")
  if not come_to_idle(self) then return end
  command(self, "start")
  bad_day(self, events, horizon_s)
  if self.watcher.broken then return end
  local at_s = quiet_time(self, horizon_s)
  if self.watcher.broken then return end
  stop(self, at_s)
  if self.is_full then return end
  self.line:pump()
  self.watcher:check_stored(true)
end

--- Play one history.
---@param options table bundle (loaded afresh), seed, events, horizon_s, wall0_s (nil: the usual)
---@return table result broken (nil, or invariant, text, at_s), hash, records, virtual_s, state
function history.play(options)
  local line = inline.new { bundle = options.bundle, seed = options.seed, batch = "sim-test",
    quiet = true, wall0_s = options.wall0_s }
  local self = { line = line, bundle = options.bundle, watcher = watch.new(line), faulty = {},
    is_attended = options.seed % ALONE ~= 0, horizon_s = options.horizon_s,
    scan_ns = options.bundle.line.scan_ns, began_ns = line:now_ns() }
  attach(self)
  local ok, why = pcall(live, self, options.events, options.horizon_s)
  if not ok then self.watcher:fail("host", "%s", tostring(why)) end
  local broken = self.watcher.broken
  local result = { hash = self.watcher.hash, records = self.watcher.records,
    virtual_s = (line:now_ns() - self.began_ns) / 1e9, state = line.run and line.run.state }
  if broken then
    result.broken = { invariant = broken.invariant, text = broken.text,
      at_s = (broken.at_ns - self.began_ns) / 1e9 }
  end
  line:close()
  return result
end

return history

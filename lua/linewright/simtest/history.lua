--- One simulated history: a recipe on a line's twin, a list of events, the invariants
--- watched at each scan. First the bad day, then a quiet time in which an operator
--- takes the run up again, then stop.

local inline = require "linewright.inline"
local watch = require "linewright.simtest.watch"

local history = {}

local QUIET_S = 900      -- after the last fault an operator has so long to go on
local STOP_S = 2 * 3600  -- the longest that a stopping handler may take
local GLANCE_S = 20      -- between two looks of the operator

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

-- Let time pass scan by scan, up to a whole scan, so that each look sees what the
-- scan has just seen; true when something is broken.
local function pass(self, until_s, is_over)
  local line, watcher, scan_ns = self.line, self.watcher, self.scan_ns
  local limit_ns = self.began_ns + math.floor(until_s * 1e9 / scan_ns) * scan_ns
  local now_ns = line:now_ns()
  while now_ns < limit_ns do
    now_ns = math.min(now_ns + scan_ns, limit_ns)
    line:advance(now_ns)
    if watcher:look() then return true end
    if is_over and is_over(line.run) then return false end
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

-- Acknowledged records are those that the store said are on disk.
local function restart(self, outage_s)
  local line, acknowledged = self.line, self.line.port:committed()
  line:crash()
  line:reboot(outage_s)
  self.watcher:attach(line, true)
  local last = 0
  for seq in line.store:records(line.run_id) do last = seq end
  if last < acknowledged then
    self.watcher:fail("I8", "record %.0f was acknowledged, the newest in the store is %.0f",
      acknowledged, last)
  end
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

-- What a broken worker may ask for, by kind; nil where the output allows it.
local WILD = {
  ["NaN"] = function() return 0 / 0 end,
  infinity = function() return math.huge end,
  above = function(c) return c.hi + (c.hi - c.lo) * 0.01 end,
  below = function(c) return c.lo - (c.hi - c.lo) * 1e6 end,
  step = function(c, o)
    if not c.step_max or c.rate_max or not o.last then return nil end
    local up = o.last + 2 * c.step_max
    return up <= c.hi and up or o.last - 2 * c.step_max
  end,
}

local function chosen(list, share) return list[math.min(#list, 1 + math.floor(share * #list))] end

local function wild_stale(self, o, share)
  local c = o.channel
  local value = c.lo + (c.hi - c.lo) * (0.1 + 0.8 * share)
  if c.spec.type == "bool" or o.last and math.abs(value - o.last) < 0.01 * (c.hi - c.lo) then
    return
  end
  self.line.engine:wild(c.index, value, 1)
  self.watcher:stale(o, value)
end

-- Straight to the desk, in Execute only: elsewhere the run is on its way already.
function act.wild(self, event)
  local o = chosen(self.watcher.outputs, event.argument)
  local is_open = self.line.port:trip() == nil and self.line.port:applied()
  if not o or self.line.run.state ~= "Execute" or not is_open then return end
  if event.kind == "stale" then return wild_stale(self, o, event.argument * 97 % 1) end
  local value = WILD[event.kind](o.channel, o)
  if not value then return end
  self.line.engine:wild(o.channel.index, value)
  self.watcher:refusal(("%s was asked of %s"):format(event.kind, o.path))
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

local function bad_day(self, events, horizon_s)
  for _, event in ipairs(events) do
    if pass(self, math.min(event.at_s, horizon_s)) then return end
    if event.at_s < horizon_s then act[event.what](self, event) end
  end
  pass(self, horizon_s)
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

local function live(self, events, horizon_s)
  command(self, "reset")
  pass(self, 1)
  command(self, "start")
  bad_day(self, events, horizon_s)
  if self.watcher.broken then return end
  local at_s = quiet_time(self, horizon_s)
  if self.watcher.broken then return end
  stop(self, at_s)
end

--- Play one history.
---@param options table bundle (loaded afresh), seed, events, horizon_s, wall0_s (nil: the usual)
---@return table result broken (nil, or invariant, text, at_s), hash, records, virtual_s, state
function history.play(options)
  local line = inline.new { bundle = options.bundle, seed = options.seed, batch = "sim-test",
    quiet = true, wall0_s = options.wall0_s }
  local self = { line = line, bundle = options.bundle, watcher = watch.new(line), faulty = {},
    scan_ns = options.bundle.line.scan_ns, began_ns = line:now_ns() }
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

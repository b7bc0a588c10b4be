--- A run: one recipe on one line, as a PackML state machine that ticks.
---
--- The same object runs in a worker process (real port, real time) and inline
--- (virtual time): the host calls `tick` once per period and `bell` when records
--- were committed. What the parts share is one table, `rt`.

local branch = require "linewright.branch"
local causes = require "linewright.causes"
local commands = require "linewright.commands"
local explain = require "linewright.explain"
local guards = require "linewright.guards"
local infer_inputs = require "linewright.infer_inputs"
local infer_model = require "linewright.infer_model"
local infer_records = require "linewright.infer_records"
local ladder = require "linewright.ladder"
local loops = require "linewright.loop"
local packml = require "linewright.packml"
local printable = require "linewright.printable"
local resume = require "linewright.resume"
local runtime = require "linewright.runtime"
local shifts = require "linewright.shifts"
local transitions = require "linewright.transitions"
local verbs = require "linewright.verbs"
local vm = require "linewright.vm"

local format = string.format

local Run = {}
Run.__index = Run

local run = {}

--- Go to a state: enter(to, who, reason).
Run.enter = transitions.enter

-- The first record: what this run is, for people who read it later.
local function description(self)
  local bundle, units_of, equipment = self.bundle, {}, {}
  local release = bundle.release or { policy = "engineering", life = "draft" }
  for name, info in pairs(bundle.param_info or {}) do units_of[name] = info.unit end
  for role, unit in pairs(bundle.eq or {}) do
    equipment[role] = { unit = unit.name, contract = unit.contract and unit.contract.name }
  end
  return {
    recipe = self.recipe.name, version = self.recipe.version, line = self.rt.line_name,
    bundle = bundle.hash, batch = self.batch, policy = release.policy, life = release.life,
    signed_by = release.key, params = bundle.params, units = units_of, stubs = bundle.stubs,
    equipment = equipment, shifts = shifts.plain((bundle.profile or {}).shifts),
  }
end

--- Make a run.
---@param options table bundle (of linewright.loader), port (linewright.port), batch,
---  records (iterator of kind, key, data_text of an earlier life; nil for a new run),
---  bundle_then (the hash those records were made with), death (how the worker
---  before ended), seed, on_note(text), is_virtual (time), db (path of the database)
---@return table run
function run.new(options)
  local rt = runtime.new(options)
  local self = setmetatable({
    rt = rt, bundle = options.bundle, recipe = rt.recipe, port = options.port,
    batch = options.batch or "-", records = rt.records, prompts = rt.prompts, loops = rt.loops,
    alarms = rt.alarms, unknown = {}, state = "Stopped", mode = "Production", reason = nil,
    where = nil, execute = nil, handler = nil, last_ns = rt.began_ns, settled = true,
    state_seq = 0, finished = false, refused = nil, on_note = options.on_note,
  }, Run)
  runtime.connect(rt, self)
  rt.is_virtual = options.is_virtual == true
  rt.r = verbs.new(rt)
  rt.guards = guards.new(rt, self.bundle)
  runtime.bind_environment(self, options.seed or 1)
  infer_inputs.open(rt, self.bundle.models, options.db)
  self.wake_fds = infer_model.bind(rt, self.bundle.models)
  if options.records then
    resume.load(self, options.records, options.bundle_then, options.death)
  else
    self.port:level "stop"
    rt.journal:emit("run", "run", description(self))
  end
  self.port:state(self.state)
  return self
end

-- One line for whoever listens; the whole block for a Held.
function Run:announce(from, reason)
  if not self.on_note then return end
  if self.state == "Held" then return self.on_note(explain.held(self), true) end
  -- What follows the first line is in the block of the held run.
  local first = reason and ": " .. printable(reason:match "^[^\r\n]*") or ""
  self.on_note(format("%s -> %s%s", from, self.state, first))
end

--- Something happened that the ladder knows (time-out, guard, trip, failure).
---@param level string "suspend", "hold", "stop", "abort"
---@param reason string
---@param where table|nil branch, guard or loop
---@return boolean acted
function Run:fault(level, reason, where)
  local command = ladder.command(self.state, level)
  if not command then return false end
  reason = explain.short(reason)
  self.where = explain.where(self, where)
  self.now_text = explain.now(self, where)
  self.saw = causes.saw(self.rt, where and where.seen)
  self:enter(packml.command(self.state, command), "run", reason)
  return true
end

--- A command of a person or the host.
---@param command string
---@param who string|nil
---@param argument string|nil
---@return boolean ok
---@return string|nil message
function Run:command(command, who, argument)
  return commands.run(self, command, who or "ope", argument or "")
end

--- Count a loop's missed turns; one record a second at most.
function Run:late(loop, missed)
  local now = self.port:now_ns()
  self.late_n = (self.late_n or 0) + missed
  if self.late_at and now - self.late_at < 1e9 then return end
  self.late_at = now
  self.rt.journal:emit("late", loop.key, { missed = missed, total = self.late_n })
end

-- -------------------------------------------------------------------- tick ---

-- Have the safe values of this state reached the outputs, and its record the
-- disk? Without a journal the outputs are safe and nothing more is done.
local function is_settled(self)
  if self.settled then return true end
  if not self.port:applied() then return false end
  local seq = self.state_seq or 0
  if not self.rt.journal.failed and self.port:committed() < seq then return false end
  self.settled = true
  return true
end

local function done(self)
  local to = packml.done(self.state)
  self:enter(to, "run", nil)
end

local function failed(self, ctx)
  local reason, place = explain.error(ctx.err, ctx.err_kind)
  self.where = explain.place(ctx.failed_path or ctx.handler, place or ctx.failed_line)
  self.now_text = nil
  local command = ladder.ON_ERROR[self.state]
  if self.state == "Aborting" or not command then
    self.reason = reason
    return done(self)
  end
  if ctx == self.execute then self.execute_broken = true end
  -- Only the block of a held run tells its `where`; elsewhere the reason has to.
  if command ~= "hold" and place then reason = format("%s (%s)", reason, place) end
  self:enter(packml.command(self.state, command), "run", reason)
end

-- Acting states: start the handler once settled, go on when it has ended.
local function drive(self)
  local name = ladder.HANDLER[self.state]
  if not name or not is_settled(self) then return end
  local handler = self.handler
  if handler and handler.err ~= nil then return failed(self, handler) end
  -- Without a journal no verb comes to its end, and the outputs are safe already.
  if self.rt.journal.failed then return done(self) end
  if not handler then
    local fn = self.recipe[name] or resume.DEFAULTS[name]
    if not fn then return done(self) end
    self.handler = self.rt.scheduler:context(name, fn)
    return
  end
  if handler.finished then done(self) end
end

local function drive_execute(self)
  local ctx = self.execute
  if self.state ~= "Execute" or not ctx then return end
  if ctx.err ~= nil then return failed(self, ctx) end
  if ctx.finished then done(self) end
end

-- Let handlers and branches go on until nothing moves; a state may follow a
-- state within one tick.
local function settle(self)
  for _ = 1, 20 do
    local state = self.state
    drive(self)
    local moved = self.rt.scheduler:run()
    drive_execute(self)
    drive(self)
    if not moved and self.state == state then return end
  end
end

--- Take notice of what the scan has tripped for.
function Run:take_trip()
  local seq, level, cause, index, text = self.port:trip()
  if not seq then return end
  self:fault(ladder.of_trip(self.state, level), explain.trip(self, cause, index, text), nil)
  self.port:trip_ack(seq)
end

local REFUSED = 2 ^ 48 -- LW_VERDICT_BITS of image.h

-- Each command has its verdict: who gave it is told, also when it comes to nothing.
local function take_commands(self)
  local command, who, argument = self.port:command()
  while command do
    local ok, message = self:command(command, who, argument)
    self.verdict_n, self.verdict = (self.verdict_n or 0) + 1, not ok and message or ""
    local bit = self.verdict == "" and 0 or 1
    self.verdicts_refused = ((self.verdicts_refused or 0) * 2 + bit) % REFUSED
    self.status_at = nil
    command, who, argument = self.port:command()
  end
end

local function check_journal(self)
  local ok, message = self.port:store_ok()
  local why = self.rt.journal.failed or (not ok and message) or nil
  if not why or self.journal_told then return end
  self.rt.journal.failed, self.journal_told = why, true
  self:fault("hold", "journal stopped: " .. why, nil)
end

--- One period of the worker.
function Run:tick()
  local port, rt = self.port, self.rt
  local now = port:now_ns()
  vm.tick(rt.budget_ns)
  local dt = now - self.last_ns
  self.last_ns = now
  branch.advance(self.execute, dt)
  branch.advance(self.handler, dt)
  self:take_trip()
  check_journal(self)
  take_commands(self)
  rt.guards:step(now, self.state)
  loops.run_due(rt.scheduler, self.on_loop_error or self:loop_handler())
  settle(self)
  infer_records.meter(rt)
  self.keeps_inputs = not infer_inputs.poll(rt)
  resume.hear(self)
  explain.status(self, now)
  port:beat()
end

--- Records were committed or a command came in: go on without waiting for the
--- next tick. Time does not move.
function Run:bell()
  -- A trip that came first counts first: the death of a worker before this one
  -- must not hold the run again that a person has just unheld.
  self:take_trip()
  take_commands(self)
  settle(self)
  if not self.status_at then explain.status(self, self.port:now_ns()) end
end

--- Does a branch or a state wait for the journal?
---@return boolean
function Run:wants_commit()
  return self.port:committed() < self.rt.journal.newest_durable
end

function Run:loop_handler()
  self.on_loop_error = function(loop, err, kind)
    local reason = explain.error(err, kind)
    self:fault("hold", format("%s: %s", loop.what, reason), loop.branch)
  end
  return self.on_loop_error
end

return run

--- What an event of a bad day does to the line. act.NAME(day, event).

local day = require "linewright.simtest.day"
local infer_model = require "linewright.infer_model"
local sorted = require "linewright.sorted"
local wild = require "linewright.simtest.wild"

local act = {}

-- ----------------------------------------------------------------- signals ---

function act.fault(self, event)
  local index = self.bundle.twin.index[event.name]
  if self.faulty[event.name] then act.clear(self, event) end
  self.line.sim:fault(index, event.kind, event.argument or 0)
  self.faulty[event.name] = event.kind
  self.watcher:fault(index, event.kind)
  if event.kind == "crash" then self.watcher:blind(index, true) end
end

function act.clear(self, event)
  local kind, index = self.faulty[event.name], self.bundle.twin.index[event.name]
  if not kind then return end
  self.line.sim:fault(index, "none", 0)
  self.faulty[event.name] = nil
  self.watcher:fault(index, "none")
  if kind == "crash" then self.watcher:blind(index, false) end
end

--- All that was wrong with signals and models is mended.
function act.clear_all(self)
  for name in pairs(self.faulty) do act.clear(self, { name = name }) end
  for _, state in ipairs(self.bundle.models or {}) do
    act.heal(self, { name = state.spec.name })
  end
end

-- The device is away; it comes back with its outputs as they were, or at zero.
function act.plc(self, event)
  act.fault(self, { name = event.name, kind = "crash" })
  if event.kind ~= "lost" then return end
  for _, o in ipairs(self.watcher.outputs) do
    if self.watcher:is_down(o) then self.line.sim:set(o.signal, 0) end
  end
end

-- ------------------------------------------------------------------ models ---

local function spoil(self, event, kind)
  for _, state in ipairs(self.bundle.models or {}) do
    if state.spec.name == event.name then infer_model.spoil(state, kind, event.argument) end
  end
  self.watcher:model_fault(event.name, kind, event.argument)
end

function act.model(self, event) spoil(self, event, event.kind) end

function act.heal(self, event) spoil(self, event, nil) end

-- ------------------------------------------------------------------ people ---

function act.command(self, event) self:command(event.name) end

function act.answer(self, event)
  local question = self.line.run.rt.prompts[1]
  if not question then return end
  local choices = question.choices or { "ok" }
  local i = math.min(#choices, 1 + math.floor(event.argument * #choices))
  self:command("answer", choices[i])
end

local INSISTS_S = 120

-- Somebody takes the run up again and again, whatever stands against it.
function act.insist(self, event) self.insists_until_s = event.at_s + INSISTS_S end

-- What leads on from one state (day.WAY) is refused in every other.
function act.buttons(self)
  local state, tried = self.line.run.state, {}
  for from, name in sorted(day.WAY) do
    if not tried[name] and day.WAY[state] ~= name and from ~= state then
      tried[name] = true
      self:command(name)
    end
  end
end

function act.clock(self, event) self.line:step_wall(event.argument) end

-- ---------------------------------------------------------- host and store ---

local SOON_S = 30 -- within so long the disk has something to do

-- A disk that fails is not cured by a new process.
function act.kill(self)
  if not self.is_ill then self:restart(0) end
end

local ONCE_S = 120 -- within so long a once-step may begin

-- Killed in the middle of what must not happen twice. A person who is quicker than the
-- question is refused; else one of its answers is given.
function act.cut_step(self, event)
  local watcher, until_s = self.watcher, self:now_s() + ONCE_S
  while not next(watcher.open_once) do
    if self.is_ill or self:now_s() >= until_s or self:pass(self:now_s() + 1) then return end
  end
  act.kill(self)
  if watcher.broken then return end
  if event.kind == "unhold" then self:command "unhold" else act.answer(self, event) end
end

local CUT_OPERATIONS, RECOVERY_OPERATIONS = 60, 40

-- The power goes in the middle of what the disk does, and perhaps once more while the
-- next start recovers.
function act.cut(self, event)
  if self.is_ill then return end
  self.disk:fail("cut", CUT_OPERATIONS)
  if self:pass(self:now_s() + SOON_S) then return end
  self:restart(event.argument, function()
    self.disk:restore()
    if event.argument * 997 % 1 < 0.5 then
      self.disk:fail("cut", RECOVERY_OPERATIONS)
      self:reopen()
      self.disk:restore()
    end
    self:reopen()
  end)
end

-- The first operation that fails stops the journal, and the line with it.
function act.disk(self, event)
  if self.is_ill then return end
  self.is_ill = true
  self.disk:fail(event.kind, CUT_OPERATIONS, event.kind ~= "fsync")
end

-- The disk works again. Either the power goes off and on, which leaves what is really on
-- the disk, or the journal is opened in place: then what a failed sync has lost is shown
-- all the same, until the next cut.
function act.mend(self, event)
  if not self.is_ill then return end
  self.is_ill = false
  if event.kind == "place" then return self:reopen_in_place() end
  self:restart(1, function()
    self.disk:restore()
    self:reopen()
  end)
end

function act.slow(self, event) self.line:slow(event.argument) end

function act.wild(self, event) wild.ask(self.line, self.watcher, event) end

-- ------------------------------------------------------------------ recipe ---

local function raise() error("sim-test: an error in the recipe", 0) end

-- Where the recipe is at work now: what it waits for, and its loops.
local function places(self)
  local list, scheduler = {}, self.line.run.rt.scheduler
  for _, b in ipairs(scheduler.live) do
    if b.poll and b.ctx.active and not b.dead then
      list[#list + 1] = function() b.poll = raise end
    end
  end
  for _, loop in ipairs(scheduler.loops) do
    if loop.ctx.active and not loop.ended then
      list[#list + 1] = function()
        local run = loop.run
        function loop.run()
          loop.run = run
          raise()
        end
      end
    end
  end
  return list
end

function act.error(self, event)
  local list = places(self)
  if #list == 0 then return end
  list[math.min(#list, 1 + math.floor((event.argument or 0) * #list))]()
end

return act

--- From state to state: what leaves with the old one, what begins with the new.

local infer_records = require "linewright.infer_records"
local ladder = require "linewright.ladder"
local prompt = require "linewright.prompt"
local resume = require "linewright.resume"
local waits = require "linewright.waits"

local transitions = {}

-- Execute's own preparations, by the state it is reached from.
local function enter_execute(self, from)
  local rt = self.rt
  if not self.execute then
    self.execute = rt.scheduler:context("execute", self.recipe.execute)
  end
  local ctx = self.execute
  ctx.replaying = false
  rt.scheduler:activate(ctx, true)
  waits.restart(rt.scheduler, ctx, from == "Unholding")
end

-- The batch ends, whoever ends it: its execute is given up, and nothing is in doubt.
local ENDS = { Completing = true, Stopping = true, Aborting = true, Resetting = true }

-- What leaves with the old state.
local function leave(self, to)
  local rt = self.rt
  if self.handler then
    rt.scheduler:drop(self.handler)
    self.handler = nil
  end
  if ENDS[to] then resume.forget(self) end
  local ctx = self.execute
  if not ctx then return end
  if self.state == "Execute" then rt.checkpoint_loops(ctx) end
  rt.scheduler:activate(ctx, false)
  if ENDS[to] then
    rt.scheduler:drop(ctx)
    self.execute, rt.gate.paused = nil, false
  end
end

-- Outputs first: the level word that belongs to the state. Nothing runs until the
-- scan has applied it.
local function put_level(self, to)
  local level = ladder.LEVEL[to]
  if to == "Completing" and self.state ~= "Execute" then level = "none" end
  if not level then return end
  self.port:level(level)
  if level == "none" then self.rt.guards:rearm() end
end

local function clear(list)
  for k in pairs(list) do list[k] = nil end
end

-- What begins with a state, beside its handler.
local begin = {}

function begin.Starting(self)
  local rt = self.rt
  clear(rt.records)
  clear(rt.loops)
  rt.image, rt.image_dirty = {}, false
end

begin.Execute = enter_execute

function begin.Held(self)
  resume.ask_cut(self, self.execute_broken, true)
end

local RESTS = { Held = true, Suspended = true, Stopped = true, Aborted = true }

-- Why the run is where it is: a new reason, or none once it runs again.
local function give_reason(self, to, reason)
  if reason or to == "Execute" or to == "Resetting" then self.reason = reason end
  return reason or (RESTS[to] and self.reason) or nil
end

--- Go to a state: safe outputs first, then the record, then (once both have
--- happened) the recipe's handler.
---@param self table run
---@param to string
---@param who string
---@param reason string|nil
function transitions.enter(self, to, who, reason)
  local rt, from = self.rt, self.state
  put_level(self, to)
  leave(self, to)
  if RESTS[to] or to == "Complete" then infer_records.meter(rt, true) end
  self.state, self.settled, self.status_at = to, false, nil
  local why = give_reason(self, to, reason)
  self.state_seq = rt.journal:emit("state", to,
    { from = from, who = who, reason = why, where = reason and self.where or nil,
      saw = reason and self.saw or nil })
  self.saw = nil
  self.port:state(to)
  prompt.forget_dead(rt)
  if begin[to] then begin[to](self, from) end
  self:announce(from, reason)
end

return transitions

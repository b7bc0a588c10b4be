--- Periodic work: r.loop. A loop belongs to the branch and the scope that made
--- it, runs on their clock, may not wait, and has a state that survives crashes.

local json = require "linewright.json"
local verb = require "linewright.verb"
local verb_options = require "linewright.verb_options"
local vm = require "linewright.vm"

local floor, format = math.floor, string.format

local loops = {}

local CHECKPOINT_NS = 10e9

local Loop = {}
Loop.__index = Loop

--- Run once; a loop that is late skips what it missed, it never bursts.
---@param now number the context's own clock [ns]
---@param rt table
function Loop:step(now, rt)
  local dt = (now - self.last) / 1e9
  local due = self.due + self.every
  if due <= now then
    local missed = floor((now - due) / self.every) + 1
    due = due + missed * self.every
    self.late = self.late + missed
    rt.late(self, missed)
  end
  self.last, self.due = now, due
  self.run(self.st, dt)
  self.frozen = false
  if now >= self.checkpoint_due then
    self.checkpoint_due = now + self.checkpoint_ns
    self:checkpoint(rt)
  end
end

--- A bad reading stopped the loop in its tracks: it keeps its outputs, and says
--- so once.
---@param rt table
---@param channel string
function Loop:freeze(rt, channel)
  if self.frozen then return end
  self.frozen = true
  rt.journal:emit("note", self.key, { text = "frozen", channel = channel .. " is bad" })
end

--- Save the state if it has changed, and with it the set-points.
---@param rt table
function Loop:checkpoint(rt)
  local text, what = json.encode(self.st)
  if not text then
    -- Leaving Execute for that reason asks for a checkpoint again.
    if self.is_refused then return end
    self.is_refused = true
    rt.fault("hold", format("E-JOURNAL the state of loop '%s' holds %s", self.name, what),
      self.branch)
    self.is_refused = false
    return
  end
  if text == self.saved then return end
  self.saved = text
  rt.journal:emit("ckpt", self.key, self.st, nil, text)
  rt.save_image()
end

--- Put a saved state into the table the script already holds, past any metatable that
--- it has given it: nothing of the script runs here.
---@param saved table|nil nil: the initial state
function Loop:restore(saved)
  local state = json.decode(saved and json.encode(saved) or self.initial)
  local st = self.st
  for k in next, st do rawset(st, k, nil) end
  for k, v in pairs(state) do rawset(st, k, v) end
  self.saved = saved and json.encode(saved) or nil
end

local function check(rt, name, opts)
  verb.expect(name, "string", "r.loop: name")
  rt.budgets:hold("text", #name)
  local what = format("r.loop '%s'", name)
  opts = verb.options(opts, verb_options.OF.loop, what)
  verb.expect(opts.run, "function", what .. ": run")
  if opts.every == nil then
    verb.raise("E-ARG %s: every is missing, e.g. every = \"1 s\"", what)
  end
  local every = verb.duration(opts.every, what .. ": every")
  if every == 0 then verb.raise("E-ARG %s: every must be longer than 0", what) end
  local state = opts.state or {}
  verb.expect(state, "table", what .. ": state")
  local initial, bad = json.encode(state)
  if not initial then verb.raise("E-JOURNAL the state of loop '%s' holds %s", name, bad) end
  local checkpoint = opts.checkpoint and verb.duration(opts.checkpoint, what .. ": checkpoint")
  return every, state, initial, checkpoint or CHECKPOINT_NS
end

-- A loop of execute has the same key in each execution: its checkpoints.
local function key_of(rt, b, name)
  if b.ctx.execute then return rt.journal:replay_key(b.ctx.counts, b.path, name) end
  return rt.journal:fresh_key(b.path, name)
end

local function new_loop(rt)
  return function(name, opts)
    local b = verb.waiting(rt, "loop")
    if b.step then verb.raise("E-STEP r.loop '%s' is inside step '%s'", name, b.step) end
    rt.budgets:hold("loops", #rt.scheduler.loops + 1)
    local every, state, initial, checkpoint_ns = check(rt, name, opts)
    local ctx = b.ctx
    local loop = setmetatable({
      name = name, what = format("loop '%s'", name), key = key_of(rt, b, name),
      ctx = ctx, branch = b, depth = b.depth or 0, every = every, run = opts.run,
      st = state, initial = initial, last = ctx.now, due = ctx.now + every,
      checkpoint_ns = checkpoint_ns, checkpoint_due = ctx.now + checkpoint_ns,
      late = 0, frozen = false, seen = {}, at = b.line,
    }, Loop)
    rt.scheduler.loops[#rt.scheduler.loops + 1] = loop
    rt.loops[#rt.loops + 1] = loop
    return state
  end
end

local function run_due(self)
  local list, rt = self.loops, self.rt
  while self.loop_cursor < #list do
    local i = self.loop_cursor + 1
    self.loop_cursor = i
    local loop = list[i]
    local ctx = loop.ctx
    if ctx.active and ctx.now >= loop.due and not loop.ended then
      rt.callback, rt.branch, rt.bad, rt.seen = loop, loop.branch, nil, loop.seen
      loop:step(ctx.now, rt)
    end
  end
end

--- Run the loops of a scheduler that are due.
---@param self table scheduler
---@param on_error function(loop, err, kind)
function loops.run_due(self, on_error)
  if #self.loops == 0 then return end
  local rt = self.rt
  self.loop_cursor, rt.touch = 0, 2
  repeat
    local ok, err, kind = vm.call(run_due, rt.budget_ns, self)
    local loop, bad = rt.callback, rt.bad
    rt.callback, rt.branch, rt.seen = nil, nil, nil
    if not ok and loop then
      if kind == "error" and bad then loop:freeze(rt, bad) else on_error(loop, err, kind) end
    end
  until ok
  rt.touch = 0
end

--- Put the word into r.
---@param rt table
---@param r table
function loops.install(rt, r) r.loop = new_loop(rt) end

return loops

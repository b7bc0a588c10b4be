--- Branches: the coroutines of a recipe, and the contexts they belong to.
---
--- A context is one execution of one state handler: its branches, its loops and
--- its own clock, which stands still while the context is not active (execute
--- while Held). A branch that waits holds a `poll` function; the scheduler calls
--- it each tick, so a sleeping branch costs no resume.
---
--- `rt` is the table the runtime's modules share; the scheduler keeps in it what
--- runs right now: rt.branch, rt.touch (0 nothing, 1 read, 2 read and set),
--- rt.callback (a loop, guard or condition, which may not wait), rt.seen (what it
--- has read, see linewright.causes).

local results = require "linewright.results"
local vm = require "linewright.vm"

local yield, create = coroutine.yield, coroutine.create

local Scheduler = {}
Scheduler.__index = Scheduler

local branch = {}

-- Passes over the waiting branches within one tick; a script that never really
-- waits gets its next turn at the next tick.
local PASSES = 100

local CONDITION = { what = "a condition" }

---@param rt table
---@return table scheduler
function branch.scheduler(rt)
  local self = setmetatable({
    rt = rt,
    live = {},    -- branches in creation order
    loops = {},   -- loops in creation order
    has_dead = false,
    woken = 0,
    watched = 0,  -- conditions that are waited for or kept
    cursor = 0,
    loop_cursor = 0,
  }, Scheduler)
  self.poll_body = function() return self:poll_all() end
  return self
end

-- ---------------------------------------------------------------- contexts ---

--- Begin a handler.
---@param handler string "execute", "holding", ...
---@param fn function(r, eq, p)
---@return table ctx
function Scheduler:context(handler, fn)
  local rt = self.rt
  local execute = handler == "execute"
  local ctx = {
    handler = handler, execute = execute, now = 0, active = true, replaying = false,
    counts = {}, keep = {}, finished = false, err = nil, err_kind = nil,
  }
  ctx.root = self:spawn(ctx, nil, handler, handler, function() fn(rt.r, rt.eq, rt.params()) end)
  return ctx
end

--- Drop a context: nothing of it runs again, what it owned is free.
---@param ctx table
function Scheduler:drop(ctx)
  ctx.active, ctx.dropped = false, true
  self:watch(ctx, 0)
  self:cancel(ctx.root)
end

--- Let a context go on, or make it stand still.
---@param ctx table
---@param on boolean
function Scheduler:activate(ctx, on)
  ctx.active = on
  -- Branches that were ready when it stopped are looked at again.
  if on then self.woken = self.woken + 1 end
end

--- Move a context's own clock on.
---@param ctx table|nil
---@param dt_ns number
function branch.advance(ctx, dt_ns)
  if ctx and ctx.active then ctx.now = ctx.now + dt_ns end
end

-- ---------------------------------------------------------------- branches ---

--- Start a branch; it runs when the scheduler next comes by.
---@param ctx table
---@param parent table|nil
---@param name string
---@param path string its part of the journal keys
---@param fn function
---@return table branch
function Scheduler:spawn(ctx, parent, name, path, fn)
  local b = {
    ctx = ctx, parent = parent, name = name, path = path, co = create(fn),
    touch = ctx.execute and 0 or 2, ready = true, seen = {},
  }
  self.live[#self.live + 1] = b
  self.woken = self.woken + 1
  if parent then
    local children = parent.children
    children[#children + 1] = b
  end
  return b
end

--- End the loops a branch made at this scope depth or deeper.
---@param b table
---@param depth integer
function Scheduler:end_scope(b, depth)
  for i = 1, #self.loops do
    local loop = self.loops[i]
    if loop.branch == b and loop.depth >= depth and not loop.ended then
      loop.ended, self.has_dead = true, true
      -- A fast-forwarded loop has not run: what it ended with is in the journal.
      if b.ctx.replaying then
        loop:restore(self.rt.journal.ckpt[loop.key])
      else
        loop:checkpoint(self.rt)
      end
    end
  end
end

--- From now on so many conditions are looked at for somebody; the line bounds their sum.
---@param holder table branch or context
---@param n integer
function Scheduler:watch(holder, n)
  local sum = self.watched - (holder.watches or 0) + n
  if n > 0 then self.rt.budgets:hold("conditions", sum) end
  self.watched, holder.watches = sum, n
end

local function finish(self, b)
  self:end_scope(b, 0)
  self:watch(b, 0)
  self.rt.release(b)
  b.dead, b.co, b.poll, b.ready = true, nil, nil, false
  self.has_dead = true
end

--- End a branch and all below it without running any more of it.
---@param b table
function Scheduler:cancel(b)
  if b.dead then return end
  if b.children then
    for i = 1, #b.children do self:cancel(b.children[i]) end
  end
  finish(self, b)
end

local function compact(list, is_dead)
  local n = 0
  for i = 1, #list do
    local item = list[i]
    list[i] = nil
    if not item[is_dead] then
      n = n + 1
      list[n] = item
    end
  end
end

-- -------------------------------------------------------------------- waits ---

--- Park the running branch until poll(branch) is true. Called inside the
--- branch's coroutine. Raises what the poll raised.
---@param b table the running branch
---@param poll function(b): boolean|nil
function branch.wait(b, poll)
  b.poll = poll
  local err = yield()
  if err ~= nil then error(err, 0) end
end

local function wake(self, b, err)
  b.poll, b.ready, b.err = nil, true, err
  self.woken = self.woken + 1
end

function Scheduler:poll_all()
  local live, rt = self.live, self.rt
  local n = #live
  while self.cursor < n do
    local i = self.cursor + 1
    self.cursor = i
    local b = live[i]
    local poll = b.poll
    if poll and b.ctx.active then
      rt.branch, rt.bad, rt.seen = b, nil, b.seen
      if poll(b) then wake(self, b, nil) end
    end
  end
end

-- A condition failed: on a bad reading it simply does not hold; else the error
-- belongs to the verb that waits.
local function poll_failed(self, err, kind)
  local rt, b = self.rt, self.rt.branch
  if kind == "error" and rt.bad then
    b.since = nil
    b.now = rt.bad .. " is bad"
    if b.deadline and b.ctx.now >= b.deadline then
      b.expired = true
      wake(self, b, nil)
    end
    return
  end
  if kind == "error" then return wake(self, b, results.raised(err)) end
  self:fail(b, err, kind)
end

local function poll(self)
  local rt = self.rt
  rt.callback, rt.touch, self.cursor = CONDITION, 1, 0
  repeat
    local ok, err, kind = vm.call(self.poll_body, rt.budget_ns)
    if not ok then poll_failed(self, err, kind) end
  until ok
  rt.callback, rt.touch, rt.branch, rt.seen = nil, 0, nil, nil
end

-- ------------------------------------------------------------------- resume ---

--- A branch failed for good: give the error to the parent, cancel the others.
---@param b table
---@param err any
---@param kind string "error", "budget", "memory"
function Scheduler:fail(b, err, kind)
  local ctx, parent = b.ctx, b.parent
  -- Nothing in the script may catch a broken budget.
  if not parent or kind ~= "error" then
    self:cancel(ctx.root)
    ctx.err, ctx.err_kind = err, kind
    ctx.failed_path, ctx.failed_line = b.failed_path or b.path, b.failed_line or b.line
    return
  end
  for i = 1, #parent.children do self:cancel(parent.children[i]) end
  parent.poll = nil
  if not parent.failed_path then
    parent.failed_path, parent.failed_line = b.failed_path or b.path, b.failed_line or b.line
  end
  wake(self, parent, err)
end

local function resume(self, b)
  local rt, err = self.rt, b.err
  b.ready, b.err = false, nil
  rt.branch, rt.touch, rt.bad, rt.seen = b, b.touch, nil, b.seen
  local ok, failure, kind = vm.resume(b.co, rt.budget_ns, err)
  rt.branch, rt.touch, rt.seen = nil, 0, nil
  if b.dead then return end
  if not ok then
    self:fail(b, results.raised(failure), kind)
    return
  end
  if b.poll then return end
  finish(self, b)
  if b.parent then
    b.parent.running = b.parent.running - 1
  else
    b.ctx.finished = true
  end
end

local function resume_ready(self)
  local live, i = self.live, 0
  while i < #live do
    i = i + 1
    local b = live[i]
    if b.ready and b.ctx.active then resume(self, b) end
  end
  if self.has_dead then
    compact(live, "dead")
    compact(self.loops, "ended")
    self.has_dead = false
  end
end

--- Let every branch go as far as it can.
---@return boolean moved
function Scheduler:run()
  local moved = false
  for _ = 1, PASSES do
    poll(self)
    if self.woken == 0 then return moved end
    moved, self.woken = true, 0
    resume_ready(self)
  end
  return moved
end

return branch

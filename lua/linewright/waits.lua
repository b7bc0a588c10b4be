--- Waiting: r.wait_until, r.wait_first, r.dwell, r.reprove, r.release.

local branch = require "linewright.branch"
local causes = require "linewright.causes"
local units = require "linewright.units"
local verb = require "linewright.verb"
local verb_options = require "linewright.verb_options"

local tostring = require("linewright.safe").plain

local format = string.format

local waits = {}

local OF = verb_options.OF

-- How often a running dwell notes what is left of it.
local DWELL_CHECKPOINT_NS = 10e9

local function has_expired(b)
  if b.deadline and b.ctx.now >= b.deadline then
    b.expired = true
    return true
  end
end

-- What this instant's set-points do to the plant is seen by the next scan; a
-- condition that compares a reading with its set-point must not run before it.
local function is_too_early(b) return b.ctx.set_at == b.ctx.now end

local function poll_condition(b)
  if is_too_early(b) then return false end
  local ok, text = b.condition()
  if not ok then
    b.since, b.now = nil, text
    return has_expired(b)
  end
  if not b.steady then return true end
  local now = b.ctx.now
  b.now = text
  b.since = b.since or now
  return now - b.since >= b.steady or has_expired(b)
end

local function poll_first(b)
  if is_too_early(b) then return false end
  local conditions, names = b.condition, b.names
  for i = 1, #names do
    if conditions[names[i]]() then
      b.fired = names[i]
      return true
    end
  end
  return has_expired(b)
end

local function clear(rt, b)
  rt.scheduler:watch(b, 0)
  b.condition, b.names, b.fired, b.steady, b.since, b.now = nil, nil, nil, nil, nil, nil
  b.within, b.deadline, b.expired, b.waits, b.restart = nil, nil, nil, nil, nil
end

--- Timers of waits begin again after an unhold; after a suspend only those that
--- had run out.
---@param scheduler table
---@param ctx table
---@param all boolean
function waits.restart(scheduler, ctx, all)
  for _, b in ipairs(scheduler.live) do
    if b.ctx == ctx and not b.dead and (all or not b.deadline) then
      if b.within then b.deadline, b.since = ctx.now + b.within, nil end
      if b.restart then b.deadline = ctx.now + b.restart end
    end
  end
end

local function check_otherwise(otherwise, what)
  if otherwise == nil then return "hold" end
  local is_word = verb_options.has(OF.wait_until.otherwise, otherwise)
  if is_word or type(otherwise) == "function" then return otherwise end
  return verb.raise("E-ARG %s: otherwise must be hold, stop, abort, suspend, continue or a "
    .. "function, not %s", what, tostring(otherwise))
end

-- The time is up. Returns true to go on without the condition, false to wait on
-- (the run is held now; the timer begins again after the unhold).
local function time_out(rt, b, label, otherwise)
  if otherwise == "continue" then return true end
  if type(otherwise) == "function" then
    -- What it waits for has times of its own, which an unhold begins again.
    b.within, b.deadline, b.expired, b.waits = nil, nil, nil, nil
    otherwise()
    return true
  end
  local reason = format("timed out after %s waiting for: %s", units.time_text(b.within), label)
  if not rt.fault(otherwise, reason, b) then error(reason, 0) end
  b.expired, b.deadline = nil, nil
  return false
end

-- Wait with the poll given until it holds or the time-out lets go.
local function wait_for(rt, b, label, poll, otherwise)
  if b.within then b.deadline = b.ctx.now + b.within end
  b.waits = label
  while true do
    branch.wait(b, poll)
    if not b.expired then return true end
    if time_out(rt, b, label, otherwise) then return false end
  end
end

local function prove(rt, b, label, condition, opts)
  rt.scheduler:watch(b, 1)
  b.condition, b.steady, b.within, b.seen = condition, opts.steady, opts.within, {}
  local ok, held = pcall(wait_for, rt, b, label, poll_condition, opts.otherwise)
  clear(rt, b)
  if not ok then error(held, 0) end
  return held
end

local function wait_options(label, opts)
  local what = format("r.wait_until '%s'", label)
  opts = verb.options(opts, OF.wait_until, what)
  return {
    within = opts.within and verb.duration(opts.within, what .. ": within"),
    steady = opts.steady and verb.duration(opts.steady, what .. ": steady"),
    keep = opts.keep, otherwise = check_otherwise(opts.otherwise, what),
  }
end

-- A kept condition is proved again before the run goes on after a hold.
local function keep(rt, ctx, label, condition, opts, line)
  for i, kept in ipairs(ctx.keep) do
    if kept.label == label then table.remove(ctx.keep, i) break end
  end
  rt.scheduler:watch(ctx, #ctx.keep + 1)
  ctx.keep[#ctx.keep + 1] = { label = label, condition = condition, opts = opts, line = line }
end

local function new_wait_until(rt)
  return function(label, condition, opts)
    local b = verb.waiting(rt, "wait_until")
    verb.expect(label, "string", "r.wait_until: label")
    verb.expect(condition, "function", format("r.wait_until '%s': condition", label))
    opts = wait_options(label, opts)
    local data = { at = b.line, within = opts.within and opts.within / 1e9 }
    local key, done = verb.enter(rt, b, label, data)
    local held
    if done then held = done.v else held = prove(rt, b, label, condition, opts) end
    if opts.keep and held then keep(rt, b.ctx, label, condition, opts, b.line) end
    if not done then
      verb.finish(rt, b, key, { v = held, saw = key and causes.saw(rt, b.seen) or nil })
    end
    return held
  end
end

local function race(rt, b, label, conditions, names, opts)
  rt.scheduler:watch(b, #names)
  b.condition, b.names, b.within, b.seen = conditions, names, opts.within, {}
  local ok, held = pcall(wait_for, rt, b, label, poll_first, opts.otherwise)
  local fired = b.fired
  clear(rt, b)
  if not ok then error(held, 0) end
  return held and fired or nil
end

local function new_wait_first(rt)
  return function(conditions, opts)
    local b = verb.waiting(rt, "wait_first")
    local names = verb.named_functions("r.wait_first", "condition", conditions)
    if not names[1] then verb.raise "E-ARG r.wait_first: no condition to wait for" end
    opts = verb.options(opts, OF.wait_first, "r.wait_first")
    local checked = {
      within = opts.within and verb.duration(opts.within, "r.wait_first: within"),
      otherwise = check_otherwise(opts.otherwise, "r.wait_first"),
    }
    local label = "first of " .. table.concat(names, ", ")
    local key, done = verb.enter(rt, b, label, { at = b.line })
    if done then return done.v end
    local fired = race(rt, b, label, conditions, names, checked)
    verb.finish(rt, b, key, { v = fired, saw = key and causes.saw(rt, b.seen) or nil })
    return fired
  end
end

-- ------------------------------------------------------------------- dwell ---

local function poll_dwell(b)
  local now = b.ctx.now
  if now >= b.deadline then return true end
  if b.note_at and now >= b.note_at then
    b.note_at = now + DWELL_CHECKPOINT_NS
    b.note(b.deadline - now)
  end
end

local function poll_wall(b) return b.rt_port:now_ns() >= b.deadline end

-- What is left of a dwell that an earlier execution had begun.
local function left_of(rt, key, ns, clock, begun)
  if not begun or clock == "restart" then return ns end
  if clock == "wall" then
    local wall = rt.journal.memo[key].begun.wall
    return wall and math.max(0, ns - (rt.port:wall_ns() - wall)) or ns
  end
  local noted = rt.journal.ckpt[key]
  return noted and math.min(ns, noted.left * 1e9) or ns
end

local function dwell(rt, b, key, ns, clock, begun)
  local left = left_of(rt, key, ns, clock, begun)
  b.waits = format("%s to pass", units.time_text(ns))
  if clock == "wall" then
    b.rt_port, b.deadline = rt.port, rt.port:now_ns() + left
    branch.wait(b, poll_wall)
  else
    b.deadline = b.ctx.now + left
    if clock == "restart" then b.restart = ns end
    if key and clock == "active" then
      b.note_at = b.ctx.now + DWELL_CHECKPOINT_NS
      b.note = function(rest) rt.journal:emit("ckpt", key, { left = rest / 1e9 }) end
    end
    branch.wait(b, poll_dwell)
    b.note_at, b.note = nil, nil
  end
  b.deadline, b.restart, b.waits = nil, nil, nil
end

local function new_dwell(rt)
  return function(time, opts)
    local b = verb.waiting(rt, "dwell")
    local ns = verb.duration(time, "r.dwell")
    opts = verb.options(opts, OF.dwell, "r.dwell")
    local clock = opts.clock or "active"
    if not verb_options.has(OF.dwell.clock, clock) then
      verb.raise("E-ARG r.dwell: clock must be active, wall or restart, not %s",
        tostring(clock))
    end
    local data = { at = b.line, clock = clock, wall = clock == "wall" and rt.port:wall_ns() or nil }
    local key, done, begun = verb.enter(rt, b, "dwell", data)
    if done then return end
    dwell(rt, b, key, ns, clock, begun)
    verb.finish(rt, b, key, {})
  end
end

-- ----------------------------------------------------------------- reprove ---

local function new_reprove(rt)
  return function()
    local b = verb.waiting(rt, "reprove")
    local execute = rt.execute_context()
    if not execute or b.ctx.execute then return end
    for _, kept in ipairs(execute.keep) do
      local key = verb.enter(rt, b, kept.label, { at = kept.line, reprove = true })
      prove(rt, b, kept.label, kept.condition, kept.opts)
      verb.finish(rt, b, key, { v = true })
    end
  end
end

local function new_release(rt)
  return function(label)
    verb.expect(label, "string", "r.release: label")
    local execute = rt.execute_context()
    for i, kept in ipairs(execute and execute.keep or {}) do
      if kept.label == label then
        table.remove(execute.keep, i)
        rt.scheduler:watch(execute, #execute.keep)
        return true
      end
    end
    return false
  end
end

--- Put the words into r.
---@param rt table
---@param r table
function waits.install(rt, r)
  r.wait_until = new_wait_until(rt)
  r.wait_first = new_wait_first(rt)
  r.dwell = new_dwell(rt)
  r.reprove = new_reprove(rt)
  r.release = new_release(rt)
end

return waits

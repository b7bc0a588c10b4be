--- Steps, scopes and parallel branches: r.step, r.unit, r.operation, r.phase,
--- r.parallel.

local branch = require "linewright.branch"
local journal = require "linewright.journal"
local prompt = require "linewright.prompt"
local safe = require "linewright.safe"
local stored = require "linewright.results"
local verb = require "linewright.verb"
local verb_options = require "linewright.verb_options"

local tostring = safe.plain

local format = string.format

local steps = {}

local function has_dwelt(b) return b.ctx.now >= b.deadline end

local function pause_for(b, ns)
  b.deadline = b.ctx.now + ns
  branch.wait(b, has_dwelt)
  b.deadline = nil
end

local function pack(ok, ...) return ok, select("#", ...), ... end

-- Run the step's body as often as its options allow. pcall's results pass
-- through whole, so that a step may return several values.
local function attempt(rt, b, name, opts, fn, left)
  local function done(ok, n, ...)
    if ok then return stored.pack(name, n, ...) end
    local err = ...
    -- A spent budget is spent for the retries, too.
    if safe.is_control(err) then error(err, 0) end
    if left <= 0 then return nil, err end
    rt.journal:emit("note", rt.journal:fresh_key(b.path, name),
      { text = "retry", error = stored.failure(err), left = left })
    if opts.backoff then pause_for(b, opts.backoff) end
    return attempt(rt, b, name, opts, fn, left - 1)
  end
  return done(pack(pcall(fn)))
end

local function enter_body(rt, b, name, once, key)
  b.step, b.once, b.step_key, b.seen = name, once or nil, key, {}
  rt.seen = b.seen
  b.touch, rt.touch = 2, 2
end

local function leave_body(rt, b)
  b.step, b.once, b.step_key = nil, nil, nil
  b.touch = b.ctx.execute and 0 or 2
  rt.touch = b.touch
end

local function step_options(name, opts)
  local what = format("r.step '%s'", name)
  opts = verb.options(opts, verb_options.OF.step, what)
  local retries = opts.retries or 0
  if type(retries) ~= "number" or not (retries >= 0) then -- nan never counts down
    verb.raise("E-ARG %s: retries must be a count, not %s", what, tostring(retries))
  end
  return {
    once = opts.once or nil, retries = retries, sign = opts.sign,
    backoff = opts.backoff and verb.duration(opts.backoff, what .. ": backoff"),
  }
end

-- A step that asks for a signature is finished only once it is given.
local function sign_off(rt, b, name, sign)
  local word = sign == true and "performed" or tostring(sign)
  local text = format("Step '%s': %s?", name, word)
  prompt.ask(rt, b, { prompt = text, choices = { word }, sign = word })
end

local function new_step(rt)
  return function(name, opts, fn)
    local b = verb.waiting(rt, "step")
    if fn == nil then fn, opts = opts, nil end
    verb.expect(name, "string", "r.step: name")
    verb.expect(fn, "function", format("r.step '%s': the last argument", name))
    if b.step then
      verb.raise("E-STEP step '%s' is inside step '%s'; a step is the smallest action, "
        .. "use r.phase to group steps", name, b.step)
    end
    opts = step_options(name, opts)
    local key, done = verb.enter(rt, b, name, { once = opts.once, at = b.line }, "step")
    if done then return stored.unpack(done) end
    if opts.once then verb.commit(rt, b, rt.journal.newest) end
    enter_body(rt, b, name, opts.once, key)
    local data, err = attempt(rt, b, name, opts, fn, opts.retries)
    if data and opts.sign then sign_off(rt, b, name, opts.sign) end
    leave_body(rt, b)
    if not data then
      verb.blame(b, b.path .. "/" .. journal.escape(name))
      verb.failed(rt, b, key, err)
      error(err, 0)
    end
    rt.save_image()
    verb.finish(rt, b, key, data)
    return stored.unpack(data)
  end
end

-- ------------------------------------------------------------------ scopes ---

local function leave_scope(rt, b, key, path, ok, ...)
  rt.scheduler:end_scope(b, b.depth)
  if not ok then verb.blame(b, b.path) end
  b.depth, b.path = b.depth - 1, path
  if not ok then
    verb.failed(rt, b, key, (...))
    error((...), 0)
  end
  if not rt.journal:done(key) then verb.finish(rt, b, key, {}) end
  return ...
end

local function new_scope(rt, kind)
  return function(name, opts, fn)
    local b = verb.waiting(rt, kind)
    if fn == nil then fn, opts = opts, nil end
    verb.expect(name, "string", format("r.%s: name", kind))
    verb.expect(fn, "function", format("r.%s '%s': the last argument", kind, name))
    if b.step then verb.raise("E-STEP r.%s '%s' is inside step '%s'", kind, name, b.step) end
    opts = verb.options(opts, verb_options.OF.operation, format("r.%s '%s'", kind, name))
    local key = verb.enter(rt, b, name, { scope = kind, oee = opts.oee, at = b.line }, "scope")
    local path = b.path
    b.path, b.depth = path .. "/" .. journal.escape(name), (b.depth or 0) + 1
    return leave_scope(rt, b, key, path, pcall(fn))
  end
end

-- ---------------------------------------------------------------- parallel ---

local function all_ended(b) return b.running == 0 end

local function spawn_children(rt, b, tasks, names)
  local results = {}
  b.children, b.running = {}, #names
  for _, name in ipairs(names) do
    local fn = tasks[name]
    local child = rt.scheduler:spawn(b.ctx, b, name, b.path .. "/" .. journal.escape(name),
      function() results[name] = fn() end)
    child.line = b.line
  end
  return results
end

local function new_parallel(rt)
  return function(tasks)
    local b = verb.waiting(rt, "parallel")
    local names = verb.named_functions("r.parallel", "branch", tasks)
    if b.step then verb.raise("E-STEP r.parallel is inside step '%s'", b.step) end
    rt.budgets:hold("branches", #rt.scheduler.live + #names)
    local key, done = verb.enter(rt, b, "parallel", { branches = names, at = b.line }, "scope")
    local results = spawn_children(rt, b, tasks, names)
    local ok, err = pcall(branch.wait, b, all_ended)
    b.children, b.running = nil, nil
    if not ok then
      verb.failed(rt, b, key, err)
      error(err, 0)
    end
    if not done then verb.finish(rt, b, key, {}) end
    return results
  end
end

--- Put the words into r.
---@param rt table
---@param r table
function steps.install(rt, r)
  r.step = new_step(rt)
  for _, kind in ipairs { "unit", "operation", "phase" } do r[kind] = new_scope(rt, kind) end
  r.parallel = new_parallel(rt)
end

return steps

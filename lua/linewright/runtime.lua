--- What the parts of a run share: one table, `rt`. Verbs, guards, equipment and
--- the scheduler find in it the port, the journal, who runs right now, and the
--- few things that only the run itself can do.

local branch = require "linewright.branch"
local budgets = require "linewright.budgets"
local command_ids = require "linewright.command_ids"
local equipment = require "linewright.equipment"
local guards = require "linewright.guards"
local journal = require "linewright.journal"
local permits = require "linewright.permits"
local rng = require "linewright.rng"
local safe = require "linewright.safe"
local sandbox = require "linewright.sandbox"
local suggest = require "linewright.suggest"
local verb = require "linewright.verb"

local format = string.format

local runtime = {}

-- Nobody waits for a tick in virtual time: unless the profile says otherwise its
-- budget only ends what is endless. A crowded machine, or a collection of garbage,
-- must not make one run of a seed end otherwise than another.
local VIRTUAL_BUDGET_NS = 1e9

-- The recipe's own stream of chance; the twin has another (twin.lua).
local RECIPE_STREAM = 2

local function deep_copy(v)
  if type(v) ~= "table" then return v end
  local out = {}
  for k, item in pairs(v) do out[k] = deep_copy(item) end
  return out
end

local REPLAY = [[E-REPLAY p.%s is changeable and was read outside a step, wait, loop, guard ]]
  .. [[or state handler.
  Why: after a power loss this code runs again and would see a different value.
  Fix: put the read in r.step(...) and use the value it returns.]]

-- Parameters as handlers see them: a copy of their own each time; those that a
-- person may change are asked for at each use.
local function params_of(rt, bundle)
  local names, fixed, changeable = {}, {}, {}
  for name, value in pairs(bundle.params) do
    names[#names + 1] = name
    local info = bundle.param_info and bundle.param_info[name]
    if info and info.changeable then changeable[name] = value else fixed[name] = value end
  end
  table.sort(names)
  local meta = { __metatable = "p", __index = function(_, name)
    if changeable[name] ~= nil then
      if rt.touch < 1 then error(format(REPLAY, name), 2) end
      return rt.journal.changed[name] or changeable[name]
    end
    name = tostring(name)
    error(format("E-NAME p.%s is not a parameter (%s)%s", name, table.concat(names, ", "),
      suggest.text(name, names)), 2)
  end }
  return function() return setmetatable(deep_copy(fixed), meta) end
end

-- Copies what execute set to the journal, when it has changed.
local function image_saver(rt)
  return function()
    if not rt.image_dirty then return end
    rt.image_dirty = false
    rt.journal:emit("image", "setpoints", deep_copy(rt.image), false)
  end
end

-- An output of a `once` step: the intent is on disk before it goes out.
local function intender(rt)
  return function(b, channel, value)
    local key = rt.journal:fresh_key(b.path .. "/" .. journal.escape(b.step), channel.path)
    local id = command_ids.next(rt, channel)
    verb.commit(rt, b, rt.journal:emit("intent", key, { v = value, id = id }, true))
    return id
  end
end

-- Sets what may be set now and returns the paths that a permit keeps back. What
-- is set now may be what the permit waits for: pump and web both stand after a
-- restart of the PLC, and only the web may go first.
local function restorer(rt, bundle)
  return function(pattern)
    local paths, kept_back = {}, {}
    for path in pairs(rt.image) do
      if path:find(pattern) then paths[#paths + 1] = path end
    end
    table.sort(paths)
    for _, path in ipairs(paths) do
      if permits.lacking(bundle, rt.port, bundle.channels[path], rt.image[path]) then
        kept_back[#kept_back + 1] = path
      else
        rt.channels[path]:set(rt.image[path])
      end
    end
    return kept_back
  end
end

--- What the verbs, guards and equipment need of the run itself.
---@param rt table
---@param self table run
function runtime.connect(rt, self)
  rt.save_image, rt.intend = image_saver(rt), intender(rt)
  rt.restore_setpoints = restorer(rt, self.bundle)
  rt.permit_lacking = function(path)
    return permits.lacking(self.bundle, rt.port, self.bundle.channels[path], rt.image[path])
  end
  rt.release = function(b) if b.owned then equipment.release(rt, b) end end
  rt.state = function() return self.state end
  rt.execute_context = function() return self.execute end
  rt.fault = function(level, reason, where) return self:fault(level, reason, where) end
  rt.unsuspend = function(why) return self:command("unsuspend", "run", why) end
  rt.late = function(loop, missed) self:late(loop, missed) end
  rt.checkpoint_loops = function(ctx)
    for _, loop in ipairs(rt.scheduler.loops) do
      if loop.ctx == ctx and not loop.ended then loop:checkpoint(rt) end
    end
    rt.save_image()
  end
end

--- What recipes see as chance and time is the run's own: seeded, and the line's
--- clock. What they print is a note in the journal.
---@param self table run
---@param seed number
function runtime.bind_environment(self, seed)
  local env, port, rt = self.bundle.env, self.port, self.rt
  if not env then return end
  local chance = rng.new(seed, RECIPE_STREAM)
  sandbox.bind(env, {
    random = function(lo, hi)
      if lo == nil then return chance:uniform() end
      if hi == nil then lo, hi = 1, lo end
      return chance:integer(lo, hi)
    end,
    time = function() return (port:wall_ns()) / 1e9 end,
    print = function(text)
      rt.budgets:take "notes"
      rt.budgets:hold("text", #text)
      rt.journal:emit("note", rt.journal:fresh_key("run", "print"), { text = text })
      if self.on_note then self.on_note(text) end
    end,
  })
end

--- The shared table of a new run.
---@param options table bundle, port, budget_ns of a tick in real time
---@return table rt
function runtime.new(options)
  local bundle, port = options.bundle, options.port
  local profile = bundle.profile
  local declared_ns = profile and profile.table.tick_cpu ~= nil and profile.tick_cpu_ns
  local rt = {
    -- A copy: the script may still hold the table that it returned.
    port = port, recipe = safe.with({}, bundle.recipe),
    line_name = bundle.line.name, began_ns = port:now_ns(),
    budget_ns = options.budget_ns or declared_ns or VIRTUAL_BUDGET_NS,
    customer = bundle.line.customer, shelf = bundle.line.shelf,
    -- what runs right now
    branch = nil, callback = nil, touch = 0, bad = nil, seen = nil,
    -- what execute has set, and who owns which channel
    owners = {}, setters = {}, image = {}, image_dirty = false,
    -- what people see
    prompts = {}, prompt_n = 0, records = {}, loops = {},
    gate = { paused = false, semi = false, opened = 0 },
  }
  rt.journal = journal.new(port)
  rt.budgets = budgets.new((bundle.profile or {}).limits, port, bundle.line.name)
  rt.journal.budgets = rt.budgets
  rt.scheduler = branch.scheduler(rt)
  rt.params = params_of(rt, bundle)
  rt.p = rt.params()
  rt.eq, rt.channels = equipment.new(rt, bundle)
  rt.alarms = guards.alarms(rt)
  return rt
end

return runtime

--- The words a recipe's handlers find in `r`.

local approve = require "linewright.approve"
local branch = require "linewright.branch"
local infer_records = require "linewright.infer_records"
local loops = require "linewright.loop"
local outcome = require "linewright.outcome"
local prompt = require "linewright.prompt"
local shelf = require "linewright.shelf"
local steps = require "linewright.steps"
local verb = require "linewright.verb"
local verb_options = require "linewright.verb_options"
local waits = require "linewright.waits"

local tostring = require("linewright.safe").plain

local format = string.format

local verbs = {}

local function poll_active(b) return b.ctx.active end

-- r.hold and its like: the ladder from inside the script. In execute it is a
-- verb of the journal, so that a replay does not hold again.
local function new_level(rt, level)
  return function(reason)
    verb.expect(reason, "string", format("r.%s: reason", level))
    if rt.callback or not rt.branch then
      if not rt.fault(level, reason, rt.branch) then
        verb.raise("E-STATE r.%s is not possible in state %s", level, rt.state())
      end
      return
    end
    local b = verb.waiting(rt, level)
    local key, done, begun = verb.enter(rt, b, level, { reason = reason, at = b.line })
    if done then return end
    if not begun then
      rt.chosen = reason
      if not rt.fault(level, reason, b) then
        verb.raise("E-STATE r.%s is not possible in state %s", level, rt.state())
      end
      branch.wait(b, poll_active)
    end
    verb.finish(rt, b, key, {})
  end
end

local function new_alarm(rt)
  return function(text, opts)
    verb.expect(text, "string", "r.alarm: text")
    opts = verb.options(opts, verb_options.OF.alarm, "r.alarm")
    local key, done = verb.record_key(rt, text)
    if not done then rt.budgets:take "alarms" end
    if not done then rt.alarms:raise(text, opts.priority, key, nil, verb.here()) end
  end
end

local function new_mark(rt)
  return function(label, data)
    verb.expect(label, "string", "r.mark: label")
    local key, done = verb.record_key(rt, label)
    if not done then rt.budgets:take "records" end
    if not done then rt.journal:emit("mark", key, data or {}) end
  end
end

local function new_record(rt)
  return function(name, value, unit, limits)
    verb.expect(name, "string", "r.record: name")
    if unit ~= nil then verb.expect(unit, "string", format("r.record '%s': unit", name)) end
    limits = outcome.limits(name, limits)
    local key, done = verb.record_key(rt, name)
    local data = done or { v = value, unit = unit, lo = limits.lo, hi = limits.hi,
      target = limits.target }
    if not done then rt.budgets:take "records" end
    if not done then rt.journal:emit("data", key, data) end
    local list = rt.records[name] or {}
    rt.records[name] = list
    list[#list + 1] = data.v
  end
end

local function new_produced(rt)
  return function(quantities)
    local data = outcome.produced(quantities)
    local key, done = verb.record_key(rt, "produced")
    if not done then rt.budgets:take "records" end
    if not done then rt.journal:emit("count", key, data) end
  end
end

-- How long an output waits for its permit; then the scan refuses it and holds.
local PERMIT_WITHIN = "1 min"

local function new_restore(rt, r)
  return function(pattern)
    verb.expect(pattern or "", "string", "r.restore_setpoints: pattern")
    verb.waiting(rt, "restore_setpoints")
    for _, path in ipairs(rt.restore_setpoints(pattern or "")) do
      local text = rt.permit_lacking(path)
      if text then
        r.wait_until(text, function() return not rt.permit_lacking(path) end,
          { within = PERMIT_WITHIN })
      end
      rt.channels[path]:set(rt.image[path])
    end
  end
end

--- Build r.
---@param rt table the runtime's shared table
---@return table r
function verbs.new(rt)
  local r = {}
  steps.install(rt, r)
  waits.install(rt, r)
  prompt.install(rt, r)
  loops.install(rt, r)
  infer_records.install(rt, r)
  approve.install(rt, r)
  shelf.install(rt, r)
  for _, level in ipairs { "hold", "stop", "abort", "suspend" } do
    r[level] = new_level(rt, level)
  end
  r.alarm, r.mark, r.record = new_alarm(rt), new_mark(rt), new_record(rt)
  r.produced = new_produced(rt)
  r.restore_setpoints = new_restore(rt, r)
  local names = {}
  for name in pairs(r) do names[#names + 1] = name end
  table.sort(names)
  local suggest = require "linewright.suggest"
  return setmetatable({}, {
    __index = setmetatable(r, { __index = function(_, name)
      name = tostring(name)
      verb.raise("E-NAME r.%s is not a verb%s", name, suggest.text(name, names))
    end }),
    __newindex = function() verb.raise "E-READONLY r cannot be changed" end,
    __metatable = "r",
  })
end

return verbs

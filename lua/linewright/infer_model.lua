--- What handles of models do in a run: `m:run(x)` at once, `m:call(x, opts)` off
--- the loop with a deadline and a fallback, `m:evidence()` for records.

local branch = require "linewright.branch"
local dsp = require "linewright.dsp"
local infer_words = require "linewright.infer_words"
local surface = require "linewright.surface"
local units = require "linewright.units"
local values = require "linewright.infer_values"
local verb = require "linewright.verb"

local format = string.format
local unpack = table.unpack or unpack -- luacheck: ignore 143

local infer_model = {}

local CALL_OPTIONS = surface.keys "model_call"
-- In virtual time a call takes this long unless the model says otherwise.
local INLINE_NS, OTHER_NS = 100e3, 5e6

-- ----------------------------------------------------------------- calling ---

-- A bad day's NaN comes as any answer does, so that what looks at answers has to see it.
local function not_a_number() return dsp.of(0 / 0) end

local function compute(state, tensors)
  if state.spoilt == "silent" then return nil, "the model abstains" end
  return values.compute(state, tensors, state.spoilt == "nan" and not_a_number or nil)
end

local function has_arrived(b) return b.ctx.now >= b.deadline end

-- Virtual time: the answer is known now and arrives when it would.
local function call_virtual(state, b, tensors, within)
  local takes = state.slow_ns or state.spec.latency
    or (state.is_inline and INLINE_NS or OTHER_NS)
  local is_late = takes > within
  local value, why
  if not is_late then value, why = compute(state, tensors) end
  b.deadline = b.ctx.now + math.min(takes, within)
  b.waits = format("model %s", state.spec.name)
  branch.wait(b, has_arrived)
  b.deadline, b.waits = nil, nil
  if is_late then return nil, "the deadline passed" end
  return value, why, takes / 1e9
end

local function has_ended(b)
  local done, took, _ = b.job:poll()
  if done == nil then return false end
  b.job_done, b.job_said = done, took
  return true
end

local function call_real(state, b, tensors, within)
  local job, refused = state.runner:add(within, unpack(tensors))
  if not job then return nil, refused end
  b.job, b.waits = job, format("model %s", state.spec.name)
  branch.wait(b, has_ended)
  local done, said = b.job_done, b.job_said
  b.job, b.job_done, b.job_said, b.waits = nil, nil, nil, nil
  local value, why
  if done then value, why = values.results(state, function(i) return job:result(i) end)
  else why = said end
  job:drop()
  return value, why, done and said or nil
end

local function attempt(state, b, x, within)
  if not state.model then return nil, "there is no model" end
  local tensors, wrong = values.tensors(state, x)
  if not tensors then return nil, wrong end
  local evidence = values.evidence(state, tensors)
  local missing = values.missing(state, tensors)
  if missing then return nil, missing, nil, evidence end
  local go = state.rt.is_virtual and call_virtual or call_real
  local value, why, took = go(state, b, tensors, within)
  return value, why, took, evidence
end

local function fall_back(otherwise, why)
  if type(otherwise) == "function" then return otherwise(why) end
  return otherwise
end

local function call_options(state, opts)
  local what = format("model '%s': call", state.spec.name)
  opts = verb.options(opts, CALL_OPTIONS, what)
  local within = opts.within and verb.duration(opts.within, what .. ": within")
  local otherwise = opts.otherwise
  if otherwise == nil then otherwise = state.spec.otherwise end
  return within or state.spec.within, otherwise
end

-- One call as a verb of the journal: a replay returns what it returned then.
local function call(state)
  return function(_, x, opts)
    local rt = state.rt
    local b = verb.waiting(rt, "model:call")
    local within, otherwise = call_options(state, opts)
    local key, done = verb.enter(rt, b, "model " .. state.spec.name,
      { at = b.line, within = within / 1e9 })
    if done then return done.v, done.by end
    local value, why, took, by = attempt(state, b, x, within)
    by = by or { name = state.spec.name }
    by.y, by.took = values.recorded(value), took
    state.count(value == nil)
    if value == nil then
      by.fallback = why
      if otherwise == nil then
        local text = format("E-INFER model '%s' gave no answer within %s: %s", state.spec.name,
          units.time_text(within), why)
        verb.failed(rt, b, key, text)
        error(text, 0)
      end
      value = fall_back(otherwise, why)
    end
    if key and type(value) == "userdata" then
      verb.raise("E-JOURNAL model '%s' answers with %d numbers, too many to record: call it in a "
        .. "step and return what matters", state.spec.name, #value)
    end
    verb.finish(rt, b, key, { v = value, by = by })
    return value, by
  end
end

-- --------------------------------------------------------------- life cycle ---

local function counter(state, rt)
  return function(is_fallback)
    local tally = rt.meter[state.info and state.info.digest or state.spec.name]
    tally.calls = tally.calls + 1
    if is_fallback then tally.fallbacks = tally.fallbacks + 1 end
  end
end

local function evidence(state)
  return function()
    local x, y, digest, calls = state.last()
    return calls > 0 and values.evidence_of(state, x, y, digest) or nil
  end
end

local function stats(state)
  return function()
    if not state.runner then return { done = 0 } end
    local out, names = {}, { "done", "failed", "late", "refused", "waiting", "deepest", "runs",
      "p50", "p99", "p999" }
    for i, v in ipairs { state.runner:stats() } do out[names[i]] = v end
    return out
  end
end

local function run_spoilt(state)
  return function(_, x)
    local tensors, wrong = values.tensors(state, x)
    if not tensors then return nil, wrong end
    return compute(state, tensors)
  end
end

-- run(): one input, one output, on this thread; only models that take
-- microseconds may.
local function bind_run(state)
  local m = state.methods
  if not state.is_inline then
    m.run = function()
      verb.raise("E-STATE model '%s' runs on %s, which is too slow for the tick: use call",
        state.spec.name, state.info.backend)
    end
    return
  end
  if state.spoilt then
    m.run = run_spoilt(state)
    return
  end
  local takes_missing = state.spec.missing == "pass"
    or (state.info.level == "any" and state.spec.missing ~= "refuse")
  local run, last, code = state.model:caller(infer_words.flatten, takes_missing)
  if not run then
    m.run = function() verb.raise("%s model '%s': %s", code, state.spec.name, last) end
    return
  end
  m.run, state.last, m.evidence = run, last, evidence(state)
end

--- A bad day of a model, in virtual time; nil: it works as it should.
---@param state table of bundle.models
---@param kind nil|"slow"|"nan"|"silent" its answers come late, are not numbers, do not come
---@param slow_s number|nil how long they take
function infer_model.spoil(state, kind, slow_s)
  state.slow_ns = kind == "slow" and slow_s * 1e9 or nil
  state.spoilt = kind
  if state.model and state.rt then bind_run(state) end
end

--- Make the handles of a bundle work in a run.
---@param rt table
---@param states table|nil bundle.models
---@return table descriptors that become readable when a call has ended
function infer_model.bind(rt, states)
  local fds = {}
  rt.meter = {}
  for _, state in ipairs(states or {}) do
    state.rt, state.runner = rt, nil
    local m, key = state.methods, state.info and state.info.digest or state.spec.name
    rt.meter[key] = rt.meter[key] or { name = state.spec.name, digest = state.info
      and state.info.digest, calls = 0, fallbacks = 0, told = 0,
      told_fallbacks = 0, outcomes = {}, states = {} }
    table.insert(rt.meter[key].states, state)
    state.count = counter(state, rt)
    m.call, m.stats = call(state), stats(state)
    m.is_ready = function() return state.model ~= nil end
    if state.model then bind_run(state) end
    if state.model and not rt.is_virtual then
      local spec = state.spec
      state.runner = assert(state.model:runner(spec.contexts, spec.queue, spec.batch))
      fds[#fds + 1] = state.runner:fd()
    end
  end
  return fds
end

return infer_model

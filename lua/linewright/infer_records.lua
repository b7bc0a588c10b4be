--- What models leave in the journal: decisions, with all that is needed to
--- compute them again, and counts of calls for who pays by them.

local infer_inputs = require "linewright.infer_inputs"
local json = require "linewright.json"
local judges = require "linewright.judges"
local surface = require "linewright.surface"
local verb = require "linewright.verb"

local infer_records = {}

local DECISION_KEYS = surface.keys "decision"
local METER_NS = 60e9

-- One piece of evidence or a list of them.
local function evidence_of(from)
  if from == nil then return nil end
  if from.digest or from.name or from.judge or from.file or from.answers then return { from } end
  return from
end

-- What a judge knew goes on record once in a run, in front of the first decision by it.
local function put_calibration(rt, digest)
  local text = rt.calibrations[digest]
  if not text then return end
  rt.journal:emit("note", "calibration " .. digest, { known = json.decode(text) })
  rt.calibrations[digest] = false
end

-- The last judge's word is the decision's, unless the recipe says otherwise.
local function take_judgements(rt, data)
  for _, by in ipairs(data.from or {}) do
    if by.judge then
      put_calibration(rt, by.calibration)
      by.input = judges.input(by.x)
      data.calibration = data.calibration or by.calibration
      for _, key in ipairs(judges.OWN) do
        if data[key] == nil then data[key] = by.y[key] end
      end
    end
  end
end

local function new_decision(rt)
  return function(name, t)
    verb.expect(name, "string", "r.decision: name")
    t = verb.options(t, DECISION_KEYS, "r.decision")
    if t.from ~= nil then verb.expect_plain(t.from, "r.decision: from") end
    local key, done, is_live = verb.record_key(rt, name)
    if done then return done.outcome end
    local data = { live = is_live }
    for k, v in pairs(t) do data[k] = v end
    data.from = evidence_of(t.from)
    take_judgements(rt, data)
    if data.outcome == nil then verb.raise("E-ARG r.decision '%s': outcome is missing", name) end
    infer_inputs.keep(rt, data.from)
    rt.journal:emit("decision", key, data)
    infer_records.count(rt, data)
    return data.outcome
  end
end

-- A judge of the recipe, and evidence of each of its judgements.
local function new_judge(rt)
  rt.calibrations = {}
  return function(name, known)
    verb.expect(name, "string", "r.judge: name")
    local own, digest, text = judges.calibration(known)
    local judge = judges.of(rt.recipe, name, own)
    if rt.calibrations[digest] == nil then rt.calibrations[digest] = text end
    return function(x)
      local said = judge(x)
      return said, { judge = name, calibration = digest, x = x, y = said }
    end
  end
end

--- Add a decision to the counts of the models that it came from.
---@param rt table
---@param data table of the record
function infer_records.count(rt, data)
  for _, by in ipairs(data.from or {}) do
    local tally = rt.meter[by.digest or by.name]
    if tally then
      tally.outcomes[tostring(data.outcome)] = (tally.outcomes[tostring(data.outcome)] or 0) + 1
      if data.avoided == true then tally.avoided = (tally.avoided or 0) + 1 end
    end
  end
end

-- Calls so far: those off the thread, and those that C has counted.
local function totals(tally)
  local calls, fallbacks = tally.calls, tally.fallbacks
  for _, state in ipairs(tally.states) do
    if state.last then
      local n, failed = select(4, state.last())
      calls, fallbacks = calls + n, fallbacks + failed
    end
  end
  return calls, fallbacks
end

--- Put what was counted since the last time on record: once a minute, and when
--- the run comes to an end.
---@param rt table
---@param is_end boolean|nil
function infer_records.meter(rt, is_end)
  local now = rt.port:now_ns()
  if not next(rt.meter) or (not is_end and now - (rt.metered_ns or 0) < METER_NS) then return end
  rt.metered_ns = now
  local keys = {}
  for key in pairs(rt.meter) do keys[#keys + 1] = key end
  table.sort(keys)
  for _, key in ipairs(keys) do
    local tally = rt.meter[key]
    local calls, fallbacks = totals(tally)
    if calls > tally.told then
      rt.journal:emit("meter", key, { model = tally.name, calls = calls - tally.told,
        fallbacks = fallbacks - tally.told_fallbacks, outcomes = tally.outcomes,
        avoided = tally.avoided, customer = rt.customer })
      tally.told, tally.told_fallbacks, tally.outcomes = calls, fallbacks, {}
      tally.avoided = nil
    end
  end
end

--- Put the words into r.
---@param rt table
---@param r table
function infer_records.install(rt, r)
  r.decision, r.judge = new_decision(rt), new_judge(rt)
end

return infer_records

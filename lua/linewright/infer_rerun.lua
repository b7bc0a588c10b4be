--- Decisions computed again from their records: the model of that digest, its inputs, the
--- instruction set; the recipe's judge with what it knew and what it looked at. Equal to the
--- bit, or told.

local infer = require "linewright.infer"
local infer_inputs = require "linewright.infer_inputs"
local infer_values = require "linewright.infer_values"
local json = require "linewright.json"
local judges = require "linewright.judges"
local pinned = require "linewright.pinned"
local vm = require "linewright.vm"
local witness = require "linewright.infer_witness"

local format = string.format

local rerun = {}

local JUDGE_BUDGET_NS = 10e9

-- Where a model may lie now: where it was, or in the folder given, by its name.
local function candidates(by, options)
  local out = { by.path }
  if options.models and by.path then
    out[2] = options.models .. "/" .. by.path:match "[^/]*$"
  end
  return out
end

-- The model of that digest at a path; avx512 and avx2 give the same bits
-- (infer/net.h), so the one stands in for the other.
local function open(by, path)
  local level = by.backend == "tiny" and by.level ~= "any" and by.level or nil
  local m, why = infer.open(path, by.backend, by.provider, level)
  if not m and level == "avx512" then m, why = infer.open(path, by.backend, nil, "avx2") end
  if not m then return nil, why end
  local digest = select(5, m:used())
  if digest == by.digest then return m end
  return nil, format("%s is another model now (digest %.12s..., was %.12s...)", path, digest,
    by.digest)
end

-- The model of a piece of evidence, kept for the next record.
local function model_of(work, by)
  local key = (by.digest or "?") .. " " .. tostring(by.level)
  local made = work.models[key] or { why = "no model is named" }
  if work.models[key] then return made.state, made.why end
  work.models[key] = made
  for _, path in ipairs(candidates(by, work.options)) do
    local m, why = open(by, path)
    made.why = why
    if m then
      made.state = { model = m, inputs = infer_values.places(m, "in"),
        outputs = infer_values.places(m, "out") }
      break
    end
  end
  return made.state, made.why
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b or (a ~= a and b ~= b) end
  for k, v in pairs(a) do
    if not same(v, b[k]) then return false end
  end
  for k in pairs(b) do
    if a[k] == nil then return false end
  end
  return true
end

local function in_words(v) return json.encode(v) or "?" end

local function compared(was, now)
  if same(now, was) then return "equal" end
  return "differs", format("it gave %s, gives %s now", in_words(was), in_words(now))
end

-- What went into a model: numbers of the record itself, or files beside the database.
local function inputs_of(work, state, by)
  if by.x then return infer_values.tensors(state, by.x) end
  return infer_inputs.read(work.inputs, by)
end

-- "equal", "differs" or "impossible", and a sentence for the latter two.
local function model_again(work, by)
  if by.fallback then return "fallback" end
  local state, why = model_of(work, by)
  if not state then return "impossible", tostring(why) end
  local tensors
  tensors, why = inputs_of(work, state, by)
  if not tensors then return "impossible", tostring(why) end
  local y
  y, why = infer_values.compute(state, tensors)
  if y == nil then return "differs", format("it gave %s, and now: %s", in_words(by.y), why) end
  return compared(by.y, infer_values.recorded(y))
end

-- The judge of a recipe that knows what this digest names; kept, since a judge may take long
-- to get ready.
local function judge_of(work, by)
  local key = tostring(by.judge) .. " " .. tostring(by.calibration)
  local made = work.judges[key]
  if made then return made.judge, made.why end
  made = {}
  work.judges[key] = made
  local known = work.known[by.calibration]
  if not known then
    made.why = format("the calibration %.12s... is not among the records", tostring(by.calibration))
  elseif not work.recipe then
    made.why = work.recipe_why
  else
    local ok, said = vm.call(function()
      return judges.of(work.recipe, by.judge, known)
    end, JUDGE_BUDGET_NS)
    if ok then made.judge = said else made.why = tostring(said) end
  end
  return made.judge, made.why
end

local function judgement_again(work, by)
  if judges.input(by.x) ~= by.input then
    return "differs", "what it looked at is not what its digest says"
  end
  local judge, why = judge_of(work, by)
  if not judge then return "impossible", why end
  local ok, said = vm.call(function() return judge(by.x) end, JUDGE_BUDGET_NS)
  if not ok then return "differs", format("it fails now: %s", tostring(said)) end
  return compared(by.y, said)
end

-- What the decision says of itself against what its judge said.
local function own_words(data, by)
  for _, key in ipairs(judges.OWN) do
    if by.y[key] ~= nil and not same(data[key], by.y[key]) then
      return "differs", format("the decision says %s %s, its judge %s", key, in_words(data[key]),
        in_words(by.y[key]))
    end
  end
  return "equal"
end

local function witness_again(work, by)
  return witness.again(by, work.answers, work.options.models)
end

-- How to make it again, whether it says what the decision says, and its word for messages.
local function kind_of(by)
  if by.judge then return judgement_again, true, format("judge %s", by.judge) end
  local name = witness.name(by)
  if name then return witness_again, by.y ~= nil, name end
  return model_again, false, format("model %s", tostring(by.name or "?"))
end

-- Every piece of evidence of one decision; `tell` takes what is not equal.
local function pieces(work, data, tell)
  local has_judge, has_model = false, false
  for _, by in ipairs(data.from) do
    local again, decides, name = kind_of(by)
    tell(name, again(work, by))
    if decides then tell(name, own_words(data, by)) end
    has_judge, has_model = has_judge or decides, has_model or again == model_again
  end
  return has_judge, has_model
end

local RANK = { equal = 1, fallback = 2, impossible = 3, differs = 4 }
local COUNT = { equal = "equal", fallback = "fallback", differs = "different",
  impossible = "impossible" }

local function decision_again(work, key, data, result)
  local worst = "equal"
  local has_judge, has_model = pieces(work, data, function(name, verdict, why)
    -- A judge knows what a fallback was; without one the recipe's own line decided.
    if RANK[verdict] > RANK[worst] then worst = verdict end
    if not why then return end
    result.lines[#result.lines + 1] = format("%-10s %s (%s): %s", verdict, key, name, why)
  end)
  if worst == "fallback" and has_judge then worst = "equal" end
  if worst == "equal" and has_model and not has_judge then result.answers = result.answers + 1 end
  result[COUNT[worst]] = result[COUNT[worst]] + 1
end

local KINDS = {}

function KINDS.note(work, key, data, result)
  local lost = key:match "^input (%x+)$"
  if lost then
    result.lines[#result.lines + 1] = format("not kept   input %.12s...: %s", lost,
      tostring(data.not_kept))
  end
  local digest = key:match "^calibration (%x+)$"
  if not digest then return end
  local own, now = judges.calibration(data.known)
  -- One that was changed is none: what it should have been nobody knows.
  work.known[digest] = now == digest and own or nil
end

function KINDS.answer(work, key, data) work.answers[key] = data end

function KINDS.decision(work, key, data, result)
  if data.from then return decision_again(work, key, data, result) end
  result.without = result.without + 1
end

local function new_work(s, id, options)
  local recipe, why = pinned.recipe(s, s:run_get(id, "bundle"))
  return { models = {}, judges = {}, known = {}, answers = {}, options = options, recipe = recipe,
    recipe_why = why, inputs = infer_inputs.folder(options.db) }
end

--- Compute the decisions of a run again.
---@param s table store
---@param id number run
---@param options table models: a folder; db: the database's path, its inputs lie beside it
---@return table result lines, equal, different, impossible; fallback: decisions by a declared
---  fallback alone; answers: of the equal ones those whose outcome no judge gave; without:
---  decisions of no model and no judge; broken: what the audit chain says, if it is broken
function rerun.run(s, id, options)
  local result = { lines = {}, equal = 0, different = 0, impossible = 0, fallback = 0,
    answers = 0, without = 0 }
  local work = new_work(s, id, options)
  for _, _, _, kind, key, data in s:records(id) do
    local again = KINDS[kind]
    if again then again(work, key, json.decode(data), result) end
  end
  local sound, why = s:verify()
  if not sound then result.broken = why end
  return result
end

return rerun

--- What goes into a model and what comes out: numbers of recipes to tensors,
--- results to plain data, and what a record needs to compute them again.

local hash = require "linewright.hash"
local infer = require "linewright.infer"
local infer_inputs = require "linewright.infer_inputs"
local infer_words = require "linewright.infer_words"

local format = string.format
local unpack = table.unpack or unpack -- luacheck: ignore 143

local values = {}

-- What a result may hold to be journaled, and a decision to be run again.
local NUMBERS_MAX, EVIDENCE_MAX = 1024, 256
-- Nothing but the answer itself ends a call that is waited for.
local PATIENCE_NS = 86400e9

--- What goes into a model, or comes out of it.
---@param model linewright.model
---@param direction "in"|"out"
---@return table list of { name, type, dims }
function values.places(model, direction)
  local out = {}
  for i = 1, 64 do
    local place = { model:describe(direction, i) }
    if not place[1] then break end
    out[i] = { name = table.remove(place, 1), type = table.remove(place, 1), dims = place }
  end
  return out
end

-- ------------------------------------------------------------------ inputs ---

-- The first numbers; a missing one is NaN.
local function numbers_of(samples, most)
  local out = {}
  for i = 1, math.min(#samples, most) do out[i] = samples:get(i) or 0 / 0 end
  return out
end

-- The sizes of a tensor for n numbers; at most one dimension may be of any size.
local function sizes_of(place, n)
  local dims, rest, free = {}, 1, nil
  for i, d in ipairs(place.dims) do
    dims[i] = d
    if d >= 0 then rest = rest * d
    elseif free then return nil, "has two dimensions of any size; give a tensor"
    else free = i end
  end
  if not free then return n == rest and dims, format("takes %d numbers, given are %d", rest, n) end
  if rest == 0 or n == 0 or n % rest ~= 0 then
    return nil, format("takes %d numbers a row, given are %d", rest, n)
  end
  dims[free] = n / rest
  return dims
end

-- One input as a tensor of the place's type.
local function tensor_of(place, x)
  if type(x) == "userdata" and tostring(x):find "^tensor" then return x end
  local samples = type(x) == "userdata" and x or infer_words.flatten(x)
  local dims, why = sizes_of(place, #samples)
  if not dims then return nil, why end
  return infer.tensor(place.type, unpack(dims)):set(samples)
end

--- One tensor for each input.
---@param state table of the model
---@param x any numbers, samples, a tensor; a table by name for several inputs
---@return table|nil tensors
---@return string|nil why
function values.tensors(state, x)
  local out, is_named = {}, #state.inputs > 1
  if is_named and type(x) ~= "table" then return nil, "takes a table of its inputs by name" end
  for i, place in ipairs(state.inputs) do
    local given = x
    if is_named then given = x[place.name] end
    if given == nil then return nil, format("input '%s' is not given", place.name) end
    local ok, tensor, why = pcall(tensor_of, place, given)
    if not ok or not tensor then
      return nil, format("input '%s' %s", place.name, tostring(why or tensor))
    end
    out[i] = tensor
  end
  return out
end

--- What is missing in an input, unless the model takes missing values.
---@return string|nil why
function values.missing(state, tensors)
  if state.spec.missing == "pass" or (state.info.level == "any" and not state.spec.missing) then
    return nil
  end
  for i, t in ipairs(tensors) do
    local kind = t:shape()
    if (kind == "f32" or kind == "f64") and not t:is_finite() then
      return format("input '%s' holds a number that is missing or not finite",
        state.inputs[i].name)
    end
  end
end

-- ----------------------------------------------------------------- results ---

--- A number, a list of numbers, or samples when they are too many to record.
function values.plain(samples)
  if #samples == 1 then return samples:get(1) end
  if #samples > NUMBERS_MAX then return samples end
  return numbers_of(samples, NUMBERS_MAX)
end

--- An answer as a record holds it: of too many numbers, their digest.
function values.recorded(y)
  if type(y) == "table" then
    local out = {}
    for k, v in pairs(y) do out[k] = values.recorded(v) end
    return out
  end
  if type(y) ~= "userdata" then return y end
  return { n = #y, digest = infer.tensor("f64", #y):set(y):digest() }
end

local function is_sound(samples)
  for i = 1, math.min(#samples, NUMBERS_MAX) do
    if not samples:get(i) then return false end
  end
  return true
end

--- The outputs: one as itself, several by name.
---@param state table of the model
---@param get fun(i: integer): linewright.samples
---@return any|nil value
---@return string|nil why
function values.results(state, get)
  local named
  for i, place in ipairs(state.outputs) do
    local samples = get(i)
    if not is_sound(samples) then return nil, "the model's answer is not a finite number" end
    if #state.outputs == 1 then return values.plain(samples) end
    named = named or {}
    named[place.name] = values.plain(samples)
  end
  return named
end

--- Compute now, on this thread or waiting for the other one.
---@param state table of the model: model, outputs; its runner is made at the first time
---@param tensors table
---@param spoil nil|fun(samples: linewright.samples): linewright.samples of each output
---@return any|nil value
---@return string|nil why
function values.compute(state, tensors, spoil)
  local ok, why
  if not state.runner then
    state.runner, why = state.model:runner(1, 1, 1)
    if not state.runner then return nil, why end
  end
  local job
  job, why = state.runner:add(PATIENCE_NS, unpack(tensors))
  if not job then return nil, why end
  ok, why = job:wait()
  if not ok then return nil, why end
  return values.results(state, function(i)
    local samples = job:result(i)
    return spoil and spoil(samples) or samples
  end)
end

--- What a record of a decision needs to be computed again.
function values.evidence(state, tensors)
  local e, digests, n = {}, {}, 0
  for k, v in pairs(state.info) do e[k] = v end
  for i, t in ipairs(tensors) do
    digests[i] = t:digest()
    n = n + #t
  end
  e.input = #digests == 1 and digests[1] or hash.sha256(table.concat(digests, "\n"))
  if #tensors == 1 and n <= EVIDENCE_MAX and (tensors[1]:shape()):find "^f" then
    e.x = numbers_of(tensors[1]:get(), EVIDENCE_MAX)
  else
    e.tensors = infer_inputs.hold(state.rt, tensors, digests)
  end
  return e
end

--- Evidence of a call at once, from what went in and came out.
---@param state table of the model
---@param x linewright.samples
---@param y linewright.samples
---@param digest string of the input's bytes
---@return table evidence
function values.evidence_of(state, x, y, digest)
  local e = {}
  for k, v in pairs(state.info) do e[k] = v end
  e.input, e.y = digest, values.recorded(values.plain(y))
  if #x <= EVIDENCE_MAX then
    e.x = numbers_of(x, EVIDENCE_MAX)
  else
    e.tensors = infer_inputs.hold(state.rt, { tensor_of(state.inputs[1], x) }, { digest })
  end
  return e
end

return values

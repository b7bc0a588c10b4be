-- Stubs of what has no table of its own: aliases, and the things that words return
-- and handlers get.

return {
  types = [[
--- A length of time: seconds, or a text with its unit, "5 min".
---@alias linewright.time number|string

--- A quantity: a number in the unit that is expected, or a text with its own, "80 degC".
---@alias linewright.quantity number|string

--- What an output becomes: a quantity, or "keep", which writes nothing.
---@alias linewright.safe_value linewright.quantity|"keep"

--- What a state handler is: its verbs, the equipment by role, the parameters.
---@alias linewright.handler fun(r: linewright.r, eq: table<string, table>, p: table<string, any>)
---@alias linewright.judge fun(known: table): fun(x: any): table

--- What `at_least`, `at_most`, `exactly`, `includes` and `one_of` return.
---@class linewright.limit

--- What `driver` and `native` return, the first entry of a tag.
---@class linewright.driver

--- What `during` returns.
---@class linewright.states

--- What `readable` and `writable` channels of equipment are.
]],

  objects = [[
---@class linewright.channel
local channel = {}

--- The newest reading, in the contract's unit.
---@return number|string|nil value nil when there is no good one
---@return "good"|"uncertain"|"bad" quality
---@return number age [s]
function channel:read() end

--- Why a detector among the filters of the tag fired last; nil when none did.
---@return string|nil why its kind and reason, "cusum: shifted up"
---@return number|nil age [s] of the sample at which it fired
function channel:fired() end

--- The newest picture, decoded; of channels that are `readable "picture"`.
---@return linewright.tensor|nil picture
---@return string name of its file, or why there is none
---@return integer|nil bits of each number
function channel:open() end

--- Ask for a value; refused outside of the limits.
---@param value linewright.quantity in the contract's unit
function channel:set(value) end

--- What a twin's `step` gets.
---@class linewright.twin_io
local twin_io = {}

---@param signal integer its number, from `at` of start
---@return number|nil value in the signal's unit; nil when nobody has set it
function twin_io:get(signal) end

---@param signal integer
---@param value number in the signal's unit
function twin_io:set(signal, value) end

--- What `infer.load` returns.
---@class linewright.model_handle
local model = {}

--- Is there a model behind it? Only `optional = true` may be without.
---@return boolean
function model:is_ready() end

--- Compute within the tick; for small models.
---   local y, why = m:run { t, 2, 3, 4 }
---@param x linewright.Samples|number[]|number
---@return number|linewright.Samples|nil y
---@return string|nil message
---@return string|nil code
function model:run(x) end

--- Compute off the tick and wait for it; journaled like a step.
---   local v, by = m:call({ t, 2, 3, 4 }, { within = "50 ms", otherwise = 0 })
---@param x linewright.Samples|number[]|number
---@param options? linewright.model_call
---@return any y or what `otherwise` says
---@return table by for `from` of r.decision; by.fallback says why there is no answer
function model:call(x, options) end

--- Digest, backend, input and answer of the newest run, for `from` of r.decision.
---@return table
function model:evidence() end

--- Calls done, late and refused; waiting; latency p50, p99, p99.9 [s].
---@return number ...
function model:stats() end

--- Models of recipes.
---@class linewright.infer_word
infer = {}

--- A model, found and checked while the file loads.
---   local m = infer.load { "soft_sensor.onnx", input = { 4 }, output = { 1 } }
---@param t linewright.model_options
---@return linewright.model_handle
function infer.load(t) end

--- A tensor of a shape, to be filled with `set`.
---   local x = infer.tensor("u8", 1, 3, 224, 224)
---@param type string "f32", "f64", "i64", "u8", ...
---@param ... integer its shape
---@return linewright.tensor
function infer.tensor(type, ...) end
]],
}

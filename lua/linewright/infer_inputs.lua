--- The inputs of models that are too large for a record: kept beside the database,
--- FILE.inputs/DIGEST.zst, when a decision rests on them, so that it can be computed again.

local infer = require "linewright.infer"

local format = string.format
local unpack = table.unpack or unpack -- luacheck: ignore 143

local infer_inputs = {}

local MIB = 0x100000
local MISSING = " (the folder belongs to the database; limits.inputs of the profile says how "
  .. "much stays)"

--- Where the inputs of a database's decisions lie; nil for one in memory.
---@param db string|nil path
---@return string|nil folder
function infer_inputs.folder(db)
  if db and db ~= ":memory:" then return db .. ".inputs" end
end

--- Get ready to keep inputs.
---@param rt table
---@param models table|nil bundle.models
---@param db string|nil path of the database
function infer_inputs.open(rt, models, db)
  local folder = models and models[1] and infer_inputs.folder(db)
  if not folder then return end
  rt.inputs = assert(infer.inputs(folder, rt.budgets.limit.inputs * MIB, not rt.is_virtual))
end

--- Have the inputs of a call at hand, in case a decision names them.
---@param rt table
---@param tensors table
---@param digests string[] of each tensor
---@return table list of { digest, shape = { type, sizes... } }, for a record
function infer_inputs.hold(rt, tensors, digests)
  local out = {}
  for i, tensor in ipairs(tensors) do
    if rt.inputs then rt.inputs:hold(digests[i], tensor) end
    out[i] = { digest = digests[i], shape = { tensor:shape() } }
  end
  return out
end

-- Once in a run: the records name each one.
local function warn(rt, why)
  if rt.has_warned_of_inputs then return end
  rt.has_warned_of_inputs = true
  rt.alarms:raise(format("inputs of decisions are not kept, which cannot be computed again: %s",
    why), "low")
end

local function keep_one(rt, digest)
  if not rt.inputs then return nil, "the database is in memory" end
  local ok, why = rt.inputs:keep(digest)
  if not ok then warn(rt, why) end
  return ok, why
end

--- Keep what a decision rests on; evidence says of itself why its inputs are not kept.
---@param rt table
---@param from table|nil evidence
function infer_inputs.keep(rt, from)
  for _, by in ipairs(from or {}) do
    for _, input in ipairs(by.tensors or {}) do
      local ok, why = keep_one(rt, input.digest)
      if not ok then by.not_kept = why end
    end
  end
end

--- Tell of inputs that the disk did not take after all.
---@param rt table
---@return boolean is_idle nothing waits to be written
function infer_inputs.poll(rt)
  if not rt.inputs then return true end
  local is_idle = rt.inputs:waiting() == 0
  for digest, why in rt.inputs.failed, rt.inputs do
    rt.journal:emit("note", "input " .. digest, { not_kept = why })
    warn(rt, why)
  end
  return is_idle
end

--- The tensors that a piece of evidence names.
---@param folder string|nil
---@param by table
---@return table|nil tensors
---@return string|nil why
function infer_inputs.read(folder, by)
  if by.not_kept then return nil, "its inputs were not kept: " .. tostring(by.not_kept) end
  if type(by.tensors) ~= "table" then return nil, "its inputs are not in the record" end
  if not folder then return nil, "the database has no folder of inputs" end
  local out = {}
  for i, input in ipairs(by.tensors) do
    local ok, tensor, why, code = pcall(function()
      return infer.kept(folder, input.digest, infer.tensor(unpack(input.shape)))
    end)
    if code == "E-NOTFOUND" then why = why .. MISSING end
    if not ok or not tensor then return nil, ok and why or tostring(tensor) end
    out[i] = tensor
  end
  return out
end

return infer_inputs

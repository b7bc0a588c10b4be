--- Trees on parts that they have not seen, run by the built-in backend as a line would.

local dsp = require "linewright.dsp"
local fit = require "linewright.fit"
local infer = require "linewright.infer"
local rows = require "linewright.guard_rows"
local score = require "linewright.train_score"
local sys = require "linewright.sys"

local trees = {}

-- A file of our own for as long as `work` needs one: the libraries on both sides take paths,
-- and XGBoost goes by the ending.
local function with_file(text, work)
  local path = assert(sys.temporary ".json")
  if text then assert(sys.write_file(path, text)) end
  local ok, value, message, code = pcall(work, path)
  sys.remove(path)
  if not ok then error(value, 0) end
  return value, message, code
end

--- Grow trees.
---@param grow fun(path: string): true|nil, string|nil, string|nil writes them to a file
---@return string|nil text XGBoost's JSON
---@return string|nil message
---@return string|nil code
function trees.grow(grow)
  return with_file(nil, function(path)
    local ok, message, code = grow(path)
    if not ok then return nil, message, code end
    return sys.read_file(path)
  end)
end

--- What trees say of rows.
---@param text string as grow gave it
---@param x linewright.Samples
---@param d integer
---@return linewright.Samples
function trees.run(text, x, d)
  return with_file(text, function(path)
    local model = assert(infer.open(path, "tiny"))
    local run = assert(model:caller(rows.one, true))
    local out = dsp.samples(#x / d)
    for i = 1, #out do out:set(i, run(nil, x:slice((i - 1) * d + 1, i * d):copy())) end
    model:close()
    return out
  end)
end

--- What trees that had not seen a part say of its rows.
---@param grow fun(x, y): string|nil, string|nil, string|nil
---@return table|nil said one number a row
---@return string|nil message
---@return string|nil code
function trees.cross(opts, x, d, y, grow)
  local said, is_chance = {}, opts.kind ~= "values"
  for _, test in ipairs(score.folds(opts.groups, is_chance and y or nil, opts.folds or 5,
    opts.seed or 1)) do
    local rest = rows.places(score.others(#y, test))
    local text, message, code = grow(fit.rows(x, d, rest), fit.rows(y, 1, rest))
    if not text then return nil, message, code end
    local s = trees.run(text, fit.rows(x, d, rows.places(test)), d)
    for i, at in ipairs(test) do said[at] = s:get(i) end
  end
  return said
end

return trees

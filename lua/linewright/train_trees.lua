--- Trees on parts that they have not seen, run by the built-in backend as a line would.

local dsp = require "linewright.dsp"
local fit = require "linewright.fit"
local infer = require "linewright.infer"
local rows = require "linewright.guard_rows"
local score = require "linewright.train_score"

local trees = {}

--- What the trees of a file say of rows.
---@param path string
---@param x linewright.Samples
---@param d integer
---@return linewright.Samples
function trees.run(path, x, d)
  local model = assert(infer.open(path, "tiny"))
  local run = assert(model:caller(rows.one, true))
  local out = dsp.samples(#x / d)
  for i = 1, #out do out:set(i, run(nil, x:slice((i - 1) * d + 1, i * d):copy())) end
  model:close()
  return out
end

--- What trees that had not seen a part say of its rows.
---@param grow fun(x, y, path): true|nil, string|nil, string|nil
---@return table|nil said one number a row
---@return string|nil message
---@return string|nil code
function trees.cross(opts, x, d, y, grow)
  local said, is_chance = {}, opts.kind ~= "values"
  for _, test in ipairs(score.folds(opts.groups, is_chance and y or nil, opts.folds or 5,
    opts.seed or 1)) do
    local rest = rows.places(score.others(#y, test))
    local ok, message, code = grow(fit.rows(x, d, rest), fit.rows(y, 1, rest), opts.path)
    if not ok then return nil, message, code end
    local s = trees.run(opts.path, fit.rows(x, d, rows.places(test)), d)
    for i, at in ipairs(test) do said[at] = s:get(i) end
  end
  return said
end

return trees

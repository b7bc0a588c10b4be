--- Telling bad pictures by their cells: one ridge regression over all cells, taught where a
--- defect is; a picture scores as the mean of its worst few. Behind `train.cells`.

local dsp = require "linewright.dsp"
local fit = require "linewright.fit"
local rng = require "linewright.rng"
local rows = require "linewright.guard_rows"
local score = require "linewright.train_score"

local format = string.format

local train_cells = {}

-- The cells of a bad picture that teach: the marked ones, or the most marked of a small defect.
local function marked_cells(t, picture)
  local from, out, best = (picture - 1) * t.cells, {}, 1
  for k = 1, t.cells do
    if t.marked:get(from + k) > t.marked:get(from + best) then best = k end
    if t.marked:get(from + k) > t.share then out[#out + 1] = from + k end
  end
  return #out > 0 and out or { from + best }
end

local function all_cells(t, picture)
  local out = {}
  for k = 1, t.cells do out[k] = (picture - 1) * t.cells + k end
  return out
end

-- At most `t.taken` of a list, so that no picture outweighs the others.
local function some(t, list, r)
  for i = 1, math.min(t.taken, #list) do
    local j = r:integer(i, #list)
    list[i], list[j] = list[j], list[i]
  end
  for i = #list, t.taken + 1, -1 do list[i] = nil end
  return list
end

--- What `train.cells` was asked for, checked; y and learn are the caller's to add.
---@return table task
function train_cells.task(word, opts, n, x)
  local t = { x = x, d = opts.d, cells = opts.cells, seed = opts.seed or 1,
    top = rows.number(word, opts, "top", math.min(2, opts.cells), 1, opts.cells),
    share = rows.number(word, opts, "share", 0.25, 0, 1),
    taken = rows.number(word, opts, "taken", 12, 1, 1e6),
    lambda = rows.number(word, opts, "lambda", 300, 1e-9, 1e12) }
  t.marked = opts.marked and rows.flat(word, opts.marked, t.cells)
  if not t.marked or #t.marked ~= n * t.cells then
    error(format("%s: marked must hold %d numbers, one a cell", word, n * t.cells), 3)
  end
  return t
end

--- How it was learnt, for the card.
function train_cells.told(t)
  return format("ridge on %d cells of %d features, lambda %g, taught by at most %d cells of a "
    .. "picture; its score is the mean of the worst %d; the file scores one cell", t.cells, t.d,
    t.lambda, t.taken, t.top)
end

--- Weights of a cell's features, from some pictures.
---@param t table x: rows of cells; d; cells: of a picture; marked: share of each cell that is
---  marked; y: samples, 0 or 1 of each picture; share, taken, lambda, seed; learn: train.learn
---@param pictures table places from 1
---@return linewright.samples weights
function train_cells.learn(t, pictures)
  local places, y, r = {}, {}, rng.new(t.seed, 5)
  for _, at in ipairs(pictures) do
    local bad = t.y:get(at) > 0.5
    for _, cell in ipairs(some(t, bad and marked_cells(t, at) or all_cells(t, at), r)) do
      places[#places + 1], y[#y + 1] = cell, bad and 1 or 0
    end
  end
  return t.learn("ridge", fit.rows(t.x, t.d, rows.places(places)), t.d, rows.places(y), t.lambda)
end

--- The same, from all pictures.
---@return linewright.samples weights
function train_cells.learn_all(t) return train_cells.learn(t, score.others(#t.y, {})) end

-- Mean of the largest `top` of n numbers from `from` on.
local function mean_of_largest(s, from, n, top)
  local largest = {}
  for k = 1, n do
    local v = s:get(from + k)
    if k <= top or v > largest[top] then
      local at = math.min(k, top)
      while at > 1 and largest[at - 1] < v do
        largest[at] = largest[at - 1]
        at = at - 1
      end
      largest[at] = v
    end
  end
  local sum = 0
  for _, v in ipairs(largest) do sum = sum + v end
  return sum / #largest
end

--- Score of each picture: the mean of its `top` worst cells.
---@param x linewright.samples cells of whole pictures
---@param t table d, cells, top
---@param w linewright.samples
---@return linewright.samples
function train_cells.score(x, t, w)
  local s = fit.dot(x, t.d, w)
  local out = dsp.samples(#s / t.cells)
  for i = 1, #out do out:set(i, mean_of_largest(s, (i - 1) * t.cells, t.cells, t.top)) end
  return out
end

--- Scores of pictures by weights that had not seen their part.
---@return table said
function train_cells.cross(t, groups, folds)
  local said, n = {}, #groups
  for _, test in ipairs(score.folds(groups, t.y, folds, t.seed)) do
    local w = train_cells.learn(t, score.others(n, test))
    local s = train_cells.score(fit.rows(t.x, t.d * t.cells, rows.places(test)), t, w)
    for i, at in ipairs(test) do said[at] = s:get(i) end
  end
  return said
end

return train_cells

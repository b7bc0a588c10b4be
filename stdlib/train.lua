--- Training that an engineer can do, in seconds, with figures that hold on other parts.
---
---   local m = train.linear { x = features, d = 1792, y = is_bad, groups = serial }
---   print(m:card())                       -- figures on parts that it had not seen
---   local kept = r.keep("tiles", m)       -- the file and its card, on the line's shelf
---
--- Splits are by part: each row names its part in `groups`, and a part's rows are never on
--- both sides. Without that key nothing is trained: on magnetic tiles a random split showed
--- an AUROC of 0.99 where the honest figure was 0.85.

local fit = require "linewright.fit"
local hash = require "linewright.hash"
local onnx_write = require "linewright.onnx_write"
local picture = require "linewright.picture"
local rng = require "linewright.rng"
local rows = require "linewright.guard_rows"
local score = require "linewright.train_score"
local train_anomaly = require "linewright.train_anomaly"
local train_cells = require "linewright.train_cells"
local train_classes = require "linewright.train_classes"
local train_linear = require "linewright.train_linear"
local train_trees = require "linewright.train_trees"

local tostring = require("linewright.safe").plain

local format = string.format

local train = {}

train.folds, train.auroc, train.rmse = score.folds, score.auroc, score.rmse

-- ------------------------------------------------------------------ checks ---

local function check(word, opts, known)
  rows.known(word, opts, known)
  local d = rows.number(word, opts, "d", nil, 1, 1e6)
  local x, n = rows.flat(word, opts.x or {}, d)
  if type(opts.groups) ~= "table" then
    error(word .. ": groups are missing: the part of each row. A split that is not by part "
      .. "tests on what the model has seen", 3)
  end
  if #opts.groups ~= n then
    error(format("%s: %d rows, but %d groups", word, n, #opts.groups), 3)
  end
  return x, d, n
end

local function labels(word, opts, n)
  local y = opts.y and rows.flat(word, opts.y, 1)
  if not y or #y ~= n then
    error(format("%s: y must hold %d numbers, one a row", word, n), 3)
  end
  return y
end

local places, others = rows.places, score.others

-- -------------------------------------------------------------- the object ---

local Model = {}
Model.__index = Model
Model.__metatable = "train.model"

--- What the model says of rows: chances of `1`, values, or distances.
---@param x any samples or a list of rows
---@return linewright.Samples
function Model:predict(x) return self.apply((rows.flat("predict", x, self.d))) end

--- Rank-true scores, better to set limits on than chances near 1.
function Model:score(x)
  x = rows.flat("score", x, self.d)
  return self.weights and fit.dot(x, self.d, self.weights) or self.apply(x)
end

--- The model card: what it learnt from, how good it is on other parts, what it is not for.
---@return string markdown
function Model:card()
  local out = { "# " .. self.title, "" }
  for _, line in ipairs(self.facts) do out[#out + 1] = "- " .. line end
  out[#out + 1] = ""
  return table.concat(out, "\n")
end

--- The model as a file that backends run. Where it goes is not the model's to say: `r.keep`
--- of a recipe puts it on the line's shelf.
---@return string|nil bytes
---@return string kind "onnx" or "json", or the message
function Model:file()
  if self.trees then return self.trees, "json" end
  if not self.onnx then
    return nil, self.title .. ": is kept by guard, there is no ONNX form of it"
  end
  return self.onnx(), "onnx"
end

local function facts_of(x, d, n, groups, extra)
  local seen, parts = {}, 0
  for _, key in ipairs(groups) do
    if not seen[key] then seen[key], parts = true, parts + 1 end
  end
  local out = { format("learnt from %d rows of %d parts, %d features each", n, parts, d),
    "data SHA-256 " .. hash.sha256((x:pack "f32")) }
  for _, line in ipairs(extra) do out[#out + 1] = line end
  out[#out + 1] = "holds for parts, light and sensors like these; put a guard around it"
  return out
end

-- ------------------------------------------------------------------- light ---

--- The picture under another light of no particular kind: gain, gamma, slope and offset drawn
--- from what lamps and cameras do. Rows of such pictures, with the group of their part, teach a
--- model that light is not what it is asked for.
---@param p linewright.tensor 0..255
---@param r any linewright.rng, or a number that it is drawn from
---@return linewright.tensor
function train.other_light(p, r)
  if type(r) == "number" then r = rng.new(r, 1) end
  local gain = 0.55 * (2.1 / 0.55) ^ r:uniform()
  p = picture.gamma(p, math.exp(r:uniform() - 0.5))
  p = picture.slope(p, 0.4 * (r:uniform() - 0.5), 0.4 * (r:uniform() - 0.5))
  return picture.affine(picture.affine(p, gain, 40 * (r:uniform() - 0.5)), 1, 0, 0, 255)
end

-- ------------------------------------------------------------------ linear ---

local learn = train_linear.learn
train.learn = learn

local function cross(opts, x, d, y, n)
  local said = {}
  for _, test in ipairs(score.folds(opts.groups, opts.kind ~= "ridge" and y or nil, opts.folds or 5,
    opts.seed or 1)) do
    local rest, picked = places(others(n, test)), places(test)
    local w = learn(opts.kind or "logistic", fit.rows(x, d, rest), d, fit.rows(y, 1, rest),
      opts.lambda or 1)
    local s = fit.dot(fit.rows(x, d, picked), d, w)
    for i, at in ipairs(test) do said[at] = s:get(i) end
  end
  return said
end

local function linear_facts(kind, said, y)
  if kind == "ridge" then
    local truth = {}
    for i = 1, #y do truth[i] = y:get(i) end
    return format("error on other parts (RMSE) %.4g", score.rmse(said, truth)), nil
  end
  local good, bad = {}, {}
  for i, s in ipairs(said) do
    local into = y:get(i) > 0.5 and bad or good
    into[#into + 1] = s
  end
  local a, low, high = score.auroc(good, bad)
  return format("AUROC on other parts %.3f (95 %%: %.3f..%.3f), %d good and %d bad rows", a, low,
    high, #good, #bad), a
end

local LINEAR = { x = true, d = true, y = true, groups = true, kind = true, lambda = true,
  folds = true, seed = true, title = true }

--- Ridge or logistic regression on features, cross-validated by part.
---@param opts table x: rows; d: features; y: 0/1 or values; groups: part of each row; kind:
---  "logistic" (default) or "ridge"; lambda (1); folds (5); seed (1); title
---@return table model with predict, score, card, file, weights, said: scores of the rows by
---  models that had not seen their part; chances are calibrated on them
function train.linear(opts)
  local word = "train.linear"
  local x, d, n = check(word, opts, LINEAR)
  local y, kind = labels(word, opts, n), opts.kind or "logistic"
  if kind ~= "logistic" and kind ~= "ridge" then
    error(format("%s: kind must be logistic or ridge, not %s", word, tostring(kind)), 2)
  end
  local said = cross(opts, x, d, y, n)
  local text, auroc = linear_facts(kind, said, y)
  local w, calibration = learn(kind, x, d, y, opts.lambda or 1), nil
  local is_chance = kind == "logistic"
  if is_chance then w, said, calibration = train_linear.calibrate(w, said, y) end
  return setmetatable({ title = opts.title or kind .. " model", d = d, weights = w, said = said,
    auroc = auroc, onnx = function() return onnx_write.linear(w, is_chance) end,
    apply = function(rows_)
      local s = fit.dot(rows_, d, w)
      return is_chance and train_linear.sigmoid(s) or s
    end, facts = facts_of(x, d, n, opts.groups, { text, format("%s, lambda %g, %d folds by part",
      kind, opts.lambda or 1, opts.folds or 5), calibration }) }, Model)
end

-- ------------------------------------------------------------------- cells ---

local CELLS = { x = true, d = true, cells = true, marked = true, y = true, groups = true,
  top = true, share = true, taken = true, lambda = true, folds = true, seed = true, title = true }

--- Tell bad pictures by their cells (`picture.cells`), taught where the defects are: small ones
--- drown in features pooled over a picture. A picture scores as the mean of its worst cells.
---@param opts table x: cells of all pictures; d: features of a cell; cells: of a picture; marked:
---  share of each cell under the mask of the defect, 0..1; y: 0/1 of each picture; groups: part of
---  each picture; top (2): worst cells of a score; share (0.25): a cell marked more teaches;
---  taken (12): cells of a picture that teach; lambda (300); folds (5); seed (1); title
---@return table model with score and predict (rows are pictures, [cells x d] each), cell_scores
---  (says where), card, file (of one cell), said: scores by models that had not seen the part
function train.cells(opts)
  local word = "train.cells"
  rows.known(word, opts, CELLS)
  local d = rows.number(word, opts, "d", nil, 1, 1e5)
  local cells = rows.number(word, opts, "cells", nil, 1, 1e5)
  local x, _, n = check(word, { x = opts.x, d = d * cells, groups = opts.groups }, CELLS)
  local t = train_cells.task(word, opts, n, x)
  t.y, t.learn = labels(word, opts, n), learn
  local said, w = train_cells.cross(t, opts.groups, opts.folds or 5), train_cells.learn_all(t)
  local text, auroc = linear_facts("logistic", said, t.y)
  return setmetatable({ title = opts.title or "cells model", d = d * cells, said = said,
    auroc = auroc, cell_weights = w, onnx = function() return onnx_write.linear(w, false) end,
    cell_scores = function(_, rows_) return fit.dot(rows_, d, w) end,
    apply = function(rows_) return train_cells.score(rows_, t, w) end,
    facts = facts_of(x, d * cells, n, opts.groups, { text, train_cells.told(t) }) }, Model)
end

-- ----------------------------------------------------------------- classes ---

local CLASSES = { x = true, d = true, labels = true, classes = true, groups = true,
  lambda = true, folds = true, seed = true, title = true }

--- Tell classes apart: a logistic regression for each, cross-validated by part.
---@param opts table x: rows; d: features; labels: name of each row's class; classes: their
---  order, the good one first; groups: part of each row; lambda (1); folds (5); seed (1); title
---@return table model with predict (numbers of classes), card, file, names, accuracy, said
function train.classes(opts)
  local x, d, n = check("train.classes", opts, CLASSES)
  local self = train_classes.fit({ x = x, d = d, learn = learn }, opts, n)
  self.title, self.d = opts.title or "classes", d
  self.facts = facts_of(x, d, n, opts.groups, self.told)
  return setmetatable(self, Model)
end

-- ------------------------------------------------------------------- trees ---

local TREES = { x = true, d = true, y = true, groups = true, kind = true, rounds = true,
  depth = true, rate = true, folds = true, seed = true, title = true }

--- Gradient-boosted trees by XGBoost, cross-validated by part.
---@param opts table as train.linear's; kind: "chance" (default) or "values"; rounds (100);
---  depth (4); rate (0.1)
---@return table|nil model with predict, card, file, said
---@return string|nil message
---@return string|nil code "E-NOTFOUND" when XGBoost is not installed
function train.trees(opts)
  local word = "train.trees"
  local x, d, n = check(word, opts, TREES)
  local y, is_chance = labels(word, opts, n), opts.kind ~= "values"
  local rounds = rows.number(word, opts, "rounds", 100, 1, 10000)
  local depth = rows.number(word, opts, "depth", 4, 1, 12)
  local rate = rows.number(word, opts, "rate", 0.1, 1e-6, 1)
  local function grow(x_, y_)
    return train_trees.grow(function(path)
      return fit.trees(x_, d, y_, path, rounds, depth, rate, is_chance)
    end)
  end
  local said, message, code = train_trees.cross(opts, x, d, y, grow)
  if not said then return nil, message, code end
  local text
  text, message, code = grow(x, y)
  if not text then return nil, message, code end
  local quality, auroc = linear_facts(is_chance and "logistic" or "ridge", said, y)
  return setmetatable({ title = opts.title or "trees", d = d, said = said, auroc = auroc,
    trees = text, apply = function(rows_) return train_trees.run(text, rows_, d) end,
    facts = facts_of(x, d, n, opts.groups, { quality,
      format("%d trees of depth %d, %d folds by part", rounds, depth, opts.folds or 5) }) }, Model)
end

-- ----------------------------------------------------------------- anomaly ---

local ANOMALY = { x = true, d = true, groups = true, kind = true, shrink = true, keep = true,
  title = true }

--- What is usual, learnt from good parts only.
---@param opts table x; d; groups; kind: "distance" (shrunk Mahalanobis, default) or "pca" (T^2,
---  and `t2q` gives both); shrink (0.05); keep (0.9): share of the variance; title
---@return table model with predict, score, card; t2q(x) -> T^2, Q when kind is "pca"
function train.anomaly(opts)
  local x, d, n = check("train.anomaly", opts, ANOMALY)
  local make = train_anomaly[opts.kind or "distance"]
  if not make then
    error(format("train.anomaly: kind must be \"distance\" or \"pca\", not \"%s\"",
      tostring(opts.kind)), 2)
  end
  local apply, text, both = make(x, d, opts)
  return setmetatable({ title = opts.title or "anomaly model", d = d, apply = apply, t2q = both,
    facts = facts_of(x, d, n, opts.groups, { text }) }, Model)
end

return train

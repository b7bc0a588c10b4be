--- How good a model is on parts it has not seen, and splits that keep it honest.

local chances = require "linewright.chances"
local dsp = require "linewright.dsp"
local fit = require "linewright.fit"
local rng = require "linewright.rng"

local score = {}

-- The parts in the order of their first row, and which have a positive row.
local function parts_of(groups, y)
  local order, is_known, has = {}, {}, {}
  for i = 1, #groups do
    local key = groups[i]
    if not is_known[key] then
      order[#order + 1] = key
      is_known[key] = true
    end
    if y and y:get(i) > 0.5 then has[key] = true end
  end
  return order, has
end

local function shuffle(list, seed)
  local r = rng.new(seed, 3)
  for i = #list, 2, -1 do
    local j = r:integer(1, i)
    list[i], list[j] = list[j], list[i]
  end
end

--- Split rows into folds so that a part's rows are never on both sides. Parts with any
--- positive row are dealt by themselves, so that each fold has its share of them.
---@param groups table key of each row
---@param y linewright.Samples|nil 0 or 1 of each row
---@param k integer
---@param seed integer
---@return table folds k lists of rows
function score.folds(groups, y, k, seed)
  local order, has = parts_of(groups, y)
  shuffle(order, seed)
  local fold_of, dealt, folds = {}, { 0, 0 }, {}
  for _, key in ipairs(order) do
    local side = has[key] and 1 or 2
    dealt[side] = dealt[side] + 1
    fold_of[key] = (dealt[side] - 1) % k + 1
  end
  for f = 1, k do folds[f] = {} end
  for i = 1, #groups do
    local fold = folds[fold_of[groups[i]]]
    fold[#fold + 1] = i
  end
  return folds
end

--- The rows of 1..n that are not in a fold.
function score.others(n, test)
  local is_test, out = {}, {}
  for _, i in ipairs(test) do is_test[i] = true end
  for i = 1, n do
    if not is_test[i] then out[#out + 1] = i end
  end
  return out
end

--- Area under the ROC curve: the chance that a bad part scores above a good one.
--- Source: J. A. Hanley, B. J. McNeil, Radiology 143(1), 1982, which also gives the
--- standard error of the interval.
---@param good table scores
---@param bad table scores
---@return number|nil area
---@return number|nil low of its 95 % interval
---@return number|nil high
function score.auroc(good, bad)
  local all = {}
  for _, s in ipairs(good) do all[#all + 1] = { s, 0 } end
  for _, s in ipairs(bad) do all[#all + 1] = { s, 1 } end
  if #good == 0 or #bad == 0 then return nil end
  table.sort(all, function(a, b) return a[1] < b[1] end)
  local sum, i = 0, 1
  while i <= #all do
    local j = i
    while j < #all and all[j + 1][1] == all[i][1] do j = j + 1 end
    for k = i, j do sum = sum + all[k][2] * (i + j) / 2 end
    i = j + 1
  end
  local a = (sum - #bad * (#bad + 1) / 2) / (#good * #bad)
  local q1, q2 = a / (2 - a), 2 * a * a / (1 + a)
  local se = math.sqrt((a * (1 - a) + (#bad - 1) * (q1 - a * a) + (#good - 1) * (q2 - a * a))
    / (#good * #bad))
  return a, math.max(0, a - 1.96 * se), math.min(1, a + 1.96 * se)
end

--- Gain and bias that turn scores into logits whose chances hold. The labels are drawn in a
--- little, by Laplace's rule, so that scores without an error do not become certainty.
--- Source: J. C. Platt, "Probabilistic Outputs for Support Vector Machines", Advances in Large
--- Margin Classifiers, 1999.
---@param said table scores of rows by models that had not seen their part
---@param y linewright.Samples 0 or 1
---@return number|nil gain nil when larger scores are not worse
---@return number|nil bias
function score.platt(said, y)
  local n, bad = #said, 0
  for i = 1, n do bad = bad + (y:get(i) > 0.5 and 1 or 0) end
  local sure = { [true] = (bad + 1) / (bad + 2), [false] = 1 / (n - bad + 2) }
  local x, label, weight = dsp.samples(2 * n), dsp.samples(2 * n), dsp.samples(2 * n)
  for i = 1, n do
    local chance = sure[y:get(i) > 0.5]
    for side = 0, 1 do
      local at = 2 * i - side
      x:set(at, said[i])
      label:set(at, side)
      weight:set(at, side == 1 and chance or 1 - chance)
    end
  end
  local w = fit.logistic(x, 1, label, 1e-9, weight)
  if not w or not (w:get(1) > 0) then return nil end
  return w:get(1), w:get(2)
end

--- Mean squared error of the chances of logits.
---@return number
function score.brier(logits, y)
  local sum = 0
  for i, s in ipairs(logits) do sum = sum + (1 / (1 + math.exp(-s)) - y:get(i)) ^ 2 end
  return sum / #logits
end

--- Root mean square error.
---@return number
function score.rmse(said, truth)
  local sum = 0
  for i = 1, #said do sum = sum + (said[i] - truth[i]) ^ 2 end
  return math.sqrt(sum / #said)
end

--- A rate with its Clopper-Pearson bounds, as text.
---@return string
function score.rate(hits, n)
  local low, high = chances.bounds(hits, n)
  return ("%.1f %% (%d of %d; 95 %%: %.1f..%.1f)"):format(100 * hits / math.max(1, n), hits, n,
    100 * low, 100 * high)
end

return score

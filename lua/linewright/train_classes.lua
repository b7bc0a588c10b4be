--- Telling classes apart: one logistic regression for each class against the rest, their
--- answers shared out by softmax. Behind `train.classes`.

local chances = require "linewright.chances"
local dsp = require "linewright.dsp"
local fit = require "linewright.fit"
local onnx_write = require "linewright.onnx_write"
local rows = require "linewright.guard_rows"
local score = require "linewright.train_score"

local format = string.format

local train_classes = {}

-- Classes in the order of their first row unless `classes` gives one.
local function numbers_of(word, opts, n)
  if type(opts.labels) ~= "table" or #opts.labels ~= n then
    error(format("%s: labels must hold %d names, one a row", word, n), 3)
  end
  local names, place, out = {}, {}, {}
  for i, name in ipairs(opts.classes or {}) do names[i], place[name] = name, i end
  for i, name in ipairs(opts.labels) do
    if not place[name] and opts.classes then
      error(format("%s: row %d is a '%s', which is none of the classes", word, i, name), 3)
    elseif not place[name] then
      names[#names + 1], place[name] = name, #names + 1
    end
    out[i] = place[name]
  end
  if #names < 2 then error(word .. ": two classes or more are needed", 3) end
  return names, out
end

local function one_against_rest(numbers, places, class)
  local y = dsp.samples(#places)
  for i, at in ipairs(places) do y:set(i, numbers[at] == class and 1 or 0) end
  return y
end

local function learn_all(t, places)
  local x, list = fit.rows(t.x, t.d, rows.places(places)), {}
  for class in ipairs(t.names) do
    list[class] = t.learn("logistic", x, t.d, one_against_rest(t.numbers, places, class), t.lambda)
  end
  return list
end

-- The class with the largest answer, for each row.
local function say(list, x, d)
  local best, out = {}, {}
  for class, w in ipairs(list) do
    local s = fit.dot(x, d, w)
    for i = 1, #s do
      if not best[i] or s:get(i) > best[i] then best[i], out[i] = s:get(i), class end
    end
  end
  return out
end

-- What models said of the rows whose part they had not seen.
local function cross(t, opts)
  local said, n = {}, #t.numbers
  -- Parts of the first class, the good ones, are dealt by themselves.
  local y = rows.places(t.numbers) - 1
  for _, test in ipairs(score.folds(opts.groups, y, opts.folds or 5, opts.seed or 1)) do
    local list = learn_all(t, score.others(n, test))
    local guess = say(list, fit.rows(t.x, t.d, rows.places(test)), t.d)
    for i, at in ipairs(test) do said[at] = guess[i] end
  end
  return said
end

local function facts(t, said)
  local right, out = 0, {}
  for class, name in ipairs(t.names) do
    local hit, all = 0, 0
    for i, truth in ipairs(t.numbers) do
      if truth == class then
        all = all + 1
        hit = hit + (said[i] == class and 1 or 0)
      end
    end
    right = right + hit
    local low, high = chances.bounds(hit, all)
    out[#out + 1] = format("%s: %d of %d right on other parts (95 %%: %.3f..%.3f)", name, hit, all,
      low, high)
  end
  table.insert(out, 1, format("%d of %d right on other parts", right, #t.numbers))
  return out, right / #t.numbers
end

--- Train on rows that are checked.
---@param t table x, d, learn
---@param opts table of train.classes
---@param n integer rows
---@return table what to make the model of: names, weights, said, facts, accuracy, onnx
function train_classes.fit(t, opts, n)
  t.names, t.numbers = numbers_of("train.classes", opts, n)
  t.lambda = opts.lambda or 1
  local said = cross(t, opts)
  local told, accuracy = facts(t, said)
  local all = {}
  for i = 1, n do all[i] = i end
  local list = learn_all(t, all)
  return { names = t.names, said = said, told = told, accuracy = accuracy,
    onnx = function() return onnx_write.classes(list) end,
    apply = function(x)
      local out = dsp.samples(#x / t.d)
      for i, class in ipairs(say(list, x, t.d)) do out:set(i, class) end
      return out
    end }
end

return train_classes

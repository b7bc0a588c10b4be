--- Weights of linear models, and chances that hold. Behind `train.linear`, and by its `learn`
--- behind the other words of `train`.

local dsp = require "linewright.dsp"
local fit = require "linewright.fit"
local score = require "linewright.train_score"

local format = string.format

local train_linear = {}

-- Weights for raw features from those for scaled ones.
local function unscaled(w, mean, sd)
  local d = #w - 1
  local out, constant = dsp.samples(d + 1), w:get(d + 1)
  for k = 1, d do
    out:set(k, w:get(k) / sd:get(k))
    constant = constant - out:get(k) * mean:get(k)
  end
  out:set(d + 1, constant)
  return out
end

--- Weights for raw rows, learnt from scaled ones.
---@param kind string "logistic" or "ridge"
---@param x linewright.samples
---@param d integer
---@param y linewright.samples
---@param lambda number
---@param weights linewright.samples|nil of rows
---@return linewright.samples weights the constant last
function train_linear.learn(kind, x, d, y, lambda, weights)
  local mean, sd = fit.scale(x, d)
  local w, message = fit[kind](fit.standard(x, d, mean, sd), d, y, lambda, weights)
  if not w then error("train.linear: nothing can be learnt from these rows: " .. message, 3) end
  return unscaled(w, mean, sd)
end

--- Chances of logits.
function train_linear.sigmoid(s)
  local out = dsp.samples(#s)
  for i = 1, #s do out:set(i, 1 / (1 + math.exp(-s:get(i)))) end
  return out
end

--- The step from scores of parts that a model had not seen to chances that hold is linear, so
--- it goes into the weights; without it a model that fits its rows well is too sure.
function train_linear.calibrate(w, said, y)
  local gain, bias = score.platt(said, y)
  if not gain then return w, said, "not calibrated: it ranks other parts no better than chance" end
  local d, out, chances_of = #w - 1, dsp.samples(#w), {}
  for k = 1, d do out:set(k, gain * w:get(k)) end
  out:set(d + 1, gain * w:get(d + 1) + bias)
  for i, s in ipairs(said) do chances_of[i] = gain * s + bias end
  return out, chances_of, format("chances calibrated by Platt on other parts: Brier score %.4f, "
    .. "%.4f before", score.brier(chances_of, y), score.brier(said, y))
end

return train_linear

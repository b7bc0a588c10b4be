--- How unlike good parts a row is: by distance or by principal components. Behind
--- `train.anomaly`.

local fit = require "linewright.fit"

local format = string.format

local anomaly = {}

local function components(model, d, keep)
  local total, sum = 0, 0
  for k = 1, d do total = total + model:get(k) end
  for k = 1, d do
    sum = sum + model:get(k)
    if sum >= keep * total then return k end
  end
  return d
end

function anomaly.distance(x, d, opts)
  local model = assert(fit.shrunk(x, d, opts.shrink or 0.05))
  return function(other) return fit.distance(model, other, d) end,
    format("shrunk Mahalanobis distance, shrink %g", opts.shrink or 0.05)
end

function anomaly.pca(x, d, opts)
  local mean, sd = fit.scale(x, d)
  local model = assert(fit.pca(fit.standard(x, d, mean, sd), d))
  local k = components(model, d, opts.keep or 0.9)
  local function both(other) return fit.t2q(model, fit.standard(other, d, mean, sd), d, k) end
  return function(other) return (both(other)) end,
    format("%d principal components of %d", k, d), both
end

return anomaly

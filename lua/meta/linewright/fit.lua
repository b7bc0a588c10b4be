---@meta linewright.fit

--- Small models fitted to rows of features. Rows are samples, row after row; d is how many
--- features each has. Weights are d + 1 numbers, the constant last. Features that are not
--- finite are an error that names row and feature.
local fit = {}

---@return linewright.samples means
---@return linewright.samples sds 1 where a feature is constant
function fit.scale(x, d) end

---@return linewright.samples rows, centred and scaled
function fit.standard(x, d, means, sds) end

---@return linewright.samples the rows at these places, from 1
function fit.rows(x, d, places) end

--- Least sum s (w x - y)^2 + lambda |w|^2.
---@param weights linewright.samples|nil of the rows
---@return linewright.samples|nil w
---@return string|nil message
---@return string|nil code
function fit.ridge(x, d, y, lambda, weights) end

--- Logistic regression of y, 0 or 1, with penalty lambda/2 |w|^2.
---@return linewright.samples|nil w
---@return string|nil message
---@return string|nil code
function fit.logistic(x, d, y, lambda, weights) end

---@return linewright.samples w x + constant of each row
function fit.dot(x, d, w) end

--- Mean and factored covariance, shrunk by `share` to its diagonal.
---@return linewright.samples|nil model
---@return string|nil message
---@return string|nil code
function fit.shrunk(x, d, share) end

---@return linewright.samples squared Mahalanobis distance of each row
function fit.distance(model, x, d) end

--- Principal components: d variances, the largest first, then d vectors of d numbers.
---@return linewright.samples|nil model
---@return string|nil message
---@return string|nil code
function fit.pca(x, d) end

---@return linewright.samples t2 Hotelling's T^2 in the first k components
---@return linewright.samples q what they leave
function fit.t2q(model, x, d, k) end

--- Gradient-boosted trees by XGBoost, written as its JSON; NaN is missing.
---@return true|nil ok
---@return string|nil message
---@return string|nil code "E-NOTFOUND" when the library is not installed
function fit.trees(x, d, y, path, rounds, depth, rate, is_chance) end

--- How high Page's sum goes on parts that have not changed, by a bootstrap of whole parts.
---@param x linewright.samples one figure, the rows of a part side by side
---@param sizes linewright.samples how many rows each part has
---@param delta number change that is forgiven [sd]
---@param share number of runs that may alarm, at most 0.05
---@param watched integer rows of a run
---@param runs integer at least 200
---@param seed integer
---@return number|nil unsure three standard errors of the mean [sd], forgiven beside delta
---@return number|string limit, or the message
---@return string|nil code
function fit.page(x, sizes, delta, share, watched, runs, seed) end

--- How far the mean of `watched` rows lies from that of the reference by chance: limit of the
--- squared distance, rows standardised.
---@return number|nil limit
---@return string|nil message
---@return string|nil code
function fit.shift(x, sizes, d, share, watched, runs, seed) end

return fit

--- Distributions that limits are read from: chi-square, beta, Kolmogorov.
---
--- Series and continued fractions as in Abramowitz & Stegun, "Handbook of
--- Mathematical Functions", 6.5.29, 6.5.31, 26.5.8; quantiles by bisection.

local chances = {}

local exp, log, abs = math.exp, math.log, math.abs
local TINY = 1e-300

-- Logarithm of the gamma function for x > 0: Stirling's series after raising x
-- to where it is exact to double precision (A&S 6.1.41).
local function log_gamma(x)
  local shift = 0
  while x < 12 do
    shift = shift - log(x)
    x = x + 1
  end
  local i = 1 / (x * x)
  local series = (1 / 12 - i * (1 / 360 - i * (1 / 1260 - i * (1 / 1680 - i / 1188)))) / x
  return shift + (x - 0.5) * log(x) - x + 0.5 * log(2 * math.pi) + series
end

local function gamma_series(a, x)
  local term = 1 / a
  local sum = term
  for k = 1, 10000 do
    term = term * x / (a + k)
    sum = sum + term
    if term < sum * 1e-16 then break end
  end
  return sum * exp(a * log(x) - x - log_gamma(a))
end

-- The value of a continued fraction b0 + a1/(b1 + a2/(b2 + ...)) by Lentz's way.
local function fraction(b0, step)
  local f = b0 ~= 0 and b0 or TINY
  local c, d = f, 0
  for k = 1, 10000 do
    local a, b = step(k)
    d = b + a * d
    c = b + a / c
    d = 1 / (abs(d) < TINY and TINY or d)
    c = abs(c) < TINY and TINY or c
    f = f * c * d
    if abs(c * d - 1) < 1e-15 then break end
  end
  return f
end

-- Share of the gamma distribution of shape a below x.
local function gamma_below(a, x)
  if x <= 0 then return 0 end
  if x < a + 1 then return gamma_series(a, x) end
  local f = fraction(x + 1 - a, function(k) return -k * (k - a), x + 2 * k + 1 - a end)
  return 1 - exp(a * log(x) - x - log_gamma(a)) / f
end

-- Share of the beta distribution below x.
local function beta_below(a, b, x)
  if x <= 0 then return 0 elseif x >= 1 then return 1 end
  if x > (a + 1) / (a + b + 2) then return 1 - beta_below(b, a, 1 - x) end
  local f = fraction(1, function(k)
    local m = math.floor(k / 2)
    if k % 2 == 0 then
      return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), 1
    end
    return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)), 1
  end)
  return exp(a * log(x) + b * log(1 - x) + log_gamma(a + b) - log_gamma(a) - log_gamma(b)) / (a * f)
end

local function bisect(below, share, high)
  local low = 0
  for _ = 1, 200 do
    local middle = (low + high) / 2
    if middle == low or middle == high then break end
    if below(middle) < share then low = middle else high = middle end
  end
  return (low + high) / 2
end

--- The value that a chi-square variable stays under with chance `share`.
---@param share number in (0, 1)
---@param freedom number degrees of freedom
---@return number
function chances.chi_square(share, freedom)
  local high = freedom + 10
  while gamma_below(freedom / 2, high / 2) < share do high = 2 * high end
  return bisect(function(x) return gamma_below(freedom / 2, x / 2) end, share, high)
end

--- The value that a beta variable stays under with chance `share`.
---@return number
function chances.beta(share, a, b)
  return bisect(function(x) return beta_below(a, b, x) end, share, 1)
end

--- Bounds of a rate from its count: exact, both sides of which are left with
--- half of what the confidence leaves.
--- Source: C. J. Clopper, E. S. Pearson, Biometrika 26(4), 1934.
---@param hits integer
---@param n integer
---@param confidence number|nil default 0.95
---@return number low
---@return number high
function chances.bounds(hits, n, confidence)
  local rest = (1 - (confidence or 0.95)) / 2
  local low = hits > 0 and chances.beta(rest, hits, n - hits + 1) or 0
  local high = hits < n and chances.beta(1 - rest, hits + 1, n - hits) or 1
  return low, high
end

--- The largest rate that a count still allows, one-sided: 0 of 2995 allows 0.1 %.
---@return number
function chances.at_most(hits, n, confidence)
  return hits < n and chances.beta(confidence or 0.95, hits + 1, n - hits) or 1
end

--- Chance of a two-sample Kolmogorov-Smirnov distance d or more, with Stephens'
--- correction for small samples.
--- Source: M. A. Stephens, J. Royal Stat. Soc. B 32(1), 1970.
---@return number
function chances.kolmogorov(d, na, nb)
  local root = math.sqrt(na * nb / (na + nb))
  local t = (root + 0.12 + 0.11 / root) * d
  if t < 0.2 then return 1 end
  local sum, sign = 0, 1
  for k = 1, 100 do
    local term = exp(-2 * k * k * t * t)
    sum, sign = sum + sign * term, -sign
    if term < 1e-17 then break end
  end
  return math.max(0, math.min(1, 2 * sum))
end

return chances

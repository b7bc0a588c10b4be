--- Drift of the figures of parts, and of the scores that a model gives them, against a
--- reference: windows of parts by Kolmogorov-Smirnov, part by part by Page-Hinkley, and
--- ADWIN for changes of any size. The object behind `guard.drift`.

local chances = require "linewright.chances"
local dsp = require "linewright.dsp"
local rows = require "linewright.guard_rows"

local format = string.format

local drift = {}

local Drift = {}
Drift.__index = Drift
Drift.__metatable = "guard.drift"

-- Page's sum on a standardised figure, both directions. What the mean of the reference is
-- unsure of, three standard errors, counts as no change: a sum forgives nothing else.
-- Source: E. S. Page, Biometrika 41, 1954; D. V. Hinkley, Biometrika 58(3), 1971.
local function page(sums, z, delta, lambda)
  sums.up = math.max(0, sums.up + z - delta)
  sums.down = math.max(0, sums.down - z - delta)
  if sums.up > lambda then return "rose" end
  if sums.down > lambda then return "fell" end
end

local function by_part(self, row)
  for k, name in ipairs(self.signals) do
    local z = (row:get(k) - self.mean[k]) / self.sd[k]
    local way = self.page_hinkley
      and page(self.sums[k], z, self.delta + self.unsure, self.lambda)
    if way then
      self.sums[k] = { up = 0, down = 0 }
      return format("%s %s (Page-Hinkley)", name, way), "page_hinkley"
    end
    local seen = self.adwins and self.adwins[k]
    if seen and (seen:step(z) or 0) >= 1 then
      return format("%s: %s (ADWIN)", name, (seen:why()) or "the mean changed"), "adwin"
    end
  end
end

-- Windows do not overlap, and the chance of a false alarm is shared among all
-- comparisons, so that `alpha` is that of a window.
local function by_window(self, window)
  local least, text = 1, nil
  for k, name in ipairs(self.signals) do
    local d = dsp.ks(self.columns[k]:copy(), window.x[k]:copy())
    local p = chances.kolmogorov(d, self.n, window.n)
    if p < least then
      least, text = p, format("%s: its last %d parts lie %.2f from the reference, chance %.1g",
        name, window.n, d, p)
    end
  end
  return least < self.alpha / (#self.signals * #self.windows) and text or nil
end

local function add_to(self, window, row)
  window.at = window.at + 1
  for k = 1, #self.signals do window.x[k]:set(window.at, row:get(k)) end
  if window.at < window.n then return nil end
  window.at = 0
  return by_window(self, window)
end

--- Take the figures of one part.
---@param row any samples or a list, in the order of the signals
---@return string|nil alarm in words
---@return string|nil method "ks", "page_hinkley" or "adwin"
function Drift:add(row)
  row = rows.one(row)
  if #row ~= #self.signals then
    error(format("guard.drift: a row of %d figures, %d are expected", #row, #self.signals), 2)
  end
  self.parts = self.parts + 1
  local alarm, method = by_part(self, row)
  for _, window in ipairs(self.windows) do
    local text = add_to(self, window, row)
    if text then alarm, method = text, "ks" end
  end
  if alarm then self.alarms, self.text = self.alarms + 1, alarm end
  return alarm, method
end

--- The newest alarm in words.
function Drift:why() return self.text end

local function learn(self, x, d)
  self.columns, self.mean, self.sd, self.sums = {}, {}, {}, {}
  for k = 1, d do
    local column = rows.column(x, d, k)
    local mean, sum = column:mean(), 0
    for i = 1, #column do sum = sum + (column:get(i) - mean) ^ 2 end
    local sd = math.sqrt(sum / math.max(1, #column - 1))
    self.columns[k], self.mean[k] = column, mean
    self.sd[k], self.sums[k] = sd > 0 and sd or math.max(1e-12, math.abs(mean) * 1e-9),
      { up = 0, down = 0 }
  end
end

local function new_windows(sizes, d)
  local out = {}
  for i, n in ipairs(sizes) do
    if type(n) ~= "number" or n < 10 or n > 100000 or n % 1 ~= 0 then
      error("guard.drift: windows must be whole numbers of parts in 10..100000", 4)
    end
    out[i] = { n = n, at = 0, x = {} }
    for k = 1, d do out[i].x[k] = dsp.samples(n) end
  end
  return out
end

local KNOWN = { signals = true, rows = true, windows = true, alpha = true, delta = true,
  lambda = true, page_hinkley = true, adwin = true }

--- See guard.drift.
function drift.new(opts)
  local word = "guard.drift"
  rows.known(word, opts, KNOWN)
  local signals = type(opts.signals) == "table" and opts.signals or {}
  if #signals == 0 then error(word .. ": signals must name the figures", 3) end
  local x, n = rows.flat(word, opts.rows or {}, #signals)
  if n < 30 then error(format("%s: %d reference parts, at least 30 are needed", word, n), 3) end
  local self = setmetatable({ signals = signals, n = n, parts = 0, alarms = 0,
    alpha = rows.number(word, opts, "alpha", 0.001, 1e-9, 0.1),
    delta = rows.number(word, opts, "delta", 0.25, 0, 10),
    lambda = rows.number(word, opts, "lambda", 25, 1, 1e6),
    page_hinkley = opts.page_hinkley ~= false,
    unsure = 3 / math.sqrt(n),
    windows = new_windows(opts.windows or { 30, 100 }, #signals) }, Drift)
  learn(self, x, #signals)
  if opts.adwin then
    self.adwins = {}
    for k = 1, #signals do self.adwins[k] = dsp.filter("adwin", 1, 8) end
  end
  self.digest = rows.digest(word, self.alpha, self.delta, self.lambda, x)
  return self
end

return drift

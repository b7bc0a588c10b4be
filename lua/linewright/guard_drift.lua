--- Drift of the figures of parts, and of the scores that a model gives them, against a
--- reference: windows of parts by Kolmogorov-Smirnov and by their means, part by part by
--- Page-Hinkley, and ADWIN for changes of any size. The object behind `guard.drift`.

local chances = require "linewright.chances"
local dsp = require "linewright.dsp"
local fit = require "linewright.fit"
local rows = require "linewright.guard_rows"

local format = string.format

local drift = {}

local RUNS = 1000 -- of a bootstrap

local Drift = {}
Drift.__index = Drift
Drift.__metatable = "guard.drift"

-- Page's sum on a standardised figure, both directions. Held within three deviations: one
-- odd part is no drift, and its reference may not have had one.
-- Source: E. S. Page, Biometrika 41, 1954; D. V. Hinkley, Biometrika 58(3), 1971.
local function page(sums, z)
  z = math.max(-3, math.min(3, z))
  sums.up = math.max(0, sums.up + z - sums.delta)
  sums.down = math.max(0, sums.down - z - sums.delta)
  if sums.up > sums.limit then return "rose" end
  if sums.down > sums.limit then return "fell" end
end

local function rest(sums) sums.up, sums.down = 0, 0 end

local function by_part(self, row)
  for k, name in ipairs(self.signals) do
    local z = (row:get(k) - self.mean[k]) / self.sd[k]
    local way = self.sums[k] and page(self.sums[k], z)
    if way then
      rest(self.sums[k])
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
local function by_distribution(self, window)
  local least, text = 1, nil
  for k, name in ipairs(self.signals) do
    local d = dsp.ks(self.columns[k]:copy(), window.x[k]:copy())
    local p = chances.kolmogorov(d, self.n, window.n)
    if p < least then
      least, text = p, format("%s: its last %d parts lie %.2f from the reference, chance %.1g",
        name, window.n, d, p)
    end
  end
  return least < self.share / #self.signals and text or nil
end

-- The means of all figures together: a small change of many shows here first.
local function by_mean(self, window)
  local sum, most, at = 0, 0, 1
  for k in ipairs(self.signals) do
    local off = ((window.x[k]:mean()) - self.mean[k]) / self.sd[k]
    sum = sum + off * off
    if math.abs(off) > most then most, at = math.abs(off), k end
  end
  return sum > window.limit and format("the means of the last %d parts lie %.2f sd from the "
    .. "reference, chance allows %.2f; most of it is %s", window.n, math.sqrt(sum),
    math.sqrt(window.limit), self.signals[at]) or nil
end

local function by_window(self, window)
  local text = by_distribution(self, window)
  if text then return text, "ks" end
  text = by_mean(self, window)
  return text, text and "mean"
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
---@return string|nil method "ks", "mean", "page_hinkley" or "adwin"
function Drift:add(row)
  row = rows.one(row)
  if #row ~= #self.signals then
    error(format("guard.drift: a row of %d figures, %d are expected", #row, #self.signals), 2)
  end
  self.parts = self.parts + 1
  local alarm, method = by_part(self, row)
  for _, window in ipairs(self.windows) do
    local text, by = add_to(self, window, row)
    if text then alarm, method = text, by end
  end
  if alarm then self.alarms, self.text = self.alarms + 1, alarm end
  return alarm, method
end

--- The newest alarm in words.
function Drift:why() return self.text end

--- Begin anew with the same reference, after what had changed was mended.
function Drift:reset()
  self.parts, self.alarms, self.text = 0, 0, nil
  for k in ipairs(self.signals) do
    if self.sums[k] then rest(self.sums[k]) end
    if self.adwins then self.adwins[k] = dsp.filter("adwin", 1, 8) end
  end
  for _, window in ipairs(self.windows) do window.at = 0 end
end

local function first(x, n)
  local out = {}
  for i = 1, n do out[i] = x:get(i) end
  return out
end

--- What was seen since the reference, as plain data: with it `restore` goes on from here,
--- after a restart or to judge again.
---@return table
function Drift:state()
  if self.adwins then error("guard.drift: what ADWIN has seen cannot be kept", 2) end
  local out = { sums = {}, windows = {} }
  for k in ipairs(self.signals) do
    local sums = self.sums[k]
    out.sums[k] = sums and { sums.up, sums.down } or {}
  end
  for i, window in ipairs(self.windows) do
    local seen = { at = window.at }
    for k in ipairs(self.signals) do seen[k] = first(window.x[k], window.at) end
    out.windows[i] = seen
  end
  return out
end

--- Go on from what `state` kept; nothing: begin anew.
---@param state table|nil
function Drift:restore(state)
  self:reset()
  if not state then return end
  for k, seen in ipairs(state.sums) do
    if self.sums[k] then self.sums[k].up, self.sums[k].down = seen[1], seen[2] end
  end
  for i, window in ipairs(self.windows) do
    local seen = state.windows[i]
    window.at = seen.at
    for k in ipairs(self.signals) do
      for n = 1, seen.at do window.x[k]:set(n, seen[k][n]) end
    end
  end
end

local function learn(self, x, d)
  self.columns, self.mean, self.sd = {}, {}, {}
  for k = 1, d do
    local column = rows.column(x, d, k)
    local mean, sum = column:mean(), 0
    for i = 1, #column do sum = sum + (column:get(i) - mean) ^ 2 end
    local sd = math.sqrt(sum / math.max(1, #column - 1))
    self.columns[k], self.mean[k] = column, mean
    self.sd[k] = sd > 0 and sd or math.max(1e-12, math.abs(mean) * 1e-9)
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

-- The order of rows that puts those of a part side by side, and how many each part has.
local function by_group(groups, n)
  local rows_of, order, place, sizes = {}, {}, {}, {}
  for i = 1, n do
    local key = groups and groups[i] or i
    if not rows_of[key] then
      rows_of[key] = {}
      order[#order + 1] = key
    end
    table.insert(rows_of[key], i)
  end
  for g, key in ipairs(order) do
    sizes[g] = #rows_of[key]
    for _, i in ipairs(rows_of[key]) do place[#place + 1] = i end
  end
  if #order < 2 then error("guard.drift: all rows are of one part", 4) end
  return rows.places(place), rows.places(sizes)
end

-- What the mean of the reference is unsure of counts as no change, since a sum adds it up
-- with every part; how high the rest goes by chance is asked of the reference itself.
local function calibrate_sums(self, opts, word, place, sizes)
  local share = self.alpha / #self.signals
  for k, column in ipairs(self.columns) do
    local unsure, limit = fit.page(fit.rows(column, 1, place), sizes, self.delta, share,
      self.horizon, RUNS, k)
    if not unsure then error(format("%s: %s", word, limit), 4) end
    self.sums[k] = { delta = self.delta + unsure, limit = opts.lambda or limit }
  end
end

local function calibrate_windows(self, x, word, place, sizes)
  local d, mean, sd = #self.signals, rows.places(self.mean), rows.places(self.sd)
  local z = fit.standard(fit.rows(x, d, place), d, mean, sd)
  for i, window in ipairs(self.windows) do
    local limit, message = fit.shift(z, sizes, d, self.share, window.n, RUNS, i)
    if not limit then error(format("%s: %s", word, message), 4) end
    window.limit = limit
  end
end

local KNOWN = { signals = true, rows = true, groups = true, windows = true, alpha = true,
  delta = true, lambda = true, horizon = true, page_hinkley = true, adwin = true }

local function check(word, opts)
  rows.known(word, opts, KNOWN)
  local signals = type(opts.signals) == "table" and opts.signals or {}
  if #signals == 0 then error(word .. ": signals must name the figures", 4) end
  local x, n = rows.flat(word, opts.rows or {}, #signals)
  if n < 30 then error(format("%s: %d reference parts, at least 30 are needed", word, n), 4) end
  if opts.groups and #opts.groups ~= n then
    error(format("%s: %d rows, but %d groups", word, n, #opts.groups), 4)
  end
  if opts.lambda then rows.number(word, opts, "lambda", nil, 1, 1e6) end
  return signals, x, n
end

-- All limits, for the digest.
local function limits_of(self)
  local out = {}
  for _, list in ipairs { self.sums, self.windows } do
    for _, has in ipairs(list) do out[#out + 1] = format("%.17g", has.limit) end
  end
  return table.concat(out, " ")
end

--- See guard.drift.
function drift.new(opts)
  local word = "guard.drift"
  local signals, x, n = check(word, opts)
  local self = setmetatable({ signals = signals, n = n, parts = 0, alarms = 0, sums = {},
    alpha = rows.number(word, opts, "alpha", 0.001, 1e-9, 0.05),
    delta = rows.number(word, opts, "delta", 0.25, 0, 10),
    horizon = rows.number(word, opts, "horizon", 1000, 1, 100000),
    windows = new_windows(opts.windows or { 30, 100 }, #signals),
    adwins = opts.adwin and {} or nil }, Drift)
  -- Half of the chance is for the distributions, half for the means.
  self.share = self.alpha / 2 / math.max(1, #self.windows)
  learn(self, x, #signals)
  local place, sizes = by_group(opts.groups, n)
  if opts.page_hinkley ~= false then calibrate_sums(self, opts, word, place, sizes) end
  calibrate_windows(self, x, word, place, sizes)
  self:reset()
  self.digest = rows.digest(word, self.alpha, self.delta, self.horizon, limits_of(self), x)
  return self
end

return drift

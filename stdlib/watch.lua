--- Watching signals for change: several together, or one at a time, each with a
--- severity of which 1 and more is an alarm, and with a reason in words.
---
---   local bench = watch.together { signals = { "current", "pressure" }, train = 400, factor = 3 }
---   local severity = bench(current, pressure)        -- nil while it learns
---   local text = bench:why()                         -- "pressure is 6.2 sigma below its mean"
---   local drift = watch.one("cusum", { h = 5, train = 100 })
---
--- What it learnt lives in the script's variable: after a restart it learns anew.

local distribution = require "linewright.distribution"
local dsp = require "linewright.dsp"
local filters = require "linewright.filters"
local safe = require "linewright.safe"

local tostring = safe.plain

local format = string.format
local unpack = table.unpack or unpack -- luacheck: ignore 113 143

local watch = {}

local function refuse(...) error(format(...), 4) end

local function number(word, opts, key, default, low, high)
  local v = opts[key]
  if v == nil then v = default end
  if type(v) ~= "number" or not (v >= low and v <= high) then
    refuse("%s: %s must be a number in %g..%g, not %s", word, key, low, high, tostring(opts[key]))
  end
  return v
end

local function known(word, opts, keys)
  if not safe.is_plain(opts) then refuse("%s takes a plain table of options", word) end
  for key in pairs(opts) do
    if not keys[key] then refuse("%s: unknown option '%s'", word, tostring(key)) end
  end
end

local Together = {}
Together.__index = Together
Together.__metatable = "watch.together"

--- Severity of one row of readings, in the order of `signals`.
---@param ... number|nil
---@return number|nil
function Together:__call(...)
  local severity = self.monitor:step(...)
  self.n = self.n + 1
  if severity and severity >= 1 then self.fired_at = self.n end
  return severity
end

--- The signal with the largest share in the severity, in words, and the last row that was an alarm.
---@return string|nil
---@return number|nil row counted from the first, those of the training too; nil: none was
function Together:why()
  local channel, sigma = self.monitor:why()
  if not channel then return nil end
  return format("%s is %.1f sigma %s its mean", self.signals[channel], math.abs(sigma),
    sigma > 0 and "above" or "below"), self.fired_at
end

--- What was learnt, as text for a loop's state; `load` goes on from it.
---@return string
function Together:save()
  return format("%d %d %s", self.n, self.fired_at or 0, self.monitor:save())
end

---@param text string
---@return table? self, string? message, string? code
function Together:load(text)
  local n, fired_at, learnt = text:match "^(%d+) (%d+) (.*)$"
  local ok, message, code = self.monitor:load(learnt or text)
  if not ok then return nil, message, code end
  fired_at = tonumber(fired_at) or 0
  self.n, self.fired_at = tonumber(n) or 0, fired_at > 0 and fired_at or nil
  return self
end

--- Learn anew.
---@return table self
function Together:reset()
  self.monitor:reset()
  self.n, self.fired_at = 0, nil
  return self
end

local TOGETHER = { signals = true, train = true, factor = true, ridge = true }

--- Watch several signals together: Hotelling's T^2 against the first `train` rows.
---@param opts table signals: list of names; train: rows; factor: limit over the largest T^2 of
---  the training rows (default 1); ridge (default 0.01)
---@return table callable with one value per signal
function watch.together(opts)
  known("watch.together", opts, TOGETHER)
  local names = type(opts.signals) == "table" and { unpack(opts.signals) } or {}
  if #names < 1 or #names > 32 then
    error("watch.together: signals must name 1 to 32 of them", 2)
  end
  local train = number("watch.together", opts, "train", nil, #names + 1, 100000)
  local factor = number("watch.together", opts, "factor", 1, 1e-6, 1e6)
  local ridge = number("watch.together", opts, "ridge", 0.01, 1e-9, 1)
  return setmetatable({ signals = names, n = 0,
    monitor = dsp.monitor(#names, train, factor, ridge) }, Together)
end

-- Parameters of a detector in the order of its row; unknown names are errors.
local function params_of(kind, opts)
  local list, names, i = {}, { rate = true }, 1
  local name = filters.param(kind, i)
  while name do
    list[i], names[name] = opts[name], true
    i = i + 1
    name = filters.param(kind, i)
  end
  known("watch.one(\"" .. kind .. "\")", opts, names)
  return list, i - 1
end

local DETECTORS = {
  adwin = true, ar = true, cusum = true, ewma_chart = true, page_hinkley = true, shewhart = true,
  zscore = true,
}

--- Watch one signal with a detector: "adwin", "ar", "cusum", "ewma_chart", "page_hinkley",
--- "shewhart" or "zscore".
--- The object is called with a reading and gives a severity; `:why()` says what fired and when.
---@param kind string
---@param opts table|nil the detector's parameters, see linewright.filters
---@return table
function watch.one(kind, opts)
  if not DETECTORS[kind] then
    error(format("watch.one: no detector '%s' (adwin, ar, cusum, ewma_chart, page_hinkley, "
      .. "shewhart, zscore)", tostring(kind)), 2)
  end
  local list, n = params_of(kind, opts or {})
  return dsp.filter(kind, 1, unpack(list, 1, n))
end

local Level = {}
Level.__index = Level
Level.__metatable = "watch.level"

-- Welford's update of mean and sum of squared deviations.
local function learn(self, x)
  self.n = self.n + 1
  local off = x - self.mean
  self.mean = self.mean + off / self.n
  self.m2 = self.m2 + off * (x - self.mean)
end

local SIDES = {
  low = function(off) return -off end, high = function(off) return off end, both = math.abs,
}

--- Severity of one reading; once 1 is reached it stays there until the reading is back within
--- `back`.
---@param x number|nil nil repeats the last severity
---@return number|nil severity nil while learning
function Level:__call(x)
  if x == nil then return self.last end
  self.taken = self.taken + 1
  if self.n < self.train then
    learn(self, x)
    return nil
  end
  self.off = (x - self.mean) / math.max(math.sqrt(self.m2 / self.n), 1e-300)
  local off = SIDES[self.side](self.off)
  local was_alarm = self.last and self.last >= 1
  self.last = math.max(0, off / self.limit)
  if was_alarm and off > self.back then self.last = math.max(1, self.last) end
  if self.last >= 1 then self.fired_at = self.taken end
  return self.last
end

--- The last reading in words, nil while learning, and the last reading that was an alarm.
---@return string|nil
---@return number|nil reading counted from the first, those learnt from too; nil: none was
function Level:why()
  if not self.last then return nil end
  return format("%.1f sigma %s its mean", math.abs(self.off), self.off > 0 and "above" or "below"),
    self.fired_at
end

--- Learn anew.
---@return table self
function Level:reset()
  self.n, self.mean, self.m2, self.off, self.taken = 0, 0, 0, 0, 0
  self.last, self.fired_at = nil, nil
  return self
end

local LEVEL_STATE = { "n", "mean", "m2", "last", "off", "taken", "fired_at" }

--- What it learnt, as plain data for a loop's state.
---@return table
function Level:save()
  local out = {}
  for _, key in ipairs(LEVEL_STATE) do out[key] = self[key] end
  return out
end

--- Go on from what save gave.
---@param state table
---@return table self
function Level:load(state)
  for _, key in ipairs(LEVEL_STATE) do self[key] = state[key] end
  return self
end

local LEVEL = { train = true, limit = true, back = true, side = true }

--- Watch one signal, smoothed before, against the mean and deviation of its first `train` readings:
--- for a signal of which one knows what a fault does to it.
---@param opts table train: readings; limit [sigma] (default 3); back: where the alarm ends [sigma]
---  (default half the limit); side: "low", "high" or "both" (default)
---@return table callable with a reading
function watch.level(opts)
  known("watch.level", opts, LEVEL)
  local limit = number("watch.level", opts, "limit", 3, 1e-6, 1e6)
  local side = opts.side or "both"
  if not SIDES[side] then error("watch.level: side must be low, high or both", 2) end
  return setmetatable({
    train = number("watch.level", opts, "train", nil, 2, 1e9), limit = limit, side = side,
    back = number("watch.level", opts, "back", limit / 2, 0, limit),
  }, Level):reset()
end

local DISTRIBUTION = { train = true, window = true, method = true, limit = true }

--- Watch how one signal's values are distributed: the same mean may hide two levels.
---@param opts table train: readings to learn from; window: readings that are compared with them;
---  method: "ks" (default), Kolmogorov-Smirnov, or "psi", population stability index; limit: chance
---  for "ks" (default 0.001), index for "psi" (default 0.25)
---@return table callable with a reading
function watch.distribution(opts)
  known("watch.distribution", opts, DISTRIBUTION)
  local method = opts.method or "ks"
  if not distribution.METHODS[method] then
    error("watch.distribution: method must be ks or psi", 2)
  end
  local train = math.floor(number("watch.distribution", opts, "train", nil, 10, 1e6))
  local window = math.floor(number("watch.distribution", opts, "window", nil, 10, 1e6))
  local default = method == "ks" and 0.001 or 0.25
  local most = method == "ks" and 0.5 or 1e6
  return distribution.new(method, train, window,
    number("watch.distribution", opts, "limit", default, 1e-12, most))
end

local Score = {}
Score.__index = Score

--- Count one judgement against the truth.
---@param alarm boolean
---@param truth boolean
function Score:add(alarm, truth)
  local key = (alarm and "p" or "n") .. (truth and "t" or "f")
  self[key] = self[key] + 1
end

--- F1, false alarm rate and missed alarm rate, all 0..1.
---@return number f1
---@return number far false alarms over all good samples
---@return number mar missed ones over all bad samples
function Score:figures()
  local hits, good, bad = self.pt, self.pf + self.nf, self.pt + self.nt
  local f1 = 2 * hits / math.max(1, 2 * hits + self.pf + self.nt)
  return f1, self.pf / math.max(1, good), self.nt / math.max(1, bad)
end

--- Counts of judgements: pt right alarms, pf false ones, nt missed, nf rightly quiet.
--- Give the four counts of another score to go on from them.
---@param counts table|nil
---@return table
function watch.score(counts)
  counts = counts or {}
  return setmetatable({
    pt = counts.pt or 0, pf = counts.pf or 0, nt = counts.nt or 0, nf = counts.nf or 0,
  }, Score)
end

return watch

--- Watching signals for change: several together, or one at a time, each with a
--- severity of which 1 and more is an alarm, and with a reason in words.
---
---   local bench = watch.together { signals = { "current", "pressure" }, train = 400, factor = 3 }
---   local severity = bench(current, pressure)        -- nil while it learns
---   local text = bench:why()                         -- "pressure is 6.2 sigma below its mean"
---   local drift = watch.one("cusum", { h = 5, train = 100 })
---
--- What it learnt lives in the script's variable: after a restart it learns anew.

local dsp = require "linewright.dsp"
local filters = require "linewright.filters"

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
  if type(opts) ~= "table" then refuse("%s takes a table of options", word) end
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
function Together:__call(...) return self.monitor:step(...) end

--- The signal with the largest share in the severity, in words.
---@return string|nil
function Together:why()
  local channel, sigma = self.monitor:why()
  if not channel then return nil end
  return format("%s is %.1f sigma %s its mean", self.signals[channel], math.abs(sigma),
    sigma > 0 and "above" or "below")
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
  return setmetatable({ signals = names, monitor = dsp.monitor(#names, train, factor, ridge) },
    Together)
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
  cusum = true, ewma_chart = true, page_hinkley = true, shewhart = true, zscore = true, ar = true,
}

--- Watch one signal with a detector: "cusum", "ewma_chart", "page_hinkley", "shewhart", "zscore"
--- or "ar".
--- The object is called with a reading and gives a severity; `:why()` says what fired.
---@param kind string
---@param opts table|nil the detector's parameters, see linewright.filters
---@return table
function watch.one(kind, opts)
  if not DETECTORS[kind] then
    error(format("watch.one: no detector '%s' (ar, cusum, ewma_chart, page_hinkley, shewhart, "
      .. "zscore)", tostring(kind)), 2)
  end
  local list, n = params_of(kind, opts or {})
  return dsp.filter(kind, 1, unpack(list, 1, n))
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

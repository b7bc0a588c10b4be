--- The guard around a model: it never acts alone when light, part or model are not what it
--- was calibrated on.
---
---   local light   = guard.light { rows = good_light }            -- retake, never reject
---   local strange = guard.strange { rows = good_features }       -- abstain
---   local verdict = guard.verdict { good = scores, false_reject = 0.02 }
---   local drift   = guard.drift { signals = { "mean", "sd" }, rows = good_light }
---   local tired   = guard.rejects(5)                             -- stop after five in a row
---
--- What a guard learnt is named by its `digest`, for the records of its decisions.

local chances = require "linewright.chances"
local dsp = require "linewright.dsp"
local fit = require "linewright.fit"
local guard_drift = require "linewright.guard_drift"
local guard_light = require "linewright.guard_light"
local guard_patches = require "linewright.guard_patches"
local picture = require "linewright.picture"
local rows = require "linewright.guard_rows"

local format = string.format

local guard = {}

-- --------------------------------------------------------------- conformal ---

local function sorted(scores)
  local out = {}
  for i = 1, #scores do
    out[i] = type(scores) == "table" and scores[i] or scores:get(i)
    if type(out[i]) ~= "number" or out[i] ~= out[i] then
      error(format("guard.limit: score %d is no number", i), 3)
    end
  end
  table.sort(out)
  return out
end

--- Split-conformal limit: of parts like those that gave the scores, at most `share` lie
--- above it, whatever the model is: the ceil((n + 1)(1 - share))-th smallest score.
--- Raises when there are too few scores for the share: fewer than 1 / share - 1.
--- Source: V. Vovk, A. Gammerman, G. Shafer, "Algorithmic Learning in a Random World", 2005.
---@param scores any samples or list, of parts the model did not learn from
---@param share number in (0, 1)
---@return number
function guard.limit(scores, share)
  if type(share) ~= "number" or not (share > 0 and share < 1) then
    error("guard.limit: share must be in 0..1", 2)
  end
  local s = sorted(scores)
  -- A hair below, since 1 - share is not exact and ceil would take the next.
  local k = math.ceil((#s + 1) * (1 - share) - 1e-9)
  if k > #s then
    error(format("guard.limit: %d scores cannot calibrate a share of %g; %d are needed", #s, share,
      math.ceil(1 / share) - 1), 2)
  end
  return s[k]
end

local Verdict = {}
Verdict.__index = Verdict
Verdict.__metatable = "guard.verdict"

--- "accept", "abstain" or "reject"; a score that is no number is "abstain".
---@param score number|nil larger is worse
---@return string
function Verdict:__call(score)
  if type(score) ~= "number" or score ~= score then return "abstain" end
  local is_good, is_bad = score <= self.high, self.low and score >= self.low
  if self.low == nil then is_bad = not is_good end
  if is_good and not is_bad then return "accept" end
  if is_bad and not is_good then return "reject" end
  return "abstain"
end

local VERDICT = { good = true, bad = true, false_reject = true, missed = true, limits = true }

--- Accept, abstain or reject by two limits: at most `false_reject` of good parts lie above
--- the one, at most `missed` of bad parts below the other. A part that could be both, or
--- neither, is a person's. Without scores of bad parts the first limit alone decides.
---@param opts table good, bad: scores; false_reject (0.02); missed (0.05); or limits: those of
---  an earlier verdict, { high, low }
---@return table callable, with high, low, digest
function guard.verdict(opts)
  local word = "guard.verdict"
  rows.known(word, opts, VERDICT)
  local found = opts.limits
  if found then
    rows.number(word, found, "high", nil, -math.huge, math.huge)
    return setmetatable({ high = found.high, low = found.low,
      digest = rows.digest(word, found.high, found.low or "") }, Verdict)
  end
  if opts.good == nil then error(word .. ": good must hold scores of good parts", 2) end
  local share = rows.number(word, opts, "false_reject", 0.02, 1e-6, 0.5)
  local self = { high = guard.limit(opts.good, share) }
  if opts.bad then
    local turned = sorted(opts.bad)
    for i = 1, #turned do turned[i] = -turned[i] end
    self.low = -guard.limit(turned, rows.number(word, opts, "missed", 0.05, 1e-6, 0.5))
  end
  self.digest = rows.digest(word, self.high, self.low or "", share)
  return setmetatable(self, Verdict)
end

-- ------------------------------------------------------------------- light ---

guard.LIGHT = guard_light.NAMES

--- The figures of a picture's light, in the order of guard.LIGHT.
guard.light_of = picture.light

--- Light health before any verdict: clipped and black pixels, slope, focus, brightness,
--- each against what good pictures had, widened by `slack` of their range.
---@param opts table rows: light figures of good pictures; slack (0.5); checks: names; or
---  limits: those of an earlier one
---@return table
function guard.light(opts) return guard_light.new(opts) end

--- Bring a picture to the light of the reference by two grey patches in view:
--- I' = (I - dark) / (white - dark) (W - D) + D. A lamp that has gone too far asks for another
--- picture. Without patches `picture.normalise` and `picture.level` do it by the part itself.
---@param opts table dark, white: { left, top, width, height }; levels: { D, W } of the
---  reference; within (0.15): change of the contrast that may be mended
---@return table with apply(p) -> picture | nil, why
function guard.patches(opts) return guard_patches.new(opts) end

-- ----------------------------------------------------------------- strange ---

local Strange = {}
Strange.__index = Strange
Strange.__metatable = "guard.strange"

--- Squared Mahalanobis distance of a part from the reference over its limit: 1 and more is
--- out of the distribution.
---@param row any figures
---@return number
function Strange:score(row)
  return fit.distance(self.model, rows.one(row), self.d):get(1) / self.limit
end

---@param row any figures
---@return string "ok" or "abstain"
---@return number score
function Strange:check(row)
  local score = self:score(row)
  return score <= 1 and "ok" or "abstain", score
end

local STRANGE = { rows = true, share = true, shrink = true, calibrate = true }

-- Every third row stays out of the model and sets its limit: the limit would be too low by
-- the distances of rows that the model knows.
local function halves(x, d, n)
  local learn, rest = {}, {}
  for i = 1, n do
    local into = i % 3 == 0 and rest or learn
    into[#into + 1] = i
  end
  return fit.rows(x, d, rows.flat("guard.strange", learn, 1)),
    fit.rows(x, d, rows.flat("guard.strange", rest, 1))
end

--- Is a part like the reference at all? By Mahalanobis distance with a covariance shrunk to
--- its diagonal, and a conformal limit from rows the model did not learn.
---@param opts table rows: figures of good parts; calibrate: other rows for the limit (else
---  every third row is kept for it); share (0.01) of good parts that may abstain; shrink (0.05)
---@return table
function guard.strange(opts)
  local word = "guard.strange"
  rows.known(word, opts, STRANGE)
  local first = opts.rows and opts.rows[1]
  local d = first and #rows.one(first) or error(word .. ": rows must be a list of rows", 2)
  local x, n = rows.flat(word, opts.rows, d)
  local learn, rest = x, opts.calibrate and rows.flat(word, opts.calibrate, d)
  if not rest then learn, rest = halves(x, d, n) end
  local model, message = fit.shrunk(learn, d, rows.number(word, opts, "shrink", 0.05, 1e-6, 1))
  if not model then error(word .. ": " .. message, 2) end
  local share = rows.number(word, opts, "share", 0.01, 1e-6, 0.5)
  local self = { d = d, model = model, limit = guard.limit(fit.distance(model, rest, d), share) }
  self.digest = rows.digest(word, share, model, self.limit)
  return setmetatable(self, Strange)
end

-- ------------------------------------------------------------------- drift ---

--- Have the parts, or a model's scores of them, changed? See linewright.guard_drift.
---@param opts table signals: names; rows: reference; groups: the part of each row, where parts
---  have several; windows ({30, 100}); alpha (0.001): chance of a false alarm of a window, and
---  of `horizon` (1000) parts one by one; page_hinkley (true), delta (0.25 sd is forgiven),
---  lambda (else by a bootstrap of the reference, for each signal); adwin (false)
---@return table with add(row) -> alarm|nil, method; why(); reset(); state(), restore(t); digest
function guard.drift(opts) return guard_drift.new(opts) end

--- Population stability index with the limit that chance gives it; the folk limits 0.1 and
--- 0.25 alarm at nothing in small windows.
--- Source: B. Yurdakul, "Statistical Properties of Population Stability Index", 2018:
--- without drift it is (1/n + 1/m) times chi-square with bins - 1 degrees of freedom.
---@param reference linewright.Samples
---@param recent linewright.Samples
---@param alpha number|nil default 0.001
---@param bins integer|nil default 10
---@return boolean is_drift
---@return number psi
---@return number limit
function guard.psi(reference, recent, alpha, bins)
  bins = bins or 10
  local psi = dsp.psi(reference:copy(), recent:copy(), bins)
  local limit = (1 / #reference + 1 / #recent) * chances.chi_square(1 - (alpha or 0.001), bins - 1)
  return psi > limit, psi, limit
end

-- ------------------------------------------------------------ golden parts ---

--- The largest error rate that `errors` of `n` still allow; 0.1 % needs 2995 without an error.
guard.at_most = chances.at_most
--- Clopper-Pearson bounds of a rate.
guard.bounds = chances.bounds

local Golden = {}
Golden.__index = Golden
Golden.__metatable = "guard.golden"

--- Take what the inspection said of a part whose truth is known.
---@param is_right boolean
---@return string "ok", or "off": the inspection is off, all parts are a person's
---@return string|nil why
function Golden:add(is_right)
  self.n = self.n + 1
  if not is_right then self.errors = self.errors + 1 end
  local low = chances.bounds(self.errors, self.n, self.confidence)
  if self.errors > 0 and low > self.share then
    return "off", format("%d of %d known parts judged wrongly: more than %.3g %%", self.errors,
      self.n, 100 * self.share)
  end
  return "ok"
end

local GOLDEN = { share = true, confidence = true }

--- Known parts, good and bad, through the line now and then: off when their errors can no
--- longer be chance.
---@param opts table share (0.02): error rate that was promised; confidence (0.95)
---@return table
function guard.golden(opts)
  rows.known("guard.golden", opts, GOLDEN)
  return setmetatable({ n = 0, errors = 0,
    share = rows.number("guard.golden", opts, "share", 0.02, 0, 0.5),
    confidence = rows.number("guard.golden", opts, "confidence", 0.95, 0.5, 0.999999) }, Golden)
end

--- Count automatic rejects: true when the last `most` were all rejects, and from then on.
---@param most integer|nil default 5
---@return fun(outcome: string): boolean
function guard.rejects(most)
  local n = 0
  most = most or 5
  return function(outcome)
    if n < most then n = outcome == "reject" and n + 1 or 0 end
    return n >= most
  end
end

return guard

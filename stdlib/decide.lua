--- Decisions from uncertain judgements: a single confident mistake must not act.

local safe = require "linewright.safe"

local tostring = safe.plain

local format = string.format

local decide = {}

local KNOWN = { min = true, votes = true, of = true, ok = true }

local function share(opts, key, lo, hi)
  local v = opts[key]
  if type(v) == "number" and v >= lo and v <= hi then return v end
  return error(format("decide.gate: %s must be a number in %s..%s, not %s", key, lo, hi,
    tostring(v)), 3)
end

local function check(opts)
  if not safe.is_plain(opts) then error("decide.gate takes a plain table of options", 3) end
  for key in pairs(opts) do
    if not KNOWN[key] then
      error(format("decide.gate: unknown option '%s' (known: min, of, ok, votes)",
        tostring(key)), 3)
    end
  end
end

local function count(ring, what, of)
  local n = 0
  for i = 1, of do
    if ring[i] == what then n = n + 1 end
  end
  return n
end

--- Votes of the last `of` judgements: "defect" or "ok" when `votes` of them agree
--- with at least `min` confidence, else "unsure".
---@param opts table min: confidence 0..1; votes; of; ok: label of no defect (default "ok")
---@return function(label: string|nil, confidence: number|nil): string
function decide.gate(opts)
  check(opts)
  local least, of = share(opts, "min", 0, 1), share(opts, "of", 1, 1000)
  local votes, good = share(opts, "votes", 1, of), opts.ok or "ok"
  local ring, at = {}, 0
  return function(label, confidence)
    at = at % of + 1
    local is_sure = label ~= nil and confidence ~= nil and confidence >= least
    ring[at] = is_sure and (label == good and "ok" or "defect") or "unsure"
    if count(ring, "defect", of) >= votes then return "defect" end
    if count(ring, "ok", of) >= votes then return "ok" end
    return "unsure"
  end
end

-- ------------------------------------------------------------------ signals ---

local function options(what, opts, known)
  if not safe.is_plain(opts) then error(format("%s takes a plain table of options", what), 3) end
  for key in pairs(opts) do
    if not known[key] then
      local names = {}
      for name in pairs(known) do names[#names + 1] = name end
      table.sort(names)
      error(format("%s: unknown option '%s' (known: %s)", what, tostring(key),
        table.concat(names, ", ")), 3)
    end
  end
  for key, kind in pairs(known) do
    if kind == "number" and type(opts[key]) ~= "number" then
      error(format("%s: %s must be a number, not %s", what, key, tostring(opts[key])), 3)
    end
  end
  return opts
end

--- A switch with two limits, so that a score at a limit does not flutter.
---@param opts table on: at and beyond it is on; off: at and beyond it is off again
---@return function(x: number|nil): boolean a missing number keeps what was
function decide.hysteresis(opts)
  opts = options("decide.hysteresis", opts, { on = "number", off = "number" })
  local on, off = opts.on, opts.off
  if on == off then error("decide.hysteresis: on and off must differ", 2) end
  local is_rising, is_on = on > off, false
  return function(x)
    if x == nil or x ~= x then return is_on end
    if is_rising then
      if x >= on then is_on = true elseif x <= off then is_on = false end
    else
      if x <= on then is_on = true elseif x >= off then is_on = false end
    end
    return is_on
  end
end

--- A model's proposal for a set-point, made fit to be used: within limits, never
--- faster than a rate, beginning where the set-point is (bumpless).
---@param opts table lo, hi: limits; rate: most change per second
---@return function(proposed: number|nil, current: number, dt: number): number, string|nil
---  the set-point, and "clamped", "rate" or "missing" when it is not the proposal
function decide.proposal(opts)
  opts = options("decide.proposal", opts, { lo = "number", hi = "number", rate = "number" })
  local lo, hi, rate, last = opts.lo, opts.hi, opts.rate, nil
  if not (lo < hi and rate > 0) then
    error("decide.proposal: lo must be below hi and rate above 0", 2)
  end
  return function(proposed, current, dt)
    last = last or math.max(lo, math.min(hi, current))
    if proposed == nil or proposed ~= proposed then return last, "missing" end
    local wanted = math.max(lo, math.min(hi, proposed))
    local step = math.max(-rate * dt, math.min(rate * dt, wanted - last))
    local why = wanted ~= proposed and "clamped" or nil
    if step ~= wanted - last then why = "rate" end
    last = last + step
    return last, why
  end
end

-- ------------------------------------------------------------------- shadow ---

local Tally = {}
Tally.__index = Tally

--- Count one case: what was judged against what was true (a person's verdict, or
--- the champion's).
---@param said string
---@param truth string
function Tally:add(said, truth)
  if said == nil or truth == nil then return self end
  self.n = self.n + 1
  if said == truth then
    self.agreed = self.agreed + 1
  elseif truth == self.ok then
    self.false_alarms = self.false_alarms + 1
  elseif said == self.ok then
    self.missed = self.missed + 1
  else
    self.confused = self.confused + 1
  end
  return self
end

--- The counts as plain data, for r.record and r.decision.
---@return table n, agreed, missed, false_alarms, confused
function Tally:report()
  return { n = self.n, agreed = self.agreed, missed = self.missed, confused = self.confused,
    false_alarms = self.false_alarms }
end

--- Shadow mode: a model looks at live inputs without effect, and is scored
--- against what the operator did.
---@param opts table|nil ok: label of no defect (default "ok")
---@return table tally with add(said, truth) and report()
function decide.shadow(opts)
  opts = options("decide.shadow", opts or {}, { ok = "label" })
  return setmetatable({ ok = opts.ok or "ok", n = 0, agreed = 0, missed = 0, false_alarms = 0,
    confused = 0 }, Tally)
end

--- Champion and challenger: the champion's answer counts, the challenger's is
--- only compared. A challenger that fails costs the champion nothing.
---@param opts table champion, challenger: function(...) returning a label first; ok: as in shadow
---@return function(...): any ... the champion's answers
---@return table tally the challenger against the champion
function decide.challenge(opts)
  opts = options("decide.challenge", opts, { champion = "function", challenger = "function",
    ok = "label" })
  local tally = decide.shadow { ok = opts.ok }
  local function compare(...)
    local ok, said = pcall(opts.challenger, ...)
    return function(label, ...)
      tally:add(ok and said or nil, label)
      return label, ...
    end
  end
  return function(...) return compare(...)(opts.champion(...)) end, tally
end

return decide

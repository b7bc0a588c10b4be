--- Decisions from uncertain judgements: a single confident mistake must not act.

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
  if type(opts) ~= "table" then error("decide.gate takes a table of options", 3) end
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

return decide

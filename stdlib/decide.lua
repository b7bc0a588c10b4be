--- Decisions from uncertain judgements: a single confident mistake must not act.

local format = string.format

local decide = {}

local function share(opts, key, lo, hi)
  local v = opts[key]
  if type(v) ~= "number" or not (v >= lo and v <= hi) then
    error(format("decide.gate: %s must be a number in %s..%s, not %s", key, lo, hi, tostring(v)), 3)
  end
  return v
end

--- Votes of the last `of` judgements: "defect" or "ok" when `votes` of them agree
--- with at least `min` confidence, else "unsure".
---@param opts table min: confidence 0..1; votes; of; ok: the label that means no defect (default "ok")
---@return function(label: string, confidence: number): string
function decide.gate(opts)
  if type(opts) ~= "table" then error("decide.gate takes a table of options", 2) end
  for key in pairs(opts) do
    if key ~= "min" and key ~= "votes" and key ~= "of" and key ~= "ok" then
      error(format("decide.gate: unknown option '%s' (known: min, of, ok, votes)", tostring(key)), 2)
    end
  end
  local least, of = share(opts, "min", 0, 1), share(opts, "of", 1, 1000)
  local votes, good = share(opts, "votes", 1, of), opts.ok or "ok"
  local ring, at = {}, 0
  return function(label, confidence)
    at = at % of + 1
    local sure = label ~= nil and confidence ~= nil and confidence >= least
    ring[at] = sure and (label == good and 1 or 2) or 0
    local n_ok, n_defect = 0, 0
    for i = 1, of do
      if ring[i] == 1 then n_ok = n_ok + 1 elseif ring[i] == 2 then n_defect = n_defect + 1 end
    end
    if n_defect >= votes then return "defect" end
    if n_ok >= votes then return "ok" end
    return "unsure"
  end
end

return decide

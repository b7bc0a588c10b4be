-- "Did you mean ...?": the nearest known word to a misspelt one.

local suggest = {}

-- Edit distance with adjacent swaps (optimal string alignment), given up early
-- above `limit`. Source: Damerau, CACM 7(3), 1964; the usual three-row table.
local function distance(a, b, limit)
  local n, m = #a, #b
  if math.abs(n - m) > limit then return limit + 1 end
  local before, last = {}, {}
  for j = 0, m do last[j] = j end
  for i = 1, n do
    local row, best = { [0] = i }, i
    for j = 1, m do
      local same = a:byte(i) == b:byte(j)
      local d = math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same and 0 or 1))
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        d = math.min(d, before[j - 2] + 1)
      end
      row[j] = d
      if d < best then best = d end
    end
    if best > limit then return limit + 1 end
    before, last = last, row
  end
  return last[m]
end

--- The nearest of `words` to `word`, or nil when none is near.
---@param word string as written
---@param words table list of known words
---@return string|nil
function suggest.nearest(word, words)
  if type(word) ~= "string" then return nil end
  local lower = word:lower()
  local limit = math.max(1, math.floor(#word / 3))
  local best, best_d
  for _, known in ipairs(words) do
    local d = distance(lower, known:lower(), limit)
    if d <= limit and (not best_d or d < best_d) then best, best_d = known, d end
  end
  return best
end

--- " Did you mean 'x'?" or "".
---@param word string
---@param words table list of known words
---@return string
function suggest.text(word, words)
  local best = suggest.nearest(word, words)
  return best and (". Did you mean '%s'?"):format(best) or ""
end

return suggest

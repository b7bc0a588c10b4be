-- "Did you mean ...?": the nearest known word to a misspelt one.

local suggest = {}

-- The next row of the distance table, and its least entry.
local function next_row(a, b, i, last, before)
  local row, best, char = { [0] = i }, i, a:byte(i)
  local is_swap = i > 1 and a:byte(i - 1)
  for j = 1, #b do
    local cost = char == b:byte(j) and 0 or 1
    local d = math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + cost)
    if is_swap and char == b:byte(j - 1) and is_swap == b:byte(j) then
      d = math.min(d, before[j - 2] + 1)
    end
    row[j] = d
    if d < best then best = d end
  end
  return row, best
end

-- Edit distance with adjacent swaps (optimal string alignment), given up early
-- above `limit`. Source: Damerau, CACM 7(3), 1964; the usual three-row table.
local function distance(a, b, limit)
  if math.abs(#a - #b) > limit then return limit + 1 end
  local before, last = {}, {}
  for j = 0, #b do last[j] = j end
  for i = 1, #a do
    local row, best = next_row(a, b, i, last, before)
    before, last = last, row
    if best > limit then return limit + 1 end
  end
  return last[#b]
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
    local d = type(known) == "string" and distance(lower, known:lower(), limit) or limit + 1
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

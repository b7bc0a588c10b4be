-- Iteration in one fixed order. Lua's own `pairs` follows string hashes that are
-- seeded per process, so its order would make replay and messages differ.

local RANK = { number = 1, string = 2, boolean = 3 }

local function before(a, b)
  local ra, rb = RANK[type(a)], RANK[type(b)]
  if ra ~= rb then return ra < rb end
  if ra == 3 then return not a and b end
  return a < b
end

--- Keys of a table: numbers ascending, then strings, then booleans.
---@param t table keys must be numbers, strings or booleans
---@return table keys
local function keys(t)
  local out, n, plain = {}, 0, true
  for k in next, t do
    n = n + 1
    out[n] = k
    local kind = type(k)
    if kind ~= "string" then
      plain = false
      if not RANK[kind] then
        error("pairs: a key that is a " .. kind .. " has no fixed place in an order", 3)
      end
    end
  end
  if plain then table.sort(out) else table.sort(out, before) end
  return out
end

--- `pairs` in the order of `keys`; entries removed on the way are skipped.
---@param t table
---@return function iterator
local function sorted(t)
  local order, i = keys(t), 0
  return function()
    local k, v
    repeat
      i = i + 1
      k = order[i]
      if k == nil then return nil end
      v = t[k]
    until v ~= nil
    return k, v
  end
end

--- Put a list in order by one field of its items, and by another where that is equal.
---@param list table[]
---@param first string
---@param second string
local function by(list, first, second)
  table.sort(list, function(a, b)
    if a[first] ~= b[first] then return a[first] < b[first] end
    return a[second] < b[second]
  end)
end

return setmetatable({ by = by, keys = keys, pairs = sorted }, {
  __call = function(_, t) return sorted(t) end,
})

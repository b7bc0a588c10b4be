--- Long signals cut into parts that a plot can hold; offered by linewright.plot.

local floor = math.floor

local plot_reduce = {}

local NAN = 0 / 0

local function is_number(v) return v ~= nil and v - v == 0 end

local function add_bucket(s, i, t, n, min, max, mean, held)
  local y = is_number(held) and held or mean
  s.x[i], s.y[i] = t, is_number(y) and y or NAN
  s.lo[i], s.hi[i] = n > 0 and min or s.y[i], n > 0 and max or s.y[i]
end

--- A series from parts of a span, as `History:buckets` walks them.
---@param ... any the iterator
---@return table fields x, y, lo, hi, is_held of a series
function plot_reduce.buckets(...)
  local s = { x = {}, y = {}, lo = {}, hi = {}, is_held = true }
  local i, ends = 0, {}
  for t, n, min, max, mean, _, last, held in ... do
    i = i + 1
    add_bucket(s, i, t, n, min, max, mean, held)
    ends[i] = is_number(last) and last or nil
  end
  -- Where nothing is held any more the line ends at the value it had last.
  for k = 1, i do
    if ends[k] and not is_number(s.y[k + 1]) then s.y[k] = ends[k] end
  end
  return s
end

-- Mean, least and largest of a part.
local function figures(y, from, to)
  local lo, hi, sum, count = math.huge, -math.huge, 0, 0
  for i = from, to do
    local v = y[i]
    if is_number(v) then
      if v < lo then lo = v end
      if v > hi then hi = v end
      sum, count = sum + v, count + 1
    end
  end
  if count == 0 then return NAN, NAN, NAN end
  return sum / count, lo, hi
end

--- Cut a long signal into n parts, each with its mean, least and largest value.
---@param x number[]
---@param y number[]
---@param n integer
---@return table fields x, y, lo, hi of a series
function plot_reduce.reduce(x, y, n)
  local total = #y
  if total <= n then return { x = x, y = y } end
  local s = { x = {}, y = {}, lo = {}, hi = {} }
  for part = 1, n do
    local from, to = floor((part - 1) * total / n) + 1, floor(part * total / n)
    s.x[part], s.y[part], s.lo[part], s.hi[part] = x[from], figures(y, from, to)
  end
  return s
end

return plot_reduce

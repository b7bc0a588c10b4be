--- Scales of plots: spans of values, round numbers along an axis, times.

local calendar = require "linewright.calendar"

local floor, log10, format = math.floor, function(x) return math.log(x) / math.log(10) end,
  string.format

local scale = {}

local function is_number(v) return v ~= nil and v - v == 0 end

-- Widen a span of nothing, so that a constant lies in the middle.
local function widen(lo, hi)
  if hi - lo > 1e-12 * (math.abs(hi) + math.abs(lo)) then return lo, hi end
  local half = lo ~= 0 and math.abs(lo) * 0.05 or 0.5
  return lo - half, hi + half
end

--- The span of one coordinate over some series; nil when nothing is finite.
---@param series table[]
---@param fields string[] of each series: lists of numbers
---@return number? lo
---@return number? hi
function scale.span(series, fields)
  local lo, hi = math.huge, -math.huge
  for _, s in ipairs(series) do
    for _, field in ipairs(fields) do
      local list = s[field] or {}
      for i = 1, #list do
        local v = list[i]
        if is_number(v) then
          if v < lo then lo = v end
          if v > hi then hi = v end
        end
      end
    end
  end
  if lo > hi then return nil end
  return widen(lo, hi)
end

-- The round step (1, 2 or 5 times a power of ten) that cuts a span into at most n.
local function round_step(span, n)
  local raw = span / n
  local power = 10 ^ floor(log10(raw))
  for _, factor in ipairs { 1, 2, 5, 10 } do
    if factor * power >= raw * (1 - 1e-9) then return factor * power end
  end
end

--- Round numbers within a span.
---@param lo number
---@param hi number > lo
---@param n integer at most about so many
---@return { at: number, text: string }[]
function scale.ticks(lo, hi, n)
  local step, out = round_step(hi - lo, n), {}
  for i = math.ceil(lo / step - 1e-9), floor(hi / step + 1e-9) do
    local v = i * step
    out[#out + 1] = { at = v, text = format("%.12g", v == 0 and 0 or tonumber(format("%.10g", v))) }
  end
  return out
end

local STEPS_S = { 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600,
  43200, 86400, 172800, 604800, 1209600, 2592000 }

--- Round times within a span of UTC nanoseconds; ordinary seconds below one second.
---@param from_ns number
---@param to_ns number > from_ns
---@param n integer at most about so many
---@return { at: number, text: string }[]
function scale.times(from_ns, to_ns, n)
  local span_s, out, step = (to_ns - from_ns) / 1e9, {}, nil
  for _, s in ipairs(STEPS_S) do
    if span_s / s <= n then
      step = s
      break
    end
  end
  step = (step or round_step(span_s / 86400, n) * 86400) * 1e9
  local at = math.ceil(from_ns / step) * step
  while at <= to_ns do
    local text = calendar.text(at)
    local short = step >= 86400e9 and text:sub(6, 10) or step >= 60e9 and text:sub(12, 16)
      or text:sub(12, 19)
    out[#out + 1] = { at = at, text = short }
    at = at + step
  end
  return out
end

return scale

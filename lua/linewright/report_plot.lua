--- Plots of a run's readings as SVG, one per tag, for the HTML record.

local history = require "linewright.history"
local sys = require "linewright.sys"

local format = string.format

local report_plot = {}

local WIDTH, HEIGHT, LEFT = 640, 90, 70 -- of the area that is drawn, and labels beside it
local PARTS = 320
local PLOTS_MAX = 40

local function is_number(x) return x == x and x > -math.huge and x < math.huge end

-- What the line goes through in each part, and the span of all.
local function measure(h, tag, from, to)
  local parts, lo, hi = {}, math.huge, -math.huge
  for _, n, min, max, mean, _, _, held in h:buckets(tag, from, to, PARTS) do
    local part = { at = is_number(held) and held or mean, min = min, max = max }
    if n == 0 then part.min, part.max = part.at, part.at end
    if is_number(part.at) and is_number(part.min) and is_number(part.max) then
      lo, hi = math.min(lo, part.min), math.max(hi, part.max)
    else
      part.at = nil
    end
    parts[#parts + 1] = part
  end
  return parts, lo, hi
end

-- Where the parts have a value: runs of points, each a path of its own.
local function paths(parts, y)
  local line, band, open = {}, {}, false
  for i, part in ipairs(parts) do
    local x = LEFT + (i - 0.5) * WIDTH / PARTS
    if part.at then
      line[#line + 1] = format("%s%.1f %.1f", open and "L" or "M", x, y(part.at))
      band[#band + 1] = format("M%.1f %.1fV%.1f", x, y(part.min), y(part.max))
    end
    open = part.at ~= nil
  end
  return table.concat(line), table.concat(band)
end

local function label(x, y, anchor, text)
  return format('<text x="%.1f" y="%.1f" text-anchor="%s">%s</text>', x, y, anchor, text)
end

local function plot(h, tag, from, to)
  local parts, lo, hi = measure(h, tag, from, to)
  if lo > hi then return nil end
  if hi == lo then
    local half = lo ~= 0 and math.abs(lo) * 0.05 or 0.5
    lo, hi = lo - half, hi + half
  end
  local function y(value) return 5 + (hi - value) / (hi - lo) * HEIGHT end
  local line, band = paths(parts, y)
  return table.concat({
    format('<svg viewBox="0 0 %d %d" role="img">', LEFT + WIDTH + 5, HEIGHT + 10),
    format('<rect x="%d" y="5" width="%d" height="%d" fill="none" stroke="#999"/>', LEFT, WIDTH,
      HEIGHT),
    format('<path d="%s" stroke="#bcd" fill="none"/>', band),
    format('<path d="%s" stroke="#247" fill="none"/>', line),
    label(LEFT - 5, 13, "end", format("%.5g", hi)),
    label(LEFT - 5, HEIGHT + 5, "end", format("%.5g", lo)), "</svg>",
  }, "\n")
end

local function folder_of(db, run)
  local own = format("%s.history/run-%.0f", db, run)
  return sys.exists(own) and own or db .. ".history"
end

--- Plots of all tags of a run, in order of their names; none without a history.
---@param db string path of the database
---@param run number
---@param from number UTC [ns]
---@param to number UTC [ns]
---@return table[] plots name, unit, svg
function report_plot.all(db, run, from, to)
  local out = {}
  local h = sys.exists(db .. ".history") and history.open(folder_of(db, run))
  if not h or to <= from then return out end
  for name, unit in h:tags(from, to) do
    local svg = #out < PLOTS_MAX and plot(h, name, from, to)
    if svg then out[#out + 1] = { name = name, unit = unit, svg = svg } end
  end
  h:close()
  return out
end

return report_plot

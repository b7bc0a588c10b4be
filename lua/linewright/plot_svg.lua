--- The SVG face of linewright.plot: panels over one axis of x, states and phases
--- as strips under them, marks as lines through all.

local scale = require "linewright.plot_scale"

local format, concat = string.format, table.concat

local plot_svg = {}

local LEFT, RIGHT, GAP, STRIP = 64, 10, 18, 13
local COLORS = { "#1f5fa8", "#c05a00", "#3a8a3a", "#8a3a8a", "#a02c2c", "#4a6a72" }
local SHADES = { "#dce8f4", "#f4ead8", "#e2f0e2", "#f0e2f0" }

local ENTITY = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }
local function escape(text) return (tostring(text):gsub('[&<>"]', ENTITY)) end

local function is_number(v) return v ~= nil and v - v == 0 end

local function label(out, x, y, anchor, text, color)
  out(format('<text x="%.1f" y="%.1f" text-anchor="%s"%s>%s</text>', x, y, anchor,
    color and format(' fill="%s"', color) or "", escape(text)))
end

-- The path of a series and that of its band, broken where values are missing.
local function paths(s, x_of, y_of)
  local line, band, open = {}, {}, false
  for i = 1, #s.x do
    local y = s.y[i]
    if is_number(y) then
      local px, py = x_of(s.x[i]), y_of(y)
      if not open then
        line[#line + 1] = format("M%.1f %.1f", px, py)
      elseif s.is_held then
        line[#line + 1] = format("H%.1fV%.1f", px, py)
      else
        line[#line + 1] = format("L%.1f %.1f", px, py)
      end
      if s.lo and is_number(s.lo[i]) and is_number(s.hi[i]) and s.hi[i] > s.lo[i] then
        band[#band + 1] = format("M%.1f %.1fV%.1f", px, y_of(s.lo[i]), y_of(s.hi[i]))
      end
    end
    open = is_number(y)
  end
  return concat(line), concat(band)
end

local function dots(out, s, x_of, y_of, color)
  for i = 1, #s.x do
    if is_number(s.y[i]) then
      out(format('<circle cx="%.1f" cy="%.1f" r="2" fill="%s"/>', x_of(s.x[i]), y_of(s.y[i]),
        color))
    end
  end
end

local function draw_series(out, s, x_of, y_of, color)
  if s.is_points then return dots(out, s, x_of, y_of, color) end
  local line, band = paths(s, x_of, y_of)
  if band ~= "" then
    out(format('<path d="%s" stroke="%s" stroke-opacity="0.35" fill="none"/>', band, color))
  end
  out(format('<path d="%s" stroke="%s" stroke-width="1.2" fill="none"/>', line, color))
end

local function draw_titles(out, panel, top, width)
  local x = LEFT
  for i, s in ipairs(panel.series) do
    local text = s.unit and s.unit ~= "" and format("%s [%s]", s.name, s.unit) or s.name
    label(out, x, top - 4, "start", text, COLORS[(i - 1) % #COLORS + 1])
    x = math.min(x + 7 * #text + 14, width - 40)
  end
end

local function draw_scale(out, panel, top, o, y_of)
  for _, tick in ipairs(scale.ticks(panel.lo, panel.hi, 4)) do
    local y = y_of(tick.at)
    out(format('<path d="M%d %.1fH%d" stroke="#ddd"/>', LEFT, y, o.width - RIGHT))
    label(out, LEFT - 5, y + 4, "end", tick.text)
  end
  out(format('<rect x="%d" y="%d" width="%d" height="%d" fill="none" stroke="#999"/>', LEFT, top,
    o.width - LEFT - RIGHT, o.height))
end

local function draw_panel(out, panel, top, o, x_of)
  draw_titles(out, panel, top, o.width)
  if not panel.lo then
    label(out, LEFT + 8, top + 16, "start", "no good value in this time", "#666")
    return
  end
  local function y_of(v)
    return top + (panel.hi - v) / (panel.hi - panel.lo) * o.height
  end
  draw_scale(out, panel, top, o, y_of)
  for _, limit in ipairs(panel.limits) do
    local y = y_of(limit.y)
    out(format('<path d="M%d %.1fH%d" stroke="#a02c2c" stroke-dasharray="5 3"/>', LEFT, y,
      o.width - RIGHT))
    if limit.text then label(out, o.width - RIGHT - 3, y - 3, "end", limit.text, "#a02c2c") end
  end
  for i, s in ipairs(panel.series) do
    draw_series(out, s, x_of, y_of, COLORS[(i - 1) % #COLORS + 1])
  end
end

local function draw_axis(out, axis, top, o, x_of)
  local ticks = axis.is_time and scale.times(axis.from, axis.to, 8)
    or scale.ticks(axis.from, axis.to, 8)
  for _, tick in ipairs(ticks) do
    local x = x_of(tick.at)
    out(format('<path d="M%.1f %dv4" stroke="#999"/>', x, top))
    label(out, x, top + 15, "middle", tick.text)
  end
  if axis.label then
    local text = axis.unit and format("%s [%s]", axis.label, axis.unit) or axis.label
    label(out, (LEFT + o.width - RIGHT) / 2, top + 28, "middle", text)
  end
end

local function clamp(v, lo, hi) return v < lo and lo or v > hi and hi or v end

-- States and phases as coloured strips; returns how far down they reach.
local function draw_spans(out, picture, axis, top, x_of)
  local rows, row_n, n = {}, 0, 0
  for _, span in ipairs(picture.spans or {}) do
    local name = span.row or "spans"
    if not rows[name] then
      rows[name], row_n = row_n, row_n + 1
      label(out, LEFT - 5, top + rows[name] * (STRIP + 2) + 10, "end", name)
    end
    local from = clamp(span.from, axis.from, axis.to)
    local to = clamp(span.to or axis.to, axis.from, axis.to)
    local x, y, width = x_of(from), top + rows[name] * (STRIP + 2), x_of(to) - x_of(from)
    n = n + 1
    if width >= 0 and from < axis.to then
      out(format('<rect x="%.1f" y="%.1f" width="%.1f" height="%d" fill="%s"><title>%s</title>'
        .. '</rect>', x, y, math.max(width, 1), STRIP, SHADES[(n - 1) % #SHADES + 1],
        escape(span.text)))
      if width > 6.5 * #span.text + 4 then label(out, x + 2, y + 10, "start", span.text) end
    end
  end
  return row_n * (STRIP + 2)
end

local function draw_marks(out, picture, axis, top, bottom, x_of)
  for _, mark in ipairs(picture.marks or {}) do
    if mark.x >= axis.from and mark.x < axis.to then
      out(format('<path d="M%.1f %dV%d" stroke="#c00" stroke-dasharray="2 3"><title>%s</title>'
        .. '</path>', x_of(mark.x), top, bottom, escape(mark.text or mark.row or "")))
    end
  end
end

-- Inside HTML the name space is known; a file of its own has to say it.
local function head_text(o, height, is_inline)
  local space = is_inline and "" or ' xmlns="http://www.w3.org/2000/svg"'
  return format('<svg%s viewBox="0 0 %d %d" role="img" font-family="sans-serif" '
    .. 'font-size="11" fill="#222">', space, o.width, height)
end

--- Draw prepared panels.
---@param picture table of linewright.plot
---@param panels table[] series, lo, hi, limits
---@param axis table from, to, is_time, label, unit
---@param options table width, height, is_inline
---@return string svg
function plot_svg.text(picture, panels, axis, options)
  local o = { width = options.width or 720, height = options.height or 100 }
  local lines, y = {}, picture.title and 20 or 2
  local function out(line) lines[#lines + 1] = line end
  local function x_of(v)
    return LEFT + (v - axis.from) / (axis.to - axis.from) * (o.width - LEFT - RIGHT)
  end
  if picture.title then label(out, LEFT, 14, "start", picture.title) end
  local top = y + GAP
  for _, panel in ipairs(panels) do
    draw_panel(out, panel, y + GAP, o, x_of)
    y = y + GAP + o.height
  end
  draw_marks(out, picture, axis, top, y, x_of)
  draw_axis(out, axis, y, o, x_of)
  y = y + (axis.label and 34 or 22)
  y = y + draw_spans(out, picture, axis, y, x_of) + 2
  return head_text(o, y, options.is_inline) .. "\n" .. concat(lines, "\n") .. "\n</svg>"
end

return plot_svg

--- Plots: one description of a picture, drawn in a terminal (braille or stars) or
--- as SVG, which `linewright.raster` turns into PNG.
---
---   local picture = {
---     title = "batch 0417",                -- optional
---     x = { from = t0_ns, to = t1_ns, is_time = true }, -- UTC; or { label = "frequency",
---                                          -- unit = "Hz" }; from, to default to the data's
---     series = {
---       { name = "web.speed", unit = "m/min",
---         x = { ... }, y = { ... },        -- x ascending; a NaN in y breaks the line
---         lo = { ... }, hi = { ... },      -- optional band around y (least, largest)
---         is_held = true,                  -- a value holds to the next: steps, no slopes
---         is_points = true,                -- dots instead of a line
---         panel = "speeds" },              -- series of one panel share axes; default: own
---     },
---     limits = { { y = 118, text = "target", series = "gauge.mass" } },
---     spans = { { from = a, to = b, text = "Execute", row = "states" } },
---     marks = { { x = t, text = "gauge is bad", row = "alarms" } },
---   }
---   io.write(plot.text(picture, { columns = 80, rows = 8, is_ascii = false, is_color = false }))
---   local svg = plot.svg(picture, { width = 800, height = 110 })
---
--- A picture takes some thousands of points at most; of longer signals draw the
--- least and largest of equal parts: `plot.buckets(history:buckets(...))` for the
--- historian, `plot.reduce(x, y, n)` for lists.

local braille = require "linewright.plot_braille"
local calendar = require "linewright.calendar"
local plot_reduce = require "linewright.plot_reduce"
local plot_svg = require "linewright.plot_svg"
local printable = require "linewright.printable"
local scale = require "linewright.plot_scale"

local floor, format = math.floor, string.format

local plot = { buckets = plot_reduce.buckets, reduce = plot_reduce.reduce }

local LABEL_N = 11 -- characters left of an axis

local function is_number(v) return v ~= nil and v - v == 0 end

-- ------------------------------------------------------------------- layout ---

local function limits_of(picture, panel)
  local out = {}
  for _, limit in ipairs(picture.limits or {}) do
    for _, s in ipairs(panel.series) do
      if limit.series == nil or limit.series == s.name then out[#out + 1] = limit break end
    end
  end
  return out
end

local function span_of(picture, panel)
  local lo, hi = scale.span(panel.series, { "y", "lo", "hi" })
  for _, limit in ipairs(lo and limits_of(picture, panel) or {}) do
    lo, hi = math.min(lo, limit.y), math.max(hi, limit.y)
  end
  return lo, hi
end

-- Series by the axes they are drawn in, in their own order.
local function panels_of(picture)
  local panels, by_name = {}, {}
  for i, s in ipairs(picture.series) do
    local name = s.panel or i
    local panel = by_name[name]
    if not panel then
      panel = { series = {} }
      by_name[name], panels[#panels + 1] = panel, panel
    end
    panel.series[#panel.series + 1] = s
  end
  for _, panel in ipairs(panels) do
    panel.lo, panel.hi = span_of(picture, panel)
    panel.limits = limits_of(picture, panel)
  end
  return panels
end

local function axis_of(picture)
  local given = picture.x or {}
  local lo, hi = scale.span(picture.series, { "x" })
  local axis = { from = given.from or lo or 0, to = given.to or hi or 1, is_time = given.is_time,
    label = given.label, unit = given.unit }
  if not (axis.to > axis.from) then axis.to = axis.from + 1 end
  return axis
end

-- --------------------------------------------------------------------- text ---

local COLORS = { 36, 33, 35, 32, 34, 31 }

-- From one point to the next: up or down in one column, level or sloped across.
local function connect(canvas, a, b, is_held, color)
  if b.x <= a.x then return canvas:bar(b.x, a.y, b.y, color) end
  for x = a.x + 1, b.x do
    local y0 = is_held and a.y or floor(a.y + (b.y - a.y) * (x - 1 - a.x) / (b.x - a.x) + 0.5)
    local y1 = is_held and (x == b.x and b.y or a.y)
      or floor(a.y + (b.y - a.y) * (x - a.x) / (b.x - a.x) + 0.5)
    canvas:bar(x, y0, y1, color)
  end
end

local function draw_series(canvas, s, axis, panel, color)
  local function column(v)
    return floor((v - axis.from) / (axis.to - axis.from) * (canvas.dots_x - 1) + 0.5)
  end
  local function height(v)
    return floor((v - panel.lo) / (panel.hi - panel.lo) * (canvas.dots_y - 1) + 0.5)
  end
  local last
  for i = 1, #s.x do
    local y = s.y[i]
    local at = is_number(y) and { x = column(s.x[i]), y = height(y) }
    if at then
      canvas:dot(at.x, at.y, color)
      if last and not s.is_points then connect(canvas, last, at, s.is_held, color) end
      if s.lo and is_number(s.lo[i]) and is_number(s.hi[i]) then
        canvas:bar(at.x, height(s.lo[i]), height(s.hi[i]), color)
      end
    end
    last = at
  end
end

local function label(panel, row, rows)
  local last = rows - 1
  if row ~= 0 and row ~= last and not (last > 4 and row == floor(last / 2)) then
    return (" "):rep(LABEL_N)
  end
  local value, span = panel.hi - (panel.hi - panel.lo) * row / last, panel.hi - panel.lo
  if math.abs(value) < 1e-9 * span then value = 0 end
  return format("%" .. LABEL_N - 1 .. ".5g ", value)
end

local function title(panel)
  local names = {}
  for i, s in ipairs(panel.series) do
    names[i] = s.unit and s.unit ~= "" and format("%s [%s]", s.name, s.unit) or s.name
  end
  return printable(table.concat(names, "  "))
end

local function draw_panel(out, panel, axis, o)
  out(title(panel))
  if not panel.lo then return out((" "):rep(LABEL_N) .. " no good value in this time") end
  local canvas = braille.new(o.columns, o.rows, o.is_ascii)
  for i, s in ipairs(panel.series) do
    draw_series(canvas, s, axis, panel, o.is_color and COLORS[(i - 1) % #COLORS + 1] or nil)
  end
  local edge = o.is_ascii and "|" or "\226\148\130"
  for row = 0, o.rows - 1 do out(label(panel, row, o.rows) .. edge .. canvas:row(row)) end
end

local function axis_text(axis, columns)
  if not axis.is_time then
    local left, right = format("%.5g", axis.from), format("%.5g", axis.to)
    local middle = (axis.label or "") .. (axis.unit and " [" .. axis.unit .. "]" or "")
    local gap = math.max(2, columns - #left - #middle - #right)
    return left .. (" "):rep(floor(gap / 2)) .. middle .. (" "):rep(gap - floor(gap / 2)) .. right
  end
  local left, right = calendar.text(axis.from), calendar.text(axis.to - 1e3)
  -- The day is said once.
  if left:sub(1, 10) == right:sub(1, 10) then right = right:sub(12) end
  return left .. (" "):rep(math.max(1, columns - #left - #right)) .. right
end

-- Rows of names or signs under a plot, in the order they first come.
local function strips_of(picture, axis, columns)
  local strips, by_name = {}, {}
  local function add(item, at, is_mark)
    local name = item.row or (is_mark and "marks" or "spans")
    local strip = by_name[name]
    if not strip then
      strip = { name = name, items = {}, is_mark = is_mark }
      by_name[name], strips[#strips + 1] = strip, strip
    end
    local x = floor((at - axis.from) / (axis.to - axis.from) * columns)
    strip.items[#strip.items + 1] = { at = math.max(0, math.min(columns - 1, x)), text = item.text }
  end
  for _, span in ipairs(picture.spans or {}) do
    if span.from < axis.to and (span.to or axis.to) > axis.from then add(span, span.from, false) end
  end
  for _, mark in ipairs(picture.marks or {}) do
    if mark.x >= axis.from and mark.x < axis.to then add(mark, mark.x, true) end
  end
  return strips
end

local function write(cells, at, text)
  for k = 1, #text do cells[at + k] = text:sub(k, k) end
end

local function blank(columns)
  local cells = {}
  for i = 1, columns do cells[i] = " " end
  return cells
end

-- Names of spans that last long enough to hold them; the last one always, it
-- says how things stand.
local function span_cells(strip, columns)
  local cells, edge, last = blank(columns), columns, #strip.items
  for i = last, 1, -1 do
    local text, at = printable(strip.items[i].text), strip.items[i].at
    if i == last then at = math.min(at, columns - #text) end
    if at >= 0 and at + #text <= edge then
      write(cells, at, text)
      edge = at - 1
    end
  end
  return cells
end

local function strip_text(strip, columns)
  local cells
  if strip.is_mark then
    cells = blank(columns)
    for _, item in ipairs(strip.items) do write(cells, item.at, "!") end
  else
    cells = span_cells(strip, columns)
  end
  return (table.concat(cells):gsub(" +$", ""))
end

--- Draw in characters.
---@param picture table see the head of this file
---@param options table? columns (of the plot, without labels; default 68), rows (of each panel,
---  default 8), is_ascii, is_color
---@return string text lines
function plot.text(picture, options)
  local o = options or {}
  o = { columns = o.columns or 68, rows = math.max(2, o.rows or 8), is_ascii = o.is_ascii,
    is_color = o.is_color }
  local lines, axis = {}, axis_of(picture)
  local function out(line) lines[#lines + 1] = line end
  if picture.title then out(printable(picture.title)) end
  for _, panel in ipairs(panels_of(picture)) do draw_panel(out, panel, axis, o) end
  out((" "):rep(LABEL_N + 1) .. axis_text(axis, o.columns))
  for _, strip in ipairs(strips_of(picture, axis, o.columns)) do
    out(format("%-" .. LABEL_N + 1 .. "s%s", strip.name, strip_text(strip, o.columns)))
  end
  return table.concat(lines, "\n") .. "\n"
end

--- Draw as SVG: one element, no style sheet, no network.
---@param picture table see the head of this file
---@param options table? width [px], height of each panel [px], is_inline (part of an HTML page)
---@return string svg
function plot.svg(picture, options)
  return plot_svg.text(picture, panels_of(picture), axis_of(picture), options or {})
end

return plot

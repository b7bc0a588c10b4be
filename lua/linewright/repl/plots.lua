--- `plot(...)`: one word for every picture, with good defaults. What it was given
--- decides: samples, lists, channels, a table of named series.

local graphics = require "linewright.repl.graphics"
local plot_of = require "linewright.plot"
local show = require "linewright.repl.show"

local plots = {}

local LABEL_N = 12       -- columns left of the plot
local PICTURE_PARTS = 1600
local PLOTS_MAX = 50
local NS = 1e9
local YEAR_2000_S = 946684800 -- a time base that begins later counts from 1970

local function list_of(s)
  local out = {}
  for i = 1, #s, 200 do
    local values = { s:unpack(i, math.min(#s, i + 199)) }
    for k = 1, math.min(200, #s - i + 1) do out[i + k - 1] = values[k] or 0 / 0 end
  end
  return out
end

-- ------------------------------------------------------------------- series --

-- First place, step and kind of axis of samples.
local function base_of(s)
  local rate, t0 = s:rate()
  if not (rate > 0) then return 1, 1, "count" end
  if t0 > YEAR_2000_S then return t0 * NS, NS / rate, "time" end
  return t0, 1 / rate, "seconds"
end

-- Samples, drawn as least and largest of as many parts as there are dots.
local function from_samples(s, name, along)
  local first, step, axis = base_of(s)
  local function draw(parts)
    local lo, hi, mean = nil, nil, s
    local wide, x = step, {}
    if #s > 2 * parts then
      lo, hi, mean = s:parts(parts)
      wide = step * #s / parts
    end
    for i = 1, #mean do x[i] = first + (i - 1) * wide end
    return { x = x, y = list_of(mean), lo = lo and list_of(lo), hi = hi and list_of(hi) }
  end
  return { name = name, unit = s:unit(), axis = along or axis, draw = draw }
end

-- A list of numbers, or of {x, y} pairs.
local function from_list(t, name)
  local is_pairs = type(t[1]) == "table"
  return {
    name = name, unit = t.unit or "", axis = is_pairs and "x" or "count",
    draw = function(parts)
      local x, y = {}, {}
      for i = 1, #t do
        x[i], y[i] = is_pairs and t[i][1] or i, is_pairs and t[i][2] or t[i]
      end
      return plot_of.reduce(x, y, 2 * parts)
    end,
  }
end

local function is_list(t)
  local first = rawget(t, 1)
  return type(first) == "number" or type(first) == "table" and type(first[1]) == "number"
end

-- ---------------------------------------------------------------- arguments --

local OPTIONS = { title = true, rows = true, columns = true, x = true, together = true }

local add

local function add_named(s, out, t)
  local names = {}
  for name in pairs(t) do
    if type(name) == "string" and not OPTIONS[name] then names[#names + 1] = name end
  end
  table.sort(names)
  for _, name in ipairs(names) do add(s, out, t[name], name) end
  for name in pairs(OPTIONS) do
    if t[name] ~= nil then out.options[name] = t[name] end
  end
  for i = 1, #t do add(s, out, t[i]) end
end

local function unknown(x)
  error(("plot: samples, lists of numbers, channels or a table of them are wanted, got %s"):format(
    type(x) == "string" and "'" .. x .. "', which is no channel at hand" or type(x)), 0)
end

-- What is known of a channel: of the newest rig first.
local function recorded(s, path)
  for i = #s.recorded, 1, -1 do
    local samples = s.recorded[i](path)
    if samples then return samples end
  end
end

function add(s, out, x, name)
  name = name or s.names[x] or "series " .. #out + 1
  if show.is_samples(x) then
    out[#out + 1] = from_samples(x, name, s.axes[x])
  elseif type(x) == "string" then
    out[#out + 1] = from_samples(recorded(s, x) or unknown(x), x)
  elseif type(x) ~= "table" then
    unknown(x)
  else
    local meta = getmetatable(x)
    local own = type(meta) == "table" and meta.__plot
    if own then return add_named(s, out, own(x)) end
    if is_list(x) then out[#out + 1] = from_list(x, name) else add_named(s, out, x) end
  end
end

local AXES = {
  time = { is_time = true }, seconds = { label = "time", unit = "s" },
  count = { label = "sample" }, x = {}, frequency = { label = "frequency", unit = "Hz" },
}

-- Series of one unit share axes unless `together` says otherwise.
local function panel_of(list, item)
  if list.options.together == false then return nil end
  if list.options.together or item.unit ~= "" then return "unit " .. item.unit end
  return #list <= 4 and "unit " or nil
end

local function picture_of(list, parts)
  local picture = { title = list.options.title, x = list.options.x or AXES[list[1].axis],
    series = {}, marks = list.marks, spans = list.spans }
  for i, item in ipairs(list) do
    local series = item.draw(parts)
    series.name, series.unit = item.name, item.unit
    series.panel, series.is_held = panel_of(list, item), item.is_held
    picture.series[i] = series
  end
  return picture
end

-- ------------------------------------------------------------------- output --

local Plot = {}
Plot.__index, Plot.__class = Plot, "Plot"

--- As text for a terminal.
local function text_of(s, list)
  local o, asked = s.options, list.options
  local columns = math.max(16, math.min(asked.columns or 400, o.columns - LABEL_N))
  return plot_of.text(picture_of(list, 2 * columns), { columns = columns,
    rows = asked.rows or math.max(4, math.min(12, o.rows - 8)), is_ascii = o.is_ascii,
    is_color = o.is_color })
end

Plot.__show = function(self)
  local s = self.session
  if s.options.graphics then
    local picture = graphics.picture(s.options.graphics, self:svg())
    if picture then return picture end
  end
  return (text_of(s, self.list):gsub("\n$", ""))
end

--- The picture as SVG.
---@return string
function Plot:svg()
  return plot_of.svg(picture_of(self.list, PICTURE_PARTS), { width = 900, height = 180 })
end

--- Write the picture to a file ending in .svg or .png.
---@param path string
function Plot:save(path)
  local sys = require "linewright.sys"
  local ok, message = sys.write_file(path, plots.bytes(self, path))
  if not ok then error("E-IO " .. message, 2) end
  return path
end

--- A plot as the bytes of a file.
---@param p table
---@param path string
---@return string
function plots.bytes(p, path)
  local svg = p:svg()
  if not path:find "%.png$" then return svg end
  return graphics.png(svg)
end

local function plot(s, ...)
  local list = { options = {} }
  for i = 1, select("#", ...) do add(s, list, (select(i, ...))) end
  if #list == 0 then error("plot: nothing to draw", 0) end
  local self = setmetatable({ list = list, session = s }, Plot)
  s.plots[#s.plots + 1] = self
  if #s.plots > PLOTS_MAX then table.remove(s.plots, 1) end
  return self
end

--- The words of this group.
---@param s table session
---@return table
function plots.words(s)
  return {
    plot = function(...)
      local ok, result = pcall(plot, s, ...)
      if not ok then error(result, 2) end
      return result
    end,
  }
end

return plots

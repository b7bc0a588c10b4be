--- The plots of an HTML record: readings with their set-points, control charts of
--- results, the roll map of defects.

local history = require "linewright.history"
local plot = require "linewright.plot"
local report_quality = require "linewright.report_quality"
local sys = require "linewright.sys"

local format = string.format

local report_plot = {}

local PARTS = 240
local PLOTS_MAX = 250
local SIZE = { width = 720, height = 80, is_inline = true }

local function folder_of(db, run)
  local own = format("%s.history/run-%.0f", db, run)
  return sys.exists(own) and own or db .. ".history"
end

-- A set-point and the reading beside it have one unit and one place:
-- oven.zones[1].setpoint and oven.zones[1].temp.
local function groups_of(h, from, to)
  local groups, by_key = {}, {}
  for name, unit in h:tags(from, to) do
    local key = (name:match "^(.*)%.[^.]*$" or name) .. "\0" .. unit
    local group = by_key[key]
    if not group then
      group = { unit = unit }
      by_key[key], groups[#groups + 1] = group, group
    end
    group[#group + 1] = name
  end
  return groups
end

local function has_value(s)
  for _, y in ipairs(s.y) do
    if y == y then return true end
  end
  return false
end

local function picture_of(h, group, from, to, marks)
  local series = {}
  for _, name in ipairs(group) do
    local s = plot.buckets(h:buckets(name, from, to, PARTS))
    s.name, s.unit, s.panel = name, group.unit, "p"
    if has_value(s) then series[#series + 1] = s end
  end
  return #series > 0 and { x = { from = from, to = to, is_time = true }, series = series,
    marks = marks } or nil
end

local function alarm_marks(r)
  local marks = {}
  for i, a in ipairs(r.alarms) do marks[i] = { x = a.t, text = a.text } end
  return marks
end

--- Plots of all tags of a run, in order of their names; none without a history.
---@param db string path of the database
---@param run number
---@param r table of report.read
---@return string[] svg
---@return integer left_out plots beyond what a page holds
function report_plot.readings(db, run, r)
  local out, left_out = {}, 0
  local from, to = r.begun_wall, r.ended_wall
  local h = sys.exists(db .. ".history") and history.open(folder_of(db, run))
  if not h or not from or to <= from then return out, 0 end
  local marks = alarm_marks(r)
  for _, group in ipairs(groups_of(h, from, to)) do
    if #out >= PLOTS_MAX then
      left_out = left_out + 1
    else
      local picture = picture_of(h, group, from, to, marks)
      if picture then out[#out + 1] = plot.svg(picture, SIZE) end
    end
  end
  h:close()
  return out, left_out
end

local function line_at(limits, y, text)
  if y then limits[#limits + 1] = { y = y, text = text } end
end

--- The control chart of a result: its values in order, its limits, where Nelson's
--- rules begin to hold.
---@param q table of report_quality.results
---@return string svg
function report_plot.chart(q)
  local s = { name = q.name, unit = q.unit, x = {}, y = {} }
  for i, v in ipairs(q.values) do s.x[i], s.y[i] = i, v.value end
  local dots = { name = q.name, panel = "p", is_points = true, x = s.x, y = s.y }
  s.panel = "p"
  local limits, marks = {}, {}
  line_at(limits, q.lo, "lower limit")
  line_at(limits, q.hi, "upper limit")
  line_at(limits, q.target, "target")
  for i, v in ipairs(q.nelson) do
    marks[i] = { x = v.index, text = format("Nelson %d: %s", v.rule, v.text) }
  end
  return plot.svg({ x = { from = 0.5, to = #q.values + 0.5, label = "value" }, series = { s, dots },
    limits = limits, marks = marks }, SIZE)
end

--- The roll map: marks along the product, one colour for each kind; higher is surer.
---@param r table of report.read
---@return string|nil svg nil when no mark has a place
function report_plot.roll(r)
  local marks, length = report_quality.roll(r)
  if #marks == 0 or length <= 0 then return nil end
  local series, by_name = {}, {}
  for _, m in ipairs(marks) do
    local s = by_name[m.name]
    if not s then
      s = { name = m.name, panel = "p", is_points = true, x = {}, y = {} }
      by_name[m.name], series[#series + 1] = s, s
    end
    s.x[#s.x + 1], s.y[#s.y + 1] = m.at, m.confidence or 1
  end
  local unit = r.counts[1] and r.counts[1].unit
  return plot.svg({ x = { from = 0, to = length, label = "place", unit = unit }, series = series },
    SIZE)
end

return report_plot

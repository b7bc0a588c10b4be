--- A picture of what was recorded of some tags during a run, with its states,
--- phases and alarms; for `linewright trend`, and for whoever has a store at hand.

local history = require "linewright.history"
local plot = require "linewright.plot"
local sys = require "linewright.sys"

local format = string.format

local trend = {}

local function rows(store, sql, ...)
  local q = assert(store:sql(sql, ...))
  return function()
    local row = { q:row() }
    if row[1] then return row[2], row[3], row[4] end
  end
end

--- The folder of a run's readings.
---@param store table linewright.store
---@param run number
---@return string
function trend.folder(store, run)
  local own = format("%s.history/run-%.0f", store:path(), run)
  return sys.exists(own) and own or store:path() .. ".history"
end

--- From the first record of a run to its newest.
---@param store table linewright.store
---@param run number
---@return number|nil from_ns nil: it has no records
---@return number|nil to_ns
function trend.span(store, run)
  -- A microsecond beyond: as a number of Lua the next nanosecond is the same.
  return rows(store, "SELECT min(wall_ns), max(wall_ns) + 1000 FROM record WHERE run = ?1", run)()
end

local function spans_of(store, run)
  local out = {}
  for name, from, to in rows(store, "SELECT state, from_ns, to_ns FROM state_times WHERE run = ?1"
    .. " ORDER BY id", run) do
    out[#out + 1] = { row = "states", text = name, from = from, to = to }
  end
  for name, from, to in rows(store, "SELECT name, from_ns, to_ns FROM phases WHERE run = ?1"
    .. " ORDER BY id", run) do
    out[#out + 1] = { row = "phases", text = name, from = from, to = to }
  end
  return out
end

local function marks_of(store, run)
  local out = {}
  for text, t in rows(store, "SELECT text, t_ns FROM alarms WHERE run = ?1 ORDER BY t_ns", run) do
    out[#out + 1] = { row = "alarms", text = text, x = t }
  end
  return out
end

local function units_of(h, from, to)
  local out = {}
  for name, unit in h:tags(from, to) do out[name] = unit end
  return out
end

--- What to say of a tag that was not recorded.
---@param tag string
---@return string
function trend.missing(tag)
  return format("nothing was recorded of '%s'; `linewright trend` without a tag lists what there "
    .. "is", tag)
end

local function series_of(h, tags, span, options)
  local units, out = units_of(h, span.from, span.to), {}
  for i, tag in ipairs(tags) do
    if not units[tag] then
      return nil, trend.missing(tag)
    end
    local s = plot.buckets(h:buckets(tag, span.from, span.to, options.parts))
    s.name, s.unit = tag, units[tag]
    if options.is_together then s.panel = units[tag] end
    out[i] = s
  end
  return out
end

--- A picture for linewright.plot.
---@param store table linewright.store
---@param run number
---@param tags string[]
---@param span { from: number, to: number } UTC [ns]
---@param options table parts: how many in which the span is cut; is_together: tags of one unit
---  share their axes
---@return table|nil picture
---@return string|nil message
function trend.picture(store, run, tags, span, options)
  local h, message = history.open(trend.folder(store, run))
  if not h then return nil, message end
  local series, missing = series_of(h, tags, span, options)
  h:close()
  if not series then return nil, missing, "E-NOTFOUND" end
  return { x = { from = span.from, to = span.to, is_time = true }, series = series,
    spans = spans_of(store, run), marks = marks_of(store, run) }
end

return trend

--- Local days, weeks, months and shifts as spans of UTC nanoseconds, for questions.
--- `ctx` is the asker's: now_ns, offset(t_ns) -> seconds ahead of UTC, shifts.

local calendar = require "linewright.calendar"
local tongue = require "linewright.query_tongue"

local floor = math.floor
local message = tongue.message

local query_days = {}

local DAY_S = 86400
local WORDS = { THIS_WEEK = "this week", LAST_WEEK = "last week", THIS_MONTH = "this month",
  LAST_MONTH = "last month" }

--- Midnight, or a minute of a local day, as UTC ns.
---@param ctx table offset(t_ns) -> seconds ahead of UTC
---@param days integer from 1970-01-01
---@param minute number?
---@return number ns
function query_days.instant(ctx, days, minute)
  local wanted = (days * DAY_S + (minute or 0) * 60) * 1e9
  -- The zone's offset belongs to the instant that is looked for: ask twice, so
  -- that it is right on the days that clocks are changed.
  local t = wanted - ctx.offset(wanted) * 1e9
  return wanted - ctx.offset(t) * 1e9
end

--- The local day of an instant, counted from 1970-01-01.
---@param ctx table
---@param t_ns number
---@return integer
function query_days.of(ctx, t_ns)
  return floor((t_ns / 1e9 + ctx.offset(t_ns)) / DAY_S)
end

--- An instant in local time.
---@param ctx table
---@param t_ns number
---@return string
function query_days.text(ctx, t_ns) return calendar.text(t_ns, ctx.offset(t_ns)) end

--- A span of whole local days, not beyond now.
---@param ctx table
---@param first integer
---@param last integer the day after
---@param words table message
---@return table span
function query_days.span(ctx, first, last, words)
  local from, to = query_days.instant(ctx, first), query_days.instant(ctx, last)
  return { from_ns = from, to_ns = math.min(to, math.max(ctx.now_ns, from)), words = words }
end

local function month_start(today, back)
  local year, month = calendar.date(today)
  return calendar.days(year, month - back, 1)
end

local calendar_span = {}

function calendar_span.THIS_WEEK(today) return today - calendar.weekday(today) + 1, today + 1 end

function calendar_span.LAST_WEEK(today)
  local monday = today - calendar.weekday(today) + 1
  return monday - 7, monday
end

function calendar_span.THIS_MONTH(today) return month_start(today, 0), today + 1 end

function calendar_span.LAST_MONTH(today) return month_start(today, 1), month_start(today, 0) end

-- Begins of shifts around now, in order of time.
local function shift_starts(ctx)
  local today, out = query_days.of(ctx, ctx.now_ns), {}
  for days = today - 2, today do
    for _, s in ipairs(ctx.shifts) do
      local t = query_days.instant(ctx, days, s.minute)
      if t <= ctx.now_ns then out[#out + 1] = { t_ns = t, name = s.name } end
    end
  end
  return out
end

local function shift_span(ctx, symbol)
  if not ctx.shifts then
    return nil, message("no shift calendar is known: give --shifts 06:00,14:00,22:00, or shifts "
      .. "in the line profile")
  end
  local starts = shift_starts(ctx)
  local n = #starts
  if symbol == "THIS_SHIFT" then
    return { from_ns = starts[n].t_ns, to_ns = ctx.now_ns, words = message "this shift",
      note = message("shift %s", starts[n].name) }
  end
  return { from_ns = starts[n - 1].t_ns, to_ns = starts[n].t_ns, words = message "last shift",
    note = message("shift %s", starts[n - 1].name) }
end

--- The span of a word: this week, last month, last shift ...
---@param ctx table
---@param symbol string|nil of query_words
---@return table|nil span nil: no such word, or not known
---@return table|nil why
function query_days.word(ctx, symbol)
  if symbol == "LAST_SHIFT" or symbol == "THIS_SHIFT" then return shift_span(ctx, symbol) end
  local days = calendar_span[symbol]
  if not days then return nil end
  local first, last = days(query_days.of(ctx, ctx.now_ns))
  return query_days.span(ctx, first, last, message(WORDS[symbol]))
end

return query_days

--- Spans of time in words, for questions: from the tokens of linewright.query_words
--- to two instants, or to so many newest batches. Each span says itself back in
--- words that are read the same way. Words and refusals are messages of query_tongue.

local calendar = require "linewright.calendar"
local query_days = require "linewright.query_days"
local tongue = require "linewright.query_tongue"

local floor = math.floor
local message = tongue.message

local query_time = {}

local DAY_S = 86400
local WEEKDAYS = { "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY" }
local WEEKDAY_OF = {}
for i, name in ipairs(WEEKDAYS) do WEEKDAY_OF[name] = i end
local DAY_WORD = { TODAY = 0, YESTERDAY = 1, BEFORE_YESTERDAY = 2 }
local WORDS = { TODAY = "today", YESTERDAY = "yesterday",
  BEFORE_YESTERDAY = "the day before yesterday" }
local UNIT_S = { HOUR = 3600, MINUTE = 60, MIN = 60, DAY = DAY_S, WEEK = 7 * DAY_S }
-- A hundred years: nanoseconds in 63 bits reach further from any now.
local SPAN_S_MAX = 36525 * DAY_S
local ROLLING = { HOUR = "last %.14g hours", MINUTE = "last %.14g minutes",
  MIN = "last %.14g minutes", DAY = "last %.14g days", WEEK = "last %.14g weeks" }
local BATCH_WORD = { BATCH = true, BATCHES = true, BATCH_END = true }

-- ---------------------------------------------------------------- instants ---

local function symbol_at(tokens, i) return tokens[i] and tokens[i].symbol end

-- The day that begins at tokens[i]; the next index, or nil.
local function day_at(tokens, i, ctx)
  local token = tokens[i]
  if not token then return nil end
  if token.kind == "date" then
    local days = calendar.days_of(token.year, token.month, token.day)
    if days then return i + 1, days end
    return nil, message("there is no day %s", token.text_as_written)
  end
  local today = query_days.of(ctx, ctx.now_ns)
  local back = DAY_WORD[token.symbol]
  if back then return i + 1, today - back end
  local weekday = WEEKDAY_OF[token.symbol]
  if not weekday then return nil end
  back = (calendar.weekday(today) - weekday) % 7
  if back == 0 then
    return nil, message("today is %s: write today or a date", token.text_as_written)
  end
  return i + 1, today - back
end

local function minute_at(tokens, i)
  local token = tokens[i]
  return token and token.kind == "time" and token.minute or nil
end

local function day_or_today(tokens, i, ctx)
  local next_i, days = day_at(tokens, i, ctx)
  if next_i or days then return next_i, days end
  if minute_at(tokens, i) then return i, query_days.of(ctx, ctx.now_ns) end
end

-- A day with or without a time, a time of today, or now.
local function instant_at(tokens, i, ctx)
  if symbol_at(tokens, i) == "NOW" then return i + 1, { t_ns = ctx.now_ns } end
  local next_i, days = day_or_today(tokens, i, ctx)
  if not next_i then return nil, days end
  local minute = minute_at(tokens, next_i)
  local at = { t_ns = query_days.instant(ctx, days, minute), days = days, minute = minute }
  return minute and next_i + 1 or next_i, at
end

local function end_of(ctx, at)
  if at.minute or not at.days then return at.t_ns end
  return query_days.instant(ctx, at.days + 1)
end

local function instant_text(ctx, t_ns)
  return t_ns == ctx.now_ns and message "now" or query_days.text(ctx, t_ns):sub(1, 16)
end

local function range(ctx, from_ns, to_ns)
  if not (to_ns > from_ns) then
    return nil, message("%s is not before %s", query_days.text(ctx, from_ns),
      query_days.text(ctx, to_ns))
  end
  return { from_ns = from_ns, to_ns = to_ns, words = message("from %s to %s",
    instant_text(ctx, from_ns), instant_text(ctx, to_ns)) }
end

local function since(ctx, at)
  if at.t_ns >= ctx.now_ns then
    return nil, message("%s is not in the past", query_days.text(ctx, at.t_ns))
  end
  return { from_ns = at.t_ns, to_ns = ctx.now_ns,
    words = message("since %s", instant_text(ctx, at.t_ns)) }
end

local phrases = {}

-- this week, last month, last shift
phrases[1] = function(tokens, i, ctx)
  local span, why = query_days.word(ctx, symbol_at(tokens, i))
  return span and i + 1, span or why
end

local function newest_batches(n)
  if n < 1 or n > 100000 or n ~= floor(n) then
    return nil, message("last %s batches: a whole number from 1 is wanted", tostring(n))
  end
  return { batches = n, words = n == 1 and message "last batch"
    or message("last %d batches", n) }
end

-- So much time before now; a word, when it may mean two things.
local function rolling(ctx, unit, number)
  if not UNIT_S[unit] then
    return nil, message "last what? write last shift, last 3 batches, last 8 hours"
  end
  if not number and (unit == "DAY" or unit == "WEEK") then
    return nil, message "last day may be two things: write yesterday or last 24 hours"
  end
  local n = number and number.value or 1
  local span_s = n * UNIT_S[unit]
  if not (n > 0 and n < 1e6 and span_s < SPAN_S_MAX) then
    return nil, message("'%s' is no time", number.text)
  end
  return { from_ns = ctx.now_ns - span_s * 1e9, to_ns = ctx.now_ns,
    words = message(ROLLING[unit], n) }
end

local function last_of(unit, number, ctx)
  if BATCH_WORD[unit] then return newest_batches(number and number.value or 1) end
  return rolling(ctx, unit, number)
end

-- last batch, last 3 batches, last 2 hours, last hour
phrases[2] = function(tokens, i, ctx)
  if symbol_at(tokens, i) == "LAST_BATCH" then return i + 1, (newest_batches(1)) end
  if symbol_at(tokens, i) ~= "LAST" then return nil end
  local number = tokens[i + 1] and tokens[i + 1].kind == "number" and tokens[i + 1] or nil
  local last_i = number and i + 2 or i + 1
  local span, why = last_of(symbol_at(tokens, last_i), number, ctx)
  return span and last_i + 1, span or why
end

local OPENERS = { SINCE = true, FROM = true, BETWEEN = true }
-- How a span may be joined, by the word that opened it.
local JOINTS = { [false] = { TO = true, RANGE = true }, FROM = { TO = true },
  BETWEEN = { AND = true }, SINCE = {} }

local CLOSERS = { SINCE_END = true, ON_END = true }

local function close_range(tokens, i, ctx, first, last)
  if symbol_at(tokens, i) == "BETWEEN_END" then i = i + 1 end
  local span, why = range(ctx, first.t_ns, end_of(ctx, last))
  return span and i, span or why
end

-- from A to B, between A and B, A..B, A..
local function second_half(tokens, i, ctx, first, opener)
  local joint = symbol_at(tokens, i)
  if not JOINTS[opener][joint] then return nil end
  local next_i, last = instant_at(tokens, i + 1, ctx)
  if next_i then return close_range(tokens, next_i, ctx, first, last) end
  if last then return nil, last end
  if joint ~= "RANGE" then return nil, message "a time is missing at the end of the span" end
  local span, why = since(ctx, first)
  return span and i + 1, span or why
end

local function lone_instant(ctx, token, at)
  if at.minute or not at.days then
    return nil, message("%s is an instant; write since, or from ... to ...",
      instant_text(ctx, at.t_ns))
  end
  local words = WORDS[token.symbol]
  words = words and message(words) or message("on %s", query_days.text(ctx, at.t_ns):sub(1, 10))
  return query_days.span(ctx, at.days, at.days + 1, words)
end

-- What follows the first instant, when it is no second one.
local function one_sided(tokens, i, ctx, first, opener)
  local is_closed = CLOSERS[symbol_at(tokens, i)]
  if opener == "SINCE" or is_closed and opener ~= "BETWEEN" then
    local span, why = since(ctx, first)
    return span and (is_closed and i + 1 or i), span or why
  end
  return nil, message "where does the span end? write from ... to ..., or since ..."
end

-- What follows a first instant.
local function after_first(tokens, i, ctx, first, opener)
  local next_i, span = second_half(tokens, i, ctx, first, opener)
  if next_i or span then return next_i, span end
  if opener or CLOSERS[symbol_at(tokens, i)] then
    return one_sided(tokens, i, ctx, first, opener)
  end
  local why
  span, why = lone_instant(ctx, tokens[i - 1], first)
  return span and i, span or why
end

-- since Monday 06:00, from A to B, A..B, yesterday, 2026-11-20
phrases[3] = function(tokens, i, ctx)
  local opener = OPENERS[symbol_at(tokens, i)] and tokens[i].symbol or false
  local next_i, first = instant_at(tokens, opener and i + 1 or i, ctx)
  if next_i then return after_first(tokens, next_i, ctx, first, opener) end
  if not first and opener == "SINCE" then first = message "since when?" end
  return nil, first
end

--- Read a span of time at tokens[i].
---@param tokens table[]
---@param i integer
---@param ctx table now_ns, offset(t_ns), shifts
---@return integer|nil next_i nil: there is none, or it is wrong
---@return table|nil span from_ns, to_ns or batches, words; or the message why it is wrong
function query_time.read(tokens, i, ctx)
  for k = 1, #phrases do
    local next_i, span = phrases[k](tokens, i, ctx)
    if next_i or span then return next_i, span end
  end
end

--- A span for people: both instants and the zone.
---@param ctx table
---@param span table
---@return table message
function query_time.text(ctx, span)
  if span.batches then
    return span.batches == 1 and message "the last batch"
      or message("the last %d batches", span.batches)
  end
  local a, b = ctx.offset(span.from_ns), ctx.offset(span.to_ns)
  local from, to = calendar.text(span.from_ns, a), calendar.text(span.to_ns, b)
  local zone = a == b and calendar.zone_text(a)
    or message("%s and %s", calendar.zone_text(a), calendar.zone_text(b))
  local instants = message("%s to %s (%s)", from, to, zone)
  return span.note and message("%s, %s", span.note, instants) or instants
end

return query_time

--- From the rows of a question's statement to its answer: value, unit, and what
--- cannot be said because the records lack it. Texts are messages of query_tongue.

local tongue = require "linewright.query_tongue"
local units = require "linewright.units"

local format = string.format
local message, word = tongue.message, tongue.word

local query_answer = {}

local function number(x) return tonumber(format("%.6g", x)) end

local function percent(x) return format("%.2f %%", x * 100) end

local function quantity(x, unit) return units.text(number(x), unit) end

local function duration(s)
  if s < 60 then return message("%.4g s", s) end
  if s < 3600 then return message("%d min %d s", math.floor(s / 60), math.floor(s % 60)) end
  return message("%d h %d min", math.floor(s / 3600), math.floor(s % 3600 / 60))
end

--- Seconds for people: "7.4 s", "12 min 5 s", "3 h 20 min".
---@param s number
---@return string
function query_answer.seconds(s) return tongue.say("en", duration(s)) end

-- Values of different units have no sum.
local function check_unit(row)
  if row.other_unit and row.unit ~= row.other_unit then
    return message("the records have different units, %s and %s: ask for one recipe or line",
      tostring(row.unit), tostring(row.other_unit))
  end
end

local give = {}

function give.yield(row)
  if not row.value then return nil, word "nothing was counted" end
  return { value = row.value, text = message("%s  (%s good of %s)", percent(row.value),
    units.number(number(row.good)), quantity(row.total, row.unit)) }
end

function give.produced(row)
  if not row.value then return nil, word "nothing was counted" end
  return { value = row.value, unit = row.unit, text = message("%s, %s good",
    quantity(row.value, row.unit), units.number(number(row.good))) }
end

function give.scrap(row)
  if not row.value then return nil, word "nothing was counted" end
  local text = quantity(row.value, row.unit)
  if row.total and row.total > 0 then
    text = message("%s  (%s of %s)", text, percent(row.value / row.total),
      quantity(row.total, row.unit))
  end
  return { value = row.value, unit = row.unit, text = text }
end

function give.downtime(row)
  local s = row.value or 0
  return { value = s, unit = "s", text = duration(s) }
end

give.duration = give.downtime

function give.count(row) return { value = row.value, text = units.number(row.value) } end

function give.energy(row)
  if row.lost_n and row.lost_n > 0 then
    return nil, word "the counter went back: it was reset or exchanged"
  end
  if not row.value then return nil, word "nothing was recorded" end
  return { value = row.value, unit = "kWh", text = quantity(row.value, "kWh") }
end

local function ratio(a, b) return a and b and b > 0 and a / b or nil end

--- ISO 22400 figures from sums of times and counts; nil where one is not known.
---@param row table busy_s, production_s, planned_s, total, good, n, planned_n
---@return table availability, effectiveness, quality, oee
function query_answer.oee(row)
  local is_planned = row.n > 0 and row.planned_n == row.n
  local f = {
    availability = ratio(row.production_s, row.busy_s),
    effectiveness = is_planned and ratio(row.planned_s, row.production_s) or nil,
    quality = row.unit == row.other_unit and ratio(row.good, row.total) or nil,
  }
  if f.availability and f.effectiveness and f.quality then
    f.oee = f.availability * f.effectiveness * f.quality
  end
  return f
end

local function known(x) return x and percent(x) or word "unknown" end

local function oee_lacks(row)
  if row.n == 0 then return word "no quantity was recorded (r.produced)" end
  if row.planned_n < row.n then
    return message("%d of %d counts have no planned time", row.n - row.planned_n, row.n)
  end
  return word "no time of production"
end

function give.oee(row)
  local f = query_answer.oee(row)
  local text = message("%s = availability %s x effectiveness %s x quality %s", known(f.oee),
    known(f.availability), known(f.effectiveness), known(f.quality))
  local times = message("busy %s, production %s, set-up %s, down %s, waiting %s",
    duration(row.busy_s), duration(row.production_s),
    duration(row.setup_s), duration(row.downtime_s),
    duration(row.waiting_s))
  return { value = f.oee, text = text, times = times, figures = f,
    lacks = not f.oee and oee_lacks(row) or nil }
end

function give.availability(row)
  local f = query_answer.oee(row)
  if not f.availability then return nil, word "the line was not busy" end
  return { value = f.availability, text = message("%s  (production %s of %s busy)",
    percent(f.availability), duration(row.production_s),
    duration(row.busy_s)) }
end

function give.effectiveness(row)
  local f = query_answer.oee(row)
  if not f.effectiveness then return nil, oee_lacks(row) end
  return { value = f.effectiveness, text = message("%s  (planned %s, took %s)",
    percent(f.effectiveness), duration(row.planned_s),
    duration(row.production_s)) }
end

local function statistic(field)
  return function(row)
    if not row[field] then return nil, word "no value was recorded" end
    return { value = row[field], unit = row.unit, text = quantity(row[field], row.unit) }
  end
end

give.mean, give.max, give.min = statistic "mean", statistic "max", statistic "min"

local function deviation(row)
  if row.variance then return math.sqrt(math.max(0, row.variance)) end
  return row.sd
end

function give.sd(row)
  local sd = deviation(row)
  if not sd or row.n < 2 then
    return nil, message("a deviation needs 2 values, there are %d", row.n)
  end
  return { value = sd, unit = row.unit, text = quantity(sd, row.unit) }
end

-- The limits of all values, or why there are none.
local function limits_of(row, given)
  if given then return given.lo, given.hi end
  if row.lo ~= row.other_lo or row.hi ~= row.other_hi then
    return nil, nil, word("the limits differ between the values: ask for one batch, or write "
      .. "between LOW and HIGH")
  end
  if not (row.lo or row.hi) then
    return nil, nil, word "no limits were recorded: write between LOW and HIGH"
  end
  return row.lo, row.hi
end

--- Cp and Cpk with a confidence interval of 95 %.
--- Source: A. F. Bissell, "How reliable is your capability index?", Applied
--- Statistics 39(3), 1990: the normal approximation of Cpk's error.
---@param mean number
---@param sd number
---@param n number
---@param lo number|nil
---@param hi number|nil
---@return table cp, cpk, from, to; cp is nil with one limit only
function query_answer.capability(mean, sd, n, lo, hi)
  local out = { n = n }
  if lo and hi then out.cp = (hi - lo) / (6 * sd) end
  local low, high = lo and (mean - lo) / (3 * sd), hi and (hi - mean) / (3 * sd)
  out.cpk = math.min(low or high, high or low)
  local half = 1.96 * math.sqrt(1 / (9 * n) + out.cpk ^ 2 / (2 * (n - 1)))
  out.from, out.to = out.cpk - half, out.cpk + half
  return out
end

local function capability(row, request)
  local sd, mean = deviation(row), row.mean
  if not sd or row.n < 2 then
    return nil, message("a capability needs 2 values, there are %d", row.n)
  end
  local lo, hi, why = limits_of(row, request.limits)
  if why then return nil, why end
  if sd == 0 then return nil, message("all %d values are equal: no capability", row.n) end
  return query_answer.capability(mean, sd, row.n, lo, hi), nil, lo, hi
end

local function limit_text(x) return x and units.number(x) or "" end

function give.cpk(row, request)
  local c, why, lo, hi = capability(row, request)
  if not c then return nil, why end
  return { value = c.cpk, from = c.from, to = c.to, text = message(
    "%.3f  (95 %% interval %.3f..%.3f, n %d, limits %s..%s)", c.cpk, c.from, c.to, c.n,
    limit_text(lo), limit_text(hi)) }
end

function give.cp(row, request)
  local c, why, lo, hi = capability(row, request)
  if not c then return nil, why end
  if not c.cp then return nil, word "Cp needs both limits" end
  return { value = c.cp, text = message("%.3f  (n %d, limits %s..%s)", c.cp, c.n,
    limit_text(lo), limit_text(hi)) }
end

--- What one row says.
---@param request table
---@param row table columns by name
---@return table|nil item value, unit, text; nil when the records do not tell
---@return table|nil why
function query_answer.give(request, row)
  if row.batch_n == 0 and request.figure ~= "count" then return nil, word "no batch ran then" end
  local is_mixed = row.n and row.n > 0 and check_unit(row)
  if is_mixed then return nil, is_mixed end
  return give[request.figure](row, request)
end

return query_answer

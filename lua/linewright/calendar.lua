--- Dates: from UTC nanoseconds to years and hours, and back, in any zone that is
--- so many seconds ahead of UTC.

local floor, format = math.floor, string.format

local calendar = {}

local DAY_S = 86400

--- Days from 1970-01-01 to a civil date; months and days may lie outside their
--- usual range (day 0 is the last of the month before).
---@param year integer
---@param month integer
---@param day integer
---@return integer
function calendar.days(year, month, day)
  -- H. Hinnant, "chrono-compatible low-level date algorithms" (2013): a year
  -- that begins in March has its leap day at the end.
  year, month = year + floor((month - 1) / 12), (month - 1) % 12 + 1
  local y = month <= 2 and year - 1 or year
  local era = floor(y / 400)
  local yoe = y - era * 400
  local doy = floor((153 * (month + (month > 2 and -3 or 9)) + 2) / 5) + day - 1
  return era * 146097 + yoe * 365 + floor(yoe / 4) - floor(yoe / 100) + doy - 719468
end

--- The civil date of a day counted from 1970-01-01.
---@param days integer
---@return integer year
---@return integer month
---@return integer day
function calendar.date(days)
  local z = days + 719468
  local era = floor(z / 146097)
  local doe = z - era * 146097
  local yoe = floor((doe - floor(doe / 1460) + floor(doe / 36524) - floor(doe / 146096)) / 365)
  local doy = doe - (365 * yoe + floor(yoe / 4) - floor(yoe / 100))
  local mp = floor((5 * doy + 2) / 153)
  local month = mp < 10 and mp + 3 or mp - 9
  return yoe + era * 400 + (month <= 2 and 1 or 0), month, doy - floor((153 * mp + 2) / 5) + 1
end

-- Nanoseconds in 63 bits reach from 1678 to 2262; spans count back from here.
local FIRST_DAY, LAST_DAY = calendar.days(1700, 1, 1), calendar.days(2200, 1, 1)

--- Days from 1970-01-01 to a date that people wrote.
---@param year integer
---@param month integer
---@param day integer
---@return integer|nil days nil for one that no calendar has, or no clock of ours shows
function calendar.days_of(year, month, day)
  local days = calendar.days(year, month, day)
  local y, m, d = calendar.date(days)
  if y ~= year or m ~= month or d ~= day then return nil end
  return days >= FIRST_DAY and days < LAST_DAY and days or nil
end

--- Day of the week, Monday = 1.
---@param days integer from 1970-01-01, a Thursday
---@return integer
function calendar.weekday(days) return (days + 3) % 7 + 1 end

--- "2026-11-22 08:55:43" in UTC, or in a zone.
---@param t_ns number UTC since 1970
---@param offset_s number? the zone's seconds ahead of UTC
---@return string
function calendar.text(t_ns, offset_s)
  local s = floor(t_ns / 1e9) + (offset_s or 0)
  local year, month, day = calendar.date(floor(s / DAY_S))
  s = s % DAY_S
  return format("%04d-%02d-%02d %02d:%02d:%02d", year, month, day, floor(s / 3600),
    floor(s % 3600 / 60), floor(s % 60))
end

--- "2026-11-22T08:55:43Z".
---@param t_ns number UTC since 1970
---@return string
function calendar.iso(t_ns) return (calendar.text(t_ns):gsub(" ", "T")) .. "Z" end

--- A zone as text: "UTC", "+01:00".
---@param offset_s number
---@return string
function calendar.zone_text(offset_s)
  if offset_s == 0 then return "UTC" end
  local m = math.abs(offset_s) / 60
  return format("%s%02d:%02d", offset_s < 0 and "-" or "+", floor(m / 60), floor(m % 60))
end

return calendar

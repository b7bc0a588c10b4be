--- The shift calendar: when in the day each shift begins. A line profile has one,
--- `shifts = { early = "06:00", late = "14:00", night = "22:00" }`, and questions
--- about "last shift" are asked of it.

local format = string.format

local shifts = {}

local function minute_of(text)
  local h, m = tostring(text):match "^(%d%d?):(%d%d)$"
  h, m = tonumber(h), tonumber(m)
  if not h or h > 23 or m > 59 then return nil end
  return h * 60 + m
end

local function by_time(a, b) return a.minute < b.minute end

--- Read a calendar.
---@param given table name -> "HH:MM", or a list of "HH:MM"
---@return { name: string, minute: integer }[]|nil list in the order of the day
---@return string|nil message
function shifts.read(given)
  if type(given) ~= "table" then
    return nil, 'shifts must be a table such as { early = "06:00", late = "14:00" }'
  end
  local list, seen = {}, {}
  for name, text in pairs(given) do
    local minute = minute_of(text)
    if not minute then
      return nil, format("shifts: '%s' is no time of day such as 06:00", tostring(text))
    end
    if seen[minute] then return nil, format("shifts: two begin at %s", tostring(text)) end
    seen[minute] = true
    list[#list + 1] = { name = type(name) == "string" and name or tostring(text), minute = minute }
  end
  if #list == 0 then return nil, "shifts names none" end
  table.sort(list, by_time)
  return list
end

--- A calendar as text: "06:00,14:00,22:00" or "early=06:00,late=14:00".
---@param text string
---@return { name: string, minute: integer }[]|nil list
---@return string|nil message
function shifts.parse(text)
  local given = {}
  for part in text:gmatch "[^,%s]+" do
    local name, time = part:match "^(.-)=(.*)$"
    if name then given[name] = time else given[#given + 1] = part end
  end
  return shifts.read(given)
end

--- A calendar as plain data, for the record of a run.
---@param list { name: string, minute: integer }[]|nil
---@return table<string, string>|nil name -> "HH:MM"
function shifts.plain(list)
  if not list then return nil end
  local out = {}
  for _, s in ipairs(list) do
    out[s.name] = format("%02d:%02d", math.floor(s.minute / 60), s.minute % 60)
  end
  return out
end

return shifts

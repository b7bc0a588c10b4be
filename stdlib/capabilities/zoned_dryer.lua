-- stdlib/capabilities/zoned_dryer.lua -- dries a web in zones, each with its own temperature.

-- Temperature at `x` of the way through the dryer, 0..1, on a profile of points
-- { fraction, temperature }; straight lines between, flat beyond the ends.
local function temperature_at(points, x)
  local last_x, last_t
  for _, point in ipairs(points) do
    local at, t = point[1], quantity(point[2], "degC")
    if x <= at then
      if not last_x or at == last_x then return t end
      return last_t + (t - last_t) * (x - last_x) / (at - last_x)
    end
    last_x, last_t = at, t
  end
  return last_t
end

-- Set every zone from a profile over the dryer's length, so that three zones and
-- seven zones are the same recipe. Each zone takes the temperature of its middle.
local function profile(u, points)
  local n = #u.zones
  for i = 1, n do u.zones[i].setpoint:set(temperature_at(points, (i - 0.5) / n)) end
end

local function zone_text(i, temp, wanted)
  if not temp then return ("zone %d has no good reading"):format(i) end
  return ("zone %d is %.1f degC, wants %.1f degC"):format(i, temp, wanted)
end

local COUNT = { "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten" }

local function others_text(n, bad, tolerance)
  local good = n - bad
  if n == 1 then return "" end
  if bad == 1 then
    local others = good == 1 and "is" or (COUNT[good] or good) .. " are"
    return ("; the other %s within %g K"):format(others, tolerance)
  end
  return ("; %d of %d are off"):format(bad, n)
end

-- Is every zone within a tolerance of its set-point? Else also the worst zone in words.
local function settled(u, tolerance)
  local limit, n = difference(tolerance, "degC"), #u.zones
  local bad, worst, worst_off, worst_temp, worst_wanted = 0, nil, -1, nil, nil
  for i = 1, n do
    local zone = u.zones[i]
    local temp, quality = zone.temp:read()
    local wanted = zone.setpoint:read()
    local off = math.huge
    if quality == "good" and temp and wanted then off = math.abs(temp - wanted) else temp = nil end
    if not (off <= limit) then
      bad = bad + 1
      if off > worst_off then worst, worst_off, worst_temp, worst_wanted = i, off, temp, wanted end
    end
  end
  if bad == 0 then return true end
  return false, zone_text(worst, worst_temp, worst_wanted) .. others_text(n, bad, limit)
end

-- The hottest zone's temperature [degC], with the worst quality of all zones; nil
-- when no zone has ever been read.
local function hottest(u)
  local most, worst = nil, "good"
  for i = 1, #u.zones do
    local temp, quality = u.zones[i].temp:read()
    if quality ~= "good" and worst ~= "bad" then worst = quality end
    if temp and (not most or temp > most) then most = temp end
  end
  return most, worst
end

return capability "zoned_dryer@1" {
  help = "a dryer of one or more zones along the web",

  zones = list {
    temp     = readable { "degC", key = true, help = "air or web temperature of the zone" },
    setpoint = writable { "degC", help = "what the zone's own controller holds" },
  },

  props = {
    length   = prop { "m", help = "heated length, all zones together" },
    temp_max = prop { "degC", help = "highest temperature the dryer may reach" },
  },

  methods = { profile = profile, settled = settled, hottest = hottest },
}

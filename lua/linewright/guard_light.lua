--- Light health of pictures: each figure against what good pictures had. The object behind
--- `guard.light`.

local json = require "linewright.json"
local picture = require "linewright.picture"
local rows = require "linewright.guard_rows"

local format = string.format

local light = { NAMES = { picture.light_names() } }

local PLACE = {}
for i, name in ipairs(light.NAMES) do PLACE[name] = i end

local Light = {}
Light.__index = Light
Light.__metatable = "guard.light"

--- Is the light as it was? Never a reason to reject a part.
---@param row any a picture's light figures, as guard.light_of gives them
---@return string "ok" or "retake"
---@return string|nil why
function Light:check(row)
  row = rows.one(row)
  for _, limit in ipairs(self.limits) do
    local v = row:get(limit.place)
    if not v or v < limit.low or v > limit.high then
      return "retake", format("%s is %.4g, it should be within %.4g..%.4g", limit.name, v or 0 / 0,
        limit.low, limit.high)
    end
  end
  return "ok"
end

local function spread(column, name, slack)
  local low, high = column:quantile(0), column:quantile(1)
  local room = slack * math.max(high - low, 1e-3 * math.abs(high))
  if name == "clipped" or name == "black" then return -1, math.min(0.5, high + room + 0.005) end
  if name == "focus" then return math.max(0, low - room), math.huge end
  return low - room, high + room
end

local CHECKED = { "clipped", "black", "slope_x", "slope_y", "focus", "mean" }
local LIGHT_OPTIONS = { rows = true, slack = true, checks = true, limits = true }

-- No limits at all would call any light good.
local function found_before(word, limits)
  if #limits == 0 then error(word .. ": limits are empty", 3) end
  for _, limit in ipairs(limits) do
    local name = limit.name
    if not PLACE[name] then error(format("%s: no figure '%s'", word, tostring(name)), 3) end
    rows.number(word, limit, "low", nil, -math.huge, math.huge)
    rows.number(word, limit, "high", nil, -math.huge, math.huge)
  end
  return setmetatable({ limits = limits, digest = rows.digest(word, json.encode(limits)) }, Light)
end

--- See guard.light.
function light.new(opts)
  local word = "guard.light"
  rows.known(word, opts, LIGHT_OPTIONS)
  if opts.limits then return found_before(word, opts.limits) end
  local x, n = rows.flat(word, opts.rows or {}, #light.NAMES)
  if n < 10 then error(format("%s: %d pictures, at least 10 are needed", word, n), 2) end
  local slack, limits = rows.number(word, opts, "slack", 0.5, 0, 10), {}
  for i, name in ipairs(opts.checks or CHECKED) do
    if not PLACE[name] then error(format("%s: no figure '%s'", word, tostring(name)), 2) end
    local low, high = spread(rows.column(x, #light.NAMES, PLACE[name]), name, slack)
    limits[i] = { name = name, place = PLACE[name], low = low, high = high }
  end
  return setmetatable({ limits = limits, digest = rows.digest(word, slack, x) }, Light)
end

return light

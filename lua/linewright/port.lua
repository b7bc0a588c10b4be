-- What another line changes for a recipe: each channel on the old and the new
-- line, the conversion, limits, safe values, and what is missing. The list that
-- people walk through at commissioning.

local sorted = require "linewright.sorted"
local units = require "linewright.units"

local port = {}

local LEVELS = { "hold", "stop", "abort", "suspend" }

--- How a tag's unit becomes the recipe's: "1 rpm = 12 mL/min".
---@param ch table channel of a bundle
---@return string|nil nil when the units are the same
function port.conversion(ch)
  if ch.gain == 1 and ch.bias == 0 and ch.tag_unit == ch.unit then return nil end
  if ch.bias == 0 then
    return ("1 %s = %s"):format(ch.tag_unit, units.text(ch.gain, ch.unit))
  end
  return ("%s x %s %s %s = %s"):format(ch.tag_unit, units.number(ch.gain),
    ch.bias < 0 and "-" or "+", units.number(math.abs(ch.bias)), ch.unit)
end

-- Device numbers at the ends of a range: what a register shows at commissioning.
local function raw_range(spec, lo, hi)
  if not lo then return nil end
  local scale, offset = spec.scale or 1, spec.offset or 0
  return { (lo - offset) / scale, (hi - offset) / scale }
end

local function safe_values(ch)
  if ch.class ~= "writable" then return nil end
  local out = {}
  for _, level in ipairs(LEVELS) do
    local value = ch.spec.safe and ch.spec.safe[level]
    out[level] = value or "keep"
  end
  return out
end

-- One side of a point as plain data.
local function side(ch)
  if not ch then return nil end
  local spec = ch.spec
  return {
    line_channel = ch.line_path, driver = spec.driver and spec.driver.driver,
    address = spec.address, feedback = spec.feedback, type = spec.type,
    word_order = spec.word_order, scale = spec.scale,
    offset = spec.offset,
    unit = ch.tag_unit, conversion = port.conversion(ch), gain = ch.gain, bias = ch.bias,
    range = ch.line_lo and { ch.line_lo, ch.line_hi },
    raw = raw_range(spec, ch.line_lo, ch.line_hi),
    process_range = ch.lo and { ch.lo, ch.hi }, step_max = spec.step_max, rate_max = spec.rate_max,
    safe = safe_values(ch), twin = spec.twin, file = spec.at.file, line = spec.at.line,
    fed = ch.source ~= "nothing",
  }
end

-- zones[2] before zones[10].
local function by_number(paths)
  local order, key = sorted.keys(paths), {}
  for _, path in ipairs(order) do
    key[path] = path:gsub("%d+", function(d) return ("%06d"):format(tonumber(d)) end)
  end
  table.sort(order, function(a, b) return key[a] < key[b] end)
  return order
end

-- All channels that a run reads or writes: the recipe's, and those that only
-- interlocks and permits look at.
local function points(from, to)
  local old, new, all, list = from.channels, to.channels, {}, {}
  for path in pairs(old) do all[path] = true end
  for path in pairs(new) do all[path] = true end
  for _, path in ipairs(by_number(all)) do
    local ch = new[path] or old[path]
    list[#list + 1] = { n = #list + 1, channel = path, class = ch.class, unit = ch.unit,
      for_rules = not to.eq[path:match "^[^.]+"], from = side(old[path]), to = side(new[path]) }
  end
  return list
end

local function value_text(value, unit)
  if type(value) == "table" then return table.concat(value, ",") end
  if type(value) == "number" then return units.text(value, unit) end
  return value == nil and "-" or tostring(value)
end

local function properties(from, to)
  local list = {}
  for role, unit in sorted(to.eq or {}) do
    local before = from.eq and from.eq[role]
    for name, def in sorted(unit.contract.props) do
      local was, is = before and before.props[name], unit.props[name]
      list[#list + 1] = { name = role .. "." .. name, unit = def.unit, from = was, to = is,
        from_text = value_text(was, def.unit), to_text = value_text(is, def.unit) }
    end
  end
  return list
end

local function rule_text(r)
  local text = ("%s %s %s %s"):format(r.rule.kind, r.channel.line_path, r.rule.op:gsub("_", " "),
    units.text(r.limit, r.channel.unit))
  if r.need.channel then
    text = text .. (" needs %s %s %s"):format(r.need.channel.line_path, r.need.op:gsub("_", " "),
      units.text(r.need.limit, r.need.channel.unit))
  end
  if r.rule.lasting_ns > 0 then text = text .. " for " .. units.time_text(r.rule.lasting_ns) end
  return text .. " -> " .. r.rule.level
end

local function rules(bundle)
  local list = {}
  for i, r in ipairs(bundle.rules or {}) do
    list[i] = { text = rule_text(r), message = r.rule.text, level = r.rule.level }
  end
  return list
end

-- Devices behind the points: how each is reached, and its dead-man.
local function devices(bundle)
  local list, seen = {}, {}
  for _, ch in sorted(bundle.channels) do
    local driver = ch.source == "driver" and ch.spec.driver
    if driver and not seen[driver] then
      seen[driver] = true
      list[#list + 1] = { driver = driver.driver, file = driver.at.file, line = driver.at.line,
        options = bundle.driver_options[driver] or {} }
    end
  end
  table.sort(list, function(a, b) return a.line < b.line end)
  return list
end

--- Compare two lines for one recipe.
---@param from table bundle on the old line, from loader.check
---@param to table bundle on the new line
---@return table list { recipe, version, from, to, devices, points, properties, rules }
function port.compare(from, to)
  return {
    recipe = to.recipe.name, version = to.recipe.version,
    from = { line = from.line.name, file = from.line.at.file, scan_ns = from.line.scan_ns },
    to = { line = to.line.name, file = to.line.at.file, scan_ns = to.line.scan_ns,
      revision = to.profile.revision },
    devices = devices(to), points = points(from, to), properties = properties(from, to),
    rules = rules(to), stubs = to.stubs,
  }
end

return port

-- Tags of a line profile: each `tag { driver, address, unit, ... }` checked and
-- made flat, all numbers in the tag's own unit.

local chain = require "linewright.tag_filters"
local check = require "linewright.check"
local drivers = require "linewright.drivers"
local limits = require "linewright.tag_limits"
local surface = require "linewright.surface"
local texts = require "linewright.tag_texts"
local words = require "linewright.words"

local tags = {}

local KEYS = surface.keys "tag"

local TYPES = { "bool", "u16", "s16", "u32", "s32", "f32", "u64", "s64", "f64", "text" }

-- What other tools call them: the nearest spelling of i32 would be u32, a wrong number.
local OTHER_NAMES = { i16 = "s16", i32 = "s32", i64 = "s64", int = "s16", dint = "s32",
  lint = "s64", uint = "u16", udint = "u32", ulint = "u64", word = "u16", dword = "u32",
  lword = "u64", int16 = "s16", int32 = "s32", int64 = "s64", uint16 = "u16", uint32 = "u32",
  uint64 = "u64", short = "s16", ushort = "u16", long = "s32", ulong = "u32", real = "f32",
  lreal = "f64", float = "f32", float32 = "f32", single = "f32", double = "f64", float64 = "f64",
  boolean = "bool", bit = "bool", coil = "bool", string = "text", str = "text" }

local driver_kinds
local function is_driver_kind(kind)
  if not (driver_kinds and driver_kinds[kind]) then
    driver_kinds = {}
    for _, name in ipairs { drivers.kinds() } do driver_kinds[name] = true end
  end
  return driver_kinds[kind]
end

local function place(tag, ...) return check.place(tag.at, ...) end

local function read_device(f, tag, out)
  local driver = tag[1]
  if words.is_void(driver) then return end
  if type(driver) ~= "table" or driver.kind ~= "driver" then
    f:fail(("%s: the first entry of a tag is its driver, got %s"):format(out.name, type(driver)),
      tag.at, "E-TYPE")
  else
    out.driver = driver
  end
  local address = tag[2]
  if type(address) ~= "string" or address == "" then
    f:fail(("%s: the second entry of a tag is its address in quotes, got %s"):format(out.name,
      address == nil and "nothing" or tostring(address)), tag.at, "E-ADDRESS")
  else
    out.address = address
  end
end

-- Registers say nothing about what is in them: a guess would be a wrong number.
local function read_type(f, tag, out, unit)
  local other = type(tag.type) == "string" and OTHER_NAMES[tag.type:lower()]
  if other then
    f:fail(("%s: type '%s' is called '%s' here (%s)"):format(out.name, tag.type, other,
      table.concat(TYPES, " ")), place(tag, "type"), "E-NAME")
  elseif tag.type ~= nil then
    out.type = check.one_of(f, tag.type, TYPES, out.name .. ": type", place(tag, "type"))
  elseif out.driver and out.driver.driver:find "^modbus" and out.address ~= "none" then
    f:fail(("%s declares no type: what is in the register (%s)?"):format(out.name,
      table.concat(TYPES, " ")), tag.at, "E-TYPE")
  end
  out.has_type = out.type ~= nil
  out.type = out.type or texts.usual_type(tag, unit)
  if tag.word_order ~= nil then
    out.word_order = check.one_of(f, tag.word_order, { "big", "little" },
      out.name .. ": word_order", place(tag, "word_order"))
  end
end

local function read_unit(f, tag, out)
  if tag.equals ~= nil then
    out.unit = check.type(f, tag.unit, "string", out.name .. ": unit", place(tag, "unit"))
    out.equals = tag.equals
  elseif tag.unit == nil and out.type == "bool" then
    out.unit = "1"
  elseif tag.unit == nil then
    f:fail(("%s declares no unit, e.g. unit = \"degC\"; write \"1\" for a plain number"):format(
      out.name), tag.at, "E-UNIT")
  else
    out.unit = check.unit(f, tag.unit, out.name, place(tag, "unit"))
  end
end

local function read_scale(f, tag, out)
  for _, key in ipairs { "scale", "offset" } do
    if tag[key] ~= nil then
      out[key] = check.number(f, tag[key], out.name .. ": " .. key, place(tag, key))
    end
  end
  if out.scale == 0 then
    f:fail(out.name .. ": scale is 0, every reading would be the same", place(tag, "scale"),
      "E-RANGE")
    out.scale = 1
  end
end

local function read_times(f, tag, out)
  for _, key in ipairs { "max_age", "poll" } do
    local ns = check.duration_key(f, tag, key, out.name, tag.at)
    if ns == 0 then
      f:fail(("%s: %s must be above 0"):format(out.name, key), place(tag, key), "E-RANGE")
    else
      out[key .. "_ns"] = ns
    end
  end
end

local function read_feedback(f, tag, out)
  if tag.feedback == nil then return end
  out.feedback = check.type(f, tag.feedback, "string", out.name .. ": feedback",
    place(tag, "feedback"))
end

-- Its name in the twin, or where it stands in a twin that does not know it.
local function read_twin(f, tag, out)
  local value, at = tag.twin, place(tag, "twin")
  if value == nil or words.is_void(value) then return end
  if out.type == "bool" and value == true then value = 1 end
  if out.type == "bool" and value == false then value = 0 end
  if type(value) == "string" then
    out.twin = value
  elseif out.type == "text" then
    f:fail(("%s: twin must be a name, got a %s"):format(out.name, type(value)), at, "E-TYPE")
  else
    out.twin_value = check.number(f, value, out.name .. ": twin, a name or a value,", at)
  end
end

-- What the historian takes of it.
local function read_history(f, tag, out)
  if tag.history == nil then return end
  out.history = check.one_of(f, tag.history, { "change", "scan", "none" },
    out.name .. ": history", place(tag, "history"))
  if out.history ~= "change" and tag.deadband ~= nil then
    f:fail(("%s: a deadband says which changes are recorded, history = \"%s\" leaves none to it")
      :format(out.name, tostring(tag.history)), place(tag, "deadband"), "E-TYPE")
  end
end

local ID_DEFAULTS = {
  writable = { unit = "1", type = "u16", range = { 0, 65535 },
    safe = { hold = "keep", stop = "keep", abort = "keep" } },
  readable = { unit = "1", type = "u16" },
}

local function read_id(f, tag, out, key, class)
  local given, name = tag[key], out.name .. "." .. key
  if words.is_void(given) then return nil end
  if type(given) ~= "table" or given.kind ~= "tag" then
    f:fail(("%s must be tag { driver, \"address\" }, got %s"):format(name, type(given)),
      place(tag, key), "E-TYPE")
    return nil
  end
  local whole = {}
  for k, v in pairs(ID_DEFAULTS[class]) do whole[k] = v end
  for k, v in pairs(given) do whole[k] = v end
  return tags.read(f, whole, name, class, tag.at, "1")
end

-- A device that tells which command it has carried out.
local function read_ids(f, tag, out, class)
  if tag.command == nil and tag.echo == nil then return end
  if class ~= "writable" or tag.command == nil or tag.echo == nil then
    f:fail(("%s: command and echo belong together, on an output"):format(out.name), tag.at, "E-KEY")
    return
  end
  out.command = read_id(f, tag, out, "command", "writable")
  out.echo = read_id(f, tag, out, "echo", "readable")
end

local function read_access(f, tag, out, class)
  local access = class == "writable" and "rw" or "r"
  if tag.access ~= nil then
    access = check.one_of(f, tag.access, { "r", "w", "rw" }, out.name .. ": access",
      place(tag, "access")) or access
  end
  if class == "writable" and not access:find "w" then
    f:fail(("%s is set by recipes, but its access is '%s'"):format(out.name, access),
      place(tag, "access"), "E-READONLY")
  elseif class == "readable" and not access:find "r" then
    f:fail(("%s is read by recipes, but its access is '%s'"):format(out.name, access),
      place(tag, "access"), "E-TYPE")
  end
  out.access = access
end

local function check_address(f, tag, out)
  if not (out.driver and out.address) or out.address == "none" then return end
  if not is_driver_kind(out.driver.driver) then return end
  for _, key in ipairs { "address", "feedback" } do
    local access = key == "feedback" and "r" or out.access
    local ok, message = true, nil
    if out[key] then
      ok, message = drivers.check_address(out.driver.driver, out[key], out.type, access)
    end
    if not ok then
      f:fail(("%s: %s"):format(out.name, message), tag.at, "E-ADDRESS")
    end
  end
end

-- Outputs that nobody bounded are refused.
local function check_output(f, tag, out)
  if out.access == "r" then return end
  if tag.range == nil and out.type ~= "bool" then
    f:fail(("%s can be set, so it must declare range = { least, most }"):format(out.name), tag.at,
      "E-SAFE")
  end
  if tag.safe == nil then
    f:fail(("%s can be set, so it must declare safe = { hold =, stop =, abort = }"):format(
      out.name), tag.at, "E-SAFE")
  end
end

local function read_number(f, tag, out)
  read_unit(f, tag, out)
  read_scale(f, tag, out)
  if not out.unit then return end
  limits.read(f, tag, out)
  out.filters = chain.read(f, tag, out)
end

--- Read one tag.
---@param f table findings
---@param tag any what stands where a tag belongs
---@param name string the channel's path on the line, "oven.zones[1].temp"
---@param class string "readable" or "writable", as its contract says
---@param at table place to blame when there is no tag
---@param unit string|nil what its contract asks for: a unit, or "text"
---@return table|nil spec { name, driver, address, unit, type, scale, lo, hi, safe, ... }
function tags.read(f, tag, name, class, at, unit)
  if words.is_void(tag) then return nil end
  if type(tag) ~= "table" or tag.kind ~= "tag" then
    f:fail(("%s must be tag { driver, \"address\", unit = ... }, got %s"):format(name,
      type(tag) == "table" and tag.kind or type(tag)), at, "E-TYPE")
    return nil
  end
  local out = { name = name, at = tag.at, tag = tag }
  check.keys(f, tag, KEYS, "tag " .. name, tag.at)
  read_device(f, tag, out)
  read_type(f, tag, out, unit)
  texts.check_contract(f, tag, out, unit)
  read_access(f, tag, out, class)
  read_ids(f, tag, out, class)
  read_feedback(f, tag, out)
  read_twin(f, tag, out)
  read_times(f, tag, out)
  read_history(f, tag, out)
  if out.type == "text" then texts.read(f, tag, out) else read_number(f, tag, out) end
  check_address(f, tag, out)
  check_output(f, tag, out)
  return out
end

return tags

-- A line profile, read: units with their contracts, properties and tags. All of
-- it is checked, whether a recipe uses it or not.

local budgets = require "linewright.budgets"
local check = require "linewright.check"
local registers = require "linewright.registers"
local shifts = require "linewright.shifts"
local sorted = require "linewright.sorted"
local release = require "linewright.release"
local surface = require "linewright.surface"
local tags = require "linewright.tags"
local words = require "linewright.words"

local line = {}

local API = 1
line.API = API

local KEYS = surface.keys "line"
KEYS.name = true

local MS = 1e6
local MIB = 1024 * 1024

-- Numbers that go out beside an output, or come back: a contract knows nothing of them.
local function id_channel(unit, spec, class, path)
  if not spec then return nil end
  spec.optional = true
  return { def = { class = class, unit = "1", at = spec.at }, spec = spec, line_path = path,
    unit = unit }
end

-- A tag and what its contract says about it.
local function channel(f, unit, def, tag, path, where)
  if tag == nil then
    if not def.optional then
      f:fail(("unit '%s' lacks %s: %s asks for %s %s"):format(unit.name, path,
        unit.contract.name, def.class, def.unit), { unit.at, def.at }, "E-CONTRACT")
    end
    return nil
  end
  local spec = tags.read(f, tag, path, def.class, where, def.unit)
  return spec and { def = def, spec = spec, line_path = path, unit = unit,
    command = id_channel(unit, spec.command, "writable", path .. ".command"),
    echo = id_channel(unit, spec.echo, "readable", path .. ".echo") }
end

local function list(f, unit, def, given, path)
  local out, at = {}, check.place(unit.at, def.name)
  if given == nil then
    if not def.optional then
      f:fail(("unit '%s' lacks the list %s of %s"):format(unit.name, path, unit.contract.name),
        { unit.at, def.at }, "E-CONTRACT")
    end
    return out
  end
  if not check.list(f, given, path, at) then return out end
  for i, entry in ipairs(given) do
    local name = ("%s[%d]"):format(path, i)
    out[i] = {}
    if check.type(f, entry, "table", name, unit.at) then
      check.keys(f, entry, def.members, name, at)
      for key, member in sorted(def.members) do
        out[i][key] = channel(f, unit, member, entry[key], name .. "." .. key, at)
      end
    end
  end
  return out
end

local function one_value(f, def, value, what, at)
  if def.unit == "text" then return check.type(f, value, "string", what, at) end
  return check.value(f, value, def.unit, what, at)
end

local function value_list(f, def, value, what, at)
  if not check.list(f, value, what, at, "a list, { \"ok\" }") then return nil end
  local out = {}
  for i, x in ipairs(value) do
    out[i] = one_value(f, def, x, what .. "[" .. i .. "]", at)
  end
  return out
end

local function property(f, unit, def, value)
  local what = unit.name .. "." .. def.name
  local at = check.place(unit.at, "props", def.name)
  if value == nil then value = def.default end
  if value == nil then
    if not def.optional then
      f:fail(("unit '%s' lacks the property %s [%s] of %s"):format(unit.name, def.name, def.unit,
        unit.contract.name), { check.place(unit.at, "props"), def.at }, "E-CONTRACT")
    end
    return nil
  end
  return (def.list and value_list or one_value)(f, def, value, what, at)
end

local function properties(f, unit, equip)
  local out = {}
  local given = equip.props or {}
  local at = check.place(equip.at, "props")
  if not check.type(f, given, "table", unit.name .. ": props", at) then return out end
  check.keys(f, given, unit.contract.props, "props of unit '" .. unit.name .. "'", at)
  for name, def in sorted(unit.contract.props) do
    out[name] = property(f, unit, def, given[name])
  end
  return out
end

local function known_keys(contract)
  local known = { props = true, contract = true, help = true, model = contract.model or nil }
  for name in pairs(contract.members) do known[name] = true end
  return known
end

local function read_unit(f, library, name, equip, line_at)
  if words.is_void(equip) then return nil end
  if type(equip) ~= "table" or equip.kind ~= "equip" then
    f:fail(("unit '%s' must be equip \"contract@1\" { ... }, got %s"):format(name, type(equip)),
      check.place(line_at, "units", name), "E-TYPE")
    return nil
  end
  local contract = library:get(equip.contract, equip.at)
  if not contract then return nil end
  local unit = { name = name, contract = contract, at = equip.at, members = {}, equip = equip }
  check.keys(f, equip, known_keys(contract), ("unit '%s' (%s)"):format(name, contract.name),
    equip.at)
  unit.props = properties(f, unit, equip)
  for key, def in sorted(contract.members) do
    local path = name .. "." .. key
    if def.class == "list" then
      unit.members[key] = list(f, unit, def, equip[key], path)
    else
      unit.members[key] = channel(f, unit, def, equip[key], path, check.place(equip.at, key))
    end
  end
  if equip.model ~= nil then
    unit.model = check.type(f, equip.model, "string", name .. ": model",
      check.place(equip.at, "model"))
  end
  return unit
end

local function read_units(f, library, t)
  local out = {}
  local at = check.place(t.at, "units")
  if not check.type(f, t.units, "table", "units", at) then return out end
  for name, equip in sorted(t.units) do
    if type(name) ~= "string" or not name:find "^[%a_][%w_]*$" then
      f:fail(("unit '%s': a name is letters, digits and _"):format(tostring(name)), at, "E-NAME")
    else
      out[name] = read_unit(f, library, name, equip, t.at)
    end
  end
  return out
end

local PERIOD_MAX_NS = 60e9

-- A time of the profile itself, with its default and least value.
local function period(f, t, key, default_ns, least_ns)
  local ns = check.duration_key(f, t, key, "line", t.at) or default_ns
  if ns < least_ns or ns > PERIOD_MAX_NS then
    f:fail(("line.%s = %g ms is outside %g ms..60 s"):format(key, ns / MS, least_ns / MS),
      check.place(t.at, key), "E-RANGE")
    return default_ns
  end
  return ns
end

local function read_times(f, t, out)
  out.scan_ns = period(f, t, "scan", 10 * MS, 1 * MS)
  out.tick_ns = period(f, t, "tick", 100 * MS, 1 * MS)
  if out.tick_ns % out.scan_ns ~= 0 then
    f:fail(("line.tick %g ms must be a multiple of line.scan %g ms"):format(out.tick_ns / MS,
      out.scan_ns / MS), { check.place(t.at, "tick"), check.place(t.at, "scan") }, "E-RANGE")
  end
  out.heartbeat_ns = period(f, t, "heartbeat", math.max(250 * MS, 2.5 * out.tick_ns),
    out.tick_ns + out.scan_ns)
  out.tick_cpu_ns = period(f, t, "tick_cpu", 50 * MS, 1 * MS)
end

local function read_memory(f, t, out)
  out.memory_bytes = 64 * MIB
  if t.memory == nil then return end
  local mib = check.number(f, t.memory, "line.memory [MiB]", check.place(t.at, "memory"))
  if mib and mib >= 8 and mib <= 4096 then out.memory_bytes = mib * MIB
  elseif mib then
    f:fail(("line.memory = %g is not between 8 and 4096 MiB"):format(mib),
      check.place(t.at, "memory"), "E-RANGE")
  end
end

local IS_HISTORY_KEY = surface.keys "history_rule"

-- How much history stays: by age, by its share of the disk.
local function read_history(f, t, out)
  local given = t.history
  local at = check.place(t.at, "history")
  if given == nil or not check.type(f, given, "table", "line.history", at) then return end
  check.keys(f, given, IS_HISTORY_KEY, "line.history", at)
  if given.keep ~= nil then
    out.history_keep_ns = check.duration(f, given.keep, nil, "line.history.keep", at)
  end
  if given.share == nil then return end
  local share = check.value(f, given.share, "1", "line.history.share", at)
  if share and share > 0 and share <= 0.9 then out.history_share = share
  elseif share then
    f:fail(("line.history.share = %g is not above 0 and at most 0.9"):format(share), at, "E-RANGE")
  end
end

local function read_revision(f, t)
  local revision = t.revision == nil and 0 or t.revision
  local is_whole = type(revision) == "number" and revision % 1 == 0
  if not (is_whole and revision >= 0 and revision < 1e9) then
    local got = type(revision) == "string" and ("the text \"%s\""):format(revision) or
      tostring(revision)
    f:fail(("line.revision must be a whole number from 0, got %s"):format(got),
      check.place(t.at, "revision"), "E-TYPE")
    return 0
  end
  return revision
end

--- Every channel of a unit, as (place to store, key, channel).
---@param unit table
---@return table list of channels in a fixed order
function line.channels_of(unit)
  local out = {}
  local function add(ch)
    for _, one in ipairs { ch, ch and ch.command, ch and ch.echo } do out[#out + 1] = one end
  end
  for key, def in sorted(unit.contract.members) do
    local member = unit.members[key]
    if def.class ~= "list" then add(member)
    else
      for i = 1, #member do
        for name in sorted(def.members) do add(member[i][name]) end
      end
    end
  end
  return out
end

-- Two outputs in one place would overwrite each other on each scan.
local function check_shared_outputs(f, specs)
  local taken = {}
  for _, spec in ipairs(specs) do
    local is_output = spec.driver and spec.address and spec.address ~= "none" and spec.access ~= "r"
    local key = is_output and not registers.is_device(spec)
      and tostring(spec.driver.at.line) .. "\0" .. spec.address
    if key and taken[key] then
      f:fail(("%s and %s are both written to %s"):format(taken[key].name, spec.name,
        spec.address), { spec.at, taken[key].at }, "E-ADDRESS")
    elseif key then
      taken[key] = spec
    end
  end
end

local function read_shifts(f, t)
  if t.shifts == nil then return nil end
  local calendar, message = shifts.read(t.shifts)
  if not calendar then f:fail("line." .. message, check.place(t.at, "shifts"), "E-TYPE") end
  return calendar
end

local function check_addresses(f, units)
  local specs = {}
  for _, unit in sorted(units) do
    for _, ch in ipairs(line.channels_of(unit)) do specs[#specs + 1] = ch.spec end
  end
  check_shared_outputs(f, specs)
  registers.check(f, specs)
end

--- Read a profile.
---@param f table findings
---@param library table contracts, from linewright.capability
---@param t table what `line "name" {}` returned
---@return table line { name, at, revision, units, scan_ns, tick_ns, ..., table }
function line.read(f, library, t)
  check.title(f, t.name, "the line's name", t.at, check.NAME_MAX)
  check.keys(f, t, KEYS, "line '" .. tostring(t.name) .. "'", t.at)
  check.api(f, t, API, "line '" .. tostring(t.name) .. "'", t.at)
  local out = { name = t.name, at = t.at, table = t, revision = read_revision(f, t) }
  read_times(f, t, out)
  read_memory(f, t, out)
  out.limits = budgets.read(f, t)
  read_history(f, t, out)
  release.check(f, t)
  out.shifts = read_shifts(f, t)
  out.units = read_units(f, library, t)
  check_addresses(f, out.units)
  return out
end

return line

-- A recipe's roles on a line's units: which unit plays which role, and every
-- channel of it with limits in the unit that the recipe thinks in.

local check = require "linewright.check"
local line_of = require "linewright.line"
local requirements = require "linewright.requirements"
local sorted = require "linewright.sorted"
local units = require "linewright.units"
local words = require "linewright.words"

local roles = {}

local LEVELS = { "hold", "stop", "abort", "suspend" }

local function offers(profile, contract_name)
  local out = {}
  for name, unit in sorted(profile.units) do
    if unit.contract.name == contract_name then out[#out + 1] = name end
  end
  return out
end

local function describe_units(profile)
  local list = {}
  for name, unit in sorted(profile.units) do list[#list + 1] = name .. " " .. unit.contract.name end
  return #list > 0 and table.concat(list, ", ") or "nothing"
end

local function why_none(profile, role, own, fitting)
  if own then return ("line's %s is %s"):format(role, own.contract.name) end
  if #fitting > 1 then
    return ("line has %s; name one of them '%s'"):format(table.concat(fitting, ", "), role)
  end
  return "line offers " .. describe_units(profile)
end

-- A unit that was written but could not be read is a finding already.
local function is_unreadable(profile, role)
  local written = profile.table.units
  return type(written) == "table" and written[role] ~= nil and not profile.units[role]
end

-- The unit of the role's own name, else the only one with that contract.
local function match(f, profile, role, need)
  local own = profile.units[role]
  if own and own.contract.name == need.contract then return own end
  local fitting = offers(profile, need.contract)
  if #fitting == 1 and not own then return profile.units[fitting[1]] end
  if is_unreadable(profile, role) then return nil end
  f:fail(("needs %s: %s (%s)"):format(role, need.contract, why_none(profile, role, own, fitting)),
    { need.at, own and own.at or profile.at }, "E-CONTRACT")
end

-- What one of a tag's unit means: "12 mL/min" for a pump's rpm.
local function equals_gain(f, spec, def)
  local at = { check.place(spec.at, "equals"), def.at }
  local gain = check.value(f, spec.equals, def.unit, spec.name .. ": equals", at)
  if gain == 0 then
    f:fail(spec.name .. ": equals is 0, every reading would be 0", at, "E-RANGE")
    return nil
  end
  return gain
end

-- Factors from the tag's unit to the contract's.
local function factors(f, ch)
  local spec, def = ch.spec, ch.def
  if spec.type == "text" or def.unit == "text" then
    -- One without the other is a finding of the tag already.
    return spec.type == "text" and def.unit == "text" and 1 or nil, 0
  end
  if spec.equals ~= nil then return equals_gain(f, spec, def), 0 end
  local gain, bias, code = units.gain(spec.unit, def.unit)
  if gain then return gain, bias end
  f:fail(("%s: %s"):format(spec.name, bias), { check.place(spec.at, "unit"), def.at }, code)
end

local function process_limits(spec, gain, bias)
  if not spec.lo then return nil, nil end
  local a, b = spec.lo * gain + bias, spec.hi * gain + bias
  return math.min(a, b), math.max(a, b)
end

local function safe_values(spec, gain, bias)
  local out = {}
  for _, level in ipairs(LEVELS) do
    local value = spec.safe and spec.safe[level]
    out[level] = value and value * gain + bias
  end
  return out
end

-- A channel as the runtime sees it; `index` comes with the plan.
local function make(f, ch, path)
  local spec, def = ch.spec, ch.def
  if not spec.unit then return nil end
  local gain, bias = factors(f, ch)
  if not gain then return nil end
  local lo, hi = process_limits(spec, gain, bias)
  return { path = path, line_path = ch.line_path, class = def.class, unit = def.unit,
    is_picture = def.is_picture,
    tag_unit = spec.unit, lo = lo, hi = hi, line_lo = spec.lo, line_hi = spec.hi, gain = gain,
    bias = bias, key = def.key, step_max = spec.step_max and spec.step_max * math.abs(gain),
    rate_max = spec.rate_max and spec.rate_max * math.abs(gain),
    safe = safe_values(spec, gain, bias), spec = spec, help = def.help }
end

-- One and what goes with it, appended to `out`: the number of a command behind its value.
local function add(f, out, ch, path)
  local made = ch and make(f, ch, path)
  if not made then return nil end
  out[#out + 1] = made
  made.command = add(f, out, ch.command, path .. ".command")
  made.echo = add(f, out, ch.echo, path .. ".echo")
  return made
end

local function bind_list(f, out, role, key, def, entries)
  local list = {}
  for i, entry in ipairs(entries) do
    list[i] = {}
    for name in sorted(def.members) do
      list[i][name] = add(f, out, entry[name], ("%s.%s[%d].%s"):format(role, key, i, name))
    end
  end
  return list
end

-- One role's unit, with its channels appended to `out`.
local function bind_unit(f, out, role, unit)
  local members = {}
  for key, def in sorted(unit.contract.members) do
    local member = unit.members[key]
    if def.class == "list" then
      members[key] = bind_list(f, out, role, key, def, member)
    elseif member then
      members[key] = add(f, out, member, role .. "." .. key)
    end
  end
  return { role = role, name = unit.name, contract = unit.contract, props = unit.props,
    members = members, model = unit.model, at = unit.at }
end

local function need_of(f, recipe, role, need)
  if words.is_void(need) then return nil end
  if type(need) == "table" and need.kind == "cap" then return need end
  local got = type(need) == "function" and "it without the { } at its end" or type(need)
  f:fail(("needs.%s must be cap \"contract@1\" { ... }, got %s"):format(tostring(role), got),
    check.place(recipe.at, "needs", role), "E-TYPE")
end

local function take(f, taken, role, unit, need)
  if taken[unit.name] then
    f:fail(("roles '%s' and '%s' both come to unit '%s'; the line needs a unit for each"):format(
      taken[unit.name], role, unit.name), { need.at, unit.at }, "E-CONTRACT")
  end
  taken[unit.name] = role
end

--- Bind the needs of a recipe to the units of a line.
---@param f table findings
---@param library table contracts
---@param recipe table
---@param profile table|nil from line.read; without one only the contracts are looked up
---@return table eq role to { role, name, contract, props, members }
---@return table channels list in a fixed order
---@return table contracts role to contract
function roles.bind(f, library, recipe, profile)
  local eq, channels, contracts, taken = {}, {}, {}, {}
  local needs = type(recipe.needs) == "table" and recipe.needs or {}
  for role, need in sorted(needs) do
    need = need_of(f, recipe, role, need)
    local contract = need and library:get(need.contract, need.at)
    contracts[role] = contract
    local unit = contract and profile and match(f, profile, role, need)
    if unit then
      take(f, taken, role, unit, need)
      requirements.check(f, role, need, contract, unit)
      eq[role] = bind_unit(f, channels, role, unit)
    end
  end
  return eq, channels, contracts
end

--- Channels of units that the recipe does not use, by their path on the line.
---@param f table findings
---@param profile table
---@param used table list of channels that roles.bind returned
---@return table paths line path to channel, all channels of the line
---@return table names list of line paths, with [*] for indices
function roles.all_channels(f, profile, used)
  local by_path, names, seen = {}, {}, {}
  for _, ch in ipairs(used) do by_path[ch.line_path] = ch end
  for _, unit in sorted(profile.units) do
    for _, ch in ipairs(line_of.channels_of(unit)) do
      by_path[ch.line_path] = by_path[ch.line_path] or make(f, ch, ch.line_path)
      local name = ch.line_path:gsub("%[%d+%]", "[*]")
      if not seen[name] then names[#names + 1] = name end
      seen[name] = true
    end
  end
  return by_path, names
end

return roles

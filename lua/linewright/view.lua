-- What `validate(p, eq)` sees: numbers of the formula and properties of the
-- equipment. Nothing moves yet, so a reading or setting is refused.

local capability = require "linewright.capability"
local safe = require "linewright.safe"
local sorted = require "linewright.sorted"
local suggest = require "linewright.suggest"
local unit_list = require "linewright.unit_list"

local view = {}

local function strict(values, owner, where)
  return setmetatable({}, {
    __index = function(_, key)
      local value = values[key]
      if value == nil then
        local names = sorted.keys(values)
        error(("E-NAME %s.%s is not in %s (%s)%s"):format(owner, tostring(key), where,
          table.concat(names, ", "), suggest.text(key, names)), 2)
      end
      return value
    end,
    __newindex = function(_, key)
      error(("E-READONLY %s.%s cannot be set"):format(owner, tostring(key)), 2)
    end,
    __pairs = function() return sorted(values) end,
    __metatable = where,
  })
end

--- Parameters as a recipe sees them: read-only, unknown names are errors.
---@param values table name to number or plain data
---@return table
function view.params(values) return strict(values, "p", "`params`") end

local function channel(ch)
  local function refuse()
    error(("E-REPLAY %s cannot be touched in validate: use properties only"):format(ch.path), 2)
  end
  return safe.freeze({ read = refuse, set = refuse, open = refuse, unit = ch.unit, lo = ch.lo,
    hi = ch.hi }, ch.path)
end

local function members(unit, line_name)
  local out = {}
  for key, member in sorted(unit.members) do
    if member.path then out[key] = channel(member) else
      local list = {}
      for i, entry in ipairs(member) do
        list[i] = {}
        for name, ch in sorted(entry) do list[i][name] = channel(ch) end
      end
      out[key] = unit_list.seal(list, ("eq.%s.%s"):format(unit.role, key), line_name)
    end
  end
  return out
end

--- Equipment as `validate` sees it.
---@param eq table role to unit, from linewright.roles
---@param line_name string
---@return table
function view.equipment(eq, line_name)
  local out = {}
  for role, unit in sorted(eq) do
    local fields = members(unit, line_name)
    capability.mark_absent(unit.contract, fields)
    for name, value in sorted(unit.props) do fields[name] = value end
    for name in sorted(unit.contract.methods) do
      fields[name] = function()
        error(("E-REPLAY eq.%s:%s cannot be called in validate: use properties only"):format(role,
          name), 2)
      end
    end
    out[role] = strict(fields, "eq." .. role, unit.contract.name)
  end
  return strict(out, "eq", "`needs`")
end

return view

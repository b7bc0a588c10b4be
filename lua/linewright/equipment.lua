--- Equipment as recipes see it: eq.oven.zones[1].temp:read(), eq.web.speed:set(5),
--- eq.oven:settled "2 K". Built from the bundle's plain description.
---
--- A channel is a table of its own closures: one call of a C function and one
--- comparison is all that a read costs in the tick.

local capability = require "linewright.capability"
local causes = require "linewright.causes"
local command_ids = require "linewright.command_ids"
local pictures = require "linewright.picture"
local sorted = require "linewright.sorted"
local suggest = require "linewright.suggest"
local unit_list = require "linewright.unit_list"
local units = require "linewright.units"
local verb = require "linewright.verb"

local format, huge = string.format, math.huge

local equipment = {}

local REPLAY = [[E-REPLAY %s was %s outside a step, wait, loop, guard or state handler.
  Why: after a power loss this code runs again and would see a different value.
  Fix: put the %s in r.step(...) and use the value it returns.]]

local function forbid(rt, path, done, noun)
  if rt.touch == 1 and noun == "write" then
    verb.raise("E-TOUCH %s was set inside %s, which may only read", path,
      rt.callback and rt.callback.what or "a condition")
  end
  verb.raise(REPLAY, path, done, noun)
end

local function new_read(rt, channel)
  local port, index, path = rt.port, channel.index, channel.path
  if not index then
    return function()
      if rt.touch < 1 then forbid(rt, path, "read", "read") end
      rt.bad = path
      return nil, "bad", huge
    end
  end
  return function()
    if rt.touch < 1 then forbid(rt, path, "read", "read") end
    local seen = rt.seen
    if seen and not seen[path] then causes.add(seen, path, index) end
    local value, quality, age = port:read(index)
    if quality == "bad" then
      rt.bad = path
      -- The last good value is no reading: nobody may steer by it.
      return nil, quality, age
    end
    return value, quality, age
  end
end

-- Why a detector among the filters of the tag fired last, and how long ago.
local function new_fired(rt, channel)
  local port, index, path = rt.port, channel.index, channel.path
  return function()
    if rt.touch < 1 then forbid(rt, path, "asked why it fired", "question") end
    if index then return port:fired(index) end
  end
end

-- The newest picture, decoded; one that is bad, old or damaged is a message.
local function new_open(rt, channel, read)
  if not channel.is_picture then return nil end
  return function()
    if rt.touch < 1 then forbid(rt, channel.path, "read", "read") end
    local name, quality, age = read()
    if not name then
      return nil, format("%s: no picture (%s)", channel.path,
        quality == "bad" and age < huge and format("the last is %.3g s old", age) or quality)
    end
    local picture, bits = pictures.open(channel.folder .. "/" .. name)
    return picture, picture and name or bits, picture and bits or nil
  end
end

-- 3960 mL/min = 330 rpm: the limit in the recipe's unit and, where it differs,
-- in the line's.
local function limits_text(channel)
  local own = format("%s..%s", units.number(channel.lo or -huge),
    units.text(channel.hi or huge, channel.unit))
  if channel.tag_unit == channel.unit or not channel.tag_unit then return own end
  return format("%s = %s..%s", own, units.number(channel.line_lo or -huge),
    units.text(channel.line_hi or huge, channel.tag_unit))
end

local function out_of_range(rt, channel, value)
  verb.raise("E-RANGE %s: %s is outside the limits of line '%s' (%s)", channel.path,
    units.text(value, channel.unit), rt.line_name, limits_text(channel))
end

local function convert(channel, value)
  local number, message, code = units.value(value, channel.unit)
  if number then return number end
  return verb.raise("%s %s: %s", code or "E-UNIT", channel.path, message)
end

local function is_below(b, owner)
  local above = b.parent
  while above and above ~= owner do above = above.parent end
  return above ~= nil
end

-- The first branch to set a channel owns it until it ends. A branch that waits
-- for its children lends them what it owns; handlers have priority.
local function take(rt, path, b)
  local owner = rt.owners[path]
  if owner == b then return end
  if owner and (owner.dead or owner.ctx.dropped) then owner = nil end
  if owner and not is_below(b, owner) then
    verb.raise("E-OWNER %s is owned by branch '%s'; branch '%s' may not set it at the same time",
      path, owner.name, b.name)
  end
  rt.owners[path] = b
  b.owned = { channel = path, lender = owner, next = b.owned }
end

--- Give back what a branch owned.
---@param rt table
---@param b table
function equipment.release(rt, b)
  local item = b.owned
  while item do
    if rt.owners[item.channel] == b then rt.owners[item.channel] = item.lender end
    item = item.next
  end
  b.owned = nil
end

-- What execute owes before an output goes out: ownership, and the intent of a
-- `once` step on disk. Returns the number of the command, if its device takes one.
local function claim(rt, channel, b, value)
  take(rt, channel.path, b)
  return b.once and not rt.callback and rt.intend(b, channel, value) or nil
end

-- The set-point image: what Unholding restores. Only starting and execute write
-- it, else holding's creep speed would come back.
local function remember(rt, b, path, value)
  if not (b.ctx.execute or b.ctx.handler == "starting") then return end
  if rt.image[path] ~= value then rt.image[path], rt.image_dirty = value, true end
end

-- The branch that sets. A loop that has just held or stopped the run goes on to its end,
-- but the outputs are already at the safe values of the new state.
local function setter(rt, path)
  if rt.touch < 2 then forbid(rt, path, "set", "write") end
  if not rt.branch.ctx.active then
    verb.raise("E-STATE %s may no longer be set here: the run is %s", path, rt.state())
  end
  return rt.branch
end

local function new_set(rt, channel)
  local port, index, path = rt.port, channel.index, channel.path
  local lo, hi = channel.lo or -huge, channel.hi or huge
  if channel.class ~= "writable" or not index then
    return function()
      verb.raise("E-READONLY %s is a reading, it cannot be set", path)
    end
  end
  return function(_, value)
    local b = setter(rt, path)
    if type(value) ~= "number" then value = convert(channel, value) end
    if not (value >= lo and value <= hi) then out_of_range(rt, channel, value) end
    local id = b.ctx.execute and claim(rt, channel, b, value)
    if not rt.callback then b.ctx.set_at = b.ctx.now end
    local ok, message, code = port:request(index, value)
    if not ok then verb.raise("%s %s", code or "E-IO", tostring(message)) end
    remember(rt, b, path, value)
    if id then command_ids.send(rt, channel, id) end
    causes.set(rt, b, channel, value)
  end
end

local function unknown(what, fields)
  return function(_, name)
    local names = {}
    for known in pairs(fields) do names[#names + 1] = tostring(known) end
    table.sort(names)
    error(format("E-NAME %s has no '%s' (%s)%s", what, tostring(name), table.concat(names, ", "),
      suggest.text(tostring(name), names)), 2)
  end
end

-- Read-only with helpful errors; the fields sit behind one __index, so a known
-- name costs one table look-up more than a plain table.
local function sealed(what, fields)
  setmetatable(fields, { __index = unknown(what, fields) })
  return setmetatable({}, {
    __index = fields, __metatable = what,
    __newindex = function(_, name)
      error(format("E-READONLY %s.%s cannot be changed", what, tostring(name)), 2)
    end,
  })
end

local function new_channel(rt, channel)
  local read = new_read(rt, channel)
  return sealed(channel.path, {
    read = read, fired = new_fired(rt, channel), set = new_set(rt, channel),
    open = new_open(rt, channel, read),
    name = channel.path, unit = channel.unit, lo = channel.lo, hi = channel.hi,
  })
end

local is_channel = function(m) return type(m) == "table" and m.path ~= nil and m.class ~= nil end

local function build(rt, members, path, channels)
  local out = {}
  for name, member in pairs(members) do
    if is_channel(member) then
      out[name] = new_channel(rt, member)
      channels[member.path] = out[name]
    else
      local list = {}
      for i, element in ipairs(member) do
        local element_path = format("%s.%s[%d]", path, name, i)
        list[i] = sealed(element_path, build(rt, element, element_path, channels))
      end
      out[name] = unit_list.seal(list, format("eq.%s.%s", path, name), rt.line_name)
    end
  end
  return out
end

local function copy(v)
  if type(v) ~= "table" then return v end
  local out = {}
  for k, item in pairs(v) do out[k] = copy(item) end
  return out
end

local function new_unit(rt, unit, channels)
  local fields = build(rt, unit.members, unit.role, channels)
  for name, value in pairs(unit.props) do fields[name] = copy(value) end
  capability.mark_absent(unit.contract, fields)
  if type(unit.contract.model) == "table" then fields.model = unit.handle or false end
  for name, method in pairs(unit.contract.methods or {}) do
    if type(method) == "function" then fields[name] = method end
  end
  return sealed("eq." .. unit.role, fields)
end

--- Build eq from a bundle.
---@param rt table the runtime's shared table: port, touch, owners, line_name, ...
---@param bundle table
---@return table eq
---@return table<string, table> channels by path
function equipment.new(rt, bundle)
  local eq, channels = {}, {}
  for role, unit in pairs(bundle.eq) do eq[role] = new_unit(rt, unit, channels) end
  local roles = {}
  for role in pairs(eq) do roles[#roles + 1] = role end
  table.sort(roles)
  local list = table.concat(roles, ", ")
  setmetatable(eq, { __index = function(_, name)
    error(format("E-NAME eq.%s is not in `needs` (%s)%s", tostring(name), list,
      suggest.text(tostring(name), roles)), 2)
  end })
  return setmetatable({}, {
    __index = eq, __metatable = "eq", __pairs = function() return sorted(eq) end,
    __newindex = function(_, name)
      error(format("E-READONLY eq.%s cannot be changed", tostring(name)), 2)
    end,
  }), channels
end

return equipment

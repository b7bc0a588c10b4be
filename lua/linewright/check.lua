-- Checks of tables that people write. Each takes the findings collector first,
-- records what is wrong with place and remedy, and returns the value to go on
-- with, or nil.

local sorted = require "linewright.sorted"
local suggest = require "linewright.suggest"
local sys = require "linewright.sys"
local units = require "linewright.units"
local words = require "linewright.words"

local check = {}

--- The place of a key inside the table that was written at `at`. Finding the
--- line takes a look into the text, so that waits until a message needs it.
---@param at table|nil {file, line} of the table
---@param ... string keys from the outer table inwards
---@return table|nil place
function check.place(at, ...)
  if not at then return nil end
  local path = {}
  for i, key in ipairs(at.path or {}) do path[i] = key end
  for i = 1, select("#", ...) do path[#path + 1] = (select(i, ...)) end
  return { file = at.file, line = at.line, path = path }
end

--- Keys of a table as a list for messages, in order.
function check.names(t)
  local out = {}
  for _, k in ipairs(sorted.keys(t)) do out[#out + 1] = tostring(k) end
  return out
end

--- Refuse keys that are not known.
---@param f table findings
---@param t table as written
---@param known table set of names that may stand there
---@param what string whose keys they are, e.g. "tag web.speed"
---@param at table place of t
function check.keys(f, t, known, what, at)
  for k in next, t do
    if not known[k] and k ~= "kind" and k ~= "at" then
      local names = {}
      for name in pairs(known) do
        if type(name) == "string" then names[#names + 1] = name end
      end
      table.sort(names)
      local hint = suggest.text(k, names)
      if hint == "" then hint = " (known: " .. table.concat(names, ", ") .. ")" end
      f:fail(("unknown key '%s' in %s%s"):format(tostring(k), what, hint), check.place(at, k),
        "E-KEY")
    end
  end
end

--- A finite number.
---@param f table findings
---@param x any
---@param what string
---@param at table
---@return number|nil
function check.number(f, x, what, at)
  if type(x) == "number" and x == x and x ~= math.huge and x ~= -math.huge then return x end
  if words.is_void(x) then return nil end
  local got = type(x) == "number" and units.number(x) or type(x)
  if type(x) == "string" and tonumber(x) then
    got = ("the text \"%s\": write %s without quotes"):format(x, x)
  end
  f:fail(("%s must be a finite number, got %s"):format(what, got), at, "E-TYPE")
end

-- One of units' readers, with its refusal as a finding.
local function quantity(reader)
  return function(f, x, unit, what, at)
    if words.is_void(x) then return nil end
    local value, message, code = reader(x, unit)
    if not value then
      f:fail(("%s: %s"):format(what, message), at, code)
      return nil
    end
    return check.number(f, value, what, at)
  end
end

--- A quantity in `unit`; strings are converted.
---@type fun(f: table, x: any, unit: string, what: string, at: table): number|nil
check.value = quantity(units.value)

--- A difference in `unit`; strings are converted without the zero's shift.
---@type fun(f: table, x: any, unit: string, what: string, at: table): number|nil
check.difference = quantity(units.difference)

--- A length of time in nanoseconds.
---@type fun(f: table, x: any, unit: nil, what: string, at: table): number|nil
check.duration = quantity(units.duration)

--- A duration of a table's key, or nil when the key is absent.
function check.duration_key(f, t, key, what, at)
  if t[key] == nil then return nil end
  return check.duration(f, t[key], nil, what .. "." .. key, check.place(at, key))
end

--- A value of a certain Lua type, or nil and a finding.
---@param form string|nil how it is written, for the message
function check.type(f, x, wanted, what, at, form)
  if type(x) == wanted and not words.is_void(x) then return x end
  if words.is_void(x) then return nil end
  f:fail(("%s must be a %s, got %s%s"):format(what, wanted, x == nil and "nothing" or type(x),
    form and ": write " .. form or ""), at, "E-TYPE")
end

--- A list, or nil and a finding. What `ipairs` would pass over, names and entries behind a gap,
--- is a finding, too.
---@param f table findings
---@param t any as written
---@param what string
---@param at table place of t
---@param form string|nil how it is written, for the message
---@return table|nil
function check.list(f, t, what, at, form)
  if not check.type(f, t, "table", what, at, form) then return nil end
  local n = 0
  for i in ipairs(t) do n = i end
  for key in next, t do
    if type(key) ~= "number" or key < 1 or key > n or key % 1 ~= 0 then
      f:fail(("%s is a list, { a, b }: it has %d in order, and besides '%s'"):format(what, n,
        tostring(key)), at, "E-KEY")
    end
  end
  return t
end

--- Longest name of a recipe, line or formula, and of a version [bytes]: what a run's head holds.
check.NAME_MAX, check.VERSION_MAX = 95, 31

--- Can this stand in one line of a report? A text that people see as a name.
---@param text string
---@param most number bytes
---@return boolean|nil ok
---@return string|nil message what it must be
function check.is_title(text, most)
  if #text > most then return nil, ("has %d bytes, at most %d are kept"):format(#text, most) end
  if sys.is_plain(text) then return true end
  return nil, "has a control character or is not UTF-8"
end

--- A name in a file that people write.
function check.title(f, text, what, at, most)
  local ok, message = check.is_title(text, most)
  if not ok then f:fail(("%s %s"):format(what, message), at, "E-NAME") end
end

--- One of a set of words.
function check.one_of(f, x, list, what, at)
  for _, word in ipairs(list) do if x == word then return x end end
  if words.is_void(x) then return nil end
  f:fail(("%s = '%s' is not one of %s%s"):format(what, tostring(x), table.concat(list, ", "),
    suggest.text(x, list)), at, "E-NAME")
end

--- A unit that UDUNITS-2 knows.
function check.unit(f, name, what, at)
  if not check.type(f, name, "string", what .. ": unit", at) then return nil end
  local ok, message, code = units.known(name)
  if not ok then
    f:fail(("%s: %s"):format(what, message), at, code)
    return nil
  end
  return name
end

--- The `api` of a file against ours.
function check.api(f, t, ours, what, at)
  local where = check.place(at, "api")
  if t.api == nil then
    f:fail(("%s declares no api; this host has api = %d"):format(what, ours), at, "E-API")
  elseif type(t.api) ~= "number" or t.api < 1 or t.api % 1 ~= 0 then
    f:fail(("%s: api must be a whole number from 1, got %s"):format(what, tostring(t.api)), where,
      "E-API")
  elseif t.api > ours then
    f:fail(("%s asks for api %s; this host has api %d"):format(what, units.number(t.api), ours),
      where, "E-API")
  end
end

return check

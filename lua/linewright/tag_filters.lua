-- Signal filters that a tag declares: `filter = { { "hampel", window = 5, k = 4 } }`.
-- Names, order and limits of parameters are the kernels' own.

local check = require "linewright.check"
local filters = require "linewright.filters"
local units = require "linewright.units"

local filter_chain = {}

local READERS = {
  s = check.duration, value = check.difference, level = check.value,
}

-- One parameter of a filter, in the unit its kernel works in.
local function filter_param(f, out, what, given, measure, at)
  if measure == "s" then
    local ns = READERS.s(f, given, nil, what, at)
    return ns and ns / 1e9
  elseif measure == "Hz" then
    return check.value(f, given, "Hz", what, at)
  elseif READERS[measure] then
    return READERS[measure](f, given, out.unit, what, at)
  elseif measure == "rate" then
    return check.value(f, given, type(given) == "string" and "(" .. out.unit .. ")/s" or out.unit,
      what, at)
  end
  return check.number(f, given, what, at)
end

local function read_filter_params(f, out, spec, what, at)
  local known, list, i = { [1] = true }, {}, 1
  while true do
    local name, measure, low, high, fallback = filters.param(spec[1], i)
    if not name then break end
    known[name] = true
    local value = spec[name]
    if value == nil then
      if fallback == nil or fallback ~= fallback then
        f:fail(("%s needs %s"):format(what, name), at, "E-RANGE")
      end
      list[i] = fallback or low
    else
      list[i] = filter_param(f, out, what .. ": " .. name, value, measure, at) or fallback or low
      if list[i] < low or list[i] > high then
        f:fail(("%s: %s = %s is outside %s..%s"):format(what, name, units.number(list[i]),
          units.number(low), units.number(high)), at, "E-RANGE")
      end
    end
    i = i + 1
  end
  check.keys(f, spec, known, what, at)
  return list
end

--- Read the `filter` of a tag: one filter or a list of them.
---@param f table findings
---@param tag table as written
---@param out table the spec so far: name, unit
---@return table|nil chain list of { kind, params }
function filter_chain.read(f, tag, out)
  local chain = tag.filter
  if chain == nil then return nil end
  local at = check.place(tag.at, "filter")
  if not check.type(f, chain, "table", out.name .. ": filter", at) then return nil end
  if type(chain[1]) == "string" then chain = { chain } end
  local list = {}
  local kinds = { filters.kinds() }
  for i, spec in ipairs(chain) do
    local kind = type(spec) == "table" and spec[1]
    local what = ("%s: filter %d '%s'"):format(out.name, i, tostring(kind))
    if check.one_of(f, kind, kinds, out.name .. ": filter " .. i, at) then
      list[#list + 1] = { kind = kind, params = read_filter_params(f, out, spec, what, at) }
    end
  end
  return list
end

return filter_chain

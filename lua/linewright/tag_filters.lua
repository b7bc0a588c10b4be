-- Signal filters that a tag declares: `filter = { { "hampel", window = 5, k = 4 } }`.
-- Names, order and limits of parameters are the kernels' own.

local check = require "linewright.check"
local filters = require "linewright.filters"
local units = require "linewright.units"

local filter_chain = {}

local READERS = {
  s = check.duration, value = check.difference, level = check.value,
}

-- A word as the kernel counts it: its place among the parameter's words.
local function choice(f, given, words, what, at)
  local list, place = {}, {}
  for word in words:gmatch "%S+" do
    place[word] = #list
    list[#list + 1] = word
  end
  return check.one_of(f, given, list, what, at) and place[given] or nil
end

-- One parameter of a filter, in the unit its kernel works in.
local function filter_param(f, out, what, given, param, at)
  local measure = param.measure
  if measure == "choice" then
    return choice(f, given, param.words, what, at)
  elseif measure == "s" then
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

-- The value of one parameter, given or by default; out-of-range ones are findings.
local function param_value(f, out, spec, param, what, at)
  local given = spec[param.name]
  if given == nil then
    if param.fallback == nil then
      f:fail(("%s needs %s"):format(what, param.name), at, "E-RANGE")
    end
    return param.fallback or param.low
  end
  local name = what .. ": " .. param.name
  local value = filter_param(f, out, name, given, param, at) or param.fallback or param.low
  if value < param.low or value > param.high then
    f:fail(("%s = %s is outside %s..%s"):format(name, units.number(value),
      units.number(param.low), units.number(param.high)), at, "E-RANGE")
  end
  return value
end

local function read_filter_params(f, out, spec, what, at)
  local known, list, i = { [1] = true }, {}, 1
  local name, measure, low, high, fallback, _, words = filters.param(spec[1], i)
  while name do
    known[name] = true
    local param = { name = name, measure = measure, low = low, high = high, fallback = fallback,
      words = words }
    list[i] = param_value(f, out, spec, param, what, at)
    i = i + 1
    name, measure, low, high, fallback, _, words = filters.param(spec[1], i)
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

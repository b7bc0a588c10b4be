-- Options of drivers in a line profile, checked against what each driver takes.

local check = require "linewright.check"
local drivers = require "linewright.drivers"
local project_of = require "linewright.project"
local sorted = require "linewright.sorted"
local units = require "linewright.units"
local words = require "linewright.words"

local options_of = {}

--- Longest wait for an answer where a profile does not say [s].
options_of.TIMEOUT_S = { modbus_tcp = 0.5, modbus_rtu = 0.5 }

--- What people are shown of a driver. Not the whole path: the plan's digest must not
--- depend on where files lie.
---@param driver table of a profile
---@return string name "modbus_tcp (line_b.lua:12)"
function options_of.name(driver)
  return ("%s (%s:%d)"):format(driver.driver, driver.at.file:match "[^/]*$", driver.at.line)
end

-- Driver options as `check` and the drivers know them: nested keys joined by dots.
local function flatten(options, prefix, out)
  for key, value in sorted(options) do
    local name = prefix .. tostring(key)
    if type(value) == "table" and next(value) ~= nil and not words.is_void(value) then
      flatten(value, name .. ".", out)
    else
      out[name] = value
    end
  end
  return out
end

local function option_specs(kind)
  local specs, i = {}, 1
  while true do
    local name, what, required, help = drivers.option(kind, i)
    if not name then return specs end
    specs[name] = { kind = what, required = required, help = help }
    i = i + 1
  end
end

local OPTION = {
  s = function(f, x, what, at)
    if type(x) == "number" then return units.number(x) end
    return check.type(f, x, "string", what, at)
  end,
  n = function(f, x, what, at)
    local n = check.number(f, x, what, at)
    return n and ("%.17g"):format(n)
  end,
  d = function(f, x, what, at)
    local ns = check.duration(f, x, nil, what, at)
    return ns and ("%.9g"):format(ns / 1e9)
  end,
  b = function(f, x, what, at)
    if not check.type(f, x == true or x == false or nil, "boolean", what, at) and x ~= false then
      return nil
    end
    return tostring(x)
  end,
  f = function(f, x, what, at, dir)
    local path = check.type(f, x, "string", what, at)
    return path and project_of.join(dir, path)
  end,
}

-- What the driver itself says of the values.
local function check_values(f, driver, out, what)
  local ok, message, code = drivers.check_options(driver.driver, out)
  if ok then return end
  local name = message:match "^option ([%w_.]+)"
  f:fail(("%s: %s"):format(what, message),
    name and check.place(driver.at, name:match "[^.]*$") or driver.at, code)
end

--- Check the options of a driver.
---@param f table findings
---@param driver table what `driver "kind" {}` returned
---@param dir string folder that file options are relative to
---@return table|nil options name to text, nil when the kind is unknown
function options_of.read(f, driver, dir)
  if not check.one_of(f, driver.driver, { drivers.kinds() }, "driver", driver.at) then
    return nil
  end
  local specs = option_specs(driver.driver)
  local given = flatten(driver.options, "", {})
  local what = "driver \"" .. driver.driver .. "\""
  check.keys(f, given, specs, what, driver.at)
  local out, finding_n = {}, #f
  for name, spec in sorted(specs) do
    if given[name] ~= nil then
      out[name] = OPTION[spec.kind](f, given[name], what .. ": " .. name,
        check.place(driver.at, name:match "[^.]*$"), dir)
    elseif spec.required and spec.required ~= 0 then
      f:fail(("%s needs %s (%s)"):format(what, name, spec.help or ""), driver.at, "E-KEY")
    end
  end
  if #f == finding_n then check_values(f, driver, out, what) end
  return out
end

return options_of

-- The twin that a line names: found, its options resolved, its signals listed.

local check = require "linewright.check"
local params = require "linewright.params"
local project_of = require "linewright.project"
local sorted = require "linewright.sorted"
local sys = require "linewright.sys"
local vm = require "linewright.vm"

local twins = {}

local join = project_of.join
local SIGNALS_BUDGET_NS = 1e9

-- A file relative to the profile ("twins/coater.lua"), or a name on the twin path.
local function places(project, name, line_dir)
  if name:find "%.lua$" or name:find "/" then
    return { join(line_dir, name), join(line_dir, name .. ".lua") }
  end
  local out = {}
  for _, dir in ipairs { line_dir .. "/twins", line_dir .. "/../twins", project.root .. "/twins",
    project.root .. "/examples/twins", sys.datadir() .. "/twins",
    sys.datadir() .. "/examples/twins", line_dir } do
    out[#out + 1] = join(dir, name .. ".lua")
  end
  return out
end

local function find(project, name, line_dir)
  for _, path in ipairs(places(project, name, line_dir)) do
    if project:source("twin").exists(path) == "file" then return path end
  end
end

-- Options are declared and given like parameters of a recipe.
local function resolve(f, twin, asked, at)
  local declared = params.declared(f, { params = twin.options, at = twin.at })
  local given = {}
  for key, value in sorted(asked) do
    if key ~= 1 then
      if declared[key] then given[key] = value else
        check.keys(f, { [key] = value }, declared, "twin \"" .. twin.name .. "\"", at)
      end
    end
  end
  return params.resolve(f, { name = twin.name }, declared, nil, given)
end

-- The table of signals that a twin declares, its names strings; or nil.
local function declared_signals(project, twin, options)
  local f, wanted = project.findings, twin.signals
  if type(wanted) == "function" then
    local ok, result, kind = vm.call(wanted, SIGNALS_BUDGET_NS, options)
    if not ok then return project:add_failure(result, twin.at, kind) end
    wanted = result
  end
  local what = "twin '" .. twin.name .. "': signals"
  if not check.type(f, wanted, "table", what, twin.at) then return nil end
  for name in next, wanted do
    if type(name) ~= "string" then
      f:fail(("%s: names are strings, got a %s"):format(what, type(name)), twin.at, "E-TYPE")
      return nil
    end
  end
  return wanted
end

local function signals_of(project, twin, options)
  local list, index = {}, {}
  for name, unit in sorted(declared_signals(project, twin, options) or {}) do
    unit = type(unit) == "table" and (unit.unit or unit[1]) or unit
    local what = "twin '" .. twin.name .. "': signal " .. name
    if unit ~= "text" then unit = check.unit(project.findings, unit, what, twin.at) or "1" end
    list[#list + 1] = { name = name, unit = unit }
    index[name] = #list
  end
  return list, index
end

-- `twin = { "coater", zones = 3 }` as written, or nil.
local function asked_for(f, line, at)
  local asked = line.twin
  if type(asked) == "string" then asked = { asked } end
  if not check.type(f, asked, "table", "twin", at) then return nil end
  return check.type(f, asked[1], "string", "the first entry of twin, its name,", at) and asked
end

--- The twin of a line.
---@param project table
---@param line table profile
---@param needed boolean a missing twin is a failure, not a warning
---@return table|nil twin { file, options, signals, index, at, sources }
function twins.of(project, line, needed)
  if line.twin == nil then return nil end
  local f, at = project.findings, check.place(line.at, "twin")
  local asked = asked_for(f, line, at)
  if not asked then return nil end
  local origin = project_of.origin(line)
  local path = find(project, asked[1], origin and project_of.dirname(origin.found) or ".")
  if not path then
    local text = ("twin '%s' is not there: nothing can be simulated"):format(asked[1])
    f:add(needed and "fail" or "warn", text, at, "E-NOTFOUND")
    return nil
  end
  local twin = project:load("twin", path)
  if not twin then return nil end
  local options = resolve(f, twin, asked, at)
  local list, index = signals_of(project, twin, options)
  return { file = path, options = options, signals = list, index = index, at = at,
    sources = project.sources }
end

return twins

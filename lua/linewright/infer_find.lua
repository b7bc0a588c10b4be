--- Where the files of models lie: beside the file that names them, on the disk.

local project_of = require "linewright.project"
local suggest = require "linewright.suggest"
local sys = require "linewright.sys"

local format = string.format

local infer_find = {}

--- Is it a model on a server?
function infer_find.is_address(path) return path:find "^https?://" ~= nil end

--- A path as the file that names it means it: beside that file, else where all
--- paths are looked for. On the disk always, since no store keeps models.
function infer_find.find(project, dir, path)
  if infer_find.is_address(path) then return path end
  -- A profile out of a pack or a database has its folder's name and nothing in it.
  for _, name in ipairs { project_of.join(dir or ".", path), path } do
    for _, candidate in ipairs(project:candidates(name)) do
      if sys.exists(candidate) then return candidate end
    end
  end
end

local function of_role(project, bundle, spec, line_dir)
  local f, unit = project.findings, bundle.eq and bundle.eq[spec.role]
  if not unit then
    if bundle.eq then
      f:fail(format("model of role '%s': the recipe's needs have no such role", spec.role), spec.at,
        "E-NAME")
    end
    return nil
  end
  if not unit.model or unit.model == "stub" then
    if not spec.optional then
      f:fail(format("unit '%s' names no model, and the recipe needs one for role '%s'; write "
        .. "model = \"FILE\"", unit.name, spec.role), { unit.at, spec.at }, "E-CONTRACT")
    end
    return nil
  end
  return unit.model, line_dir, unit.at
end

local function of_param(project, bundle, spec, formula_dir)
  local value = bundle.params and bundle.params[spec.param]
  if type(value) == "string" then return value, formula_dir or spec.dir, spec.at end
  if bundle.params then
    project.findings:fail(format("model: parameter '%s' must hold the name of a file", spec.param),
      spec.at, "E-TYPE")
  end
end

-- What a model that is not there means: a finding, or a warning where the recipe can do without.
local function tell_missing(project, spec, path, dir, at)
  local near = {}
  for _, name in ipairs(sys.list(project_of.dirname(project_of.join(dir or ".", path))) or {}) do
    near[#near + 1] = name
  end
  local f, hint = project.findings, suggest.text(path:match "[^/]*$", near)
  local kind = spec.optional and "warn" or "fail"
  f[kind](f, format("model '%s' is not there%s", path, hint), { at, spec.at }, "E-NOTFOUND")
end

--- The file or address of a model, nil with a finding where there is none.
---@param project table
---@param bundle table
---@param spec table of infer.load
---@param dirs table line, formula: folders of these files
---@return string|nil path
function infer_find.locate(project, bundle, spec, dirs)
  local path, dir, at = spec.file, spec.dir, spec.at
  if spec.role then path, dir, at = of_role(project, bundle, spec, dirs.line) end
  if spec.param then path, dir, at = of_param(project, bundle, spec, dirs.formula) end
  if not path then return nil end
  local found = infer_find.find(project, dir, path)
  if not found then tell_missing(project, spec, path, dir, at) end
  return found
end

return infer_find

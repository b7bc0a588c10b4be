--- The models of a bundle: found, opened, held against what the recipe expects,
--- and pinned by their digest.

local files = require "linewright.files"
local hash = require "linewright.hash"
local infer = require "linewright.infer"
local infer_find = require "linewright.infer_find"
local infer_words = require "linewright.infer_words"
local project_of = require "linewright.project"
local sorted = require "linewright.sorted"
local sys = require "linewright.sys"
local values = require "linewright.infer_values"

local format = string.format

local infer_bundle = {}

local is_address, find, locate = infer_find.is_address, infer_find.find, infer_find.locate

-- ------------------------------------------------------------------ shapes ---

local function dims_text(kind, dims)
  local out = {}
  for i, d in ipairs(dims) do
    out[i] = d >= 0 and format("%.14g", d) or "?"
  end
  return (kind and kind .. " " or "") .. format("[%s]", table.concat(out, " x "))
end

-- A shape as a recipe writes it: perhaps a type in front, then sizes; a name
-- instead of a number is any size.
local function read_shape(want)
  local kind, dims = nil, {}
  for i, d in ipairs(want) do
    if i == 1 and type(d) == "string" and d:find "^%l+%d*$" then kind = d
    else dims[#dims + 1] = type(d) == "number" and d or -1 end
  end
  return kind, dims
end

local function same_size(want, have) return want < 0 or have < 0 or want == have end

-- The batch in front may be left out: {32} is [? x 32] or [1 x 32].
local function fits(want, place)
  local kind, dims = read_shape(want)
  local skip = #place.dims - #dims
  if (kind and kind ~= place.type) or skip < 0 or skip > 1 then return false end
  if skip == 1 and not same_size(1, place.dims[1]) then return false end
  for i, d in ipairs(dims) do
    if not same_size(d, place.dims[i + skip]) then return false end
  end
  return true
end

local function check_place(f, spec, what, name, shape, place)
  if not place then
    f:fail(format("model '%s' has no %s '%s'", spec.name, what, tostring(name)), spec.at, "E-SHAPE")
  elseif type(shape) ~= "table" or not fits(shape, place) then
    local kind, dims = read_shape(type(shape) == "table" and shape or {})
    f:fail(format("model '%s': the recipe expects %s %s, the file has '%s' %s", spec.name, what,
      dims_text(kind, dims), place.name, dims_text(place.type, place.dims)), spec.at, "E-SHAPE")
  end
end

local function check_places(f, state, what, want, places)
  local spec, by_name = state.spec, {}
  for i, place in ipairs(places) do by_name[place.name], by_name[i] = place, place end
  for name, shape in sorted(want or {}) do
    check_place(f, spec, what, name, shape, by_name[name])
  end
  if want and #want == 1 and #places > 1 then
    f:fail(format("model '%s' has %d %ss; name them: %ss = { ... }", spec.name, #places, what,
      what), spec.at, "E-SHAPE")
  end
end

-- ----------------------------------------------------------------- opening ---

-- What a pack or a database says about the model that its bundle was made with.
local function check_pinned(project, state, file)
  local source = project.sources.other
  local was = source and source ~= files.disk and source.read(file.path)
  local digest = was and was ~= file.text and was:match "\nsha256 (%x+)\n"
  if not digest then return end
  project.findings:fail(format("model '%s' is not the one that this bundle was made with: its "
    .. "digest is %.16s..., it was %.16s...", state.path, state.info.digest, digest),
    state.spec.at, "E-CORRUPT")
end

-- A model is pinned by a line about it: its bytes stay where they are.
local function remember(project, state, path)
  local info = state.info
  local name = path:match "([^/]*)$"
  local text = format("model %s\nsha256 %s\nbytes %.0f\n", name, info.digest, state.bytes)
  local file = { role = "model", path = path:match "([^/]*/[^/]*)$" or path,
    sha = hash.sha256(text), text = text }
  check_pinned(project, state, file)
  for _, known in ipairs(project.files) do
    if known.role == "model" and known.sha == file.sha then return end
  end
  project.files[#project.files + 1] = file
end

local function describe(state, model, path)
  local backend, provider, level, cost, digest, bytes, is_inline, passed_over = model:used()
  state.model, state.path = model, path
  state.info = { name = state.spec.name, digest = digest, backend = backend, provider = provider,
    level = level, path = path, passed_over = passed_over }
  state.cost, state.bytes, state.is_inline = cost, bytes, is_inline
  state.inputs, state.outputs = values.places(model, "in"), values.places(model, "out")
end

-- A run that comes back while its server is away has its fallbacks, and the same
-- bundle as before.
local function go_without(project, state, path)
  state.path, state.bytes, state.is_inline = path, 0, false
  state.info = { name = state.spec.name, digest = hash.sha256(path), backend = "oip",
    provider = path, level = "", path = path }
  remember(project, state, path)
end

local function open(project, bundle, state, dirs, allowed)
  local spec, f = state.spec, project.findings
  state.model = nil
  local path = locate(project, bundle, spec, dirs)
  if not path then return end
  local model, message, code = infer.open(path, spec.backend, spec.providers, spec.level,
    spec.threads, allowed)
  if not model and is_address(path) and bundle.is_pinned then
    return go_without(project, state, path)
  end
  if not model then return f:fail(message, spec.at, code) end
  describe(state, model, path)
  check_places(f, state, "input", spec.want_in, state.inputs)
  check_places(f, state, "output", spec.want_out, state.outputs)
  remember(project, state, path)
end

-- The line's list of digests that may be loaded; without one every model may.
local function allow_list(project, line, line_dir)
  local name = line and line.models_allowed
  if name == nil then return nil end
  local f = project.findings
  local path = type(name) == "string" and find(project, line_dir, name)
  local text = path and sys.read_file(path)
  if not text then
    f:fail(format("line.models_allowed: the list of digests '%s' is not there", tostring(name)),
      line.at, "E-NOTFOUND")
    return ""
  end
  return text
end

local plugged = {} -- paths of shared objects that this process has loaded

local function plug_one(project, name, line_dir)
  local path = type(name) == "string" and find(project, line_dir, name)
  if not path then return nil, format("'%s' is not there", tostring(name)), "E-NOTFOUND" end
  path = sys.realpath(path) or path
  if plugged[path] then return true end
  local ok, why, code = infer.plugin(path)
  plugged[path] = ok
  return ok, why, code
end

-- Backends that the line's integrator adds; a recipe cannot.
local function plug(project, line, line_dir)
  local list, f = line and line.model_backends or {}, project.findings
  if type(list) ~= "table" then
    return f:fail("line.model_backends must be a list of files", line.at, "E-TYPE")
  end
  for i, name in ipairs(list) do
    local ok, why, code = plug_one(project, name, line_dir)
    if not ok then f:fail(format("line.model_backends[%d]: %s", i, why), line.at, code) end
  end
end

-- Does a device feed any channel of a unit?
local function has_device(unit)
  for _, member in pairs(unit.members) do
    if member.source == "driver" then return true end
  end
  return false
end

-- A role that has its model is no stub any more, unless a run on devices shows it what the twin
-- makes up.
local function unstub(bundle, role)
  if not (bundle.sim or has_device(bundle.eq[role])) then return end
  for i, name in ipairs(bundle.stubs or {}) do
    if name == role then return table.remove(bundle.stubs, i) end
  end
end

local function length_of(unit, size)
  return type(size) == "string" and { #(unit.props[size] or {}) } or size
end

-- Models of contracts whose methods call them, beside those that files declare.
local function with_contracts(states, eq)
  local out, is_declared = {}, {}
  for i, state in ipairs(states) do
    out[i] = state
    is_declared[state.spec.role or ""] = true
  end
  for role, unit in sorted(eq or {}) do
    local wants = unit.contract.model
    if type(wants) == "table" and unit.model and unit.model ~= "stub" and not is_declared[role] then
      local state = infer_words.of_contract(role, { input = wants.input,
        output = length_of(unit, wants.output) }, unit.at)
      unit.handle = state.handle
      out[#out + 1] = state
    end
  end
  return out
end

--- Open the models that the files of a bundle declare, and those of its contracts.
---@param project table
---@param bundle table recipe, line, eq, params
---@param dirs table line, formula: folders of these files
function infer_bundle.load(project, bundle, dirs)
  local from = bundle.recipe and project_of.origin(bundle.recipe)
  local states = infer_words.declared(project.files)
  -- A recipe that another project loaded brings its own along.
  if from and from.files ~= project.files then states = infer_words.declared(from.files) end
  states = with_contracts(states, bundle.eq)
  bundle.models = states
  if #states == 0 then return end
  plug(project, bundle.line, dirs.line)
  local allowed = allow_list(project, bundle.line, dirs.line)
  for _, state in ipairs(states) do
    open(project, bundle, state, dirs, allowed)
    if state.spec.role and state.model then unstub(bundle, state.spec.role) end
  end
end

return infer_bundle

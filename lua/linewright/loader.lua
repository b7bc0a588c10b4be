-- Files to a bundle: recipe, line, formula and contracts read, checked against
-- each other, and made into the flat plan that a host runs. Nothing here touches
-- a device.

local Findings = require "linewright.findings"
local capability = require "linewright.capability"
local driver_options = require "linewright.driver_options"
local hash = require "linewright.hash"
local infer_bundle = require "linewright.infer_bundle"
local line_of = require "linewright.line"
local natives = require "linewright.natives"
local params = require "linewright.params"
local planner = require "linewright.planner"
local project_of = require "linewright.project"
local recipe_of = require "linewright.recipe"
local roles = require "linewright.roles"
local rules = require "linewright.rules"
local sorted = require "linewright.sorted"
local static = require "linewright.static"
local stdlib = require "linewright.stdlib"
local sys = require "linewright.sys"
local twins = require "linewright.twins"
local view = require "linewright.view"
local vm = require "linewright.vm"

local loader = {}

local VALIDATE_BUDGET_NS = 1e9
local TEXTS_MAX = 100

local function new_project(options)
  return project_of.new(Findings.new(), { root = options.root, stdlib_words = stdlib.words,
    sources = options.sources })
end

--- Load one file and give what it returns, to look at it or to change it in a
--- spec before `loader.bundle` takes it.
---@param path string
---@param options table|nil root, role (of a file that is not there, for the message)
---@return table loaded; raises findings
function loader.load(path, options)
  local project = new_project(options or {})
  local found = project:find(path)
  local text = found and sys.read_file(found)
  local role = text and project_of.role_of_text(text) or options and options.role or "recipe"
  local loaded = project:load(role, path)
  project:seal()
  project.findings:raise()
  return loaded
end

local function folder_of(t)
  local from = t and project_of.origin(t)
  return from and project_of.dirname(from.found)
end

local function contract_dirs(project, recipe, line)
  local bases = { project.root }
  bases[#bases + 1] = folder_of(recipe)
  bases[#bases + 1] = folder_of(line)
  return capability.dirs((table.unpack or unpack)(bases)) -- luacheck: ignore 113 143
end

--- A recipe and the contracts that its files can name, without a line.
---@param path string
---@return table recipe
---@return table library raises findings
function loader.contracts(path)
  local project = new_project {}
  local recipe = project:load("recipe", path)
  project.findings:raise()
  return recipe, capability.library(project, contract_dirs(project, recipe))
end

-- The first line of a function, for findings about what it returned.
local function defined_at(fn)
  local info = debug.getinfo(fn, "S")
  return { file = info.source:gsub("^@", ""), line = info.linedefined }
end

-- Validation needs every number and every unit; what lacks is a finding already.
local function is_complete(bundle)
  for role in pairs(bundle.recipe.needs or {}) do
    if not bundle.eq[role] then return false end
  end
  for name in pairs(bundle.param_info) do
    if bundle.params[name] == nil then return false end
  end
  return true
end

-- What `validate` returned, as texts: nothing, a text or a list of them.
local function texts_of(result)
  if type(result) == "string" then return { result } end
  local out = {}
  if type(result) ~= "table" then return out end
  for i = 1, TEXTS_MAX do
    local text = rawget(result, i)
    if text == nil then break end
    out[i] = type(text) == "string" and text or "validate returned a " .. type(text)
  end
  return out
end

local function validate(project, bundle)
  local f, fn = project.findings, bundle.recipe.validate
  if type(fn) ~= "function" or not is_complete(bundle) then return end
  local p, eq = view.params(bundle.params), view.equipment(bundle.eq, bundle.line.name)
  local ok, result, kind = vm.call(function() return texts_of(fn(p, eq)) end, VALIDATE_BUDGET_NS)
  local at = defined_at(fn)
  if not ok then
    -- An error after a failure is most likely its consequence.
    if not f:failed() then project:add_failure(result, at, kind) end
    return
  end
  for _, text in ipairs(result) do f:fail(text, at) end
end

local function by_recipe_path(channels)
  local out = {}
  for _, ch in ipairs(channels) do out[ch.path] = ch end
  return out
end

local function is_recorded(ch)
  return ch.class == "readable" and (ch.spec.deadband or ch.spec.history or "none") ~= "none"
end

-- Channels that only rules look at, or only the history, join those of the recipe.
local function add_other_channels(channels, list, by_path)
  local seen = {}
  local function add(ch)
    if not seen[ch] then channels[#channels + 1] = ch end
    seen[ch] = true
  end
  for _, ch in ipairs(channels) do seen[ch] = true end
  for _, r in ipairs(list) do
    for _, ch in ipairs { r.channel, r.need.channel } do add(ch) end
  end
  for _, ch in sorted(by_path) do if is_recorded(ch) then add(ch) end end
end

-- A rule's channel may have a path that a role of the recipe has taken.
local function check_paths(channels)
  local seen = {}
  for _, ch in ipairs(channels) do
    if seen[ch.path] then ch.path = "line:" .. ch.line_path end
    seen[ch.path] = true
  end
end

local function check_drivers(project, ctx, profile)
  local seen, options = {}, {}
  for _, unit in sorted(profile.units) do
    for _, ch in ipairs(line_of.channels_of(unit)) do
      local driver = ch.spec.driver
      if driver and not seen[driver] then
        seen[driver] = true
        options[driver] = driver_options.read(ctx.f, driver, ctx.dir)
        if driver.driver == "native" then
          natives.prepare(project, driver, options[driver], ctx.dir, ctx.sim)
        end
      end
    end
  end
  return options
end

local function optional_channels(channels)
  local out = {}
  for _, ch in ipairs(channels) do
    if ch.spec.optional then out[ch] = true end
  end
  return out
end

local function stubs_of(eq)
  local out = {}
  for role, unit in sorted(eq) do
    if unit.contract.model then out[#out + 1] = role end
  end
  return out
end

-- Bind the line and build the plan.
local function bind_line(project, bundle, library, options)
  local f = project.findings
  local profile = line_of.read(f, library, bundle.line)
  local ctx = { f = f, profile = profile, sim = options.sim, is_view = options.view,
    dir = folder_of(bundle.line) or "." }
  ctx.profile_path = bundle.line.at.file:match "[^/]*$"
  local eq, channels, contracts = roles.bind(f, library, bundle.recipe, profile)
  local by_path, names = roles.all_channels(f, profile, channels)
  ctx.rules = rules.read(f, profile, by_path, names)
  bundle.suspend = recipe_of.suspend(f, bundle.recipe, by_recipe_path(channels))
  add_other_channels(channels, ctx.rules, by_path)
  check_paths(channels)
  ctx.channels, ctx.optional = channels, optional_channels(channels)
  ctx.driver_options = check_drivers(project, ctx, profile)
  ctx.twin = twins.of(project, bundle.line, options.sim)
  if not planner.feed(ctx) then ctx.twin = nil end
  bundle.eq, bundle.contracts, bundle.stubs = eq, contracts, stubs_of(eq)
  bundle.profile, bundle.rules, bundle.twin = profile, ctx.rules, ctx.twin
  bundle.driver_options = ctx.driver_options
  bundle.line.scan_ns, bundle.line.tick_ns = profile.scan_ns, profile.tick_ns
  return ctx
end

local function build_plan(bundle, ctx)
  local p = not ctx.f:failed() and planner.build(ctx)
  bundle.channels, bundle.channel_list = {}, {}
  for _, ch in ipairs(ctx.channels) do
    bundle.channels[ch.path] = ch
    if ch.index then bundle.channel_list[ch.index] = ch end
  end
  if ctx.f:failed() then return end
  bundle.plan, bundle.plan_digest = p:encode(), p:digest()
end

-- The bundle's hash does not depend on where files lie, only on what is in them.
local function manifest_hash(files)
  local lines = {}
  for i, file in ipairs(files) do
    lines[i] = ("%s %s %s"):format(file.role, file.path:match "[^/]*$", file.sha)
  end
  table.sort(lines)
  return hash.sha256(table.concat(lines, "\n"))
end

local function read_files(project, options)
  local recipe = project:load("recipe", options.recipe)
  local line = options.line and project:load("line", options.line)
  local formula = options.formula and project:load("formula", options.formula)
  return { recipe = recipe, line = line, formula = formula, sim = options.sim == true,
    is_pinned = options.sources ~= nil }
end

local function check_recipe(project, bundle, library)
  local f, recipe = project.findings, bundle.recipe
  recipe_of.check(f, recipe)
  local contracts = bundle.contracts
  if not contracts then
    local _, _, found = roles.bind(f, library, recipe, nil)
    contracts = found
  end
  local from = project_of.origin(recipe)
  if from then static.check(f, from.file, recipe, contracts, stdlib.blocks()) end
end

local function resolve_params(project, bundle, options)
  local f = project.findings
  local declared = params.declared(f, bundle.recipe)
  bundle.params = params.resolve(f, bundle.recipe, declared, bundle.formula, options.params,
    options.set)
  bundle.param_info = declared
  bundle.settings = { params = options.params, set = options.set,
    formula = bundle.formula and bundle.formula.name }
end

--- Check files against each other.
---@param options table recipe, line, formula (path or loaded table), params, set, sim, root,
---  sources (role to linewright.files source)
---@return table bundle as far as it could be made
---@return table findings
function loader.check(options)
  local project = new_project(options)
  local bundle = read_files(project, options)
  local recipe, line = bundle.recipe, bundle.line
  local library = capability.library(project, contract_dirs(project, recipe, line))
  if recipe then resolve_params(project, bundle, options) end
  local ctx = recipe and line and bind_line(project, bundle, library, options)
  infer_bundle.load(project, bundle, { line = folder_of(line),
    formula = folder_of(bundle.formula) })
  if line and not recipe then line_of.read(project.findings, library, line) end
  if recipe then check_recipe(project, bundle, library) end
  if ctx then
    validate(project, bundle)
    build_plan(bundle, ctx)
  end
  project:seal()
  bundle.files, bundle.hash = project.files, manifest_hash(project.files)
  local from = recipe and project_of.origin(recipe)
  bundle.env = from and from.env
  return bundle, project.findings
end

--- Files to a bundle, ready to run.
---@param options table recipe, line (path or loaded table), formula, params (numbers or strings
---  with units), set (text from a command line), sim (the twin replaces all drivers),
---  view (nothing that writes: no outputs, interlocks, watchdogs), root
---@return table bundle; raises a findings error
function loader.bundle(options)
  local bundle, findings = loader.check(options)
  findings:raise()
  bundle.warnings = findings:text { warn = true }
  return bundle
end

return loader

--- A run that is resumed goes by the texts it was begun with, as its database
--- keeps them: what was edited or lost on the disk since reaches other runs. Only
--- a recipe that was changed is somebody's wish, and refused unless told otherwise.

local Findings = require "linewright.findings"
local files = require "linewright.files"
local loader = require "linewright.loader"
local project_of = require "linewright.project"
local release = require "linewright.release"
local stdlib = require "linewright.stdlib"
local store = require "linewright.store"
local sys = require "linewright.sys"

local pinned = {}

local NAMES_MAX = 4
-- Others stand for something else: the head of a pack, a line about a model.
local IS_FILE = { recipe = true, line = true, formula = true, capability = true, twin = true,
  module = true }

local function read_store(s, bundle)
  local list = {}
  repeat
    local role, path, text = s:bundle_file(bundle, #list + 1)
    if role then list[#list + 1] = { role = role, path = path, text = text } end
  until not role
  return list
end

local function role_of(list, role)
  for _, file in ipairs(list) do
    if file.role == role then return file end
  end
end

-- The folder in which the run was begun, with its stroke: what its recipe was
-- named without; "" is this one.
local function base_of(path, full)
  local from = #full - #path
  return from > 0 and full:sub(from) == "/" .. path and full:sub(1, from) or ""
end

-- Where a file lies now: as the run's head says, or as it was named then.
local function places(o, base, file)
  local path = file.path:gsub("^%./", "")
  local own = ({ recipe = o.recipe, line = o.line, formula = o.formula })[file.role]
  if own then return { own } end
  if path:sub(1, 1) == "/" then return { path } end
  return { base .. path, sys.datadir() .. "/" .. path }
end

local function on_disk(at)
  for _, path in ipairs(at) do
    local text = sys.exists(path) == "file" and sys.read_file(path)
    if text then return text end
  end
end

-- Names of the files that are others now, and whether the recipe is one of them.
local function differences(o, base, list)
  local names, is_other_recipe = {}, false
  for _, file in ipairs(list) do
    local now = IS_FILE[file.role] and on_disk(places(o, base, file))
    if IS_FILE[file.role] and now ~= file.text then
      names[#names + 1] = file.path:match "[^/]*$" .. (now and "" or " (not there)")
      if now and file.role == "recipe" then is_other_recipe = true end
    end
  end
  return names, is_other_recipe
end

local function note_of(names)
  if #names == 0 then return nil end
  local shown = table.concat(names, ", ", 1, math.min(#names, NAMES_MAX))
  if #names > NAMES_MAX then shown = shown .. (" and %d more"):format(#names - NAMES_MAX) end
  return ("changed since the run was begun: %s; it goes on by its own texts in the database")
    :format(shown)
end

-- By the names that the run is resumed under, and by those of then.
local function source_of(o, base, list)
  local texts = {}
  for _, file in ipairs(list) do
    texts[file.path] = file.text
    for _, path in ipairs(places(o, base, file)) do texts[files.shown(path)] = file.text end
  end
  return files.pinned(texts)
end

-- What lies in a pack goes by its names there.
local function options_of(o, list, head)
  local out = { set = o.set, sim = o.sim }
  for _, role in ipairs { "recipe", "line", "formula" } do
    local file = head and role_of(list, role)
    if head then out[role] = file and file.path else out[role] = o[role] end
  end
  return out
end

--- The bundle of a run by its own texts.
---@param o table recipe, line, formula, set, sim as the run's head has them; db, bundle, run;
---  pinned: also when the recipe on disk is another one
---@return table|nil bundle nil: go by the disk, which is refused if it is another bundle
---@return string|nil note what changed on the disk
function pinned.load(o)
  local s = store.open(o.db, "r")
  local list = s and read_store(s, o.bundle) or {}
  local recipe, head = role_of(list, "recipe"), role_of(list, "pack")
  if not recipe then return nil end
  local base = base_of(recipe.path, o.recipe)
  local names, is_other_recipe = {}, false
  if not head then names, is_other_recipe = differences(o, base, list) end
  if is_other_recipe and not o.pinned then return nil end
  local options = options_of(o, list, head)
  options.sources = { other = source_of(o, base, list) }
  local bundle, findings = loader.check(options)
  if findings:failed() or bundle.hash ~= o.bundle then return nil end
  bundle.is_packed = head ~= nil
  bundle.release = release.of(head and head.text, s:run_get(tonumber(o.run), "policy"))
  return bundle, note_of(names)
end

--- The recipe of a run by its own texts, without its line.
---@param s table store
---@param bundle string hash
---@return table|nil recipe
---@return string|nil why
function pinned.recipe(s, bundle)
  local file = role_of(read_store(s, bundle), "recipe")
  if not file then return nil, "the run's recipe is not in the database" end
  local project = project_of.new(Findings.new(), { stdlib_words = stdlib.words,
    sources = { other = (files.stored(s, bundle)) } })
  local recipe = project:load("recipe", file.path)
  project:seal()
  if project.findings:failed() then return nil, project.findings:text() end
  return recipe
end

return pinned

-- Files: found, read as text, run in a sandbox, remembered for the bundle.

local files = require "linewright.files"
local hash = require "linewright.hash"
local hidden = require "linewright.hidden"
local names_of = require "linewright.names"
local own_place = require "linewright.own_place"
local sandbox = require "linewright.sandbox"
local source = require "linewright.source"
local suggest = require "linewright.suggest"
local syntax_of = require "linewright.syntax"
local sys = require "linewright.sys"
local vm = require "linewright.vm"
local words = require "linewright.words"

local raw_metatable = debug.getmetatable
local DEPTH_MAX = 64
local LOAD_BUDGET_NS = 2e9 -- CPU that one file may take to load

local Project = {}
Project.__index = Project

--- Where a table that a file returned came from; a spec may hand one in again.
---@param t table
---@return table|nil origin file, env, found, texts, files
function Project.origin(t) return hidden.get(t) end

local function join(dir, path)
  if path:sub(1, 1) == "/" or dir == "" or dir == "." then return path end
  return dir .. "/" .. path
end
Project.join = join

function Project.dirname(path) return path:match "^(.*)/[^/]*$" or "." end

--- Candidates for a path as people give it.
function Project:candidates(path)
  local data = sys.datadir()
  return { path, join(self.root, path), join(self.root, "examples/" .. path),
    join(data, path), join(data, "examples/" .. path) }
end

--- Where the files of a role come from.
---@param role string
---@return table source see linewright.files
function Project:source(role) return self.sources[role] or self.sources.other end

function Project:find(path, role)
  local from = self:source(role)
  for _, candidate in ipairs(self:candidates(path)) do
    if from.exists(candidate) then return candidate end
  end
end

-- Near names in the folder where the path points to.
local function neighbours(from, path)
  local names = {}
  for _, name in ipairs(from.list(Project.dirname(path)) or {}) do
    if name:find "%.lua$" then names[#names + 1] = name end
  end
  return suggest.text(path:match "[^/]*$", names)
end

-- Files that a command line names are the environment's part; what these files
-- name is theirs.
local NAMED_BY_PEOPLE = { recipe = true, line = true, formula = true }

function Project:refuse_file(role, text, code)
  self.findings:fail(text, nil, code)
  self.findings[#self.findings].environment = NAMED_BY_PEOPLE[role]
end

-- "file:line: text" as Lua writes it; long paths are cut in front by Lua.
local function place_of(message, path)
  message = own_place.strip(message)
  local file, line, text = message:match "^(.-):(%d+): (.*)$"
  if not line then return nil, message end
  if file:find "^%.%.%." or file:find '^%[string' then file = path end
  return { file = file, line = tonumber(line) }, text
end
Project.place_of = place_of

local function vocabulary(self, role, dir)
  local extra = words.of(role, self.findings)
  for name, value in pairs(self.stdlib_words(role, self, dir)) do extra[name] = value end
  return sandbox.new(extra, {
    home = words.home,
    on_unknown = function(_, message)
      self.findings:fail(message, words.here(), "E-NAME")
      return words.VOID
    end,
    require = function(name) return self:module(name, dir, role) end,
  })
end

local LOADING = {} -- in place of a module that has been begun

--- A module that a file asks for by `require`: the standard library's, or a file
--- beside the one that asks; the latter is pinned in the bundle.
function Project:module(name, dir, asking)
  local known = self.stdlib_words "module"[name]
  if known then return known end
  if type(name) ~= "string" or not name:find "^[%w_]+$" then
    error("require takes the name of a module, e.g. require \"helpers\"", 2)
  end
  local path, from = join(dir, name .. ".lua"), self:source(asking)
  local pinned = self.modules[path]
  if pinned == LOADING then error(("module '%s' requires itself"):format(name), 2) end
  if pinned then return pinned end
  if self.sealed then
    error(("module '%s' was not loaded with the file: require it at the top"):format(name), 2)
  end
  if not from.exists(path) then error(("module '%s' is not there (%s)"):format(name, path), 2) end
  self.modules[path] = LOADING
  local result = self:evaluate("module", path, from)
  self.modules[path] = result or nil
  return result or error(("module '%s' could not be loaded"):format(name), 2)
end

local SPENT = {
  budget = "it did not come to an end within its time of computing",
  memory = "it used up its memory",
}

--- Record what a call of a file's code raised.
---@param message any the error value
---@param at table place to blame when the error does not say
---@param kind string|nil "budget" or "memory", as vm.call says
function Project:add_failure(message, at, kind)
  if SPENT[kind] then return self.findings:fail(SPENT[kind], at, "E-BUDGET") end
  local raised = type(message) == "string" and message or "error: " .. type(message)
  local place, text = place_of(raised, at.file)
  local code = text:match "^(E%-%u+) "
  if code then text = text:gsub("^E%-%u+ ", "") end
  self.findings:fail(text, place or at, code or "E-SCRIPT")
end

local function run_chunk(self, chunk, env, path)
  local ok, result, kind = vm.call(chunk, LOAD_BUDGET_NS)
  sandbox.freeze(env)
  if ok then return result end
  self:add_failure(result, { file = path, line = 1 }, kind)
end

function Project:remember(role, path, text)
  local file = { role = role, path = files.shown(path), sha = hash.sha256(text), text = text }
  self.files[#self.files + 1] = file
  self.texts[file.path] = text
  return file
end

-- The word that the last `return` of a file calls says what kind of file it is.
function Project.role_of_text(text)
  local role
  for word in text:gmatch "return%s+(%a+)%s*[\"'%(]" do
    if words.is_role(word) then role = word end
  end
  return role
end

-- May this text be run as a file of its role? Findings if not.
local function is_fit(self, role, file)
  local fine, why, line = source.gate(file.text)
  if not fine then
    self.findings:fail(why, { file = file.path, line = line }, "E-SYNTAX")
    return false
  end
  local kind = Project.role_of_text(file.text)
  if role ~= "module" and kind and kind ~= role then
    self.findings:fail(("the file holds a %s; a %s is wanted here"):format(kind, role),
      { file = file.path, line = 1 }, "E-TYPE")
    return false
  end
  return true
end

-- Run a file; its value, or nil with findings. `file` tells where it came from.
function Project:evaluate(role, path, from)
  local text, message, code = (from or self:source(role)).read(path)
  if not text then
    self:refuse_file(role, ("%s: %s"):format(role, message), code or "E-IO")
    return nil
  end
  local file = self:remember(role, path, text)
  if not is_fit(self, role, file) then return nil end
  local env = vocabulary(self, role, Project.dirname(path))
  local chunk, syntax = sandbox.load(text, "@" .. file.path, env)
  if not chunk then
    local at, said = place_of(syntax, file.path)
    at = at or { file = file.path, line = 1 }
    self.findings:fail(syntax_of.explain(said, source.line(file.text, at.line)), at, "E-SYNTAX")
    return nil
  end
  local value = run_chunk(self, chunk, env, file.path)
  names_of.check(self.findings, role, file, env)
  return value, file, env
end

-- What a file returned against what it should return.
local function check_kind(self, role, value, file)
  if words.is_void(value) then return false end
  local kind = type(value) == "table" and rawget(value, "kind") or type(value)
  if kind == role then return true end
  self.findings:fail(("the file returns %s; it must `return %s \"name\" { ... }`"):format(
    kind == "nil" and "nothing" or "a " .. tostring(kind), role), { file = file.path, line = 1 },
    "E-TYPE")
  return false
end

-- Tables of files are data for trusted code: a metatable in them would run the
-- file's code whenever we look, outside of any budget.
local function is_data(t, seen, depth)
  if depth > DEPTH_MAX or raw_metatable(t) then return words.is_void(t) end
  seen[t] = true
  for k, v in next, t do
    if type(k) == "table" then return false end
    if type(v) == "table" and not seen[v] and not is_data(v, seen, depth + 1) then return false end
  end
  return true
end

local function check_data(self, value)
  if is_data(value, {}, 1) then return true end
  self.findings:fail(("%s must be plain tables: no metatables or tables as keys, at most %d deep")
    :format(rawget(value, "kind"), DEPTH_MAX), rawget(value, "at"), "E-TYPE")
  return false
end

--- Load a file of a role, or take a table that was loaded before.
---@param role string "recipe", "line", "formula", "capability" or "twin"
---@param path string|table
---@return table|nil loaded
function Project:load(role, path)
  if type(path) == "table" then return self:adopt(role, path) end
  local found = self:find(path, role)
  if not found then
    self:refuse_file(role, ("%s '%s' is not there%s"):format(role, path,
      neighbours(self:source(role), path)), "E-NOTFOUND")
    return nil
  end
  local before = self.findings.fail_n
  local value, file, env = self:evaluate(role, found)
  if not file or (value == nil and self.findings.fail_n > before) then return nil end
  if not (check_kind(self, role, value, file) and check_data(self, value)) then return nil end
  hidden.set(value, { file = file, env = env, found = found, texts = self.texts,
    files = self.files })
  return value
end

-- A table loaded by another project: its text belongs to this bundle too.
function Project:adopt(role, t)
  local from = Project.origin(t)
  if t.kind ~= role then
    self.findings:fail(("this table is no %s"):format(role), t.at, "E-TYPE")
    return nil
  end
  if from then
    for _, file in ipairs(from.files) do
      if file == from.file or file.role == "module" then self.files[#self.files + 1] = file end
    end
    for path, text in pairs(from.texts) do self.texts[path] = self.texts[path] or text end
  end
  return t
end

local function locator(self)
  local tokens = {}
  return function(at, path)
    local text = self.texts[at.file]
    if not text then return at end
    tokens[at.file] = tokens[at.file] or source.tokens(text)
    return { file = at.file, line = source.line_of(tokens[at.file], at.line, path) }
  end
end

--- No more modules: what a run needs was pinned when its files were loaded.
function Project:seal() self.sealed = true end

--- A set of files that are checked together.
---@param findings table collector
---@param options table root: folder of the project (default the working folder),
---  stdlib_words(role): library words of a kind of file; sources: role to source, `other` for
---  the rest (linewright.files; default the disk)
---@return table project
function Project.new(findings, options)
  local self = setmetatable({ findings = findings, root = options.root or ".", files = {},
    texts = {}, modules = {}, stdlib_words = options.stdlib_words,
    sources = options.sources or { other = files.disk } }, Project)
  findings.locate = locator(self)
  findings.text_of = function(path) return self.texts[path] end
  return self
end

return Project

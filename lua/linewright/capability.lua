-- Capability contracts: what a recipe may ask of a unit, and a line must offer.
--
--   return capability "zoned_dryer@1" {
--     zones = list { temp = readable "degC", setpoint = writable "degC" },
--     batch = readable { "text", optional = true },
--     shot = readable "picture",
--     props = { length = "m", temp_max = "degC" },
--     methods = { hottest = function(u) ... end },
--   }
--
-- Everything but `help`, `props`, `methods` and `model` is a channel or a list of
-- units' channels. A later file may add optional channels and properties under
-- the same version; any other change is a new version.

local check = require "linewright.check"
local project_of = require "linewright.project"
local sorted = require "linewright.sorted"
local suggest = require "linewright.suggest"
local surface = require "linewright.surface"
local sys = require "linewright.sys"
local words = require "linewright.words"

local capability = {}

local RESERVED = { help = true, props = true, methods = true, model = true, name = true,
  kind = true, at = true }
local CHANNEL_KEYS, PROP_KEYS = surface.keys "member", surface.keys "property"

-- A unit of measure, a text, or a picture, which crosses as its file's name.
local function unit_of(f, what, def)
  local unit = def[1]
  if unit ~= "text" and unit ~= "picture" then return check.unit(f, unit, what, def.at) or "1" end
  if def.kind == "writable" then
    f:fail(("%s: a %s can be read, not set: readable \"%s\""):format(what, unit, unit), def.at,
      "E-READONLY")
  end
  return "text"
end

local function channel(f, name, what, def, at)
  if words.is_void(def) then return nil end
  local is_channel = type(def) == "table" and (def.kind == "readable" or def.kind == "writable")
  if not is_channel then
    f:fail(("%s must be readable \"unit\" or writable \"unit\""):format(what),
      type(def) == "table" and def.at or at, "E-TYPE")
    return nil
  end
  check.keys(f, def, CHANNEL_KEYS, what, def.at)
  return { name = name, class = def.kind, unit = unit_of(f, what, def), key = def.key == true,
    is_picture = def[1] == "picture", optional = def.optional == true, help = def.help,
    at = def.at }
end

local function list(f, name, what, def)
  local out = { name = name, class = "list", optional = def.optional == true, at = def.at,
    members = {} }
  for _, key in ipairs(check.names(def)) do
    if key ~= "kind" and key ~= "at" and key ~= "optional" then
      out.members[key] = channel(f, key, what .. "[]." .. key, def[key], check.place(def.at, key))
    end
  end
  return out
end

local function property(f, name, what, def, at)
  if type(def) == "string" then def = { def, at = at } end
  if not check.type(f, def, "table", what, at) then return nil end
  at = def.at or at
  check.keys(f, def, PROP_KEYS, what, at)
  local unit = def[1]
  if unit ~= "text" then unit = check.unit(f, unit, what, at) or "1" end
  return { name = name, unit = unit, list = def.list == true, optional = def.optional == true,
    default = def.default, help = def.help, at = at }
end

-- A table under a key of the contract; anything else is a finding.
local function part(f, t, key)
  if t[key] == nil then return {} end
  return check.type(f, t[key], "table", t.name .. ": " .. key, check.place(t.at, key)) or {}
end

local function methods(f, t)
  local out = {}
  for name, fn in sorted(part(f, t, "methods")) do
    out[name] = check.type(f, fn, "function", t.name .. ": method " .. tostring(name),
      check.place(t.at, "methods", name))
  end
  return out
end

local function members(f, t)
  local out = {}
  for _, key in ipairs(check.names(t)) do
    local def = t[key]
    if not RESERVED[key] then
      local what = t.name .. ": " .. key
      if type(def) == "table" and def.kind == "list" then out[key] = list(f, key, what, def)
      else out[key] = channel(f, key, what, def, check.place(t.at, key)) end
    end
  end
  return out
end

local MODEL_KEYS = { input = true, output = true }

-- `true`: recipes load it by role. A table, { input = {30}, output = "classes" }: methods of the
-- contract call it as u.model, where the line names one; an output that is a text is a property
-- whose length it has.
local function model_of(f, t)
  if type(t.model) ~= "table" then return t.model == true end
  check.keys(f, t.model, MODEL_KEYS, t.name .. ": model", check.place(t.at, "model"))
  return t.model
end

--- Check a table that `capability "x@1" {}` returned and make a contract of it.
---@param f table findings
---@param t table
---@return table contract { name, members, props, methods, model, at }
function capability.check(f, t)
  local out = { name = t.name, at = t.at, help = t.help, model = model_of(f, t) }
  if not tostring(t.name):find "^[%w_]+@%d+$" then
    f:fail(("capability '%s' needs a name with a version, e.g. \"zoned_dryer@1\""):format(t.name),
      t.at, "E-CONTRACT")
  end
  out.members, out.props, out.methods = members(f, t), {}, methods(f, t)
  for name, def in sorted(part(f, t, "props")) do
    out.props[name] = property(f, name, t.name .. ": props." .. tostring(name), def,
      check.place(t.at, "props", name))
  end
  return out
end

--- What a line need not offer, and does not, is false: a recipe can ask for it.
---@param contract table
---@param fields table name to channel
function capability.mark_absent(contract, fields)
  for name, def in pairs(contract.members) do
    if def.optional and fields[name] == nil then fields[name] = false end
  end
end

local function describe(def)
  if not def then return "nothing" end
  return def.class == "list" and "a list" or (def.class or "property") .. " " .. tostring(def.unit)
end

local function compare(f, old, new, what, new_at)
  for name, def in sorted(old) do
    local now = new[name]
    if not now or now.class ~= def.class or now.unit ~= def.unit then
      f:fail(("%s.%s was %s and is %s: that is a new version, not the same one"):format(what, name,
        describe(def), describe(now)), { new_at, def.at }, "E-CONTRACT")
    elseif def.class == "list" then
      compare(f, def.members, now.members, what .. "." .. name, new_at)
    end
  end
  for name, def in sorted(new) do
    if not old[name] and not def.optional then
      f:fail(("%s.%s is new and not optional: that is a new version, not the same one"):format(what,
        name), { def.at, new_at }, "E-CONTRACT")
    end
  end
end

--- Record what makes `new` more than a minor change of `old`.
---@param f table findings
---@param old table contract
---@param new table contract of the same name and version
function capability.compare(f, old, new)
  compare(f, old.members, new.members, new.name, new.at)
  compare(f, old.props, new.props, new.name .. ".props", new.at)
end

local Library = {}
Library.__index = Library

--- The contracts that files of a project can name.
---@param project table from linewright.project
---@param dirs table folders to search, first wins; the standard library comes last by itself
---@return table library
function capability.library(project, dirs)
  return setmetatable({ project = project, dirs = dirs, known = {},
    standard = sys.datadir() .. "/stdlib/capabilities" }, Library)
end

local function load_from(self, dir, name)
  local path = dir .. "/" .. name .. ".lua"
  if self.project:source("capability").exists(path) ~= "file" then return nil end
  local t = self.project:load("capability", path)
  return t and capability.check(self.project.findings, t)
end

local function names_in(source, dirs)
  local seen = {}
  for _, dir in ipairs(dirs) do
    if source.exists(dir) == "directory" then
      for _, file in ipairs(source.list(dir) or {}) do
        seen[file:match "^(.*)%.lua$" or file] = true
      end
    end
  end
  return sorted.keys(seen)
end

local function all_dirs(self)
  local out = {}
  for _, dir in ipairs(self.dirs) do out[#out + 1] = dir end
  out[#out + 1] = self.standard
  return out
end

local function refuse(self, name, at)
  local base = name:match "^([^@]+)"
  local f = self.project.findings
  local known = names_in(self.project:source "capability", all_dirs(self))
  if not name:find "@%d+$" then
    f:fail(("capability '%s' is named without its version, e.g. \"%s@1\""):format(name, base), at,
      "E-CONTRACT")
  elseif self.found and self.found.name:match "^([^@]+)" == base then
    f:fail(("capability '%s' is not there: the library has %s"):format(name, self.found.name), at,
      "E-CONTRACT")
  else
    local hint = suggest.text(base, known)
    f:fail(("capability '%s' is not in the library%s"):format(name,
      hint ~= "" and hint or " (" .. table.concat(known, ", ") .. ")"), at, "E-CONTRACT")
  end
end

local function look_up(self, name)
  local base = name:match "^([%w_]+)@%d+$"
  self.found = nil
  local first
  for _, dir in ipairs(base and all_dirs(self) or {}) do
    local contract = load_from(self, dir, base .. "@" .. name:match "%d+$")
      or load_from(self, dir, base)
    self.found = contract or self.found
    if contract and contract.name == name then
      if not first then first = contract else
        capability.compare(self.project.findings, contract, first)
      end
    end
  end
  return first
end

--- The contract of a name, or nil and a finding at the first asking.
---@param name string "zoned_dryer@1"
---@param at table place that asks
---@return table|nil contract
function Library:get(name, at)
  local known = self.known[name]
  if known == nil then
    known = look_up(self, name) or false
    self.known[name] = known
  end
  if known == false then
    refuse(self, name, at)
    return nil
  end
  return known
end

--- Folders where contracts of a project lie: `capabilities/` in and beside each.
---@param ... string folders of the project, recipe and line
---@return string[]
function capability.dirs(...)
  local out, seen = {}, {}
  for _, base in ipairs { ... } do
    for _, dir in ipairs { base .. "/capabilities", project_of.dirname(base) .. "/capabilities" } do
      if not seen[dir] then
        seen[dir] = true
        out[#out + 1] = dir
      end
    end
  end
  return out
end

return capability

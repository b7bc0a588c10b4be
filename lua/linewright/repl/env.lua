--- The names that a person finds in the REPL: Lua's own, the library's modules,
--- the words of recipes, and the REPL's words.

local stdlib_dir = "/stdlib"

local suggest = require "linewright.suggest"
local sys = require "linewright.sys"

local env = {}

-- Modules that are worth a short name; loaded when first used.
local MODULES = {}
for _, name in ipairs { "dsp", "units", "json", "history", "store", "rig", "packml", "rng", "hash",
  "loader", "report", "sys" } do
  MODULES[name] = "linewright." .. name
end

-- A word of a recipe that was misused: an error here, not a finding of a file.
local complaining = {
  fail = function(_, text, _, code) error((code and code .. " " or "") .. text, 3) end,
  warn = function() end, ok = function() end,
}

local function stdlib_names(out)
  for _, file in ipairs(sys.list(sys.datadir() .. stdlib_dir) or {}) do
    local name = file:match "^([%a_][%w_]*)%.lua$"
    if name then out[name] = name end
  end
  return out
end

local function new_lookup(self)
  local modules = stdlib_names {}
  for name, path in pairs(MODULES) do modules[name] = path end
  self.modules = modules
  return function(t, name)
    local found = self.words[name]
    if found == nil then found = _G[name] end
    if found == nil and modules[name] then found = require(modules[name]) end
    if found == nil then found = self:dsl()[name] end
    if found ~= nil then return found end
    local origin = debug.getinfo(2, "S")
    -- Lua's own functions look into tables too; a person's slip comes from text.
    if rawequal(t, self.globals) and origin and origin.what ~= "C" then
      error(("E-NAME '%s' is not defined%s"):format(tostring(name),
        suggest.text(name, self:names())), 2)
    end
  end
end

local Env = {}
Env.__index = Env

--- The words of recipes and profiles, as they are in files.
function Env:dsl()
  if self.dsl_words then return self.dsl_words end
  local words, stdlib = require "linewright.words", require "linewright.stdlib"
  self.dsl_words = {}
  for _, role in ipairs { "line", "formula", "recipe" } do
    for name, word in pairs(words.of(role, complaining)) do self.dsl_words[name] = word end
  end
  for name, word in pairs(stdlib.words "line") do self.dsl_words[name] = word end
  return self.dsl_words
end

--- All names, sorted.
---@return string[]
function Env:names()
  local seen, out = {}, {}
  for _, t in ipairs { self.globals, self.words, self.modules, _G, self:dsl() } do
    for name in next, t do
      if type(name) == "string" and not seen[name] then
        seen[name] = true
        out[#out + 1] = name
      end
    end
  end
  table.sort(out)
  return out
end

--- What a name stands for; nil when it has no meaning. Never an error.
---@param name string
function Env:get(name)
  local value = rawget(self.globals, name)
  if value == nil then value = self.words[name] end
  if value == nil then value = _G[name] end
  if value == nil and self.modules[name] then value = require(self.modules[name]) end
  if value == nil then value = self:dsl()[name] end
  return value
end

--- A fresh environment.
---@param words table the REPL's own
---@return table env with `globals`, the table that text is run in
function env.new(words)
  local self = setmetatable({ words = words }, Env)
  self.globals = setmetatable({}, { __index = new_lookup(self) })
  rawset(self.globals, "_G", self.globals)
  return self
end

return env

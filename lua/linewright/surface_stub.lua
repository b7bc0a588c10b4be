--- The stubs of the language for editors (LuaCATS), written from its surface, from
--- the contracts of the library, the drivers' options and the filters' parameters.

local capability = require "linewright.capability"
local drivers = require "linewright.drivers"
local filters = require "linewright.filters"
local findings = require "linewright.findings"
local handles = require "linewright.surface.handles"
local project_of = require "linewright.project"
local sorted = require "linewright.sorted"
local stdlib = require "linewright.stdlib"
local surface = require "linewright.surface"
local sys = require "linewright.sys"
local words = require "linewright.words"

local format = string.format

local stub = {}

local HEAD = [[
---@meta
--- %s
--- Written by tools/reference.lua from %s; do not edit.

]]


local function add(out, text, ...)
  out[#out + 1] = select("#", ...) > 0 and format(text, ...) or text
end

local function field_lines(out, fields)
  for _, field in ipairs(fields) do
    local mark = field.optional and "?" or ""
    local name = field.name:find "^%[" and field.name or field.name .. mark
    local kind = field.name:find "^%[" and field.optional and field.type .. "|nil" or field.type
    add(out, "---@field %s %s %s", name, kind, field.text)
  end
end

-- Unknown fields are warned of, but where names are the author's own.
local function class_lines(out, class)
  add(out, "--- %s", class.text)
  add(out, "---@class %slinewright.%s", class.open and "" or "(exact) ", class.class)
  field_lines(out, surface.fields(class.class))
  if class.open then add(out, "---@field [string] any") end
  add(out, "")
end

local function quoted(list, sign)
  local out = {}
  for i, word in ipairs(list) do out[i] = format("%q", word) end
  return table.concat(out, sign or "|")
end

-- The comment and the line of one function.
local function function_lines(out, name, about, params, returns, example)
  add(out, "--- %s", about)
  if example then add(out, "---   %s", example) end
  local names = {}
  for i, p in ipairs(params) do
    names[i] = p[1]:gsub("%?$", "")
    add(out, ("---@param %s %s %s"):format(p[1], p[2], p[3]):gsub("%s+$", ""))
  end
  for _, r in ipairs(returns) do
    add(out, ("---@return %s %s"):format(r[1], r[2] or ""):gsub("%s+$", ""))
  end
  add(out, "function %s(%s) end\n", name, table.concat(names, ", "))
end

local function word_lines(out, word)
  if word.curried then
    local example = word[4]
    function_lines(out, word[1], word[2], { { "name", "string", "in quotes" } },
      { { format("fun(t: %s): %s", word.curried, word[3]) } }, example)
  else
    function_lines(out, word[1], word[2], word[3], word[4], word[5])
  end
end

-- ------------------------------------------------------------- contracts ---

local function unit_text(unit) return unit == "text" and "a text" or format("[%s]", unit) end

local function member_row(out, name, def)
  local help = def.help and def.help .. ", " or ""
  add(out, "---@field %s%s linewright.channel %s%s %s", name, def.optional and "?" or "", help,
    def.class, unit_text(def.unit))
end

-- Each list of a contract is a class of its own.
local function list_lines(out, name, members)
  for key, def in sorted(members) do
    if def.class == "list" then
      add(out, "---@class linewright.%s.%s", name, key)
      for member, d in sorted(def.members) do member_row(out, member, d) end
      add(out, "")
    end
  end
end

local function prop_row(out, key, def)
  local kind = def.unit == "text" and "string" or "number"
  add(out, "---@field %s %s%s %s%s", key, kind, def.list and "[]" or "",
    def.help and def.help .. " " or "", unit_text(def.unit))
end

local function contract_lines(out, contract)
  local name = contract.name:match "^[^@]+"
  list_lines(out, name, contract.members)
  add(out, "--- %s: %s", contract.name, contract.help or "")
  add(out, "---@class linewright.%s", name)
  for key, def in sorted(contract.members) do
    if def.class == "list" then add(out, "---@field %s linewright.%s.%s[]", key, name, key)
    else member_row(out, key, def) end
  end
  for key, def in sorted(contract.props) do prop_row(out, key, def) end
  for key in sorted(contract.methods) do add(out, "---@field %s function", key) end
  add(out, "")
end

-- Contracts of the library, as `check` reads them.
local function contracts()
  local project = project_of.new(findings.new(),
    { root = sys.datadir(), stdlib_words = stdlib.words })
  local library, out = capability.library(project, {}), {}
  for _, file in ipairs(assert(sys.list(sys.datadir() .. "/stdlib/capabilities"))) do
    local text = assert(sys.read_file(sys.datadir() .. "/stdlib/capabilities/" .. file))
    local name = text:match 'return capability "([^"]+)"'
    out[name] = library:get(name)
  end
  return out
end

-- ----------------------------------------------------------- from C tables ---

local LETTERS = { s = "string", n = "number", d = "linewright.time", b = "boolean",
  f = "string" }

local MEASURES = { count = "whole number", number = "number", Hz = "Hz", s = "s", dB = "dB",
  value = "difference in the tag's unit", level = "the tag's unit", rate = "the tag's unit/s",
  choice = "a word" }

-- The i-th option of a kind: name, type, help; nil past the end.
local function driver_option(kind, i)
  local name, letter, _, help = drivers.option(kind, i)
  return name, name and LETTERS[letter], help
end

local function filter_option(kind, i)
  local name, measure, _, _, _, help = filters.param(kind, i)
  local is_word = measure == "choice"
  return name, is_word and "string" or "linewright.quantity", name
    and format("%s [%s]", help, MEASURES[measure])
end

-- Kinds that say the same of an option stand together.
local function add_help(option, kind, help)
  for _, part in ipairs(option.parts) do
    if part.help == help then
      part.kinds = part.kinds .. ", " .. kind
      return
    end
  end
  table.insert(option.parts, { help = help, kinds = kind })
end

-- All options of all kinds: name -> { type, parts = { { kinds, help } } }.
local function options_of(kinds, option)
  local out = {}
  for _, kind in ipairs(kinds) do
    local i, name, type_, help = 1, option(kind, 1)
    while name do
      if not help:find "set by the loader" then
        out[name] = out[name] or { type = type_, parts = {} }
        add_help(out[name], kind, help)
      end
      i = i + 1
      name, type_, help = option(kind, i)
    end
  end
  return out
end

local function option_row(out, name, option)
  local parts = {}
  for i, part in ipairs(option.parts) do parts[i] = format("%s: %s", part.kinds, part.help) end
  add(out, "---@field %s? %s %s", name, option.type, table.concat(parts, "; "))
end

-- "watchdog.every" is the field `every` of the table `watchdog`.
local function driver_lines(out)
  local nested = {}
  add(out, "--- Options of drivers, each with the kinds that take it.")
  add(out, "---@class (exact) linewright.driver_options")
  for name, option in sorted(options_of({ drivers.kinds() }, driver_option)) do
    local outer, inner = name:match "^([^.]+)%.(.+)$"
    if outer then
      nested[outer] = nested[outer] or {}
      nested[outer][inner] = option
    else
      option_row(out, name, option)
    end
  end
  for outer in sorted(nested) do
    add(out, "---@field %s? linewright.driver_options.%s", outer, outer)
  end
  for outer, inner in sorted(nested) do
    add(out, "\n---@class (exact) linewright.driver_options.%s", outer)
    for name, option in sorted(inner) do option_row(out, name, option) end
  end
  add(out, "")
end

local function filter_lines(out)
  local kinds = { filters.kinds() }
  add(out, "--- A filter of a tag: `{ \"hampel\", window = 5, k = 4 }`; see docs/filters.md.")
  add(out, "---@class (exact) linewright.filter_spec")
  add(out, "---@field [1] %s", quoted(kinds))
  for name, option in sorted(options_of(kinds, filter_option)) do option_row(out, name, option) end
  add(out, "")
end

-- ----------------------------------------------------------------- files ---

--- The stub of words, verbs and the tables that they take.
---@return string
function stub.language()
  local out = { HEAD:format("The words of recipes, profiles, contracts, formulas and twins, for "
    .. "editors.", "lua/linewright/surface/") .. handles.types }
  for _, word in ipairs(require "linewright.surface.words") do word_lines(out, word) end
  add(out, "--- The verbs that handlers get as `r`.\n---@class linewright.r\nlocal r = {}\n")
  for _, verb in ipairs(require "linewright.surface.verbs") do
    function_lines(out, "r." .. verb[1], verb[2], verb[3], verb[4], verb[5])
  end
  add(out, "---@alias linewright.state %s\n", quoted(words.STATES))
  for _, file in ipairs(surface.FILES) do
    for _, class in ipairs(require("linewright.surface." .. file)) do class_lines(out, class) end
  end
  add(out, "%s", handles.objects)
  for name in sorted(stdlib.blocks()) do add(out, "%s = require %q", name, name) end
  add(out, "")
  return (table.concat(out, "\n"):gsub("\n+$", "\n"))
end

--- The stub of what drivers, filters and contracts bring.
---@return string
function stub.plant()
  local out = { (HEAD:format("Options of drivers, parameters of filters, and the library's "
    .. "contracts, for editors.", "the program's own tables and stdlib/capabilities/")) }
  driver_lines(out)
  filter_lines(out)
  for _, contract in sorted(contracts()) do contract_lines(out, contract) end
  return (table.concat(out, "\n"):gsub("\n+$", "\n"))
end

local RIG = [[
--- A recipe on a line's twin in virtual time. Faults are injected by a signal of
--- the twin ("gauge.m") or by a channel ("gauge.mass").
---   local t = rig { recipe = "recipes/x.lua", line = "lines/y.lua", params = { speed = 5 } }
---@class linewright.rig
---@overload fun(options: linewright.rig_options): linewright.Rig
local rig = {}

---@class linewright.Rig
---@field run table the run: state, reason, records, prompts, loops
---@field p table<string, any> the parameters
local Rig = {}
]]

--- The stub of `linewright.rig`: its own comments, without its code.
---@return string
function stub.rig()
  local out, block = { "---@meta linewright.rig", "--- Written by tools/reference.lua from "
    .. "lua/linewright/rig.lua; do not edit.\n", RIG }, {}
  for line in assert(sys.read_file "lua/linewright/rig.lua"):gmatch "([^\n]*)\n" do
    local head = line:match "^function [Rr]ig[.:]%l[%w_]*%b()"
    if line:find "^%-%-%-" then block[#block + 1] = line else
      if head and #block > 0 then add(out, "%s\n%s end\n", table.concat(block, "\n"), head) end
      block = {}
    end
  end
  add(out, "return rig\n")
  return table.concat(out, "\n")
end

return stub

-- What the text of a recipe tells without running it: names of equipment and
-- parameters that do not exist, waits that nothing ends.

local aliases = require "linewright.aliases"
local calls = require "linewright.calls"
local nest = require "linewright.nest"
local paths = require "linewright.paths"
local sorted = require "linewright.sorted"
local source = require "linewright.source"
local surface = require "linewright.surface"

local static = {}

-- Which argument of a handler is the equipment, which the parameters.
local ARGUMENTS = { validate = { p = 1, eq = 2 }, when = { eq = 1 } }
for name in ("resetting starting execute completing holding unholding suspending unsuspending " ..
  "stopping aborting clearing"):gmatch "%S+" do
  ARGUMENTS[name] = { r = 1, eq = 2, p = 3 }
end

static.VERBS = surface.verbs()

local function is(t, kind, text) return t and t[1] == kind and (not text or t[2] == text) end

local function argument_names(tokens, at)
  local names, i = {}, at + 2
  while tokens[i] and not is(tokens[i], ")") do
    if tokens[i][1] == "name" then names[#names + 1] = tokens[i][2] end
    i = i + 1
  end
  return names
end

-- Handlers of the file: { first, last, eq = name|nil, p = name|nil }.
local function handlers(tokens)
  local out = {}
  for i, t in ipairs(tokens) do
    local places = t[1] == "name" and ARGUMENTS[t[2]]
    if places and is(tokens[i + 1], "=") and is(tokens[i + 2], "name", "function") then
      local names = argument_names(tokens, i + 2)
      out[#out + 1] = { first = i + 2, last = nest.function_end(tokens, i + 2),
        r = names[places.r], eq = names[places.eq], p = names[places.p] }
    end
  end
  return out
end

local missing_name, follow = paths.missing_name, paths.follow

-- A dot that continues another expression is not a use of the argument.
local function use_at(tokens, i, name)
  return name and is(tokens[i], "name", name) and is(tokens[i + 1], ".")
    and tokens[i + 2] and tokens[i + 2][1] == "name"
    and not (is(tokens[i - 1], ".") or is(tokens[i - 1], ":"))
end

local function check_unit(f, file, tokens, i, roles, contracts)
  local owner, role = tokens[i][2], tokens[i + 2]
  missing_name(f, file, role, "eq", role[2], roles, "`needs`")
  follow(f, file, tokens, i + 3, paths.unit(contracts[role[2]], owner .. "." .. role[2]))
end

local SILENT = { fail = function() end }

-- Uses of locals that stand for equipment.
local function check_aliases(f, file, tokens, handler, known)
  if not handler.eq then return end
  local function walk(i)
    if not use_at(tokens, i, handler.eq) then return nil end
    local role = tokens[i + 2][2]
    local at = paths.unit(known.contracts[role], handler.eq .. "." .. role)
    return follow(SILENT, file, tokens, i + 3, at)
  end
  for _, alias in ipairs(aliases.find(tokens, handler.first, handler.last, walk)) do
    for i = alias.first, alias.last do
      local before, behind = tokens[i - 1], tokens[i + 1]
      local is_use = is(tokens[i], "name", alias.name) and not is(before, ".")
        and not is(before, ":") and behind and paths.goes_on(behind)
      if is_use then follow(f, file, tokens, i + 1, alias.at) end
    end
  end
end

local function check_verb(f, file, tokens, i)
  local verb = tokens[i + 2]
  missing_name(f, file, verb, "r", verb[2], static.VERBS, "the verbs")
  calls.verb(f, file, tokens, i + 2)
end

-- r:dwell would hand r itself over as the first argument.
local function check_colon(f, file, tokens, i)
  local verb = tokens[i + 2]
  if not verb or not static.VERBS[verb[2]] or is(tokens[i - 1], ".") then return end
  f:fail(("r:%s: the verbs take a dot, r.%s"):format(verb[2], verb[2]),
    { file = file, line = verb[3] }, "E-SYNTAX")
end

-- Each handler has a copy: what is written there is nowhere else, and no restart
-- finds it.
local function check_parameter(f, file, tokens, i, params)
  local name = tokens[i + 2]
  missing_name(f, file, name, "p", name[2], params, "`params`")
  if params[name[2]] and is(tokens[i + 3], "=") then
    f:fail(("p.%s is a parameter, it cannot be set: copy it, local %s = p.%s"):format(name[2],
      name[2], name[2]), { file = file, line = name[3] }, "E-READONLY")
  end
end

local function check_names(f, file, tokens, handler, known)
  for i = handler.first, handler.last do
    if use_at(tokens, i, handler.eq) then
      check_unit(f, file, tokens, i, known.roles, known.contracts)
    elseif use_at(tokens, i, handler.p) then
      check_parameter(f, file, tokens, i, known.params)
    elseif use_at(tokens, i, handler.r) then
      check_verb(f, file, tokens, i)
    elseif handler.r and is(tokens[i], "name", handler.r) and is(tokens[i + 1], ":") then
      check_colon(f, file, tokens, i)
    end
    for _, word in ipairs(known.library) do
      if use_at(tokens, i, word) then
        local blocks = known.blocks[word]
        missing_name(f, file, tokens[i + 2], word, tokens[i + 2][2], blocks, "the library")
        calls.block(f, file, tokens, i, blocks)
      end
    end
  end
  check_aliases(f, file, tokens, handler, known)
end

-- Does a call with options written out name `within`? Without a table at its end
-- the options come from elsewhere and nothing can be said.
local function has_within(tokens, open)
  local stop = source.closing(tokens, open)
  for i = open, stop do
    if is(tokens[i], "name", "within") and is(tokens[i + 1], "=") then return true end
  end
  local last = tokens[stop - 1]
  return is(last, "name") and last[2] ~= "end"
end

local function label_of(tokens, open)
  local t = tokens[open + 1]
  return t and t[1] == "string" and ("\"%s\""):format(t[2]) or "?"
end

local function check_waits(f, file, tokens)
  for i, t in ipairs(tokens) do
    if is(t, "name", "wait_until") and is(tokens[i - 1], ".") and is(tokens[i + 1], "(")
      and not has_within(tokens, i + 1) then
      f:warn(("wait_until %s has no `within`: it may wait for ever"):format(label_of(tokens,
        i + 1)), { file = file, line = t[3] })
    end
  end
end

-- A file may have a name of its own that is also a library's.
local function is_redeclared(tokens, word)
  for i, t in ipairs(tokens) do
    local before, behind = tokens[i - 1], tokens[i + 1]
    if is(t, "name", word) and not is(behind, ".") and not is(before, ".") then return true end
  end
  return false
end

--- Look through the text of a recipe.
---@param f table findings
---@param file table { path, text }
---@param recipe table
---@param contracts table role to contract
---@param blocks table|nil name of a library to its functions
function static.check(f, file, recipe, contracts, blocks)
  local tokens = source.tokens(file.text)
  local known = { contracts = contracts,
    roles = type(recipe.needs) == "table" and recipe.needs or {},
    params = type(recipe.params) == "table" and recipe.params or {},
    blocks = blocks or {}, library = {} }
  for word in sorted(known.blocks) do
    if not is_redeclared(tokens, word) then known.library[#known.library + 1] = word end
  end
  for _, handler in ipairs(handlers(tokens)) do
    check_names(f, file.path, tokens, handler, known)
  end
  check_waits(f, file.path, tokens)
end

return static

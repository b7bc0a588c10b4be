-- What the text of a recipe tells without running it: names of equipment and
-- parameters that do not exist, waits that nothing ends.

local sorted = require "linewright.sorted"
local source = require "linewright.source"
local suggest = require "linewright.suggest"

local static = {}

-- Which argument of a handler is the equipment, which the parameters.
local ARGUMENTS = { validate = { p = 1, eq = 2 }, when = { eq = 1 } }
for name in ("resetting starting execute completing holding unholding suspending unsuspending " ..
  "stopping aborting clearing"):gmatch "%S+" do
  ARGUMENTS[name] = { eq = 2, p = 3 }
end

local OPENS = { ["function"] = true, ["do"] = true, ["if"] = true, ["repeat"] = true }
local CLOSES = { ["end"] = true, ["until"] = true }

local function is(t, kind, text) return t and t[1] == kind and (not text or t[2] == text) end

-- Index of the `end` of the function whose word is at index `at`.
local function function_end(tokens, at)
  local depth = 0
  for i = at, #tokens do
    local t = tokens[i]
    if t[1] == "name" and OPENS[t[2]] then depth = depth + 1 end
    if t[1] == "name" and CLOSES[t[2]] then
      depth = depth - 1
      if depth == 0 then return i end
    end
  end
  return #tokens
end

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
      out[#out + 1] = { first = i + 2, last = function_end(tokens, i + 2),
        eq = places.eq and names[places.eq], p = places.p and names[places.p] }
    end
  end
  return out
end

local function missing_name(f, file, token, owner, name, known, where)
  if known[name] then return end
  local names = sorted.keys(known)
  f:fail(("%s.%s is not in %s (%s)%s"):format(owner, name, where, table.concat(names, ", "),
    suggest.text(name, names)), { file = file, line = token[3] }, "E-NAME")
end

-- A dot that continues another expression is not a use of the argument.
local function use_at(tokens, i, name)
  return name and is(tokens[i], "name", name) and is(tokens[i + 1], ".")
    and tokens[i + 2] and tokens[i + 2][1] == "name"
    and not (is(tokens[i - 1], ".") or is(tokens[i - 1], ":"))
end

local function check_unit_member(f, file, tokens, i, contracts)
  local role, sign, member = tokens[i + 2][2], tokens[i + 3], tokens[i + 4]
  local contract = contracts[role]
  if not (contract and member and member[1] == "name") then return end
  local known, where = {}, contract.name
  if is(sign, ".") then
    for name in pairs(contract.members) do known[name] = true end
    for name in pairs(contract.props) do known[name] = true end
    for name in pairs(contract.methods) do known[name] = true end
  elseif is(sign, ":") then
    for name in pairs(contract.methods) do known[name] = true end
    where = "the methods of " .. contract.name
  else
    return
  end
  missing_name(f, file, member, tokens[i][2] .. "." .. role, member[2], known, where)
end

local function check_names(f, file, tokens, handler, roles, params, contracts)
  for i = handler.first, handler.last do
    if use_at(tokens, i, handler.eq) then
      missing_name(f, file, tokens[i + 2], "eq", tokens[i + 2][2], roles, "`needs`")
      if roles[tokens[i + 2][2]] then check_unit_member(f, file, tokens, i, contracts) end
    elseif use_at(tokens, i, handler.p) then
      missing_name(f, file, tokens[i + 2], "p", tokens[i + 2][2], params, "`params`")
    end
  end
end

-- Does a call with options written out name `within`? Without a table at its end
-- the options come from elsewhere and nothing can be said.
local function has_within(tokens, open)
  local stop = source.closing(tokens, open)
  for i = open, stop do
    if is(tokens[i], "name", "within") and is(tokens[i + 1], "=") then return true end
  end
  local last = tokens[stop - 1]
  return is(last, "name") and not CLOSES[last[2]]
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

--- Look through the text of a recipe.
---@param f table findings
---@param file table { path, text }
---@param recipe table
---@param contracts table role to contract
function static.check(f, file, recipe, contracts)
  local tokens = source.tokens(file.text)
  local roles = type(recipe.needs) == "table" and recipe.needs or {}
  local params = type(recipe.params) == "table" and recipe.params or {}
  for _, handler in ipairs(handlers(tokens)) do
    check_names(f, file.path, tokens, handler, roles, params, contracts)
  end
  check_waits(f, file.path, tokens)
end

return static

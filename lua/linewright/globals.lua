-- Names in a file's functions that are defined nowhere. Lua finds them when the
-- line runs, which may be in the third hour of a batch; the text tells at once.
-- Scopes are not followed: a name that is declared anywhere in the file counts.

local globals = {}

local KEYWORDS = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat
    return then true until while self]]):gmatch "%S+" do KEYWORDS[word] = true end

local OPEN = { ["{"] = true, ["("] = true, ["["] = true }
local CLOSE = { ["}"] = true, [")"] = true, ["]"] = true }
local BLOCK = { ["function"] = true, ["do"] = true, ["if"] = true, ["repeat"] = true }
local BLOCK_END = { ["end"] = true, ["until"] = true }

local function is(t, kind, text) return t and t[1] == kind and (not text or t[2] == text) end

-- Names of a list such as `a, b, c` that begins at index i.
local function take_names(tokens, i, out)
  while tokens[i] and tokens[i][1] == "name" do
    out[tokens[i][2]] = true
    if not is(tokens[i + 1], ",") then return end
    i = i + 2
  end
end

-- Index of the first argument of the function whose word is at index i.
local function arguments_at(tokens, i)
  for k = i + 1, math.min(i + 8, #tokens) do
    if is(tokens[k], "(") then return k + 1 end
  end
  return i + 1
end

local DECLARES = {
  ["local"] = function(tokens, i, out)
    local is_function = is(tokens[i + 1], "name", "function")
    take_names(tokens, is_function and i + 2 or i + 1, out)
  end,
  ["for"] = function(tokens, i, out) take_names(tokens, i + 1, out) end,
  ["goto"] = function(tokens, i, out) take_names(tokens, i + 1, out) end,
  ["function"] = function(tokens, i, out)
    if is(tokens[i + 1], "name") then out[tokens[i + 1][2]] = true end
    take_names(tokens, arguments_at(tokens, i), out)
  end,
}

-- Follows brackets and blocks; the innermost one is at the top.
local function nest(stack, t)
  if OPEN[t[1]] or (t[1] == "name" and BLOCK[t[2]]) then
    stack[#stack + 1] = t[1]
  elseif CLOSE[t[1]] or (t[1] == "name" and BLOCK_END[t[2]]) then
    stack[#stack] = nil
  end
end

local function is_assignment(tokens, i)
  return is(tokens[i + 1], "=") and not is(tokens[i - 1], ".")
end

-- A name that is neither a keyword nor a field of something.
local function is_variable(tokens, i)
  return tokens[i][1] == "name" and not KEYWORDS[tokens[i][2]]
    and not (is(tokens[i - 1], ".") or is(tokens[i - 1], ":"))
end

-- Every name that the file declares or assigns, and where names are used.
local function survey(tokens)
  local declared, uses, stack = {}, {}, {}
  for i, t in ipairs(tokens) do
    nest(stack, t)
    local declare = t[1] == "name" and DECLARES[t[2]]
    if declare then declare(tokens, i, declared) end
    if is_variable(tokens, i) then
      local is_assigned = is_assignment(tokens, i)
      if not is_assigned then
        uses[#uses + 1] = t
      elseif stack[#stack] ~= "{" then -- in a constructor it is a key
        declared[t[2]] = true
      end
    end
  end
  return declared, uses
end

local function is_inside_function(stack)
  for _, what in ipairs(stack) do
    if what == "function" then return true end
  end
  return false
end

-- Names that a file declares, and where its functions assign names.
local function assignments(tokens)
  local declared, found, stack = {}, {}, {}
  for i, t in ipairs(tokens) do
    nest(stack, t)
    local is_word = t[1] == "name"
    if is_word and BLOCK[t[2]] then stack[#stack] = t[2] end
    local declare = is_word and DECLARES[t[2]]
    if declare then declare(tokens, i, declared) end
    local is_assigned = is_variable(tokens, i) and is_assignment(tokens, i)
    if is_assigned and stack[#stack] ~= "{" and is_inside_function(stack) then
      found[#found + 1] = t
    end
  end
  return declared, found
end

--- Find names that functions assign and nothing declares: fixed once the file is
--- loaded, so that the assignment fails when it runs.
---@param tokens table from source.tokens
---@return table list of tokens, the first of each name
function globals.assigned(tokens)
  local declared, found = assignments(tokens)
  local out, seen = {}, {}
  for _, t in ipairs(found) do
    if not (declared[t[2]] or seen[t[2]]) then
      seen[t[2]] = true
      out[#out + 1] = t
    end
  end
  return out
end

--- Find names that nothing defines.
---@param tokens table from source.tokens
---@param is_known fun(name: string): boolean names of the environment
---@return table list of tokens, the first use of each name
function globals.undefined(tokens, is_known)
  local declared, uses = survey(tokens)
  local out, seen = {}, {}
  for _, t in ipairs(uses) do
    local name = t[2]
    if not (declared[name] or seen[name] or is_known(name)) then
      seen[name] = true
      out[#out + 1] = t
    end
  end
  return out
end

return globals

--- Which function of a text a token stands in, and what that function is for: the
--- body of `r.step`, the condition of `r.wait_until`, a handler, or a helper.

local source = require "linewright.source"

local nest = {}

local OPENS = { ["function"] = true, ["do"] = true, ["if"] = true, ["repeat"] = true }
local CLOSES = { ["end"] = true, ["until"] = true }

local function is(t, kind, text) return t and t[1] == kind and (not text or t[2] == text) end

--- Index of the `end` of the function whose word is at index `at`.
---@param tokens table from source.tokens
---@param at number
---@return number
function nest.function_end(tokens, at)
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

-- Marks the functions that stand directly between two indices.
local function mark(tokens, uses, first, last, use)
  local i = first
  while i <= last do
    if is(tokens[i], "name", "function") then
      uses[i] = uses[i] or use
      i = nest.function_end(tokens, i)
    end
    i = i + 1
  end
end

--- Index of the bracket that opens the arguments of `x.VERB(...)` at index i, and
--- the verb; nil when there is no such call.
---@param tokens table
---@param i number
---@param verbs table set
---@return number|nil open
---@return string|nil verb
function nest.call_at(tokens, i, verbs)
  local verb, open = tokens[i + 2], tokens[i + 3]
  if not (is(tokens[i], "name") and is(tokens[i + 1], ".") and is(verb, "name")) then return nil end
  if not verbs[verb[2]] or is(tokens[i - 1], ".") or is(tokens[i - 1], ":") then return nil end
  if is(open, "(") or is(open, "{") or is(open, "string") then return i + 3, verb[2] end
end

-- `function` token -> verb it is an argument of, or "KEY" of a table's entry.
local function uses_of(tokens, verbs)
  local uses = {}
  for i = 1, #tokens do
    local open, verb = nest.call_at(tokens, i, verbs)
    if open and not is(tokens[open], "string") then
      mark(tokens, uses, open, source.closing(tokens, open), verb)
    elseif is(tokens[i], "name") and is(tokens[i + 1], "=")
      and is(tokens[i + 2], "name", "function") then
      uses[i + 2] = uses[i + 2] or "=" .. tokens[i][2]
    end
  end
  return uses
end

--- The functions around each token, innermost first.
---@param tokens table from source.tokens
---@param verbs table set of the verbs' names
---@return table places index -> { use, at, outer } or nil; use is a verb, "=KEY" or nil
function nest.places(tokens, verbs)
  local uses, out, blocks, current = uses_of(tokens, verbs), {}, {}, nil
  for i, t in ipairs(tokens) do
    if t[1] == "name" and OPENS[t[2]] then
      blocks[#blocks + 1] = current or false
      if t[2] == "function" then current = { use = uses[i], at = i, outer = current } end
    elseif t[1] == "name" and CLOSES[t[2]] and #blocks > 0 then
      current = table.remove(blocks) or nil
    end
    out[i] = current
  end
  return out
end

return nest

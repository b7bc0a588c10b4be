-- Locals of a handler that stand for a piece of equipment: `local oven = eq.oven`,
-- `for _, z in ipairs(eq.oven.zones) do`. A name that is declared twice in the
-- handler or assigned to is left alone: it may stand for something else.

local source = require "linewright.source"

local aliases = {}

local function is(t, kind, text) return t and t[1] == kind and (not text or t[2] == text) end

-- Names after `local`, `for` or as arguments: index of the first one, or nil.
local function declared_at(tokens, i)
  local t = tokens[i]
  if t[1] ~= "name" then return nil end
  if t[2] == "for" then return i + 1 end
  if t[2] == "local" then return is(tokens[i + 1], "name", "function") and i + 2 or i + 1 end
  if t[2] ~= "function" then return nil end
  for k = i + 1, math.min(i + 6, #tokens) do
    if is(tokens[k], "(") then return k + 1 end
  end
end

-- Is the name at `i` given a value, other than by `local` or as a field?
local function is_assigned(tokens, i, brace)
  local before = tokens[i - 1]
  return is(tokens[i], "name") and is(tokens[i + 1], "=") and brace ~= "{"
    and not is(before, ".") and not is(before, "name", "local")
end

-- Keeps the brackets and blocks that are open; the innermost one is at the top.
local function nest(open, t)
  local depth = source.nesting(t)
  if depth > 0 then open[#open + 1] = t[1] elseif depth < 0 then open[#open] = nil end
end

-- How often each name is declared or assigned between two tokens.
local function tally(tokens, first, last)
  local count, open = {}, {}
  local function add(name) count[name] = (count[name] or 0) + 1 end
  for i = first, last do
    local at = declared_at(tokens, i)
    while at and is(tokens[at], "name") do
      add(tokens[at][2])
      at = is(tokens[at + 1], ",") and at + 2 or nil
    end
    nest(open, tokens[i])
    if is_assigned(tokens, i, open[#open]) then add(tokens[i][2]) end
  end
  return count
end

-- The end of the block in which the token at `at` stands.
local function block_end(tokens, at, last)
  local depth = 0
  for i = at, last do
    depth = depth + source.nesting(tokens[i])
    if depth < 0 then return i end
  end
  return last
end

local GOES_ON = { ["and"] = true, ["or"] = true }

-- Is the token at `i` the first of another statement?
local function is_statement_end(tokens, i)
  local t = tokens[i]
  return t == nil or is(t, ";") or (t[1] == "name" and not GOES_ON[t[2]])
end

local function take_local(tokens, i, walk)
  if not (is(tokens[i], "name", "local") and is(tokens[i + 1], "name") and is(tokens[i + 2], "="))
    then return nil end
  local at, behind = walk(i + 3)
  if at and is_statement_end(tokens, behind) then return tokens[i + 1][2], at, behind end
end

-- `for _, z in ipairs(`: what stands at each place, a name's text or a sign.
local EACH = { { "name", "for" }, { "name" }, { "," }, { "name" }, { "name", "in" },
  { "name", "ipairs" }, { "(" } }

local function take_each(tokens, i, walk)
  for k, wanted in ipairs(EACH) do
    if not is(tokens[i + k - 1], wanted[1], wanted[2]) then return nil end
  end
  local at, behind = walk(i + #EACH)
  if not (at and at.list and is(tokens[behind], ")") and is(tokens[behind + 1], "name", "do")) then
    return nil
  end
  return tokens[i + 3][2], { element = at.list, text = at.text .. "[]" }, behind + 2
end

--- Find them.
---@param tokens table from source.tokens
---@param first number
---@param last number the handler's end
---@param walk fun(i: number): table|nil, number what a path that begins at i stands for, and
---  the index behind it
---@return table list of { name, at, first, last }
function aliases.find(tokens, first, last, walk)
  local out, count = {}, tally(tokens, first, last)
  local function take(name, at, from)
    if not name or count[name] ~= 1 then return end
    out[#out + 1] = { name = name, at = at, first = from, last = block_end(tokens, from, last) }
  end
  for i = first, last do
    take(take_local(tokens, i, walk))
    take(take_each(tokens, i, walk))
  end
  return out
end

return aliases

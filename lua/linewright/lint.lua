--- Classic mistakes that a text shows and that are no errors, since somebody may
--- mean them. `-- lint: meant` at the end of a line says that it is meant.

local nest = require "linewright.nest"
local project_of = require "linewright.project"
local sandbox = require "linewright.sandbox"
local source = require "linewright.source"
local static = require "linewright.static"
local units = require "linewright.units"

local format = string.format
local lint = {}

local DWELL_MAX_NS = 300e9
local WAITS = { wait_until = true, wait_first = true, dwell = true, ask = true }
local READS = { wait_until = true, wait_first = true, loop = true }
local OPENS_STEP = { step = true, loop = true, parallel = true, operation = true, phase = true,
  unit = true }

--- Rule to what it is about, for the guide.
lint.RULES = {
  ["no-within"] = "a wait that nothing ends",
  ["long-dwell"] = "a dwell of more than five minutes inside a step",
  ["called"] = "a function that is called where it should be passed",
  ["no-return"] = "a condition that returns nothing",
  ["no-safe"] = "an output without safe values",
  ["outside-step"] = "equipment touched outside of a step",
  ["wait-inside"] = "a wait in a condition, guard or loop",
  ["step-inside"] = "a step inside a step",
  ["spins"] = "a loop of Lua that waits for the plant",
}

local Pass = {}
Pass.__index = Pass

function Pass:tell(i, rule, ...)
  local line = self.tokens[i][3]
  if not self.meant[line] then
    self.f:warn(format(...), { file = self.path, line = line }, rule)
  end
end

local function is(t, kind, text) return t and t[1] == kind and (not text or t[2] == text) end

-- The innermost function with one of these uses, seen from index i; helpers
-- without a use hide what is around them.
local function within(place, uses)
  while place do
    if uses[place.use] then return place end
    if not place.use then return nil end
    place = place.outer
  end
end

local function has_word(tokens, first, last, word)
  for i = first, last do
    if is(tokens[i], "name", word) then return true end
  end
  return false
end

local function label(tokens, open)
  local t = is(tokens[open], "string") and tokens[open] or tokens[open + 1]
  return is(t, "string") and format('"%s"', t[2]) or "..."
end

-- Is this argument `f()` or `a.b(x)` from its first token to its last?
local function is_plain_call(tokens, part)
  if not part or not is(tokens[part[1]], "name") or is(tokens[part[1]], "name", "function") then
    return false
  end
  for i = part[1], part[2] do
    if is(tokens[i], "(") then return source.closing(tokens, i) == part[2] end
    if not (is(tokens[i], "name") or is(tokens[i], ".")) then return false end
  end
  return false
end

local CONDITION = { wait_until = 2, step = -1, operation = -1, phase = -1, unit = -1 }

local function check_called(pass, i, open, verb)
  local parts = is(pass.tokens[open], "(") and source.parts(pass.tokens, open) or {}
  local place = CONDITION[verb]
  local part = place and parts[place > 0 and place or #parts]
  if part and #parts > 1 and is_plain_call(pass.tokens, part) then
    pass:tell(i, "called", "r.%s %s is given what %s(...) returns; pass the function: "
      .. "function() return %s(...) end", verb, label(pass.tokens, open),
      pass.tokens[part[1]][2], pass.tokens[part[1]][2])
  end
end

local function check_dwell(pass, i, open)
  local tokens = pass.tokens
  local arg = is(tokens[open], "string") and tokens[open] or tokens[open + 1]
  local value = is(arg, "string") and arg[2] or is(arg, "number") and tonumber(arg[2])
  local ns = value and units.duration(value)
  if ns and ns > DWELL_MAX_NS and within(pass.places[i], { step = true }) then
    pass:tell(i, "long-dwell", "r.dwell of %s inside a step: a restart repeats the whole step; "
      .. "dwell between steps", units.time_text(ns))
  end
end

local function check_within(pass, i, open, verb)
  local last = source.closing(pass.tokens, open)
  local options = is(pass.tokens[last - 1], "name") and not is(pass.tokens[last - 1], "name", "end")
  if verb == "wait_until" and not options and not has_word(pass.tokens, open, last, "within") then
    pass:tell(i, "no-within", "r.wait_until %s has no `within`: if it never comes true the batch "
      .. "stands for ever; write { within = \"TIME\" }", label(pass.tokens, open))
  end
end

local GUARDED = { ["=when"] = true, ["=validate"] = true }
for use in pairs(READS) do GUARDED[use] = true end

local function check_inside(pass, i, verb)
  local around = WAITS[verb] and within(pass.places[i], GUARDED)
  if around then
    pass:tell(i, "wait-inside", "r.%s inside %s, which may not wait (E-WAIT)", verb,
      (around.use:gsub("^=", "")))
  end
  around = OPENS_STEP[verb] and within(pass.places[i], { step = true })
  if around then
    pass:tell(i, "step-inside", "r.%s inside a step (E-STEP); group with r.phase", verb)
  end
end

local function check_verbs(pass)
  for i = 1, #pass.tokens do
    local open, verb = nest.call_at(pass.tokens, i, static.VERBS)
    if open then
      check_called(pass, i, open, verb)
      check_inside(pass, i, verb)
      if verb == "dwell" then check_dwell(pass, i, open) end
      if is(pass.tokens[open], "(") then check_within(pass, i, open, verb) end
    end
  end
end

local CONDITIONS = { wait_until = "condition", wait_first = "condition", ["=when"] = "`when`" }

-- A condition without `return` is nil for ever.
local function check_returns(pass)
  for i, place in pairs(pass.places) do
    local what = place.at == i and CONDITIONS[place.use]
    local stop = what and nest.function_end(pass.tokens, i)
    if what and not has_word(pass.tokens, i, stop, "return")
      and not has_word(pass.tokens, i, stop, "error") then
      pass:tell(i, "no-return", "this %s returns nothing, so it never comes true; write "
        .. "function() return ... end", what)
    end
  end
end

-- The name that `execute` gives its equipment.
local function equipment_name(tokens)
  for i, t in ipairs(tokens) do
    if is(t, "name", "execute") and is(tokens[i + 1], "=") and is(tokens[i + 2], "name", "function")
      and is(tokens[i + 5], ",") and is(tokens[i + 6], "name") then
      return tokens[i + 6][2]
    end
  end
end

local SCOPES = { operation = true, phase = true, unit = true, parallel = true,
  ["=execute"] = true }

-- Only what runs in execute itself: every function around it is a scope.
local function is_in_script(place)
  while place do
    if place.use == "=execute" then return true end
    -- A branch `name = function` of r.parallel has the verb's use already.
    if not SCOPES[place.use] then return false end
    place = place.outer
  end
  return false
end

local TOUCHES = { read = "read", set = "set", fired = "asked" }

-- The verb at the end of `eq.oven.zones[1].temp:read(`, from `eq` at index i.
local function touch_at(tokens, i)
  i = i + 1
  while is(tokens[i], ".") or is(tokens[i], "[") do
    i = is(tokens[i], ".") and i + 2 or source.closing(tokens, i) + 1
  end
  local verb, open = tokens[i + 1], tokens[i + 2]
  local is_call = is(tokens[i], ":") and (is(open, "(") or is(open, "string"))
  return is_call and TOUCHES[verb[2]] or nil
end

local function check_touches(pass)
  local eq = equipment_name(pass.tokens)
  for i, t in ipairs(eq and pass.tokens or {}) do
    local is_own = is(t, "name", eq) and not is(pass.tokens[i - 1], ".")
    local verb = is_own and is_in_script(pass.places[i]) and touch_at(pass.tokens, i)
    if verb then
      pass:tell(i, "outside-step", "equipment is %s outside a step (E-REPLAY): a restart runs this "
        .. "code again and would see another plant; put it in r.step(\"...\", function() ... end)",
        verb)
    end
  end
end

-- `while` and `repeat` without a verb in them, but with equipment.
local function check_spins(pass)
  local eq, tokens = equipment_name(pass.tokens), pass.tokens
  for i, t in ipairs(tokens) do
    if is(t, "name", "while") and eq then
      local body = i
      while tokens[body] and not is(tokens[body], "name", "do") do body = body + 1 end
      local stop = nest.function_end(tokens, body)
      local waits = false
      for j = body, stop do waits = waits or nest.call_at(tokens, j, static.VERBS) ~= nil end
      if not waits and has_word(tokens, i, body, eq) then
        pass:tell(i, "spins", "this `while` computes until the plant changes and is stopped after "
          .. "100 ms (E-BUDGET); write r.wait_until(\"...\", function() return ... end, "
          .. "{ within = \"TIME\" })")
      end
    end
  end
end

-- Outputs of a profile: what has a range is meant to be set.
local function check_tags(pass)
  local tokens = pass.tokens
  for i, t in ipairs(tokens) do
    if is(t, "name", "tag") and is(tokens[i + 1], "{") then
      local last = source.closing(tokens, i + 1)
      local is_output = has_word(tokens, i, last, "range") or has_word(tokens, i, last, "step_max")
        or has_word(tokens, i, last, "rate_max")
      if is_output and not has_word(tokens, i, last, "safe") then
        pass:tell(i, "no-safe", "this output has no safe values: what is written when a recipe or "
          .. "computer dies? Write safe = { hold = VALUE, stop = VALUE, abort = VALUE }")
      end
    end
  end
end

local function meant_lines(text)
  local out, n = {}, 0
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do
    n = n + 1
    if line:find "%-%-%s*lint: meant" then out[n] = true end
  end
  return out
end

--- Look through one text.
---@param f table findings
---@param path string as shown
---@param text string
function lint.text(f, path, text)
  local chunk, syntax = sandbox.load(text, "@" .. path, {})
  if not chunk then
    local at, said = project_of.place_of(syntax, path)
    return f:fail(said, at or { file = path, line = 1 }, "E-SYNTAX")
  end
  local tokens = source.tokens(text)
  local pass = setmetatable({ f = f, path = path, tokens = tokens, meant = meant_lines(text),
    places = nest.places(tokens, static.VERBS) }, Pass)
  if project_of.role_of_text(text) == "line" then return check_tags(pass) end
  check_verbs(pass)
  check_returns(pass)
  check_touches(pass)
  check_spins(pass)
end

return lint

-- Calls that are written out in a recipe: what they would refuse when they run,
-- told before. Only what stands there as a plain text or number is judged; a
-- value that is computed is left to the run.

local sorted = require "linewright.sorted"
local source = require "linewright.source"
local suggest = require "linewright.suggest"
local units = require "linewright.units"
local verb_options = require "linewright.verb_options"

local calls = {}

-- A text or number that is written out, or nil. A backslash may stand for
-- anything, and long brackets are not read.
local function literal(tokens, first, last)
  local t = tokens[first]
  if first ~= last or not t then return nil end
  if t[1] == "string" and t[2] ~= "" and not t[2]:find "\\" then return t[2] end
  if t[1] == "number" then return tonumber(t[2]) end
  return t[1] == "name" and t[2] == "true" or nil
end

-- A constructor: what is written out in it, and what stands in it anyhow.
local function constructor(tokens, part)
  local first, last = part[1], part[2]
  if tokens[first][1] ~= "{" or source.closing(tokens, first) ~= last then return nil end
  local t = { known = {}, has = {}, line = {}, at = {}, is_plain = true }
  for _, piece in ipairs(source.parts(tokens, first)) do
    local a, b = piece[1], piece[2]
    local key = tokens[a][1] == "name" and tokens[a + 1] and tokens[a + 1][1] == "="
      and tokens[a][2] or nil
    if not key then t.is_plain = false else
      local value = literal(tokens, a + 2, b)
      t.has[key], t.known[key], t.line[key], t.at[key] = true, value, tokens[a][3], { a + 2, b }
      if value == nil then t.is_plain = false end
    end
  end
  return t
end

-- The arguments of a call whose name stands before index `open`.
local function arguments(tokens, open)
  local kind = tokens[open] and tokens[open][1]
  if kind == "(" then return source.parts(tokens, open) end
  if kind == "{" then return { { open, source.closing(tokens, open) } } end
  return kind == "string" and { { open, open } } or nil
end

--- Does a call's argument stand at this index?
---@param tokens table
---@param i number
---@return boolean
function calls.is_call(tokens, i) return arguments(tokens, i) ~= nil end

local Judge = {}
Judge.__index = Judge

function Judge:fail(line, code, ...)
  self.f:fail(("r.%s: %s"):format(self.verb, string.format(...)), { file = self.file, line = line },
    code)
end

local LABELLED = { step = "name", unit = "name", operation = "name", phase = "name",
  wait_until = "label", loop = "name" }

-- What a step or a wait is called comes first.
function Judge:label(first, line)
  local what = LABELLED[self.verb]
  local t = what and first and self.tokens[first[1]]
  if t and (t[1] == "{" or (t[1] == "name" and t[2] == "function")) then
    self:fail(line, "E-ARG", "its %s comes first, in quotes: r.%s(\"...\", ...)", what, self.verb)
  end
end

function Judge:time(what, value, line)
  local ns, message = units.duration(value)
  if not ns then self:fail(line, "E-TIME", "%s%s", what, message) end
end

function Judge:word(key, value, words, line)
  if type(value) ~= "string" or verb_options.has(words, value) then return end
  self:fail(line, "E-ARG", "%s must be %s, not '%s'%s", key, table.concat(words, ", "), value,
    suggest.text(value, words))
end

function Judge:options(t, known)
  for key in sorted(t.has) do
    local kind, value, line = known[key], t.known[key], t.line[key]
    if not kind then
      local names = sorted.keys(known)
      self:fail(line, "E-KEY", "unknown option '%s' (known: %s)%s", key,
        table.concat(names, ", "), suggest.text(key, names))
    elseif kind == "time" and value ~= nil then
      self:time(key .. ": ", value, line)
    elseif type(kind) == "table" then
      self:word(key, value, kind, line)
    end
  end
end

-- The texts of a list that is written out, or nil.
local function texts(tokens, at)
  if not at or tokens[at[1]][1] ~= "{" or source.closing(tokens, at[1]) ~= at[2] then return nil end
  local out = {}
  for i, piece in ipairs(source.parts(tokens, at[1])) do
    out[i] = literal(tokens, piece[1], piece[2])
    if type(out[i]) ~= "string" then return nil end
  end
  return out
end

function Judge:question(t)
  local default = t.known.default
  local choices = texts(self.tokens, t.at.choices)
  if default == nil or (t.has.choices and not choices) then return end
  local wrong = verb_options.wrong_question(choices, default, t.has.within == true)
  if wrong then self:fail(t.line.default, "E-ARG", "%s", wrong) end
end

-- Which argument holds the options; those of a step stand before its function.
local PLACE = { ask = { 1, 1 }, dwell = { 2, 2 }, wait_first = { 2, 2 }, wait_until = { 3, 3 },
  loop = { 2, 2 }, alarm = { 2, 2 }, step = { 2, 3 }, unit = { 2, 3 }, operation = { 2, 3 },
  phase = { 2, 3 } }

--- A call of a verb, `r.dwell "10 min"`.
---@param f table findings
---@param file string
---@param tokens table from source.tokens
---@param at number index of the verb's name
function calls.verb(f, file, tokens, at)
  local verb = tokens[at][2]
  local args = arguments(tokens, at + 1)
  local place = PLACE[verb]
  if not (args and place) then return end
  local judge = setmetatable({ f = f, file = file, tokens = tokens, verb = verb }, Judge)
  judge:label(args[1], tokens[at][3])
  if verb == "dwell" and args[1] then
    local time = literal(tokens, args[1][1], args[1][2])
    if time ~= nil then judge:time("", time, tokens[at][3]) end
  end
  local options = args[place[1]] and #args >= place[2] and constructor(tokens, args[place[1]])
  if not options then return end
  judge:options(options, verb_options.OF[verb])
  if verb == "ask" then judge:question(options) end
end

--- A set-point that is written out, `speed:set "3 m/min"`.
---@param f table findings
---@param file string
---@param tokens table
---@param at number index of the word `set`
---@param channel table { unit } of the contract
---@param path string for messages
function calls.set(f, file, tokens, at, channel, path)
  local args = arguments(tokens, at + 1)
  local text = args and #args == 1 and literal(tokens, args[1][1], args[1][2])
  if type(text) ~= "string" or not channel.unit then return end
  local value, message, code = units.value(text, channel.unit)
  if value then return end
  f:fail(("%s: %s"):format(path, message), { file = file, line = tokens[at][3] }, code)
end

--- A block of the standard library with all its options written out,
--- `filter.ewma { tau = "6 s" }`: making one tells what is wrong with them.
---@param f table findings
---@param file string
---@param tokens table
---@param at number index of the library's name
---@param library table its functions
function calls.block(f, file, tokens, at, library)
  local name = tokens[at + 2]
  local args = name and name[1] == "name" and arguments(tokens, at + 3)
  local t = args and #args == 1 and constructor(tokens, args[1])
  local fn = t and library[name[2]]
  if not (t and t.is_plain and type(fn) == "function") then return end
  local ok, message = pcall(fn, t.known)
  if ok then return end
  local text = tostring(message):gsub("^[^\n]-:%d+: ", "")
  f:fail(text, { file = file, line = name[3] }, "E-ARG")
end

return calls

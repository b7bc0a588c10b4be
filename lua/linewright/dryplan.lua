--- The procedure of a recipe without a plant: the live recipe is run with verbs
--- that only take notes. Steps and conditions are not run, questions and races
--- get each answer in turn. What the text holds and no pass has met is noted as
--- not explored, so that a chart of it cannot leave anything out.

local nest = require "linewright.nest"
local sorted = require "linewright.sorted"
local source = require "linewright.source"
local static = require "linewright.static"
local units = require "linewright.units"
local vm = require "linewright.vm"
local words = require "linewright.words"

local dryplan = {}

local PASSES = 6
local VISITS_MAX = 40       -- of one verb in one pass: then the pass ends
local BUDGET_NS = 200e6

dryplan.HANDLERS = { "resetting", "starting", "execute", "completing", "holding", "unholding",
  "suspending", "unsuspending", "stopping", "aborting", "clearing" }

-- What a step would have returned: usable in most ways, true in none.
local UNKNOWN = {}
local function unknown() return UNKNOWN end
-- A list of it is empty: otherwise `ipairs` would never come to its end.
local function field(_, key) return type(key) ~= "number" and UNKNOWN or nil end
setmetatable(UNKNOWN, { __index = field, __call = unknown, __add = unknown, __sub = unknown,
  __mul = unknown, __div = unknown, __unm = unknown, __mod = unknown, __pow = unknown,
  __concat = function() return "?" end, __newindex = function() end, __metatable = "unknown" })

local Pass = {}
Pass.__index = Pass

-- The node of a call below the one that is open; the same in every pass.
local function meet(self, verb, label)
  local parent, line = self.open, words.here().line
  local key = ("%d %s %s"):format(line, verb, tostring(label))
  local node = parent.by_key[key]
  if not node then
    node = { verb = verb, label = label, line = line, by_key = {}, children = {} }
    parent.by_key[key] = node
    table.insert(parent.children, node)
  end
  self.visits[node] = (self.visits[node] or 0) + 1
  if self.visits[node] > VISITS_MAX then error("the same step again and again", 0) end
  if self.visits[node] > 1 then node.is_repeated = true end
  return node
end

local function inside(self, node, fn)
  local before = self.open
  self.open = node
  local result = fn()
  self.open = before
  return result
end

-- The choice of this pass at its nth visit.
local function choice(self, node, list)
  return #list > 0 and list[(self.n + self.visits[node] - 2) % #list + 1] or UNKNOWN
end

local function last_function(...)
  for i = select("#", ...), 1, -1 do
    local v = select(i, ...)
    if type(v) == "function" then return v end
  end
end

local function text_of(v)
  return type(v) == "number" and units.number(v) or type(v) == "string" and v or nil
end

-- An option of a verb in words: "within 40 min".
local function note_of(name, options)
  local v = type(options) == "table" and options[name]
  return v and ("%s %s"):format(name, text_of(v) or "?")
end

local verbs = {}

for verb in ("unit operation phase"):gmatch "%S+" do
  verbs[verb] = function(self, name, ...)
    local node, fn = meet(self, verb, text_of(name)), last_function(...)
    return fn and inside(self, node, fn)
  end
end

function verbs.parallel(self, tasks)
  local node = meet(self, "parallel")
  for name, fn in sorted(type(tasks) == "table" and tasks or {}) do
    if type(fn) == "function" then
      local before = self.open
      self.open = node
      local branch = meet(self, "branch", tostring(name))
      self.open = before
      inside(self, branch, fn)
    end
  end
  return UNKNOWN
end

function verbs.wait_until(self, label, _, options)
  local node = meet(self, "wait_until", text_of(label))
  node.note = note_of("within", options)
  return true
end

function verbs.wait_first(self, conditions)
  local names = sorted.keys(type(conditions) == "table" and conditions or {})
  local node = meet(self, "wait_first", table.concat(names, " | "))
  return choice(self, node, names)
end

function verbs.dwell(self, time)
  meet(self, "dwell", text_of(time) or "?")
end

function verbs.loop(self, name, options)
  local node = meet(self, "loop", text_of(name))
  node.note = note_of("every", options)
  return UNKNOWN
end

function verbs.ask(self, question)
  question = type(question) == "table" and question or {}
  local choices = type(question.choices) == "table" and question.choices or {}
  local node = meet(self, "ask", text_of(question.prompt))
  node.note = #choices > 0 and table.concat(choices, " | ") or nil
  return choice(self, node, choices)
end

local function other(verb)
  return function(self, label)
    meet(self, verb, text_of(label))
    return UNKNOWN
  end
end
for verb in pairs(static.VERBS) do verbs[verb] = verbs[verb] or other(verb) end

local function words_of(pass)
  local r = {}
  for verb, fn in pairs(verbs) do
    r[verb] = function(...) return fn(pass, ...) end
  end
  return r
end

-- Where the text of a function ends: what a chart of it must account for.
local function span(tokens, name)
  for i, t in ipairs(tokens) do
    if t[1] == "name" and t[2] == name and tokens[i + 1][1] == "=" and tokens[i + 2]
      and tokens[i + 2][2] == "function" then
      return i + 2, nest.function_end(tokens, i + 2)
    end
  end
end

local function note_lines(node, out)
  for _, child in ipairs(node.children) do
    out[child.line .. child.verb] = child
    note_lines(child, out)
  end
  return out
end

-- The met node whose function a token stands in.
local function around(tokens, places, met, i, root)
  local place = places[i]
  while place do
    for j = place.at, 1, -1 do
      local open, verb = nest.call_at(tokens, j, static.VERBS)
      if open and verb == place.use and source.closing(tokens, open) >= place.at then
        local node = met[tokens[j][3] .. verb]
        if node then return node end
        break
      end
    end
    place = place.outer
  end
  return root
end

-- What a step does inside is read from its text; there it runs as it stands.
local BODY = { step = true, loop = true }

local function from_text(parent, verb, arg, line)
  table.insert(parent.children, { verb = verb, label = arg[1] == "string" and arg[2] or nil,
    line = line, by_key = {}, children = {}, is_unexplored = not BODY[parent.verb] })
end

-- Adds what the text has and no pass has met.
local function account(root, tokens, name)
  local first, last = span(tokens, name)
  local places, met = nest.places(tokens, static.VERBS), note_lines(root, {})
  for i = first or 1, last or 0 do
    local open, verb = nest.call_at(tokens, i, static.VERBS)
    if open and not met[tokens[i][3] .. verb] then
      local arg = tokens[open][1] == "string" and tokens[open] or tokens[open + 1]
      from_text(around(tokens, places, met, i, root), verb, arg, tokens[i][3])
    end
  end
end

-- In the order of the text, whatever pass met them.
local function put_in_order(node)
  for i, child in ipairs(node.children) do child.order = i end
  sorted.by(node.children, "line", "order")
  for _, child in ipairs(node.children) do put_in_order(child) end
end

local CHANNEL = { read = unknown, open = unknown, set = function() end }

local function members_of(unit)
  local out = {}
  for key, member in sorted(unit.members) do
    out[key] = CHANNEL
    if not member.path then
      out[key] = {}
      for i, entry in ipairs(member) do
        out[key][i] = {}
        for name in sorted(entry) do out[key][i][name] = CHANNEL end
      end
    end
  end
  return out
end

--- Equipment that answers nothing: its properties and how many of each are real.
---@param eq table<string, table> of a bundle
---@return table eq
function dryplan.equipment(eq)
  local out = {}
  for role, unit in sorted(eq) do
    local fields = members_of(unit)
    for name, value in sorted(unit.props) do fields[name] = value end
    for name in sorted(unit.contract.methods) do fields[name] = unknown end
    out[role] = fields
  end
  return out
end

--- The chart of one handler.
---@param recipe table
---@param text string of its file
---@param name string handler
---@param eq table|nil from dryplan.equipment
---@param p table parameters
---@return table root { verb, label, children, ended = why a pass could not go on }
function dryplan.handler(recipe, text, name, eq, p)
  local root = { verb = "handler", label = name, line = 0, by_key = {}, children = {} }
  for n = 1, PASSES do
    local pass = setmetatable({ n = n, open = root, visits = {} }, Pass)
    local ok, why = vm.call(function() return recipe[name](words_of(pass), eq or UNKNOWN, p) end,
      BUDGET_NS)
    if not ok then root.ended = tostring(why) end
  end
  account(root, source.tokens(text), name)
  put_in_order(root)
  return root
end

return dryplan

-- The words of recipes, profiles, formulas, contracts and twins. Each returns
-- the author's plain table, stamped with what it is (`kind`) and where it was
-- written (`at`). A misuse is a finding, not an error, so that one reading of a
-- file names all its mistakes.

local safe = require "linewright.safe"
local suggest = require "linewright.suggest"

local words = {}

local OURS = debug.getinfo(1, "S").source:match "^@(.*)words%.lua$"

-- Where the word that is running was called from: the nearest Lua frame that is
-- not part of the product. A tail call leaves no frame, so words that come last
-- in a file (`return recipe "x" {...}`) ask in their first call, which is none.
local here
function words.here() return here() end
function here()
  for level = 3, 12 do
    local info = debug.getinfo(level, "Sl")
    if not info then break end
    local file = info.source:match "^@(.*)$"
    if file and info.currentline > 0 and file:sub(1, #OURS) ~= OURS then
      return { file = file, line = info.currentline }
    end
  end
  return { file = "?", line = 0 }
end

-- What an undefined word stands for while a file loads: it takes every use, so
-- that the rest of the file is read too. The finding is already recorded.
local VOID = {}
local function void() return VOID end
setmetatable(VOID, {
  __index = void, __call = void, __newindex = function() end, __concat = function() return "" end,
  __add = void, __sub = void, __mul = void, __div = void, __unm = void, __mod = void, __pow = void,
  __lt = function() return false end, __le = function() return false end, __metatable = "void",
})
words.VOID = VOID

--- Is this what an undefined word left behind?
function words.is_void(x) return rawequal(x, VOID) end

local function stamp(t, kind, at, findings)
  for _, key in ipairs { "kind", "at" } do
    if rawget(t, key) ~= nil then
      findings:fail(("'%s' is not a key of %s: it is kept for the word itself"):format(key, kind),
        at, "E-KEY")
    end
  end
  t.kind, t.at = kind, at
  return t
end

-- The table a word was given, or an empty one and a finding.
local function table_for(word, t, at, findings, example)
  if rawequal(t, VOID) then return {} end
  local is_plain = safe.is_plain(t)
  if is_plain and not t.kind then return t end
  local got = is_plain and "what '" .. tostring(t.kind) .. "' returned"
    or type(t) == "table" and "one with a metatable" or type(t)
  findings:fail(("%s takes a table, got %s; write %s"):format(word, got, example), at, "E-TYPE")
  return {}
end

local function text_for(word, text, at, findings, example)
  if type(text) == "string" and text ~= "" then return text end
  if not rawequal(text, VOID) then
    findings:fail(("%s takes a name in quotes, got %s; write %s"):format(word, type(text),
      example), at, "E-TYPE")
  end
  return "?"
end

-- `word "name" { ... }`
local function named(word, findings, example, finish)
  return function(name)
    local at = here()
    name = text_for(word, name, at, findings, example)
    return function(t)
      t = table_for(word .. ' "' .. name .. '"', t, at, findings, example)
      return finish(t, name, at)
    end
  end
end

-- `word { ... }`
local function block(word, findings, example)
  return function(t)
    local at = here()
    return stamp(table_for(word, t, at, findings, example), word, at, findings)
  end
end

-- `word(value)`
local function holder(word)
  return function(value) return { kind = word, value = value, at = here() } end
end

-- `readable "degC"` or `readable { "degC", key = true }`
local function channel(word, findings)
  return function(spec)
    local at = here()
    if type(spec) == "string" then spec = { spec } end
    return stamp(table_for(word, spec, at, findings, word .. ' "degC"'), word, at, findings)
  end
end

-- `word "name" { ... }`; the name becomes the table's `key`, by default `name`.
local function named_stamp(word, findings, example, key)
  return named(word, findings, example, function(t, name, at)
    stamp(t, word, at, findings)
    t[key or "name"] = name
    return t
  end)
end

local function requirement(findings)
  return named("cap", findings, 'cap "web_transport@1" {}', function(t, name, at)
    return { kind = "cap", contract = name, requires = t, at = at }
  end)
end

-- A recording is a table of readings, or a folder of pictures, which is a driver of its own.
local function driver(findings)
  return named("driver", findings, 'driver "sim" {}', function(t, name, at)
    if name == "replay" and t.folder ~= nil then name = "pictures" end
    return { kind = "driver", driver = name, options = t, at = at }
  end)
end

-- `native "gauge" { file = "gauge.lua", ... }` is a driver of kind native: its
-- own keys, all others are the file's.
local NATIVE_OWN = { file = true, timeout = true }
local function native(findings)
  return named("native", findings, 'native "gauge" { file = "gauge.lua" }', function(t, name, at)
    local own, given = {}, {}
    for key, value in next, t do
      if NATIVE_OWN[key] then own[key] = value else given[key] = value end
    end
    return { kind = "driver", driver = "native", native = name, options = own, given = given,
      at = at }
  end)
end

local STATES = { "Stopped", "Resetting", "Idle", "Starting", "Execute", "Completing", "Complete",
  "Holding", "Held", "Unholding", "Suspending", "Suspended", "Unsuspending", "Stopping",
  "Aborting", "Aborted", "Clearing" }
words.STATES = STATES
local IS_STATE = {}
for _, state in ipairs(STATES) do IS_STATE[state] = true end

-- `during("Execute", "Held")`: the states in which a guard or alarm is watched.
local function during(findings)
  return function(...)
    local at, states = here(), {}
    for _, state in ipairs { ... } do
      if IS_STATE[state] then states[state] = true else
        findings:fail(("'%s' is not a PackML state%s"):format(tostring(state),
          suggest.text(state, STATES)), at, "E-NAME")
      end
    end
    return { kind = "during", states = states, at = at }
  end
end

local function recipe_words(f)
  local cap = requirement(f)
  return {
    recipe = named_stamp("recipe", f, 'recipe "name" { ... }'), cap = cap, capability = cap,
    param = block("param", f, 'param { "m/min", default = 6 }'),
    at_least = holder "at_least", at_most = holder "at_most", exactly = holder "exactly",
    includes = holder "includes", one_of = holder "one_of", during = during(f),
  }
end

local function line_words(f)
  return {
    line = named_stamp("line", f, 'line "name" { ... }'), driver = driver(f),
    equip = named_stamp("equip", f, 'equip "web_transport@1" { ... }', "contract"),
    native = native(f),
    tag = block("tag", f, 'tag { plc, "40011", unit = "m/min" }'),
    interlock = block("interlock", f, 'interlock { "oven.temp", above = "150 degC" }'),
    permit = block("permit", f,
      'permit { "die.flow", above = 0, needs = { "web.speed", above = 1 } }'),
  }
end

local function capability_words(f)
  return {
    capability = named_stamp("capability", f, 'capability "web_transport@1" { ... }'),
    list = block("list", f, 'list { temp = readable "degC" }'),
    readable = channel("readable", f), writable = channel("writable", f), prop = channel("prop", f),
  }
end

local BY_ROLE = {
  recipe = recipe_words,
  line = line_words,
  capability = capability_words,
  formula = function(f)
    return { formula = named_stamp("formula", f, 'formula "name" { ... }') }
  end,
  twin = function(f)
    return { twin = named_stamp("twin", f, 'twin "name" { ... }'),
      param = block("param", f, 'param { "m", default = 4 }') }
  end,
  module = recipe_words,
}

--- The words of one kind of file.
---@param role string "recipe", "line", "capability", "formula", "twin" or "module"
---@param findings table collector for misuses
---@return table words name to function
function words.of(role, findings)
  return BY_ROLE[role](findings)
end

--- Is this a kind of file that people write: recipe, line, formula, ...?
function words.is_role(name) return BY_ROLE[name] ~= nil and name ~= "module" end

--- Which kind of file a word belongs to, e.g. "line" for "tag".
---@param word string
---@return string|nil role
function words.home(word)
  local sink = { fail = function() end }
  for _, role in ipairs { "recipe", "line", "capability", "formula", "twin" } do
    if BY_ROLE[role](sink)[word] then return role end
  end
end

words.STATES = STATES

-- Kinds of record: LW_RECORD_KINDS of host/base/record.h.
words.RECORDS = { "begin", "end", "ckpt", "image", "cmd", "state", "prompt", "answer", "alarm",
  "trip", "intent", "out", "data", "mark", "note", "run", "decision", "late", "count", "cause",
  "reload", "meter" }

return words

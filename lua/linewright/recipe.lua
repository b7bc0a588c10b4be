-- A recipe's own structure: keys, handlers, guards, alarms, suspension.

local check = require "linewright.check"
local sorted = require "linewright.sorted"
local suggest = require "linewright.suggest"
local surface = require "linewright.surface"
local words = require "linewright.words"

local recipe = {}

local API = 1
recipe.API = API

local HANDLERS = { "resetting", "starting", "execute", "completing", "holding", "unholding",
  "suspending", "unsuspending", "stopping", "aborting", "clearing" }
recipe.HANDLERS = HANDLERS

local KEYS = surface.keys "recipe"
KEYS.name = true

local LEVELS = { "hold", "stop", "abort", "suspend" }
local GUARD_KEYS, ALARM_KEYS = surface.keys "guard", surface.keys "alarm"
local PRIORITIES = { "low", "medium", "high", "urgent" }
local SUSPEND_KEYS = surface.keys "suspension"

local function functions(f, t)
  for _, name in ipairs(HANDLERS) do
    if t[name] ~= nil then
      check.type(f, t[name], "function", "handler " .. name, check.place(t.at, name))
    end
  end
  if t.execute == nil then
    f:fail(("recipe '%s' has no handler `execute`"):format(t.name), t.at, "E-KEY")
  end
  if t.validate ~= nil then
    check.type(f, t.validate, "function", "validate", check.place(t.at, "validate"))
  end
end

-- A guard or alarm knows where its function is, whatever the table's line.
local function place_of(t, entry, key)
  if type(entry) == "table" and type(entry.when) == "function" then
    local info = debug.getinfo(entry.when, "S")
    return { file = info.source:gsub("^@", ""), line = info.linedefined }
  end
  return check.place(t.at, key)
end

local function watch(f, t, key, i, entry, known)
  local what = ("%s[%d]"):format(key, i)
  local at = place_of(t, entry, key)
  if not check.type(f, entry, "table", what, at) then return end
  if type(entry.text) == "string" then what = ("%s \"%s\""):format(key, entry.text) end
  check.keys(f, entry, known, what, at)
  check.type(f, entry.text, "string", what .. ": text", at)
  check.type(f, entry.when, "function", what .. ": when", at)
  if key == "guards" or entry.level ~= nil then
    check.one_of(f, entry.level, LEVELS, what .. ": level", at)
  end
  if entry.priority ~= nil then
    check.one_of(f, entry.priority, PRIORITIES, what .. ": priority", at)
  end
  check.duration_key(f, entry, "lasting", what, at)
  local active = entry.active
  if active ~= nil and not (type(active) == "table" and active.kind == "during") then
    f:fail(what .. ": active must be during \"Execute\" or the like", at, "E-TYPE")
  end
end

local function watches(f, t, key, known)
  local list = t[key]
  if list == nil then return end
  if not check.type(f, list, "table", key, check.place(t.at, key)) then return end
  for i, entry in ipairs(list) do watch(f, t, key, i, entry, known) end
  for name in sorted(list) do
    if type(name) ~= "number" then
      f:fail(("%s is a list; '%s' has no place in it"):format(key, tostring(name)),
        check.place(t.at, key, name), "E-KEY")
    end
  end
end

local function needs(f, t)
  if t.needs == nil then
    f:fail(("recipe '%s' has no `needs`: which equipment does it work with?"):format(t.name), t.at,
      "E-KEY")
    return
  end
  local at = check.place(t.at, "needs")
  if not check.type(f, t.needs, "table", "needs", at) then return end
  for role in sorted(t.needs) do
    if type(role) ~= "string" or not role:find "^[%a_][%w_]*$" then
      f:fail(("needs: role '%s' must be a name"):format(tostring(role)), at, "E-NAME")
    end
  end
end

local function judges(f, t)
  if t.judges == nil then return end
  local at = check.place(t.at, "judges")
  if not check.type(f, t.judges, "table", "judges", at) then return end
  for name, fn in sorted(t.judges) do
    check.type(f, fn, "function", ("judges.%s"):format(tostring(name)), at)
  end
end

local function check_version(f, t, what)
  local at = check.place(t.at, "version")
  if type(t.version) == "string" and t.version ~= "" then
    check.title(f, t.version, what .. ": version", at, check.VERSION_MAX)
  else
    f:fail(what .. " has no version, e.g. version = \"1.0.0\"", at, "E-KEY")
  end
end

--- Check what can be checked of a recipe alone.
---@param f table findings
---@param t table what `recipe "name" {}` returned
function recipe.check(f, t)
  local what = "recipe '" .. tostring(t.name) .. "'"
  check.title(f, t.name, "the recipe's name", t.at, check.NAME_MAX)
  check.keys(f, t, KEYS, what, t.at)
  check.api(f, t, API, what, t.at)
  check_version(f, t, what)
  needs(f, t)
  functions(f, t)
  watches(f, t, "guards", GUARD_KEYS)
  watches(f, t, "alarms", ALARM_KEYS)
  judges(f, t)
end

local function suspend_channel(f, by_path, signal, at)
  if by_path[signal] then return by_path[signal] end
  f:fail(("suspend_when: '%s' is no channel of the equipment%s"):format(tostring(signal),
    suggest.text(signal, sorted.keys(by_path))), at, "E-NAME")
end

local BACK = { below = "resume_above", above = "resume_below" }

-- The comparison that suspends: "below" or "above", one of them.
local function suspend_op(f, s, at)
  if (s.below == nil) == (s.above == nil) then
    f:fail("suspend_when needs `below` with `resume_above`, or `above` with `resume_below`", at,
      "E-KEY")
    return nil
  end
  return s.below ~= nil and "below" or "above"
end

-- Without its other end a suspension would chatter around the first.
local function refuse_one_end(f, s, op, at)
  local back = BACK[op]
  local other = back == "resume_above" and "resume_below" or "resume_above"
  local hint = s[other] ~= nil and (", not `%s`"):format(other) or ""
  f:fail(("suspend_when has `%s` and no `%s`%s: where does it go on? A value beyond the first "
    .. "keeps it from chattering"):format(op, back, hint), at, "E-KEY")
end

-- Where it suspends and where it goes on, in the channel's unit.
local function suspend_limits(f, s, op, unit, at)
  local back = BACK[op]
  local limit = check.value(f, s[op], unit, "suspend_when: " .. op, at)
  if s[back] == nil then return refuse_one_end(f, s, op, at) end
  local resume = check.value(f, s[back], unit, "suspend_when: " .. back, at)
  if limit and resume and (resume - limit) * (op == "below" and 1 or -1) < 0 then
    f:fail(("suspend_when: %s = %g lies on the wrong side of %s = %g"):format(back, resume, op,
      limit), at, "E-RANGE")
  end
  return limit, resume
end

--- Resolve `suspend_when` against the bound channels.
---@param f table findings
---@param t table recipe
---@param by_path table recipe path to channel
---@return table|nil suspend { channel, op = "below"|"above", limit, resume, settle_ns, text }
function recipe.suspend(f, t, by_path)
  local s = t.suspend_when
  if s == nil or words.is_void(s) then return nil end
  local at = check.place(t.at, "suspend_when")
  if not check.type(f, s, "table", "suspend_when", at) then return nil end
  check.keys(f, s, SUSPEND_KEYS, "suspend_when", at)
  local channel, op = suspend_channel(f, by_path, s.signal or s[1], at), suspend_op(f, s, at)
  local settle_ns = check.duration_key(f, s, "settle", "suspend_when", at) or 0
  if not (channel and op) then return nil end
  local limit, resume = suspend_limits(f, s, op, channel.unit, at)
  return limit and resume and { channel = channel, op = op, limit = limit, resume = resume,
    text = s.text, settle_ns = settle_ns }
end

return recipe

-- Interlocks and permits of a line, flat: one rule for each channel that a
-- pattern such as "oven.zones[*].temp" names.

local check = require "linewright.check"
local sorted = require "linewright.sorted"
local suggest = require "linewright.suggest"
local surface = require "linewright.surface"
local words = require "linewright.words"

local rules = {}

local OPS = { "above", "below", "is", "is_not" }
local LEVELS = { "hold", "stop", "abort", "suspend" }
local KEYS = { interlock = surface.keys "interlock", permit = surface.keys "permit" }
local NEED_KEYS = surface.keys "need"

local NAME_MAX = 255 -- bytes of a channel's path

local function to_pattern(text)
  local escaped = text:gsub("[%^%$%(%)%%%.%[%]%*%+%-%?]", "%%%0")
  return "^" .. escaped:gsub("%%%[%%%*%%%]", "%%[%%d+%%]") .. "$"
end

-- How many members the list has that a text names one of: "oven.zones", 7.
local function list_of(units, text)
  local unit, list, index = text:match "^([%w_]+)%.([%w_]+)%[(%d+)%]"
  local members = index and units[unit] and units[unit].members[list]
  if type(members) == "table" then return unit .. "." .. list, #members, tonumber(index) end
end

-- A channel that is there but could not be read is a finding already.
local function is_named(ctx, text)
  local _, n, index = list_of(ctx.units, text)
  if n and (index < 1 or index > n) then return false end
  for _, name in ipairs(ctx.names) do
    if name == text:gsub("%[%d+%]", "[*]") then return true end
  end
  return false
end

local function hint_of(ctx, text)
  local list, n = list_of(ctx.units, text)
  if n then return (" (%s has %d)"):format(list, n) end
  local hint = suggest.text(text, ctx.names)
  return hint ~= "" and hint or " (" .. table.concat(ctx.names, ", ") .. ")"
end

-- Channels whose line path a text names, in order.
local function matching(ctx, text, what, at)
  if not check.type(ctx.f, text, "string", what .. ": the first entry, a channel,", at) then
    return {}
  end
  if #text > NAME_MAX then
    ctx.f:fail(("%s: a channel's path of %d bytes, at most %d are possible"):format(what, #text,
      NAME_MAX), at, "E-NAME")
    return {}
  end
  local out, pattern = {}, to_pattern(text)
  for path, ch in sorted(ctx.by_path) do
    if path:find(pattern) then out[#out + 1] = ch end
  end
  if #out == 0 and not is_named(ctx, text) then
    ctx.f:fail(("%s: \"%s\" matches no channel of line '%s'%s"):format(what, text, ctx.line_name,
      hint_of(ctx, text)), at, "E-NAME")
  end
  return out
end

-- The one comparison that a rule makes: its word and its value as written.
local function comparison(ctx, t, what, at)
  local op
  for _, key in ipairs(OPS) do
    if t[key] ~= nil then
      if op then
        ctx.f:fail(("%s compares twice: %s and %s; write two"):format(what, op, key), at, "E-KEY")
      end
      op = op or key
    end
  end
  if not op then
    ctx.f:fail(("%s compares with nothing: it needs one of %s"):format(what,
      table.concat(OPS, ", ")), at, "E-KEY")
  end
  return op
end

-- The limit in the unit of a channel's contract.
local function limit_for(ctx, ch, t, op, what, at)
  if ch.unit == "text" then
    ctx.f:fail(("%s: %s is a text, a rule compares numbers"):format(what, ch.line_path),
      { check.place(at, op), ch.spec.at }, "E-TYPE")
    return nil
  end
  local value = t[op]
  if type(value) == "boolean" then value = value and 1 or 0 end
  return check.value(ctx.f, value, ch.unit, what .. ": " .. op, check.place(at, op))
end

local function lasting(ctx, t, what)
  if t.lasting == nil then return 0 end
  return check.duration(ctx.f, t.lasting, nil, what .. ": lasting", check.place(t.at, "lasting"))
    or 0
end

local function level_of(ctx, t, what)
  if t.kind == "permit" then return "hold" end
  if t.level == nil then
    ctx.f:fail(("%s declares no level (%s)"):format(what, table.concat(LEVELS, ", ")), t.at,
      "E-KEY")
    return "abort"
  end
  return check.one_of(ctx.f, t.level, LEVELS, what .. ": level", check.place(t.at, "level"))
    or "abort"
end

local function text_of(ctx, t, what)
  if t.text == nil then return ("%s %s"):format(t.kind, tostring(t[1])) end
  return check.type(ctx.f, t.text, "string", what .. ": text", check.place(t.at, "text")) or what
end

-- What a permit needs: list of { channel, op, limit }.
local function needs_of(ctx, t, what)
  local at = check.place(t.at, "needs")
  if not check.type(ctx.f, t.needs, "table", what .. ": needs", at) then return {} end
  local list = type(t.needs[1]) == "table" and t.needs or { t.needs }
  local out = {}
  for _, need in ipairs(list) do
    check.keys(ctx.f, need, NEED_KEYS, what .. ": needs", at)
    local op = comparison(ctx, need, what .. ": needs", at)
    for _, ch in ipairs(op and matching(ctx, need[1], what .. ": needs", at) or {}) do
      out[#out + 1] = { channel = ch, op = op, limit = limit_for(ctx, ch, need, op,
        what .. ": needs", at) }
    end
  end
  return out
end

local function usable(ctx, ch, t, what)
  if t.kind == "permit" and ch.class ~= "writable" then
    ctx.f:fail(("%s: %s is a reading; a permit is about an output"):format(what, ch.line_path),
      { t.at, ch.spec.at }, "E-READONLY")
    return false
  end
  if ch.unfed then
    ctx.f:fail(("%s: %s has no tag on this line, so nothing can be watched"):format(what,
      ch.line_path), { t.at, ch.spec.at }, "E-ADDRESS")
    return false
  end
  return true
end

local function expand(ctx, out, t)
  local what = type(t[1]) == "string" and ("%s \"%s\""):format(t.kind, t[1]) or t.kind
  check.keys(ctx.f, t, KEYS[t.kind], what, t.at)
  local op = comparison(ctx, t, what, t.at)
  local rule = { kind = t.kind, op = op, level = level_of(ctx, t, what),
    lasting_ns = lasting(ctx, t, what), text = text_of(ctx, t, what), at = t.at }
  local needs = t.kind == "permit" and needs_of(ctx, t, what) or { {} }
  for _, ch in ipairs(matching(ctx, t[1], t.kind, t.at)) do
    local limit = op and limit_for(ctx, ch, t, op, what, t.at)
    if limit and usable(ctx, ch, t, what) then
      for _, need in ipairs(needs) do
        out[#out + 1] = { rule = rule, channel = ch, limit = limit, need = need }
      end
    end
  end
end

--- Read the `interlocks` of a line.
---@param f table findings
---@param profile table from line.read
---@param by_path table line path to channel, from roles.all_channels
---@param names table line paths for suggestions
---@return table list of { rule, channel, limit, need }; limits in contract units
function rules.read(f, profile, by_path, names)
  local t, out = profile.table.interlocks, {}
  if t == nil then return out end
  local at = check.place(profile.at, "interlocks")
  if not check.list(f, t, "interlocks", at) then return out end
  local ctx = { f = f, by_path = by_path, names = names, units = profile.units,
    line_name = profile.name }
  for i, entry in ipairs(t) do
    if type(entry) == "table" and KEYS[entry.kind] then
      expand(ctx, out, entry)
    elseif not words.is_void(entry) then
      f:fail(("interlocks[%d] must be interlock {...} or permit {...}, got %s"):format(i,
        type(entry)), at, "E-TYPE")
    end
  end
  return out
end

return rules

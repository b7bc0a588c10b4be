-- What stands behind `eq.oven.zones[1].temp:read` in the text of a recipe: units,
-- lists, channels and their verbs, followed sign by sign.

local calls = require "linewright.calls"
local sorted = require "linewright.sorted"
local source = require "linewright.source"
local suggest = require "linewright.suggest"

local paths = {}

--- Record a name that is none of those known.
function paths.missing_name(f, file, token, owner, name, known, where)
  if known[name] then return end
  local names = sorted.keys(known)
  f:fail(("%s.%s is not in %s (%s)%s"):format(owner, name, where, table.concat(names, ", "),
    suggest.text(name, names)), { file = file, line = token[3] }, "E-NAME")
end

local VERBS = { read = true, fired = true, set = true }
local PICTURE_VERBS = { read = true, open = true }
local CHANNEL_FIELDS = { name = true, unit = true, lo = true, hi = true }
for verb in pairs(VERBS) do CHANNEL_FIELDS[verb] = true end

-- Steps along `eq.oven.zones[1].temp:read`: what stands behind each sign.
local step = {}

step["."] = function(ctx, at, i)
  local name = ctx.tokens[i + 1]
  if not name or name[1] ~= "name" then return nil end
  if at.contract then
    ctx:need(name, at.text, at.fields, at.contract.name)
    local def = at.contract.members[name[2]]
    return def and ctx.at_member(def, at.text .. "." .. name[2]), i + 2
  elseif at.element then
    ctx:need(name, at.text, at.element, at.text)
    local def = at.element[name[2]]
    return def and ctx.at_member(def, at.text .. "." .. name[2]), i + 2
  elseif at.channel then
    ctx:need(name, at.text, CHANNEL_FIELDS, at.text)
    ctx:need_colon(name, at.text, i + 2)
  end
end

step["["] = function(ctx, at, i)
  local stop = source.closing(ctx.tokens, i)
  return at.list and { element = at.list, text = at.text .. "[]" }, stop + 1
end

step[":"] = function(ctx, at, i)
  local name = ctx.tokens[i + 1]
  if not name or name[1] ~= "name" then return nil end
  if at.contract then
    ctx:need(name, at.text, at.contract.methods, "the methods of " .. at.contract.name)
  elseif at.channel then
    ctx:need(name, at.text, at.channel.is_picture and PICTURE_VERBS or VERBS,
      "the verbs of a channel")
    if name[2] ~= "set" then return nil end
    if at.channel.class == "readable" then
      ctx.f:fail(("%s is a reading, it cannot be set"):format(at.text:gsub("^[^.]*%.", "")),
        { file = ctx.file, line = name[3] }, "E-READONLY")
    end
    calls.set(ctx.f, ctx.file, ctx.tokens, i + 1, at.channel, at.text:gsub("^[^.]*%.", ""))
  end
end

--- Does this sign lead further into a piece of equipment?
---@param token table
---@return boolean
function paths.goes_on(token) return step[token[1]] ~= nil end

local Walk = {}
Walk.__index = Walk

function Walk:need(token, owner, known, where)
  paths.missing_name(self.f, self.file, token, owner, token[2], known, where)
end

function Walk:fail(token, text, code)
  self.f:fail(text, { file = self.file, line = token[3] }, code)
end

-- `temp.read()` would be read without its channel.
function Walk:need_colon(name, text, behind)
  if not (VERBS[name[2]] and calls.is_call(self.tokens, behind)) then return end
  self:fail(name, ("%s.%s is called with a colon: %s:%s(...)"):format(text, name[2], text,
    name[2]), "E-SYNTAX")
end

function Walk.at_member(def, text)
  if def.class == "list" then return { list = def.members, text = text } end
  return { channel = def, text = text }
end

local function unit_fields(contract)
  local fields = {}
  for _, part in ipairs { contract.members, contract.props, contract.methods } do
    for name in pairs(part) do fields[name] = true end
  end
  return fields
end

local COUNTS = {}
for sign in ("> < >= <= + - * / % ^ .."):gmatch "%S+" do COUNTS[sign] = true end

-- A channel is no number: it is read and set by its verbs.
local function check_bare(ctx, at, behind)
  if not behind then return end
  if COUNTS[behind[1]] then
    ctx:fail(behind, ("%s is a channel, not a number: write %s:read()"):format(at.text, at.text),
      "E-TYPE")
  elseif behind[1] == "=" then
    ctx:fail(behind, ("%s cannot be assigned: write %s:set(value)"):format(at.text, at.text),
      "E-READONLY")
  end
end

-- Follow one use of a piece of equipment from the sign behind its name. Returns
-- what stands at its end, if that is known, and the index behind it.
function paths.follow(f, file, tokens, i, at)
  local ctx = setmetatable({ f = f, file = file, tokens = tokens }, Walk)
  local behind = i
  while at and tokens[i] and step[tokens[i][1]] do
    at, i = step[tokens[i][1]](ctx, at, i)
    behind = i or behind
  end
  if at and at.channel then check_bare(ctx, at, tokens[behind]) end
  return at, behind
end

--- Where a path through a unit begins.
function paths.unit(contract, text)
  return contract and { contract = contract, fields = unit_fields(contract), text = text }
end

return paths

--- From a question's tokens to what is asked: one figure, of something, over some
--- batches, in some time. Each token is used exactly once; whatever is left over,
--- said twice or found in two places makes it a question that is refused.

local query_check = require "linewright.query_check"
local query_time = require "linewright.query_time"
local tongue = require "linewright.query_tongue"

local query_parse = {}

local FIGURES = { YIELD = "yield", OEE = "oee", AVAILABILITY = "availability",
  EFFECTIVENESS = "effectiveness", DOWNTIME = "downtime", ENERGY = "energy", SCRAP = "scrap",
  PRODUCED = "produced", MEAN = "mean", MAX = "max", MIN = "min", SD = "sd", CPK = "cpk", CP = "cp",
  COUNT = "count", DURATION = "duration" }
local GROUPS = { BY_REASON = "reason", BY_CLASS = "class", BY_BATCH = "batch", BY_LINE = "line",
  BY_RECIPE = "recipe", BY_PRODUCT = "product" }
local SCOPES = { LINE = "line", BATCH = "batch", RECIPE = "recipe", PRODUCT = "product",
  PHASE = "phase", OPERATION = "operation", UNIT = "unit", TAG = "tag", RESULT = "result",
  MARK = "mark" }
local ENDINGS = { LINE_END = "line", BATCH_END = "batch" }
local NOUNS = { ALARM = "alarm", MARK = "mark", BATCHES = "batch" }
local OPERANDS = { tag = true, result = true, mark = true }
local PLACES = { phase = true, operation = true, unit = true }
local STATISTICS = query_check.STATISTICS

local refuse, word = query_check.refuse, tongue.word

local function put(request, slot, value, what)
  if request[slot] ~= nil then refuse("%s is said twice", word(what)) end
  request[slot] = value
end

-- -------------------------------------------------------------------- names ---

local function list_text(list)
  if #list == 0 then return word "there is none" end
  local first = {}
  for i = 1, math.min(#list, 8) do first[i] = list[i] end
  return tongue.message("there is %s", table.concat(first, ", ") .. (#list > 8 and ", ..." or ""))
end

local function find_batch(names, text)
  if not names:has_batch(text) then refuse("there is no batch '%s'", text) end
  return text
end

local function find_tag(names, text)
  if not names:tag_unit(text) then refuse("nothing was recorded of tag '%s'", text) end
  return text
end

local function find_listed(names, kind, text)
  local found = names:find(kind, text)
  if #found == 1 then return found[1] end
  if #found > 1 then
    refuse("%s '%s' may be %s", word(kind), text, table.concat(found, " / "))
  end
  refuse("there is no %s '%s': %s", word(kind), text, list_text(names:list(kind)))
end

local function find_one(p, kind, text)
  p.request.missing = { kind = kind, text = text }
  local name
  if kind == "batch" then name = find_batch(p.names, text)
  elseif kind == "tag" then name = find_tag(p.names, text)
  else name = find_listed(p.names, kind, text) end
  p.request.missing = nil
  return name
end

local function add_scope(p, kind, text)
  local name = find_one(p, kind, text)
  local thing = { kind = kind, name = name }
  if OPERANDS[kind] then return put(p.request, "operand", thing, "what of") end
  if PLACES[kind] then return put(p.request, "place", thing, "the phase") end
  put(p.request, kind, name, "the " .. kind)
end

-- ------------------------------------------------------------------- tokens ---

local function is_name(token)
  return token ~= nil and (token.kind == "name" or token.kind == "number")
end

local function is_chinese(token) return token.text:byte(1) > 127 end

local steps = {}

local NONE = {}

-- between 115 and 121: limits of a capability
steps[1] = function(p, i)
  local function at(k) return p.tokens[i + k] or NONE end
  if at(0).symbol ~= "BETWEEN" or at(1).kind ~= "number" then return nil end
  if at(2).symbol ~= "AND" or at(3).kind ~= "number" then
    refuse "limits are written between LOW and HIGH"
  end
  local lo, hi = at(1).value, at(3).value
  if not (lo < hi) then refuse("%g is not below %g", lo, hi) end
  put(p.request, "limits", { lo = lo, hi = hi }, "the limits")
  return at(4).symbol == "BETWEEN_END" and i + 5 or i + 4
end

steps[2] = function(p, i)
  local next_i, span = query_time.read(p.tokens, i, p.ctx)
  if not next_i then
    if span then refuse(span) end
    return nil
  end
  put(p.request, "span", span, "the time")
  return next_i
end

steps[3] = function(p, i)
  local group = GROUPS[p.tokens[i].symbol]
  if not group then return nil end
  put(p.request, "group", group, "by what")
  return i + 1
end

-- line 3, batch 0417, phase heat-up
steps[4] = function(p, i)
  local token, after = p.tokens[i], p.tokens[i + 1]
  local kind = SCOPES[token.symbol]
  if not kind then return nil end
  if is_name(after) then
    add_scope(p, kind, after.text)
    return i + 2
  end
  if NOUNS[token.symbol] then return nil end
  if kind == "batch" and is_chinese(token) then -- it has no plural of its own
    put(p.request, "noun", "batch", "what is counted")
    return i + 1
  end
  refuse("which %s?", word(kind))
end

local function exists(p, kind, text)
  if kind == "batch" then return p.names:has_batch(text) end
  if kind == "tag" then return p.names:tag_unit(text) ~= nil end
  return #p.names:find(kind, text) > 0
end

-- "a1批次" but "width 批次a1": between two names a kind belongs to the one that
-- the records have; to neither when they have both.
local function belongs_behind(p, i, kind, token)
  local behind = p.tokens[i + 2]
  if ENDINGS[token.symbol] or not is_name(behind) then return false end
  local before_is, behind_is = exists(p, kind, p.tokens[i].text), exists(p, kind, behind.text)
  if before_is and behind_is then
    refuse("%s %s or %s?", word(kind), p.tokens[i].text, behind.text)
  end
  return behind_is
end

-- 3号线, 0417批, 加热阶段
steps[5] = function(p, i)
  local token, after = p.tokens[i], p.tokens[i + 1]
  if not is_name(token) or not after or not after.symbol then return nil end
  local kind = ENDINGS[after.symbol] or is_chinese(after) and SCOPES[after.symbol]
  if not kind or belongs_behind(p, i, kind, after) then return nil end
  add_scope(p, kind, token.text)
  return i + 2
end

steps[6] = function(p, i)
  local symbol = p.tokens[i].symbol
  local figure = FIGURES[symbol]
  if figure then
    -- "how long was the downtime" asks for the downtime.
    local has = p.request.figure
    if has == "duration" and figure == "downtime" then p.request.figure = nil end
    if not (has == "downtime" and figure == "duration") then
      put(p.request, "figure", figure, "what is asked for")
    end
    return i + 1
  end
  local noun = NOUNS[symbol]
  if symbol == "BATCH_END" and p.request.figure == "count" then noun = "batch" end -- 有多少批
  if noun then
    put(p.request, "noun", noun, "what is counted")
    return i + 1
  end
end

steps[7] = function(p, i)
  local token = p.tokens[i]
  if token.symbol ~= "FILLER" then return nil end
  -- A question in the middle of a question is another one.
  if token.text:find "^what" and i > 1 then return nil end
  return i + 1
end

steps[8] = function(p, i)
  if p.tokens[i].kind ~= "name" then return nil end
  p.bare[#p.bare + 1] = p.tokens[i].text
  return i + 1
end

-- --------------------------------------------------------------- bare names ---

local UNCOUNTED = { alarm = true, batch = true }

local function operand_kinds(request)
  local figure = request.figure
  if STATISTICS[figure] or figure == "energy" then return { "tag", "result" } end
  return figure == "count" and not UNCOUNTED[request.noun] and { "mark" } or {}
end

-- What a name without a kind may be, given what is asked for.
local function kinds_wanted(request)
  local kinds = request.operand and {} or operand_kinds(request)
  if not request.line then kinds[#kinds + 1] = "line" end
  if request.figure == "duration" and not request.place then
    kinds[#kinds + 1] = "phase"
    kinds[#kinds + 1] = "unit"
  end
  return kinds
end

-- "line and a phase"
local function both(kinds)
  local message = word(kinds[1])
  for i = 2, #kinds do message = tongue.message("%s and a %s", message, word(kinds[i])) end
  return message
end

local function resolve_bare(p)
  for _, text in ipairs(p.bare) do
    local found = {}
    for _, kind in ipairs(kinds_wanted(p.request)) do
      if exists(p, kind, text) then found[#found + 1] = kind end
    end
    if #found == 0 then
      p.unknown = text
      refuse("I do not understand '%s'", text)
    end
    if #found > 1 then
      refuse("'%s' is a %s; write %s %s", text, both(found), word(found[1]), text)
    end
    add_scope(p, found[1], text)
  end
end

local function take(p, i)
  for k = 1, #steps do
    local next_i = steps[k](p, i)
    if next_i then return next_i end
  end
  p.unknown = p.tokens[i].text_as_written
  refuse("I do not understand '%s' there", p.unknown)
end

local function caught(err)
  if type(err) ~= "table" or not err.refusal then error(err, 0) end
  return err.refusal
end

-- All tokens are looked at even when one is not understood: what is understood
-- of the rest makes the nearest question.
local function read(p)
  local i, first = 1, nil
  while i <= #p.tokens do
    local ok, next_i = pcall(take, p, i)
    if not ok then first = first or caught(next_i) end
    i = ok and next_i or i + 1
  end
  if first then return first end
  local ok, err = pcall(resolve_bare, p)
  if ok then ok, err = pcall(query_check.run, p.request) end
  return not ok and caught(err) or nil
end

--- Read a question.
---@param tokens table[] of query_words.scan
---@param names table linewright.query_names
---@param ctx table of query_time: now_ns, offset, shifts
---@return table|nil request figure, operand, noun, line, batch, recipe, product, place, group,
---  span, limits
---@return table|nil refusal why it is not understood, a message of query_tongue
---@return table|nil partial what was understood of it; `unknown`: the word that was not;
---  `missing`: kind and text of a name that is not in the records
function query_parse.read(tokens, names, ctx)
  local p = { tokens = tokens, names = names, ctx = ctx, request = {}, bare = {} }
  local why = read(p)
  if not why then return p.request end
  p.request.unknown = p.unknown
  return nil, why, p.request
end

return query_parse

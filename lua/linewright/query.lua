--- Questions to the records in plain words, English or Chinese:
---
---   query.ask(store, "What was the yield rate on line 3 yesterday?")
---   query.ask(store, "3号线昨天的良品率是多少?")
---
--- The grammar is small and exact. An answer says how the question was
--- understood, the statement that gave it and the rows it counted. A question that
--- is not understood to the last word is refused, with the nearest one that is. Both
--- speak the language of the question.

local query_answer = require "linewright.query_answer"
local query_energy = require "linewright.query_energy"
local query_names = require "linewright.query_names"
local query_parse = require "linewright.query_parse"
local query_rows = require "linewright.query_rows"
local query_say = require "linewright.query_say"
local query_sql = require "linewright.query_sql"
local query_tongue = require "linewright.query_tongue"
local query_words = require "linewright.query_words"
local shifts = require "linewright.shifts"
local suggest = require "linewright.suggest"
local sys = require "linewright.sys"
local json = require "linewright.json"
local printable = require "linewright.printable"

local format = string.format
local message, say = query_tongue.message, query_tongue.say

local query = {}

-- ------------------------------------------------------------------- context ---

-- The newest calendar that a run has recorded.
local function recorded_shifts(store)
  local q = assert(store:sql("SELECT json_extract(data, '$.shifts') FROM record WHERE kind = 'run'"
    .. " AND json_extract(data, '$.shifts') IS NOT NULL ORDER BY id DESC LIMIT 1"))
  local found, text = q:row()
  q:close()
  return found and shifts.read(json.decode(text)) or nil
end

local function context(store, options)
  return {
    now_ns = options.now_ns or sys.wall_ns(),
    offset = options.utc and function() return 0 end or options.offset or sys.utc_offset,
    shifts = options.shifts or recorded_shifts(store),
  }
end

-- ------------------------------------------------------------------ nearest ---

local DEFAULTS = { "yield", "mean", "count" }

local function figure_near(partial)
  local near = partial.unknown and suggest.nearest(partial.unknown:lower(), query_words.all())
  local tokens = near and query_words.scan(near) or {}
  return tokens[1] and near
end

local KEPT = { line = true, batch = true, recipe = true, product = true }

local function copy(t)
  local out = {}
  for k, v in pairs(t) do out[k] = v end
  return out
end

-- What was understood; a name that was not found becomes the nearest that is.
local function understood(partial, names)
  local base, missing = copy(partial), partial.missing
  base.unknown, base.missing = nil, nil
  if missing and KEPT[missing.kind] and not base[missing.kind] then
    local list = names:list(missing.kind)
    base[missing.kind] = suggest.nearest(missing.text, list) or list[1]
  end
  return base
end

-- Requests like the one that was not understood, the likeliest first.
local function candidates(partial, names)
  local base, out = understood(partial, names), {}
  local function try(changes)
    local c = copy(base)
    for k, v in pairs(changes) do c[k] = v or nil end
    out[#out + 1] = c
  end
  local result = names:list("result")[1]
  local operand = base.operand or result and { kind = "result", name = result }
  try {}
  try { group = false }
  try { operand = false, noun = false }
  try { operand = operand }
  try { noun = "batch", operand = false, group = false }
  for _, figure in ipairs(DEFAULTS) do
    try { figure = figure, operand = figure == "mean" and operand or false, group = false,
      noun = figure == "count" and "batch" or false, place = false, limits = false }
  end
  return out
end

local function statement(store, request)
  if request.figure == "energy" then return query_energy.text(store, request) end
  return query_sql.text(request)
end

local function can_answer(names, ctx, text)
  local request = query_parse.read(query_words.scan(text), names, ctx)
  return request and statement(names.store, request) ~= nil
end

-- The nearest question that can be answered: said, read back, and the same.
local function nearest(partial, names, ctx, text, language)
  local near = figure_near(partial)
  if near then
    local mended = text:gsub(partial.unknown:gsub("%p", "%%%0"), (near:gsub("%%", "%%%%")))
    if can_answer(names, ctx, mended) then return mended end
  end
  for _, c in ipairs(candidates(partial, names)) do
    if c.figure then
      local said = query_say.question(c, language)
      if can_answer(names, ctx, said) then return said end
    end
  end
end

-- ---------------------------------------------------------------------- ask ---

local function refusal(why, near, language)
  return nil, say(language, why), "E-QUESTION", near
end

local SAID = { "text", "times", "lacks" }

local function said_item(item, language)
  for _, field in ipairs(SAID) do item[field] = item[field] and say(language, item[field]) end
  return item
end

local function collect(request, rows, answer)
  for _, row in ipairs(rows) do
    local item, why = query_answer.give(request, row)
    item = said_item(item or { lacks = why }, answer.language)
    item.label = request.group and row[request.group] or request.figure == "duration" and row.batch
    answer.items[#answer.items + 1] = item
    answer.row_n, answer.batch_n = answer.row_n + (row.n or 0), row.batch_n or answer.batch_n
  end
end

--- Ask the records.
---@param store table linewright.store, open
---@param text string the question
---@param options table? now_ns (UTC), shifts (of linewright.shifts), utc (true: days in UTC)
---@return table|nil answer question (the shortest that means the same, English), said (in the
---  language of the asker), language "en" or "zh", interpretation, items { label, value, unit,
---  text, lacks }, row_n, batch_n, sql
---@return string|nil why it is refused
---@return string|nil code "E-QUESTION"
---@return string|nil nearest a question that can be answered
function query.ask(store, text, options)
  local ctx, names = context(store, options or {}), query_names.new(store)
  local tokens = query_words.scan(text)
  local language = query_tongue.of(tokens)
  local request, why, partial = query_parse.read(tokens, names, ctx)
  if not request then
    return refusal(why, nearest(partial, names, ctx, text, language), language)
  end
  local sql, source, lack = statement(store, request)
  if not sql then
    return refusal(lack, nearest(request, names, ctx, text, language), language)
  end
  local rows, failure, code = query_rows.read(store, sql)
  if not rows then return nil, failure, code end
  local answer = { question = query_say.question(request, "en"), language = language,
    said = query_say.question(request, language), sql = sql, items = {}, row_n = 0, batch_n = 0,
    interpretation = query_say.interpretation(request, ctx, language), request = request,
    source = source }
  collect(request, rows, answer)
  if #rows == 0 then
    local counted = query_rows.read(store, query_sql.batches(request))
    answer.batch_n = counted and counted[1] and counted[1].batch_n or 0
  end
  return answer
end

local function item_lines(lines, item, language)
  local lacks = item.lacks and say(language, message("not known: %s", item.lacks))
  local said = item.text or lacks
  lines[#lines + 1] = item.label and format("%-24s %s", printable(item.label), said) or said
  if item.times then lines[#lines + 1] = "  " .. item.times end
  if item.text and lacks then lines[#lines + 1] = "  " .. lacks end
end

local function counted(answer)
  local rows, batches = answer.row_n, answer.batch_n
  return message("counted  %s of %s",
    rows == 1 and message "1 row" or message("%.0f rows", rows),
    batches == 1 and message "1 batch" or message("%.0f batches", batches))
end

--- An answer as text lines.
---@param answer table of query.ask
---@return string
function query.text(answer)
  local lines, source, language = {}, answer.source, answer.language
  local function add(indent, said) lines[#lines + 1] = indent .. say(language, said) end
  for _, item in ipairs(answer.items) do item_lines(lines, item, language) end
  if #lines == 0 then
    add("", answer.batch_n > 0 and message "none" or message "no batch ran then")
  end
  add("  ", message("asked    %s", answer.interpretation))
  if source then add("  ", message("from     %s %s", message(source.kind), source.name)) end
  add("  ", counted(answer))
  for i, line in ipairs(lines) do lines[i] = printable(line, (" "):rep(25)) end
  return table.concat(lines, "\n") .. "\n"
end

return query

--- `linewright query 'TEXT' [--db FILE] [--explain] [--json]`

local arguments = require "linewright.cli.arguments"
local calendar = require "linewright.calendar"
local json = require "linewright.json"
local printable = require "linewright.printable"
local query = require "linewright.query"
local query_days = require "linewright.query_days"
local query_tongue = require "linewright.query_tongue"
local query_words = require "linewright.query_words"
local shifts = require "linewright.shifts"
local store = require "linewright.store"
local sys = require "linewright.sys"
local units = require "linewright.units"

local format = string.format

---@class linewright.cli.query
local command = {}

local SPEC = { words = { "text" }, options = { db = "text", explain = "flag", json = "flag",
  sql = "text", shifts = "text", now = "text", utc = "flag", help = "flag" } }
local DB = "linewright.db"
local TAKES = { ["--db"] = true, ["--sql"] = true, ["--shifts"] = true, ["--now"] = true }

-- A question may be one argument or many words: both are joined.
local function join_words(args)
  local rest, words = {}, {}
  for i, word in ipairs(args) do
    if word:sub(1, 1) == "-" or i > 1 and TAKES[args[i - 1]] then
      rest[#rest + 1] = word
    else
      words[#words + 1] = word
    end
  end
  if #words > 0 then table.insert(rest, 1, table.concat(words, " ")) end
  return rest, #words > 0
end

local function read_now(text, utc)
  local y, m, d, h, min = text:match "^(%d%d%d%d)%-(%d%d?)%-(%d%d?)[ T](%d%d?):(%d%d)$"
  local days = y and calendar.days_of(tonumber(y), tonumber(m), tonumber(d))
  h, min = tonumber(h), tonumber(min)
  if not days or h > 23 or min > 59 then
    return nil, format("--now takes a time such as '2026-11-22 08:00', not '%s'", text)
  end
  local ctx = { offset = utc and function() return 0 end or sys.utc_offset }
  return query_days.instant(ctx, days, h * 60 + min)
end

local function options_of(o)
  local now_ns, late = nil, nil
  if o.now then now_ns, late = read_now(o.now, o.utc) end
  if late then return nil, late end
  if not o.shifts then return { utc = o.utc, now_ns = now_ns } end
  local list, why = shifts.parse(o.shifts)
  if not list then return nil, "--" .. why end
  return { utc = o.utc, now_ns = now_ns, shifts = list }
end

-- ---------------------------------------------------------------------- sql ---

local function cell(v)
  if v == nil then return "" end
  if type(v) == "number" then return v == math.floor(v) and format("%.0f", v) or units.number(v) end
  return printable((tostring(v):gsub("\t", " ")))
end

local function print_rows(q, n)
  while true do
    local row = { q:row() }
    if not row[1] then return row[2] end
    local out = {}
    for i = 1, n do out[i] = cell(row[i + 1]) end
    sys.stdout(table.concat(out, "\t") .. "\n")
  end
end

local function print_json(q, names)
  local first = true
  sys.stdout "["
  while true do
    local row = { q:row() }
    if not row[1] then
      sys.stdout "]\n"
      return row[2]
    end
    local item = {}
    for i, name in ipairs(names) do item[name] = row[i + 1] end
    sys.stdout((first and "" or ",\n") .. assert(json.encode(item)))
    first = false
  end
end

local function complain(message, code, exit)
  return arguments.fail("query", exit, message, code)
end

local function ask_sql(s, o)
  local q, message, code = s:sql(o.sql)
  if not q then return complain(message, code, code == "E-IO" and 3 or 2) end
  local names = { q:columns() }
  local failed
  if o.json then
    failed = print_json(q, names)
  else
    sys.stdout(table.concat(names, "\t") .. "\n")
    failed = print_rows(q, #names)
  end
  return failed and complain(failed, "E-IO", 3) or 0
end

-- ----------------------------------------------------------------- questions ---

local function items_json(answer)
  local out = {}
  for i, item in ipairs(answer.items) do
    out[i] = { label = item.label or nil, value = item.value, unit = item.unit, text = item.text,
      from = item.from, to = item.to, figures = item.figures, not_known = item.lacks }
  end
  return out
end

local function answer_json(answer)
  local span = answer.request.span or {}
  return json.encode { question = answer.question, interpretation = answer.interpretation,
    answer = items_json(answer), rows = answer.row_n, batches = answer.batch_n, sql = answer.sql,
    from_ns = span.from_ns, to_ns = span.to_ns }
end

local function refuse(o, message, near)
  if o.json then
    sys.stdout(assert(json.encode { refused = message, nearest = near }) .. "\n")
    return 1
  end
  sys.stderr(format("E-QUESTION %s\n", message))
  if near then
    local said = query_tongue.message("nearest that I can answer: %s", near)
    local language = query_tongue.of(query_words.scan(o.text))
    sys.stderr(format("  %s\n", query_tongue.say(language, said)))
  end
  return 1
end

local function ask(s, o, options)
  local answer, message, code, near = query.ask(s, o.text, options)
  if not answer then
    if code == "E-QUESTION" then return refuse(o, message, near) end
    return complain(message, code, 3)
  end
  if o.json then
    sys.stdout(assert(answer_json(answer)) .. "\n")
    return 0
  end
  sys.stdout(query.text(answer))
  if o.explain then
    local same = query_tongue.message("same as  %s", answer.said)
    sys.stdout(format("  %s\n%s\n", query_tongue.say(answer.language, same), answer.sql))
  end
  return 0
end

local function read(args)
  local rest, has_text = join_words(args)
  local needs_text = { words = has_text and SPEC.words or {}, options = SPEC.options }
  local o, message = arguments.read(rest, needs_text)
  if not o then return nil, message end
  if not has_text and not o.sql then return nil, "missing TEXT, the question" end
  if has_text and o.sql then return nil, "a question or --sql, not both" end
  return o
end

--- Ask the records.
---@param args string[]
---@return integer code 0 answered, 1 refused, 2 wrong usage, 3 the database cannot be read
function command.main(args)
  local o, message = read(args)
  if not o then return arguments.refuse("query", message) end
  local options, wrong = options_of(o)
  if not options then return arguments.refuse("query", wrong) end
  local s, why, code = store.open(o.db or DB, "r")
  if not s then return complain(why, code, 3) end
  if o.sql then return ask_sql(s, o) end
  return ask(s, o, options)
end

return command

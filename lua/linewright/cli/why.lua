--- `linewright why [THING] [--at TIME] [--batch ID] [--db FILE] [--json]`

local arguments = require "linewright.cli.arguments"
local calendar = require "linewright.calendar"
local json = require "linewright.json"
local store = require "linewright.store"
local sys = require "linewright.sys"
local units = require "linewright.units"
local why = require "linewright.why"

local format = string.format

---@class linewright.cli.why
local command = {}

local OPTIONS = { db = "text", at = "text", batch = "text", json = "flag", help = "flag" }
local DB = "linewright.db"
local TAKES = { ["--db"] = true, ["--at"] = true, ["--batch"] = true }

-- The thing may be several words, or absent.
local function join_words(args)
  local rest, words = {}, {}
  for i, word in ipairs(args) do
    local is_option = word:sub(1, 1) == "-" or i > 1 and TAKES[args[i - 1]]
    local list = is_option and rest or words
    list[#list + 1] = word
  end
  return rest, #words > 0 and table.concat(words, " ") or nil
end

local function clock_ns(text)
  local h, m, s = text:match "^(%d%d?):(%d%d):?(%d*%.?%d*)$"
  h, m, s = tonumber(h), tonumber(m), tonumber(s) or 0
  if not h or h > 23 or m > 59 or s >= 60 then return nil end
  return (h * 3600 + m * 60 + s) * 1e9
end

--- A time: "2026-11-22 14:20:03", "14:20:03" of the run's first day, or "+12 min"
--- from its begin.
---@param text string
---@param begun_ns number
---@return number|nil ns UTC
local function read_time(text, begun_ns)
  local later = text:match "^%+(.+)$"
  if later then
    local ns = units.duration(later)
    return ns and begun_ns + ns
  end
  local y, m, d, rest = text:match "^(%d%d%d%d)%-(%d%d?)%-(%d%d?)[ T](.+)$"
  local of_day = clock_ns(rest or text)
  local days = math.floor(begun_ns / 86400e9)
  if y then days = calendar.days_of(tonumber(y), tonumber(m), tonumber(d)) end
  return of_day and days and days * 86400e9 + of_day
end

local function begun_of(s, run)
  local q = assert(s:sql("SELECT begun_ns FROM batches WHERE run = ?1", run))
  local _, ns = q:row()
  q:close()
  return ns
end

local function print_json(lines)
  local out = {}
  for i, line in ipairs(lines) do
    out[i] = assert(json.encode { at = calendar.iso(line.t), t_ns = line.t, depth = line.depth,
      text = line.text })
  end
  sys.stdout("[" .. table.concat(out, ",\n") .. "]\n")
end

local function tell(s, run, thing, o)
  local t
  if o.at then
    t = read_time(o.at, begun_of(s, run))
    if not t then
      return arguments.refuse("why", format("--at takes a time such as '2026-11-22 14:20:03', "
        .. "14:20 or '+12 min', not '%s'", o.at))
    end
    -- What happened within that second counts.
    t = t + 0.999e9
  end
  local lines, message = why.chain(s, run, thing, t)
  if not lines then return arguments.fail("why", 1, message, "E-NOTFOUND") end
  if o.json then print_json(lines) else sys.stdout(why.text(lines)) end
  return 0
end

--- Tell why something was so.
---@param args string[]
---@return integer code 0 told, 1 nothing is recorded of it, 2 wrong usage, 3 the database cannot
---  be read
function command.main(args)
  local rest, thing = join_words(args)
  local o, message = arguments.read(rest, { words = {}, options = OPTIONS })
  if not o then return arguments.refuse("why", message) end
  local s, refused, code = store.open(o.db or DB, "r")
  if not s then return arguments.fail("why", 3, refused, code) end
  local run, missing = s:run_find(o.batch)
  if not run then return arguments.fail("why", 1, missing, "E-NOTFOUND") end
  return arguments.reading("why", tell, s, run, thing, o)
end

return command

--- `linewright report [BATCH] [--db FILE] [--html FILE] [--json]`

local arguments = require "linewright.cli.arguments"
local report = require "linewright.report"
local report_html = require "linewright.report_html"
local report_json = require "linewright.report_json"
local store = require "linewright.store"
local sys = require "linewright.sys"

---@class linewright.cli.report
local command = {}

local HELP = [[
usage: linewright report [BATCH] [--db FILE] [--html FILE] [--json]

Prints the record of a batch: formula, equipment, timeline with durations,
commands, questions and answers, alarms, deviations, decisions, roll map, results
with capability (Cp, Cpk, Nelson's rules), OEE (ISO 22400). Without a name the
newest one. HTML has plots of readings and set-points too.

  --db FILE    database of the records, default linewright.db
  --html FILE  write it as one HTML file that needs no network
  --json       print it as JSON, events by BatchML's names

example: linewright report 0417 --db linewright.db
]]

local SPEC = { words = {}, options = { db = "text", html = "text", json = "flag", help = "flag" } }
local DB = "linewright.db"
local HAS_VALUE = { ["--db"] = true, ["--html"] = true }

-- The batch is optional, so it is taken out before the options are read.
local function split(args)
  local rest, batch = {}, nil
  for i, word in ipairs(args) do
    local is_value = i > 1 and HAS_VALUE[args[i - 1]]
    if word:sub(1, 1) ~= "-" and not is_value and not batch then
      batch = word
    else
      rest[#rest + 1] = word
    end
  end
  return rest, batch
end

local function write(s, id, o)
  if o.html then
    local ok, why, code = sys.write_product(o.html, report_html.text(s, id, o.db or DB))
    if not ok then return arguments.fail("report", 3, why, code) end
    sys.stdout("written: " .. o.html .. "\n")
    return 0
  end
  sys.stdout(o.json and report_json.text(s, id) or report.text(s, id))
  return 0
end

--- Print a batch record.
---@param args string[]
---@return integer code 0 done, 1 no such batch, 2 wrong usage, 3 the database cannot be read
function command.main(args)
  local rest, batch = split(args)
  local o, message = arguments.read(rest, SPEC)
  if not o then return arguments.refuse("report", message) end
  if o.help then
    sys.stdout(HELP)
    return 0
  end
  local s, why, code = store.open(o.db or DB, "r")
  if not s then return arguments.fail("report", 3, why, code) end
  local id, missing = s:run_find(batch)
  if not id then return arguments.fail("report", 1, missing, "E-NOTFOUND") end
  return arguments.reading("report", write, s, id, o)
end

return command

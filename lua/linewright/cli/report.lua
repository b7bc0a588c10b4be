--- `linewright report [BATCH] [--db FILE]`

local arguments = require "linewright.cli.arguments"
local report = require "linewright.report"
local store = require "linewright.store"
local sys = require "linewright.sys"

---@class linewright.cli.report
local command = {}

local HELP = [[
usage: linewright report [BATCH] [--db FILE]

Prints the record of a batch: formula, timeline with durations, commands,
questions and answers, alarms, marks and results. Without a name the newest one.

  --db FILE   database of the records, default linewright.db

example: linewright report 0417 --db linewright.db
]]

local SPEC = { words = {}, options = { db = "text", help = "flag" } }

-- The batch is optional, so it is taken out before the options are read.
local function split(args)
  local rest, batch = {}, nil
  for i, word in ipairs(args) do
    local is_value = i > 1 and args[i - 1] == "--db"
    if word:sub(1, 1) ~= "-" and not is_value and not batch then batch = word else rest[#rest + 1] = word end
  end
  return rest, batch
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
  local s, why = store.open(o.db or "linewright.db", "r")
  if not s then
    sys.stderr("linewright report: " .. tostring(why) .. "\n")
    return 3
  end
  local id, missing = s:run_find(batch)
  if not id then
    sys.stderr("linewright report: " .. tostring(missing) .. "\n")
    return 1
  end
  sys.stdout(report.text(s, id))
  return 0
end

return command

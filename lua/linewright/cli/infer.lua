--- `linewright infer backends | describe FILE | rerun [BATCH] | meter`: models on
--- this machine, and what they did in a database of runs.

local arguments = require "linewright.cli.arguments"
local infer = require "linewright.infer"
local infer_meter = require "linewright.infer_meter"
local infer_rerun = require "linewright.infer_rerun"
local printable = require "linewright.printable"
local store = require "linewright.store"
local sys = require "linewright.sys"

local format = string.format

---@class linewright.cli.infer
local command = {}

local HELP = [[
usage: linewright infer backends
       linewright infer describe FILE
       linewright infer rerun [BATCH] [--db FILE] [--models FOLDER]
       linewright infer meter [--month YYYY-MM] [--db FILE] [--out FILE]
       linewright infer meter --check FILE [--db FILE]

backends  what can run models here, and what to install for the others
describe  inputs, outputs, backend and digest of a model
rerun     compute every decision of a run again from its record: model by its
          digest, inputs, instruction set; the recipe's judge by what it knew;
          equal to the bit or told, and whether the records are as written
meter     calls, fallbacks, outcomes and defects avoided of a month per customer,
          line and model, signed with the host's key; nothing from a database
          whose audit chain is broken. --check verifies such a file, with --db
          against the records, too

  --db FILE        database of the records, default linewright.db
  --models FOLDER  where models lie that are no longer at their old place
                   (pictures that models saw lie in FILE.inputs, beside the database)

exit code: 0 done, 1 something differs or is missing, 2 usage, 3 a file cannot be read

example: linewright infer rerun 0417 --db linewright.db
]]

local SPEC = { words = {}, options = { db = "text", models = "text", month = "text", out = "text",
  check = "text", help = "flag" } }
local DB = "linewright.db"

local function out(...) sys.stdout(printable(format(...), "  ") .. "\n") end

local function refuse(code, ...)
  sys.stderr("linewright infer: " .. format(...) .. "\n")
  return code
end

local function backends()
  for i = 1, 100 do
    local name, help, version, why = infer.kind(i)
    if not name then return 0 end
    out("%-12s %-50s %s", name, help, version or "not available")
    if not version then out("%-12s %s", "", why) end
  end
end

local function place_line(direction, name, kind, ...)
  local dims = { ... }
  for i, d in ipairs(dims) do dims[i] = d < 0 and "?" or format("%.0f", d) end
  out("%-8s '%s' %s [%s]", direction, name, kind, table.concat(dims, " x "))
end

local function describe(path)
  local m, why, code = infer.open(path)
  if not m then return refuse(code == "E-NOTFOUND" and 3 or 1, "%s", why) end
  local backend, provider, level, cost, digest, bytes = m:used()
  out("backend  %s, provider %s, level %s", backend, provider, level)
  for _, direction in ipairs { "in", "out" } do
    for i = 1, 64 do
      local place = { m:describe(direction, i) }
      if not place[1] then break end
      place_line(direction, (table.unpack or unpack)(place)) -- luacheck: ignore 113 143
    end
  end
  out("digest   %s", digest)
  out("size     %.0f bytes, %.0f operations a row (0: not known)", bytes, cost)
  m:close()
  return 0
end

local function open_store(o)
  local s, why = store.open(o.db or DB, "r")
  if not s then return nil, refuse(3, "%s", why) end
  return s
end

local EXTRAS = {
  { "answers", "of them by the model's answer: no judge gave the outcome" },
  { "fallback", "more took the declared fallback, as recorded" },
  { "without", "more rest on no model's or judge's evidence" },
}

-- What came out, as lines; whether all of it is as recorded.
local function tell(result)
  for _, line in ipairs(result.lines) do out("%s", line) end
  local n = result.equal + result.different + result.impossible
  out("%d decisions: %d equal to the bit, %d differ, %d cannot be computed again", n, result.equal,
    result.different, result.impossible)
  for _, extra in ipairs(EXTRAS) do
    if result[extra[1]] > 0 then out("%d %s", result[extra[1]], extra[2]) end
  end
  if result.broken then out("the audit chain is broken: %s", result.broken) end
  return result.equal == n and not result.broken
end

local function rerun(o, batch)
  local s, code = open_store(o)
  if not s then return code end
  local id, missing = s:run_find(batch)
  if not id then return refuse(1, "%s", missing) end
  return tell(infer_rerun.run(s, id, { models = o.models, db = o.db or DB })) and 0 or 1
end

-- Its signature; and with a database, that its records say the same.
local function check_export(path, o)
  local text, why = sys.read_file(path)
  if not text then return refuse(3, "%s", why) end
  local ok, said = infer_meter.check(text)
  if not ok then return refuse(1, "%s: %s", path, said) end
  out("sound: signed by %s", said)
  if not o.db then return 0 end
  local s, code = open_store(o)
  if not s then return code end
  local n, difference = infer_meter.prove(text, s)
  s:close()
  if not n then return refuse(1, "%s: %s: %s", path, o.db, difference) end
  out("proved by %d records of %s", n, o.db)
  return 0
end

local function meter(o)
  if o.check then return check_export(o.check, o) end
  local month = o.month
  if month and not (month:find "^%d%d%d%d%-0[1-9]$" or month:find "^%d%d%d%d%-1[0-2]$") then
    return refuse(2, "--month takes YYYY-MM, got '%s'", month)
  end
  local s, code = open_store(o)
  if not s then return code end
  local text, why = infer_meter.export(s, month)
  if not text then return refuse(1, "%s: %s", o.db or DB, why) end
  if not o.out then
    sys.stdout(text)
    return 0
  end
  local ok, message = sys.write_product(o.out, text)
  if not ok then return refuse(3, "%s", message) end
  out("written: %s", o.out)
  return 0
end

local WORDS = {
  backends = function() return backends() end,
  describe = function(_, path)
    if not path then return refuse(2, "describe needs the FILE of a model") end
    return describe(path)
  end,
  rerun = rerun,
  meter = meter,
}

-- Plain words in front, options behind.
local function split(args)
  local words, rest = {}, {}
  for _, word in ipairs(args) do
    if #rest == 0 and word:sub(1, 1) ~= "-" then words[#words + 1] = word
    else rest[#rest + 1] = word end
  end
  return words, rest
end

---@param args string[]
---@return integer code
function command.main(args)
  local words, rest = split(args)
  local o, message = arguments.read(rest, SPEC)
  if not o then return arguments.refuse("infer", message) end
  if o.help or not words[1] then
    sys.stdout(HELP)
    return o.help and 0 or 2
  end
  local fn = WORDS[words[1]]
  if not fn or words[3] then
    return refuse(2, "'%s' is not known (backends, describe, meter, rerun)",
      words[3] or words[1])
  end
  return fn(o, words[2]) or 0
end

return command

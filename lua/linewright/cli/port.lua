--- `linewright port RECIPE --from LINE --to LINE [--json]`

local arguments = require "linewright.cli.arguments"
local json = require "linewright.json"
local loader = require "linewright.loader"
local port = require "linewright.port"
local printable = require "linewright.printable"
local report = require "linewright.cli.findings"
local sorted = require "linewright.sorted"
local sys = require "linewright.sys"
local units = require "linewright.units"

---@class linewright.cli.port
local command = {}

local HELP = [[
usage: linewright port RECIPE --from LINE --to LINE [--formula FILE] [--json]

What a new line changes for a recipe: each channel that a run reads or writes,
those of interlocks and permits, too, with its old and new tag, unit conversion,
range and safe values; devices, properties, interlocks, and what is missing.
Printed, it is the sheet for the I/O check at commissioning. Exit code 1 when the
new line does not fit.

  --from LINE      line that the recipe runs on today
  --to LINE        new line
  --formula FILE   parameter values to check with
  --json           the list as data

example: linewright port recipes/electrode_coating.lua --from lines/pilot_a.lua \\
           --to lines/line_b.lua
]]

local SPEC = { words = { "recipe" }, options = { from = "text", to = "text", formula = "text",
  json = "flag", help = "flag" } }

local LEVELS = { "hold", "stop", "abort", "suspend" }

local function range_text(range, unit)
  return ("%s..%s"):format(units.number(range[1]), units.text(range[2], unit))
end

-- A text has no unit, its type says it all.
local function unit_text(side) return side.type ~= "text" and "[" .. side.unit .. "]" or nil end

local function tag_text(side)
  if not side then return "-" end
  if side.address == "none" then
    return side.twin and ("no tag; the twin's %s stands in"):format(side.twin) or "no tag"
  end
  local words = { side.driver or "?", side.address or "?" }
  if side.type ~= "f64" then words[#words + 1] = side.type end
  if side.word_order == "little" then words[#words + 1] = "little" end
  if side.scale then words[#words + 1] = "x " .. units.number(side.scale) end
  words[#words + 1] = unit_text(side)
  return table.concat(words, " ")
end

local function limits_text(point)
  local to = point.to
  if not to.range then return "no range declared" end
  local words = { range_text(to.range, to.unit) }
  if to.conversion then words[1] = words[1] .. " = " .. range_text(to.process_range, point.unit) end
  if to.scale or to.offset then words[#words + 1] = "raw " .. range_text(to.raw) end
  if to.step_max then words[#words + 1] = "step at most " .. units.text(to.step_max, to.unit) end
  if to.rate_max then words[#words + 1] = "ramp " .. units.text(to.rate_max, to.unit .. "/s") end
  return table.concat(words, ", ")
end

local function safe_text(to)
  local words = {}
  for i, level in ipairs(LEVELS) do
    local value = to.safe[level]
    words[i] = level .. " " .. (value == "keep" and "keep" or units.text(value, to.unit))
  end
  return table.concat(words, ", ")
end

local SIGN_OFF = {
  writable = "set ________  seen on the device ________  by ________",
  readable = "on the device ________  read ________  by ________",
}

local function new_side(add, p)
  local to = p.to
  add("is", tag_text(to) .. (to.fed and "" or "   MISSING: fed by nothing"))
  if to.feedback then add("read", to.driver .. " " .. to.feedback .. ", the true reading") end
  if to.conversion then add("unit", to.conversion) end
  if p.class == "writable" or to.range then add("range", limits_text(p)) end
  if to.safe then add("safe", safe_text(to)) end
  add("check", SIGN_OFF[p.class])
end

local function point_lines(out, p, names)
  local function add(label, text) out[#out + 1] = ("         %-7s%s"):format(label, text) end
  out[#out + 1] = ("[ ] %3d  %s  (%s, %s%s)"):format(p.n, p.channel,
    p.class == "writable" and "output" or "input", p.unit,
    p.for_rules and "; for interlocks and permits only" or "")
  add("was", p.from and tag_text(p.from) or "not on " .. names.from)
  if p.to then new_side(add, p) else add("is", "not on " .. names.to) end
end

local function section(out, title, list, text_of)
  if #list == 0 then return end
  out[#out + 1] = ""
  out[#out + 1] = title
  for _, entry in ipairs(list) do out[#out + 1] = "  " .. text_of(entry) end
end

-- "modbus_tcp host 192.0.2.17, port 502": as the profile has it, durations in s.
local function device_text(d)
  local words = {}
  for name, value in sorted(d.options) do words[#words + 1] = name .. " " .. tostring(value) end
  return ("[ ] %s %s%s"):format(d.driver, table.concat(words, ", "), d.options["watchdog.register"]
    and "\n      pull the cable: does the device put its outputs safe by itself?" or "")
end

local function property_text(p)
  return ("%-20s %s -> %s"):format(p.name, p.from_text, p.to_text)
end

-- The sheet as text.
local function sheet(list, findings)
  local names = { from = list.from.line, to = list.to.line }
  local out = {
    ("%s %s: from %s (%s) to %s revision %d (%s)"):format(list.recipe, list.version, names.from,
      list.from.file, names.to, list.to.revision, list.to.file),
    ("scan %s -> %s"):format(units.time_text(list.from.scan_ns), units.time_text(list.to.scan_ns)),
    "",
  }
  for _, p in ipairs(list.points) do point_lines(out, p, names) end
  section(out, "devices of " .. names.to, list.devices, device_text)
  section(out, "properties", list.properties, property_text)
  section(out, "[ ] interlocks and permits of " .. names.to .. ", try each", list.rules,
    function(r) return ("[ ] %s  \"%s\""):format(r.text, r.message) end)
  section(out, "stubs, to be replaced by a model", list.stubs or {}, function(s) return s end)
  local missing = findings:text { warn = true, fail = true }
  out[#out + 1] = ""
  out[#out + 1] = missing == "" and "nothing is missing" or "missing or not fitting\n" .. missing
  return printable(table.concat(out, "\n"), "") .. "\n"
end

local function as_json(list, findings)
  list.findings, list.ok = report.plain(findings), not findings:failed()
  return json.encode(list) .. "\n"
end

local function compare(o)
  local to, findings = loader.check { recipe = o.recipe, line = o.to, formula = o.formula }
  local from, old = loader.check { recipe = o.recipe, line = o.from, formula = o.formula }
  if not (from.channels and to.channels) then
    local broken = to.channels and old or findings
    report.complain(to, broken, o.json)
    return report.code(broken)
  end
  local list = port.compare(from, to)
  sys.stdout(o.json and as_json(list, findings) or sheet(list, findings))
  return report.code(findings)
end

--- Print the commissioning list.
---@param args string[] command line after the command's name
---@return integer code 0 the new line fits, 1 it does not, 2 wrong usage, 3 a file is not there
function command.main(args)
  local o, message = arguments.read(args, SPEC)
  if not o then return arguments.refuse("port", message) end
  if o.help then
    sys.stdout(HELP)
    return 0
  end
  if not (o.from and o.to) then
    return arguments.refuse("port", "needs --from LINE and --to LINE")
  end
  return compare(o)
end

return command

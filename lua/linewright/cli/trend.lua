--- `linewright trend [TAG]... [--batch ID] [--db FILE] [--last TIME] [--svg|--png FILE]`

local arguments = require "linewright.cli.arguments"
local calendar = require "linewright.calendar"
local history = require "linewright.history"
local plot = require "linewright.plot"
local printable = require "linewright.printable"
local raster = require "linewright.raster"
local store = require "linewright.store"
local sys = require "linewright.sys"
local trend = require "linewright.trend"
local units = require "linewright.units"

local format = string.format

---@class linewright.cli.trend
local command = {}

local DB = "linewright.db"
local OPTIONS = { db = "text", batch = "text", last = "text", rows = "text", columns = "text",
  csv = "flag", svg = "text", png = "text", width = "text", together = "flag", help = "flag" }
local LABEL_N = 12 -- columns left of the plot
local PICTURE_PARTS = 1000

local function is_tag(args, i)
  if args[i]:sub(1, 1) == "-" then return false end
  local before = i > 1 and args[i - 1]:match "^%-%-(%l+)$"
  return OPTIONS[before] ~= "text"
end

local function split(args)
  local rest, tags = {}, {}
  for i, word in ipairs(args) do
    local list = is_tag(args, i) and tags or rest
    list[#list + 1] = word
  end
  return rest, tags
end

local function number(o, name, lo, hi, otherwise)
  if not o[name] then return otherwise end
  local n = tonumber(o[name])
  if n and n == math.floor(n) and n >= lo and n <= hi then return n end
  error({ usage = format("--%s takes a whole number from %d to %d", name, lo, hi) }, 0)
end

local function last_ns(text)
  if not text then return nil end
  local ns = units.duration(text)
  if ns and ns > 0 then return ns end
  error({ usage = format("--last takes a time such as 90s, 10min, 1h, 2d, not '%s'", text) }, 0)
end

local function is_utf8()
  for _, name in ipairs { "LC_ALL", "LC_CTYPE", "LANG" } do
    local value = sys.getenv(name)
    if value and value ~= "" then return value:lower():find "utf%-?8" ~= nil end
  end
  return false
end

-- What the command line asks for, checked before any file is opened.
local function settings(o)
  local fit = math.max(20, math.min(400, sys.columns() - LABEL_N))
  return {
    last_ns = last_ns(o.last), rows = number(o, "rows", 2, 100, 8),
    columns = number(o, "columns", 20, 400, fit), width = number(o, "width", 200, 20000, 1200),
    is_ascii = not is_utf8(),
  }
end

local function complain(message, code, exit)
  return arguments.fail("trend", exit, message, code)
end

-- ---------------------------------------------------------------------- csv ---

local function exact_time(t_ns)
  local us = math.floor(t_ns / 1e3) % 1e6
  return format("%s.%06dZ", calendar.text(t_ns):gsub(" ", "T"), us)
end

local function print_csv(h, tags, span)
  local unit = {}
  for name, u in h:tags(span.from, span.to) do unit[name] = u end
  for _, tag in ipairs(tags) do
    if not unit[tag] then return complain(trend.missing(tag), "E-NOTFOUND", 1) end
    for t, value, quality in h:read(tag, span.from, span.to) do
      sys.stdout(format("%s,%s,%.17g,%s,%s\n", exact_time(t), tag, value, quality, unit[tag]))
    end
  end
  return 0
end

local function list_tags(h, span)
  for name, unit in h:tags(span.from, span.to) do
    sys.stdout(printable(format("%-32s %s", name, unit), "  ") .. "\n")
  end
  return 0
end

-- ------------------------------------------------------------------ pictures ---

local function write(path, text)
  local ok, why, code = sys.write_product(path, text)
  if not ok then return complain(why, code, 3) end
  sys.stdout("written: " .. path .. "\n")
  return 0
end

local function write_picture(picture, o, set)
  local svg = plot.svg(picture, { width = math.min(set.width, 1600), height = 110 })
  if o.svg then
    local code = write(o.svg, svg .. "\n")
    if code ~= 0 or not o.png then return code end
  end
  local png, why, refused = raster.png(svg, set.width)
  if not png then return complain(why, refused, 3) end
  return write(o.png, png)
end

local function parts_of(o, set)
  if o.svg or o.png then return PICTURE_PARTS end
  return set.is_ascii and set.columns or 2 * set.columns
end

local function draw(s, run, tags, span, o, set)
  local picture, why, code = trend.picture(s, run, tags, span,
    { parts = parts_of(o, set), is_together = o.together })
  if not picture then return complain(why, code, code == "E-NOTFOUND" and 1 or 3) end
  if o.svg or o.png then return write_picture(picture, o, set) end
  sys.stdout(plot.text(picture, { columns = set.columns, rows = set.rows, is_ascii = set.is_ascii,
    is_color = o.together and sys.isatty(1) }))
  return 0
end

local function with_history(s, run, tags, span, o)
  local h, why, refused = history.open(trend.folder(s, run))
  if not h then return complain(why, refused, 3) end
  local code = o.csv and #tags > 0 and print_csv(h, tags, span) or nil
  code = code or list_tags(h, span)
  h:close()
  return code
end

local function run_of(s, o, set)
  local run, missing = s:run_find(o.batch)
  if not run then return nil, missing end
  local from, to = trend.span(s, run)
  if not from then return nil, format("batch '%s' has no records", s:run_get(run, "batch")) end
  if set.last_ns then from = math.max(from, to - set.last_ns) end
  return run, { from = from, to = to }
end

local function work(tags, o, set)
  local s, why, code = store.open(o.db or DB, "r")
  if not s then return complain(why, code, 3) end
  local run, span = run_of(s, o, set)
  if not run then return complain(span, "E-NOTFOUND", 1) end
  if #tags == 0 or o.csv then return with_history(s, run, tags, span, o) end
  return draw(s, run, tags, span, o, set)
end

--- Plot what was recorded.
---@param args string[]
---@return integer code 0 done, 1 no such batch or tag, 2 wrong usage, 3 files refused
function command.main(args)
  local rest, tags = split(args)
  local o, message = arguments.read(rest, { words = {}, options = OPTIONS })
  if not o then return arguments.refuse("trend", message) end
  local ok, set = pcall(settings, o)
  if not ok then return arguments.refuse("trend", type(set) == "table" and set.usage or set) end
  return work(tags, o, set)
end

return command

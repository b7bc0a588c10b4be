--- The sections of a batch record that judge: deviations, decisions, roll map,
--- capability, OEE. As plain text; the HTML and JSON forms take the same figures.

local decisions = require "linewright.decisions"
local json = require "linewright.json"
local printable = require "linewright.printable"
local query_answer = require "linewright.query_answer"
local report_quality = require "linewright.report_quality"
local units = require "linewright.units"

local format = string.format

local report_sections = {}

local ROLL_COLUMNS = 60
local LIST_MAX = 60

local function elapsed(ns)
  local s = math.floor(ns / 1e9 + 0.5)
  return format("%d:%02d:%02d", math.floor(s / 3600), math.floor(s % 3600 / 60), s % 60)
end

--- A name of a recipe, as wide as a column; Lua 5.4 pads no text that holds a zero byte.
---@param name string
---@return string
function report_sections.named(name) return format("%-16s", printable(name)) end

local named = report_sections.named

local function at(r, item) return elapsed(item.t - (r.begun_wall or 0)) end

local function percent(x) return x and format("%.2f %%", x * 100) or "unknown" end

--- A decision's data in words: "confidence 0.97, label streak".
---@param data table
---@return string
function report_sections.data_text(data)
  local parts = {}
  for _, name in ipairs(json.sorted_keys(data)) do
    local v = data[name]
    if type(v) == "table" then v = json.encode(v) or "?" end
    if type(v) == "number" then v = units.number(tonumber(format("%.6g", v))) end
    parts[#parts + 1] = format("%s %s", tostring(name), tostring(v))
  end
  return table.concat(parts, ", ")
end

local function write_deviations(out, r)
  local list = report_quality.deviations(r)
  if #list == 0 then return end
  out "DEVIATIONS"
  for i, item in ipairs(list) do
    if i > LIST_MAX then return out(format("  ... %d more", #list - LIST_MAX)) end
    out(format("  %-9s %s", at(r, item), item.text))
  end
end

local function write_decisions(out, r)
  if #r.decisions == 0 then return end
  out "DECISIONS"
  for i, item in ipairs(r.decisions) do
    if i > LIST_MAX then return out(format("  ... %d more", #r.decisions - LIST_MAX)) end
    out(format("  %-9s %s: %s", at(r, item), item.name, decisions.text(item.data)))
  end
end

-- One line of signs along the product: a digit is how many marks fall there.
local function strip(marks, name, length)
  local cells = {}
  for i = 1, ROLL_COLUMNS do cells[i] = 0 end
  for _, m in ipairs(marks) do
    if m.name == name then
      local i = math.floor(m.at / length * (ROLL_COLUMNS - 1)) + 1
      cells[i] = cells[i] + 1
    end
  end
  for i, n in ipairs(cells) do cells[i] = n == 0 and "." or n > 9 and "+" or tostring(n) end
  return table.concat(cells)
end

local function names_of(marks)
  local names, seen = {}, {}
  for _, m in ipairs(marks) do
    if not seen[m.name] then
      seen[m.name], names[#names + 1] = true, m.name
    end
  end
  table.sort(names)
  return names
end

local function write_roll(out, r)
  local marks, length = report_quality.roll(r)
  if #marks == 0 or length <= 0 then return end
  local unit = r.counts[1] and r.counts[1].unit or ""
  out(format("ROLL MAP         0 .. %s", units.text(tonumber(format("%.6g", length)), unit)))
  for _, name in ipairs(names_of(marks)) do
    out(format("  %s %s", named(name), strip(marks, name, length)))
  end
end

local function limits_text(q)
  if not (q.lo or q.hi) then return "" end
  return format("  limits %s..%s", q.lo and units.number(q.lo) or "",
    q.hi and units.number(q.hi) or "")
end

local function write_capability(out, r)
  local is_titled = false
  for _, q in ipairs(report_quality.results(r)) do
    if q.n > 1 then
      if not is_titled then out "CAPABILITY" end
      is_titled = true
      local c = q.capability and "  " .. report_quality.capability_text(q.capability) or ""
      out(format("  %s mean %s, sd %s, n %d%s%s", named(q.name),
        units.text(tonumber(format("%.6g", q.mean)), q.unit), format("%.4g", q.sd), q.n,
        limits_text(q), c))
      for _, v in ipairs(q.nelson) do
        out(format("  %-16s Nelson %d at value %d: %s", "", v.rule, v.index, v.text))
      end
    end
  end
end

local function write_oee(out, r, store, id)
  local oee = report_quality.oee(store, id)
  if not oee then return end
  local f, s = oee.figures, query_answer.seconds
  out "OEE (ISO 22400)"
  out(format("  %-16s %s = availability %s x effectiveness %s x quality %s", "OEE", percent(f.oee),
    percent(f.availability), percent(f.effectiveness), percent(f.quality)))
  out(format("  %-16s busy %s, production %s, set-up %s, down %s, waiting %s", "times",
    s(oee.busy_s), s(oee.production_s), s(oee.setup_s), s(oee.downtime_s), s(oee.waiting_s)))
  for _, c in ipairs(r.counts) do
    local scrap = c.scrap and next(c.scrap) and ", scrap " .. report_sections.data_text(c.scrap)
      or ""
    out(format("  %-16s %s, %s good%s", "produced", units.text(tonumber(format("%.6g", c.total)),
      c.unit), units.number(tonumber(format("%.6g", c.good))), scrap))
  end
end

--- Write the sections.
---@param out function(line: string)
---@param r table of report.read
---@param store table linewright.store
---@param id number run
function report_sections.write(out, r, store, id)
  write_deviations(out, r)
  write_decisions(out, r)
  write_roll(out, r)
  write_capability(out, r)
  write_oee(out, r, store, id)
end

report_sections.names_of, report_sections.percent = names_of, percent

return report_sections

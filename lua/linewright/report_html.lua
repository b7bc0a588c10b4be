--- The batch record as one HTML file: no script, no network, prints to A4.

local decisions = require "linewright.decisions"
local json = require "linewright.json"
local query_answer = require "linewright.query_answer"
local report = require "linewright.report"
local report_plot = require "linewright.report_plot"
local report_quality = require "linewright.report_quality"
local report_sections = require "linewright.report_sections"
local units = require "linewright.units"

local format = string.format

local report_html = {}

local STYLE = [[
@page { size: A4; margin: 15mm }
body { font: 13px/1.4 sans-serif; color: #222; max-width: 60em; margin: 2em auto; padding: 0 1em }
h1 { font-size: 20px } h2 { font-size: 15px; border-bottom: 1px solid #999; margin: 1.6em 0 .4em }
table { border-collapse: collapse; width: 100% } tr { break-inside: avoid }
td, th { text-align: left; padding: 2px 8px 2px 0; vertical-align: top } th { font-weight: 600 }
td.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
td.bar { width: 30% } td.bar div { background: #48a; height: 9px; min-width: 1px; margin-top: 5px }
tr.state td { font-weight: 600 } tr.state td.bar div { background: #bbb }
svg { width: 100% } svg text { font: 11px sans-serif }
figure { margin: .4em 0; break-inside: avoid }
.bad { color: #b00 } .note { color: #666 }
]]

local ENTITY = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }
local function escape(text) return (tostring(text):gsub('[&<>"]', ENTITY)) end

local function cells(values, class)
  local out = {}
  for i, v in ipairs(values) do
    local kind = class and class[i] and format(' class="%s"', class[i]) or ""
    out[i] = format("<td%s>%s</td>", kind, escape(v))
  end
  return table.concat(out)
end

local function add_table(out, title, rows, class)
  if #rows == 0 then return end
  out(format("<h2>%s</h2><table>", escape(title)))
  for _, row in ipairs(rows) do out("<tr>" .. cells(row, class) .. "</tr>") end
  out "</table>"
end

local function map(items, fn)
  local out = {}
  for i, item in ipairs(items) do out[i] = fn(item) end
  return out
end

local function time(wall_ns) return wall_ns and report.clock(wall_ns) .. " UTC" or "-" end

local function add_head(out, r, get)
  out(format("<h1>Batch %s: %s %s on %s</h1>", escape(get "batch"), escape(get "recipe"),
    escape(get "version"), escape(get "line")))
  local rows = {
    { "State", r.state and r.state.text or "not started" },
    { "Begun", time(r.begun_wall) },
    { "Ended", time(r.ended_wall) },
    { "Lasted", r.begun_wall and report.elapsed(r.ended_wall - r.begun_wall) or "-" },
    { "Bundle (SHA-256)", get "bundle" },
    { "Policy", get "policy" },
    { "Records", r.n },
  }
  for _, role in ipairs(r.head and r.head.stubs or {}) do
    rows[#rows + 1] = { "Stub", role
      .. ": no model or no camera, its answers come from the simulation" }
  end
  add_table(out, "Run", rows)
end

local function add_formula(out, r)
  local params, unit = r.head and r.head.params or {}, r.head and r.head.units or {}
  add_table(out, "Formula", map(json.sorted_keys(params), function(name)
    return { name, report.value_text(params[name], unit[name]) }
  end))
end

local function bar(item, begun, whole)
  local from = (item.t - begun) / whole * 100
  local width = ((item.till or begun + whole) - item.t) / whole * 100
  return format('<td class="bar"><div style="margin-left:%.2f%%;width:%.2f%%"></div></td>', from,
    width)
end

-- A piece of text in a class of its own, or nothing.
local function span(class, text)
  if not text or text == "" then return "" end
  return format(' <span class="%s">%s</span>', class, escape(text))
end

local function timeline_row(item, begun, whole)
  local lasted = item.till and units.time_text(item.till - item.t) or ""
  return format('<tr%s>%s%s<td style="padding-left:%.1fem">%s%s%s</td></tr>',
    item.depth == 0 and ' class="state"' or "",
    cells({ report.elapsed(item.t - begun), lasted }, { "n", "n" }), bar(item, begun, whole),
    item.depth * 1.2, escape(item.text), span("note", item.kind), span("bad", item.reason))
end

local function add_timeline(out, r)
  if #r.timeline == 0 then return end
  local begun = r.begun_wall
  local whole = math.max(r.ended_wall - begun, 1)
  out "<h2>Timeline</h2><table><tr><th>At</th><th>Lasted</th><th></th><th>What</th></tr>"
  for _, item in ipairs(r.timeline) do out(timeline_row(item, begun, whole)) end
  out "</table>"
end

local function add_people(out, r)
  local begun = r.begun_wall or 0
  local function at(item) return report.elapsed(item.t - begun) end
  local class = { "n" }
  add_table(out, "Commands", map(r.commands, function(c)
    return { at(c), c.text, c.who or "", c.why and "refused: " .. c.why or "" }
  end), class)
  add_table(out, "Questions", map(r.prompts, function(p)
    return { at(p), p.text, p.answer == nil and "no answer" or tostring(p.answer), p.who or "" }
  end), class)
  add_table(out, "Texts", map(r.texts, function(x) return { at(x), x.name, x.text } end), class)
  add_table(out, "Alarms", map(r.alarms, function(a)
    return { at(a), a.text, a.priority or "" }
  end), class)
end

local function add_results(out, r)
  table.sort(r.mark_names)
  add_table(out, "Marks", map(r.mark_names, function(label) return { label, r.marks[label] } end))
  add_table(out, "Results", map(r.values, function(v)
    return { v.name, report.value_text(v.value, v.unit) }
  end))
end

local function add_figure(out, svg) out("<figure>" .. svg .. "</figure>") end

local function add_plots(out, r, db, id)
  if not r.begun_wall then return end
  local plots, left_out = report_plot.readings(db, id, r)
  if #plots == 0 then return end
  out(format("<h2>Readings and set-points, %s to %s</h2>", time(r.begun_wall),
    time(r.ended_wall)))
  for _, svg in ipairs(plots) do add_figure(out, svg) end
  if left_out > 0 then
    out(format('<p class="note">%d more are in `linewright trend`.</p>', left_out))
  end
end

local function add_deviations(out, r)
  local begun = r.begun_wall or 0
  add_table(out, "Deviations", map(report_quality.deviations(r), function(d)
    return { report.elapsed(d.t - begun), d.text }
  end), { "n" })
  add_table(out, "Decisions", map(r.decisions, function(d)
    return { report.elapsed(d.t - begun), d.name, decisions.text(d.data) }
  end), { "n" })
end

local function add_roll(out, r)
  local svg = report_plot.roll(r)
  if not svg then return end
  out "<h2>Roll map</h2>"
  add_figure(out, svg)
end

local function add_capability(out, r)
  local rows, charts = {}, {}
  for _, q in ipairs(report_quality.results(r)) do
    if q.n > 1 then
      rows[#rows + 1] = { q.name, report.value_text(q.mean, q.unit), format("%.4g", q.sd), q.n,
        q.capability and report_quality.capability_text(q.capability) or "" }
      charts[#charts + 1] = report_plot.chart(q)
      for _, v in ipairs(q.nelson) do
        rows[#rows + 1] = { "", format("Nelson %d at value %d: %s", v.rule, v.index, v.text) }
      end
    end
  end
  add_table(out, "Capability: mean, deviation, number, Cp and Cpk", rows)
  for _, svg in ipairs(charts) do add_figure(out, svg) end
end

local function add_oee(out, r, store, id)
  local oee = report_quality.oee(store, id)
  if not oee then return end
  local f, seconds = oee.figures, query_answer.seconds
  local rows = { { "OEE", report_sections.percent(f.oee) },
    { "Availability", report_sections.percent(f.availability) },
    { "Effectiveness", report_sections.percent(f.effectiveness) },
    { "Quality ratio", report_sections.percent(f.quality) },
    { "Busy", seconds(oee.busy_s) }, { "Production", seconds(oee.production_s) },
    { "Set-up", seconds(oee.setup_s) }, { "Down", seconds(oee.downtime_s) },
    { "Waiting", seconds(oee.waiting_s) } }
  for _, c in ipairs(r.counts) do
    rows[#rows + 1] = { "Produced", report.value_text(c.total, c.unit) .. ", "
      .. report.value_text(c.good, c.unit) .. " good" }
  end
  add_table(out, "OEE (ISO 22400)", rows)
end

local function add_equipment(out, r)
  local equipment = r.head and r.head.equipment or {}
  add_table(out, "Equipment", map(json.sorted_keys(equipment), function(role)
    return { role, equipment[role].unit or "", equipment[role].contract or "" }
  end))
end

--- A run's record as the text of an HTML file.
---@param store table linewright.store, open
---@param id number run
---@param db string? its path; the readings beside it are plotted
---@return string
function report_html.text(store, id, db)
  local r, lines = report.read(store, id), {}
  local function out(line) lines[#lines + 1] = line end
  local function get(field) return store:run_get(id, field) or "" end
  out '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
  out(format("<title>Batch %s</title><style>%s</style></head><body>", escape(get "batch"), STYLE))
  add_head(out, r, get)
  add_formula(out, r)
  add_equipment(out, r)
  add_timeline(out, r)
  add_people(out, r)
  add_deviations(out, r)
  add_results(out, r)
  add_roll(out, r)
  add_capability(out, r)
  add_oee(out, r, store, id)
  if db then add_plots(out, r, db, id) end
  out "</body></html>"
  return table.concat(lines, "\n") .. "\n"
end

return report_html

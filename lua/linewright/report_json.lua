--- The batch record as JSON, for other programs: the same content as the text.

local json = require "linewright.json"
local report = require "linewright.report"
local report_batchml = require "linewright.report_batchml"
local report_quality = require "linewright.report_quality"

local format = string.format

local report_json = {}

-- One item is encoded at a time: a long run has more than one journal value may.
local function list(items, fields)
  local out = {}
  for i, item in ipairs(items) do out[i] = assert(json.encode(fields(item))) end
  return "[" .. table.concat(out, ",") .. "]"
end

local function time(wall_ns)
  return wall_ns and (report.clock(wall_ns):gsub(" ", "T") .. "Z") or nil
end

local function seconds(ns) return ns and math.floor(ns / 1e6 + 0.5) / 1000 end

local function header(r, get)
  local head = {}
  for _, field in ipairs { "batch", "recipe", "version", "line", "bundle", "policy", "seed" } do
    head[field] = get(field)
  end
  head.state = r.state and r.state.text
  head.begun, head.ended = time(r.begun_wall), time(r.ended_wall)
  head.records = r.n
  head.stubs, head.equipment = r.head and r.head.stubs, r.head and r.head.equipment
  return head
end

local function sections(r)
  local begun = r.begun_wall or 0
  local function at(item) return seconds(item.t - begun) end
  local params, units = r.head and r.head.params or {}, r.head and r.head.units or {}
  local marks = {}
  for i, label in ipairs(r.mark_names) do marks[i] = { name = label, count = r.marks[label] } end
  return {
    { "formula", json.sorted_keys(params), function(name)
      return { name = name, value = params[name], unit = units[name] }
    end },
    { "timeline", r.timeline, function(item)
      return { at_s = at(item), lasted_s = item.till and seconds(item.till - item.t),
        depth = item.depth, name = item.text, kind = item.kind ~= "" and item.kind or nil,
        reason = item.reason }
    end },
    { "commands", r.commands, function(c)
      return { at_s = at(c), command = c.text, who = c.who, refused = c.why }
    end },
    { "questions", r.prompts, function(p)
      return { at_s = at(p), text = p.text, answer = p.answer, who = p.who }
    end },
    { "texts", r.texts, function(x)
      return { at_s = at(x), name = x.name, text = x.text }
    end },
    { "alarms", r.alarms, function(a)
      return { at_s = at(a), text = a.text, priority = a.priority }
    end },
    { "marks", marks, function(m) return m end },
    { "results", r.values, function(v)
      return { name = v.name, value = v.value, unit = v.unit, at_s = at(v), lo = v.lo, hi = v.hi,
        target = v.target }
    end },
    { "deviations", report_quality.deviations(r), function(d)
      return { at_s = at(d), text = d.text }
    end },
    { "decisions", r.decisions, function(d)
      return { at_s = at(d), name = d.name, data = d.data }
    end },
    { "roll_map", (report_quality.roll(r)), function(m)
      return { at = m.at, name = m.name, confidence = m.confidence, at_s = at(m) }
    end },
    { "produced", r.counts, function(c)
      return { at_s = at(c), total = c.total, good = c.good, scrap = c.scrap, unit = c.unit,
        planned_s = c.planned_s }
    end },
    { "capability", report_quality.results(r), function(q)
      return { name = q.name, unit = q.unit, n = q.n, mean = q.mean, sd = q.sd, lo = q.lo,
        hi = q.hi, target = q.target, capability = q.capability, nelson = q.nelson }
    end },
  }
end

--- A run's record as JSON text; times are UTC and seconds since its begin.
---@param store table linewright.store, open
---@param id number run
---@return string
function report_json.text(store, id)
  local r = report.read(store, id)
  local head = assert(json.encode(header(r, function(field) return store:run_get(id, field) end)))
  local out = { head:sub(1, -2) }
  for _, section in ipairs(sections(r)) do
    out[#out + 1] = format('"%s":%s', section[1], list(section[2], section[3]))
  end
  local oee = report_quality.oee(store, id)
  if oee then out[#out + 1] = '"oee":' .. assert(json.encode(oee)) end
  local events = {}
  report_batchml.each(store, id, function(text) events[#events + 1] = text end)
  out[#out + 1] = '"batchml_events":[' .. table.concat(events, ",\n") .. "]"
  return table.concat(out, ",\n") .. "}\n"
end

return report_json

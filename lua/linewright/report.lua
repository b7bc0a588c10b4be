--- The batch record in plain text, read from the store: what was asked, what
--- happened when, what people answered, what came out.

local calendar = require "linewright.calendar"
local causes = require "linewright.causes"
local journal = require "linewright.journal"
local json = require "linewright.json"
local printable = require "linewright.printable"
local report_sections = require "linewright.report_sections"
local units = require "linewright.units"

local format = string.format

local report = {}

local LINES_MAX = 400 -- of the timeline; a run of days has more than a person reads
local TEXTS_MAX = 60  -- the newest changes of text tags
local INSIDE = (" "):rep(12) -- before the further lines of a text

local clock = calendar.text

local function elapsed(ns)
  local s = math.floor(ns / 1e9 + 0.5)
  return format("%d:%02d:%02d", math.floor(s / 3600), math.floor(s % 3600 / 60), s % 60)
end

-- ----------------------------------------------------------------- collect ---

local take = {}

function take.run(r, _, data) r.head = r.head or data end

function take.state(r, key, data, t)
  if r.state then r.state.till = t end
  r.state = { t = t, depth = 0, text = key, reason = data.reason }
  if key == "Execute" then r.blind = nil end
  r.timeline[#r.timeline + 1] = r.state
end

local function depth_of(key)
  local _, n = key:gsub("/", "")
  return n
end

take["begin"] = function(r, key, data, t)
  if journal.label(key) == "parallel" then return end
  local kind = data.scope or (data.once and "once-step") or ""
  local item = { t = t, depth = depth_of(key), text = journal.label(key), kind = kind }
  r.open[key] = item
  r.timeline[#r.timeline + 1] = item
end

take["end"] = function(r, key, data, t)
  local item = r.open[key]
  if not item then return end
  item.till, r.open[key] = t, nil
  if data.error then item.reason = "failed: " .. data.error end
  if data.judged then item.reason = "judged done by " .. data.judged end
end

function take.prompt(r, key, data, t)
  r.prompts[#r.prompts + 1] = { t = t, key = key, text = data.prompt }
end

function take.answer(r, key, data)
  for i = #r.prompts, 1, -1 do
    local item = r.prompts[i]
    if item.key == key and not item.answer then
      item.answer, item.who = data.v, data.who
      return
    end
  end
end

function take.alarm(r, key, data, t)
  if data.change == nil or data.change == "raised" then
    r.alarms[#r.alarms + 1] = { t = t, text = data.text or journal.label(key),
      priority = data.priority }
  end
end

-- A device that is gone trips each rule that needs it, at the next reading of each:
-- the first is told, with how many came after it before the run went on.
function take.trip(r, key, data, t)
  local is_blind, first = data.quality == "bad" or data.cause == "driver lost", r.blind
  if is_blind and first then
    first.more_n = first.more_n + 1
    first.text = format("%s (and %d more without readings)", first.alone, first.more_n)
    return
  end
  local what = data.text or (key ~= "scan" and key)
  local text = "trip: " .. tostring(data.cause or "scan") .. (what and ", " .. what or "")
  local entry = { t = t, priority = data.level, is_trip = true, text = text, alone = text,
    more_n = 0 }
  r.alarms[#r.alarms + 1] = entry
  if is_blind then r.blind = entry end
end

function take.mark(r, key, data, t)
  local label = journal.label(key)
  r.roll[#r.roll + 1] = { t = t, name = label, at = tonumber(data.at),
    confidence = tonumber(data.conf) }
  if not r.marks[label] then r.mark_names[#r.mark_names + 1] = label end
  r.marks[label] = (r.marks[label] or 0) + 1
end

function take.data(r, key, data, t)
  r.values[#r.values + 1] = { name = journal.label(key), value = data.v, unit = data.unit, t = t,
    lo = data.lo, hi = data.hi, target = data.target }
end

function take.count(r, _, data, t)
  data.t = t
  r.counts[#r.counts + 1] = data
end

function take.decision(r, key, data, t)
  r.decisions[#r.decisions + 1] = { t = t, name = journal.label(key), data = data }
end

function take.cmd(r, key, data, t)
  if data.who == "run" then return end
  local was = data.was ~= nil and format(" (was %s)", causes.text(data.was)) or ""
  r.commands[#r.commands + 1] = { t = t, text = key .. (data.arg and " " .. data.arg or "") .. was,
    who = data.who, why = not data.ok and data.why or nil }
end

-- What a text tag read from then on, told by the scan.
function take.note(r, key, data, t)
  if data.reads then r.texts[#r.texts + 1] = { t = t, name = key, text = data.reads } end
end

function take.reload(r, _, data, t)
  r.commands[#r.commands + 1] = { t = t, who = data.who, text = data.failed
    and "reload failed: the profile before goes on"
    or format("reload of the line's profile, %d changes", data.change_n or #data.changes) }
end

--- Read a run.
---@param store table linewright.store
---@param id number
---@return table collected
function report.read(store, id)
  local r = { timeline = {}, open = {}, prompts = {}, alarms = {}, marks = {}, mark_names = {},
    values = {}, commands = {}, roll = {}, counts = {}, decisions = {}, texts = {}, n = 0 }
  for _, t_ns, wall_ns, kind, key, data in store:records(id) do
    r.begun_t, r.begun_wall = r.begun_t or t_ns, r.begun_wall or wall_ns
    r.ended_t, r.ended_wall, r.n = t_ns, wall_ns, r.n + 1
    -- After a reboot the clock begins again; the wall clock does not.
    local fn = take[kind]
    if fn then fn(r, key, json.decode(data ~= "" and data or "{}") or {}, wall_ns) end
  end
  return r
end

-- ------------------------------------------------------------------- write ---

local function value_text(v, unit)
  -- Lua 5.4 reads no "nan" and no "inf" back.
  if type(v) == "number" then return units.text(tonumber(format("%.6g", v)) or v, unit) end
  if type(v) == "table" then return json.encode(v) or "?" end
  return tostring(v)
end

local function release_text(head)
  local by = head.signed_by and "signed by " .. head.signed_by:sub(1, 16) or "not signed"
  return (head.life or "draft") .. ", " .. by
end

local function write_head(out, r, get)
  local begun, ended = r.begun_wall or 0, r.ended_wall or 0
  out(format("BATCH RECORD  %s %s / %s / batch %s", get "recipe", get "version", get "line",
    get "batch"))
  out(format("  begun    %s UTC", clock(begun)))
  out(format("  ended    %s UTC, %s after %s", clock(ended),
    r.state and r.state.text or "not started", elapsed(ended - begun)))
  out(format("  bundle   %s   policy %s   seed %s", tostring(get "bundle"):sub(1, 16), get "policy",
    value_text(get "seed")))
  local head = r.head or {}
  out("  release  " .. release_text(head))
  out(format("  records  %d", r.n))
  for _, role in ipairs(head.stubs or {}) do
    out(format("  stub     %s: no model or no camera, its answers come from the simulation", role))
  end
end

local function write_formula(out, r)
  local params = r.head and r.head.params
  if not params then return end
  out "FORMULA"
  for _, name in ipairs(json.sorted_keys(params)) do
    out(format("  %-16s %s", name, value_text(params[name], (r.head.units or {})[name])))
  end
end

local function lasted(item)
  if item.till then return units.time_text(item.till - item.t) end
  return item.depth > 0 and "open" or ""
end

local function timeline_text(item)
  local text = ("  "):rep(item.depth) .. item.text
  if item.kind and item.kind ~= "" then text = text .. "  (" .. item.kind .. ")" end
  if item.reason then text = text .. "  -- " .. item.reason end
  return text
end

local function write_equipment(out, r)
  local equipment = r.head and r.head.equipment
  if not equipment or not next(equipment) then return end
  out "EQUIPMENT"
  for _, role in ipairs(json.sorted_keys(equipment)) do
    local e = equipment[role]
    out(format("  %-16s %s, %s", role, e.unit or "?", e.contract or "?"))
  end
end

local function write_timeline(out, r)
  out "TIMELINE        lasted"
  for i, item in ipairs(r.timeline) do
    if i > LINES_MAX then
      out(format("  ... %d more", #r.timeline - LINES_MAX))
      return
    end
    local at = elapsed(item.t - r.begun_wall)
    out(format("  %-9s %12s  %s", at, lasted(item), timeline_text(item)))
  end
end

local function command_text(c)
  return format("%s by %s%s", c.text, tostring(c.who), c.why and "  -- refused: " .. c.why or "")
end

local function prompt_text(p)
  if not p.answer then return p.text .. "  no answer" end
  return format("%s  %s (%s)", p.text, tostring(p.answer), tostring(p.who))
end

local function alarm_text(a)
  return a.text .. (a.priority and " (" .. a.priority .. ")" or "")
end

local function write_list(out, r, title, list, text_of)
  if #list == 0 then return end
  out(title)
  for _, item in ipairs(list) do
    out(format("  %-9s %s", elapsed(item.t - r.begun_wall), text_of(item)))
  end
end

local function write_texts(out, r)
  local last = {}
  for i = math.max(1, #r.texts - TEXTS_MAX + 1), #r.texts do last[#last + 1] = r.texts[i] end
  write_list(out, r, "TEXTS", last, function(x) return format("%-16s %s", x.name, x.text) end)
end

local function write_people(out, r)
  write_list(out, r, "COMMANDS", r.commands, command_text)
  write_list(out, r, "QUESTIONS", r.prompts, prompt_text)
  write_list(out, r, "ALARMS", r.alarms, alarm_text)
end

local function write_results(out, r)
  local named = report_sections.named
  if #r.mark_names > 0 then out "MARKS" end
  table.sort(r.mark_names)
  for _, label in ipairs(r.mark_names) do out(format("  %s %d", named(label), r.marks[label])) end
  if #r.values > 0 then out "RESULTS" end
  for _, v in ipairs(r.values) do
    out(format("  %s %s", named(v.name), value_text(v.value, v.unit)))
  end
end

report.clock, report.elapsed, report.value_text = clock, elapsed, value_text

--- A run's record as text.
---@param store table linewright.store, open
---@param id number run
---@return string
function report.text(store, id)
  local r, lines = report.read(store, id), {}
  local function out(line) lines[#lines + 1] = printable(line, INSIDE) end
  local function get(field) return store:run_get(id, field) or "" end
  write_head(out, r, get)
  write_formula(out, r)
  write_equipment(out, r)
  write_timeline(out, r)
  write_people(out, r)
  write_texts(out, r)
  write_results(out, r)
  report_sections.write(out, r, store, id)
  return table.concat(lines, "\n") .. "\n"
end

return report

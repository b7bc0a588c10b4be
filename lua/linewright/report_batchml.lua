--- A run's records as BatchML events: the names of BatchML-BatchInformation's
--- SingleEvent, so that an export needs no renaming. States are BatchStatus words.

local calendar = require "linewright.calendar"
local journal = require "linewright.journal"
local json = require "linewright.json"
local packml = require "linewright.packml"

local report_batchml = {}

local make = {}

local function event(kind, sub, fields)
  fields.EventType, fields.EventSubType = kind, sub
  return fields
end

function make.run(_, d)
  return event("Control Recipe", "State Change", { Value = "Idle", EquipmentID = d.line,
    MessageText = d.recipe and d.recipe .. " " .. tostring(d.version or "") or nil })
end

local function batch_status(state)
  local ok, name = pcall(packml.map, state, "batchml")
  return ok and name or state
end

function make.state(key, d)
  return event("Procedural Execution", "State Change", { Value = batch_status(key),
    PreviousValue = d.from and batch_status(d.from), MessageText = d.reason,
    PersonID = d.who ~= "run" and d.who or nil, UserAttribute = key })
end

make["begin"] = function(key)
  return event("Procedural Execution", "State Change", { Value = "Running",
    ProceduralElementReference = key })
end

make["end"] = function(key, d)
  return event("Procedural Execution", "State Change", {
    Value = d.error and "Aborted" or "Complete", PreviousValue = "Running",
    ProceduralElementReference = key, MessageText = d.error })
end

function make.cmd(key, d)
  local is_mode = key == "mode"
  return event("Operator", is_mode and "Mode Command" or "State Command", { Value = key,
    PersonID = d.who, PreviousValue = d.was ~= nil and tostring(d.was) or nil,
    MessageText = d.ok == false and "refused: " .. tostring(d.why) or d.arg })
end

function make.prompt(key, d)
  return event("Operator", "Prompt", { MessageText = d.prompt, ProceduralElementReference = key })
end

function make.answer(key, d)
  return event("Operator", "Prompt Response", { Value = d.v ~= nil and tostring(d.v) or nil,
    PersonID = d.who, ProceduralElementReference = key })
end

function make.alarm(key, d)
  return event("Alarm", nil, { MessageText = d.text or journal.label(key), PersonID = d.who,
    AlarmData = { AlarmEvent = d.change or "raised", AlarmPriority = d.priority } })
end

function make.trip(key, d)
  return event("Alarm", nil, { MessageText = d.text or d.cause, EquipmentID = d.tag or key,
    Value = d.value, AlarmData = { AlarmEvent = "raised", AlarmLimit = d.limit,
      AlarmPriority = d.level } })
end

function make.out(key, d)
  return event("Equipment", "Parameter Data", { EquipmentID = key, Value = d.v,
    MessageText = d.safe and "safe value for " .. d.safe or nil })
end

function make.data(key, d)
  return event("Procedural Execution", "Process Data", { Value = d.v, UnitOfMeasure = d.unit,
    ProceduralElementReference = key })
end

function make.count(key, d)
  return event("Material", "Process Data", { Value = d.total, UnitOfMeasure = d.unit,
    ProceduralElementReference = key, MessageText = ("good %.14g"):format(d.good or 0) })
end

function make.mark(key, d)
  return event("Material", "Process Data", { MessageText = journal.label(key), Value = d.at,
    ProceduralElementReference = key })
end

function make.decision(key, d)
  return event("General", "Process Data", { MessageText = json.encode(d),
    ProceduralElementReference = key })
end

function make.note(key, d)
  local text = d.reads and key .. ": " .. d.reads or d.text
  return text and event("Message", nil, { MessageText = text,
    ProceduralElementReference = key }) or nil
end

--- Walk a run's events.
---@param store table linewright.store
---@param id number run
---@param fn function(text: string) called with each event as JSON
function report_batchml.each(store, id, fn)
  for record, _, wall_ns, kind, key, data in store:records(id) do
    local of = make[kind]
    local e = of and of(key, json.decode(data ~= "" and data or "{}") or {})
    if e then
      e.ID, e.TimeStamp = record, calendar.iso(wall_ns)
      fn(assert(json.encode(e)))
    end
  end
end

return report_batchml

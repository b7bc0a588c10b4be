--- A run's records as BatchML events: the elements of SingleEventType and what it is made
--- of, so that an export needs no renaming. States are BatchStatus words.
--- Source: MESA International, BatchML V0600 and V0701, BatchProductionRecord.xsd.

local calendar = require "linewright.calendar"
local journal = require "linewright.journal"
local json = require "linewright.json"
local packml = require "linewright.packml"

local report_batchml = {}

local make = {}

local DATA_TYPES = { number = "double", boolean = "boolean", string = "string" }

-- ValueType: always text, with what it is the text of.
local function value(v, unit)
  local data_type = DATA_TYPES[type(v)]
  if not data_type then return nil end
  local is_finite = data_type == "double" and v - v == 0
  return { ValueString = is_finite and json.number(v) or tostring(v), DataType = data_type,
    UnitOfMeasure = unit }
end

local function event(kind, sub, fields)
  fields.EventType, fields.EventSubType, fields.ObjectType = kind, sub, "Event"
  return fields
end

function make.run(_, d)
  return event("Control Recipe", "State Change", { Value = value "Idle",
    EquipmentID = d.line,
    MessageText = d.recipe and d.recipe .. " " .. tostring(d.version or "") or nil })
end

local function batch_status(state)
  local ok, name = pcall(packml.map, state, "batchml")
  return ok and name or state
end

function make.state(key, d)
  return event("Procedural Execution", "State Change", { Value = value(batch_status(key)),
    PreviousValue = d.from and value(batch_status(d.from)), MessageText = d.reason,
    PersonID = d.who ~= "run" and d.who or nil,
    UserAttribute = { AttributeID = "PackML state", Value = value(key) } })
end

make["begin"] = function(key)
  return event("Procedural Execution", "State Change", { Value = value "Running",
    ProceduralElementReference = key })
end

make["end"] = function(key, d)
  return event("Procedural Execution", "State Change", {
    Value = value(d.error and "Aborted" or "Complete"), PreviousValue = value "Running",
    ProceduralElementReference = key, MessageText = d.error })
end

function make.cmd(key, d)
  local is_mode = key == "mode"
  return event("Operator", is_mode and "Mode Command" or "State Command", { Value = value(key),
    PersonID = d.who, PreviousValue = value(d.was),
    MessageText = d.ok == false and "refused: " .. tostring(d.why) or d.arg })
end

function make.prompt(key, d)
  return event("Operator", "Prompt", { MessageText = d.prompt, ProceduralElementReference = key })
end

function make.answer(key, d)
  return event("Operator", "Prompt Response", { Value = value(d.v),
    PersonID = d.who, ProceduralElementReference = key })
end

function make.alarm(key, d)
  return event("Alarm", "Process", { MessageText = d.text or journal.label(key), PersonID = d.who,
    AlarmData = { AlarmEvent = d.change or "raised", AlarmType = "alarm", Priority = d.priority } })
end

function make.trip(key, d)
  return event("Alarm", "Process", { MessageText = d.text or d.cause, EquipmentID = d.tag or key,
    Value = value(d.value), AlarmData = { AlarmEvent = "raised", AlarmType = d.cause or "trip",
      AlarmLimit = value(d.limit), Priority = d.level } })
end

function make.out(key, d)
  return event("Equipment", "Parameter Data", { EquipmentID = key, Value = value(d.v),
    MessageText = d.safe and "safe value for " .. d.safe or nil })
end

function make.data(key, d)
  return event("Procedural Execution", "Process Data", { Value = value(d.v, d.unit),
    ProceduralElementReference = key })
end

function make.count(key, d)
  return event("Material", "Process Data", { Value = value(d.total, d.unit),
    ProceduralElementReference = key, MessageText = ("good %.14g"):format(d.good or 0) })
end

function make.mark(key, d)
  return event("Material", "Process Data", { MessageText = journal.label(key),
    Value = value(d.at),
    ProceduralElementReference = key })
end

function make.decision(key, d)
  return event("General", "Process Data", { MessageText = json.encode(d),
    ProceduralElementReference = key })
end

function make.note(key, d)
  local text = d.reads and key .. ": " .. d.reads or d.text
  return text and event("Message", "Application", { MessageText = text,
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
      e.EntryID, e.TimeStamp = record, calendar.iso(wall_ns)
      fn(assert(json.encode(e)))
    end
  end
end

return report_batchml

-- What a batch record says of quality.
local json = require "linewright.json"
local quality = require "linewright.report_quality"
local report = require "linewright.report"
local report_html = require "linewright.report_html"
local report_json = require "linewright.report_json"
local small_run = dofile "tests/support/small_run.lua"

local function values(...)
  local out = {}
  for i, x in ipairs { ... } do out[i] = { value = x } end
  return out
end

local function rules(list)
  local out = {}
  for _, v in ipairs(quality.nelson(list)) do out[#out + 1] = v.rule .. "@" .. v.index end
  return table.concat(out, " ")
end

-- Elements of SingleEventType of BatchML V0600, and what they are made of.
local VALUE = { ValueString = true, DataType = true, UnitOfMeasure = true, Key = true }
local EVENT = { EntryID = true, ObjectType = true, TimeStamp = true, ExternalReference = true, Description = true,
  EventType = true, EventSubType = true, EquipmentID = true, Value = VALUE, PreviousValue = VALUE, MessageText = true,
  PersonID = true, ComputerID = true, PhysicalAssetID = true, ProceduralElementReference = true, Category = true,
  AlarmData = { AlarmEvent = true, AlarmType = true, AlarmLimit = VALUE, Priority = true }, AssociatedEventID = true,
  UserAttribute = { AttributeID = true, Description = true, Value = VALUE } }

local function words(list)
  local out = {}
  for word in list:gmatch "[^,]+" do out[word] = true end
  return out
end
local TYPES = words "Alarm,Control Recipe,Equipment,General,Material,Message,Operator,Procedural Execution,Other"
local SUB_TYPES = words("Allocation,Application,Consume,Deallocation,Equipment,Message,Mode Change,Mode Command,"
  .. "Modification,Movement,Parameter Data,Process,Process Data,Produce,Prompt,Prompt Response,Property Value Change,"
  .. "Reconciliation,Security,State Change,State Command,Status Change,System,Target End Time,Target Start Time,Other")

local function assert_batchml(e, known)
  for name, inner in pairs(e) do
    assert.truthy(known[name], "BatchML has no element " .. name)
    assert.equal(type(known[name]) == "table", type(inner) == "table", name)
    if type(inner) == "table" then assert_batchml(inner, known[name]) end
  end
end

describe("Nelson's rules over results", function()
  it("stay silent over a steady process", function()
    assert.equal("", rules(values(10, 11, 9, 10, 11.5, 9.5, 10.2, 8.8, 10.1, 9.7, 10.9, 9.2)))
    assert.equal("", rules(values(5, 5, 5, 5)))
    assert.equal("", rules(values(1, 2)))
  end)

  it("name a point far out, a drift and a shift, each where it begins to hold", function()
    assert.truthy(rules(values(10, 11, 9, 10, 11, 9, 10, 30, 10, 11, 9)):find("1@8", 1, true))
    assert.truthy(rules(values(1, 2, 3, 4, 5, 6, 7)):find("3@6", 1, true))
    local shifted = values(10, 9, 10, 9, 10, 9, 10, 9, 10, 9, 14, 15, 14, 15, 14, 15, 14, 15, 14, 15)
    assert.truthy(rules(shifted):find("2@9", 1, true))
    assert.truthy(rules(shifted):find("2@19", 1, true))
  end)
end)

local function finished()
  local t = small_run { execute = function(r)
    r.operation("prepare", { oee = "setup" }, function() r.dwell "60 s" end)
    for _, x in ipairs { 118, 119, 117, 122, 118 } do
      r.record("mass", x, "g/m2", { target = 118, tolerance = 3 })
    end
    r.mark("streak", { at = 10, conf = 0.9 })
    r.mark("spot", { at = 40 })
    r.mark "no place"
    r.produced { total = 50, scrap = { streak = 2 }, unit = "m", planned = "2 min" }
    r.dwell "140 s"
    r.ask { prompt = "Seal intact?", choices = { "yes" }, within = "10 s", default = "yes" }
  end }
  t:start()
  t:run_until("Execute", { within = "1 min" })
  t:command("hold", "knife stuck")
  t:run_until("Held", { within = "1 min" })
  t:command "unhold"
  t:run_until("Complete", { within = "1 h" })
  t.line:pump()
  return t.line.store, t.line.run_id
end

describe("the batch record", function()
  local s, id = finished()

  it("has OEE from states, set-up, counts and planned time", function()
    local oee = quality.oee(s, id)
    local f = oee.figures
    assert.is_near(60, oee.setup_s, 0.5)
    assert.is_near(150, oee.production_s, 1)
    assert.is_near(oee.production_s / oee.busy_s, f.availability, 1e-12)
    assert.is_near(120 / oee.production_s, f.effectiveness, 1e-12)
    assert.is_near(0.96, f.quality, 1e-12)
    assert.is_near(f.availability * f.effectiveness * f.quality, f.oee, 1e-12)
  end)

  it("has capability with its interval, and what lies outside the limits", function()
    local q = quality.results(report.read(s, id))[1]
    assert.same({ "mass", 5, 115, 121 }, { q.name, q.n, q.lo, q.hi })
    assert.is_near(118.8, q.mean, 1e-9)
    assert.is_near(math.sqrt(3.7), q.sd, 1e-9)
    assert.is_near(6 / (6 * math.sqrt(3.7)), q.capability.cp, 1e-9)
    assert.is_near(2.2 / (3 * math.sqrt(3.7)), q.capability.cpk, 1e-9)
    assert.is_true(q.capability.from < q.capability.cpk and q.capability.to > q.capability.cpk)
  end)

  it("lists deviations in the order of time", function()
    local texts = {}
    for i, d in ipairs(quality.deviations(report.read(s, id))) do texts[i] = d.text end
    assert.same({ "Holding: knife stuck", "mass 122 g/m2 is outside 115..121", "no answer in time to: Seal intact?" },
      texts)
  end)

  it("prints all of it", function()
    local text = report.text(s, id)
    for _, part in ipairs { "EQUIPMENT\n", "  web              web, web_transport@1", "DEVIATIONS\n", "ROLL MAP         0 .. 50 m",
      "CAPABILITY\n", "limits 115..121  Cp 0.520, Cpk 0.381", "OEE (ISO 22400)\n", "quality 96.00 %", "50 m, 48 good, scrap streak 2" } do
      assert.truthy(text:find(part, 1, true), part .. "\n--\n" .. text)
    end
    assert.truthy(text:find("\n  streak           %.+1%.+\n"))
  end)

  it("draws it in HTML without a network", function()
    local html = report_html.text(s, id)
    for _, part in ipairs { "<h2>Equipment</h2>", "<h2>Deviations</h2>", "<h2>Roll map</h2>", "<h2>OEE (ISO 22400)</h2>",
      "lower limit</text>", "<svg viewBox=" } do
      assert.truthy(html:find(part, 1, true), part)
    end
    assert.is_nil(html:find("http", 1, true))
    assert.is_nil(html:find("nan", 1, true))
  end)

  it("gives the same as JSON, with BatchML's names for events", function()
    local r = assert(json.decode(report_json.text(s, id)))
    assert.is_near(0.96, r.oee.figures.quality, 1e-12)
    assert.equal(2, #r.roll_map)
    assert.equal(3, #r.deviations)
    assert.equal(5, r.capability[1].n)
    local seen = {}
    for _, e in ipairs(r.batchml_events) do
      assert.truthy(e.TimeStamp:find "^2026%-01%-01T%d%d:%d%d:%d%dZ$")
      assert_batchml(e, EVENT)
      assert.truthy(e.EntryID and e.ObjectType == "Event" and TYPES[e.EventType] and SUB_TYPES[e.EventSubType])
      seen[e.EventType .. "/" .. e.EventSubType .. "/" .. tostring(e.Value and e.Value.ValueString)] = e
    end
    assert.equal("knife stuck", seen["Procedural Execution/State Change/Holding"].MessageText)
    assert.truthy(seen["Procedural Execution/State Change/Held"])
    assert.truthy(seen["Procedural Execution/State Change/Restarting"])
    assert.equal("g/m2", seen["Procedural Execution/Process Data/118"].Value.UnitOfMeasure)
    assert.truthy(seen["Operator/State Command/unhold"])
    assert.truthy(seen["Operator/Prompt/nil"])
    assert.truthy(seen["Operator/Prompt Response/yes"])
    assert.truthy(seen["Material/Process Data/50"])
  end)
end)

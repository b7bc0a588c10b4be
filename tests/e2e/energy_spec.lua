-- The meter of a machine that the recipe knows nothing of: recorded where its profile
-- asks for that, and asked for by batch and by phase.
local history = require "linewright.history"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local query = require "linewright.query"
local store = require "linewright.store"

local METER = [[
return capability "energy_meter@1" {
  help = "a meter in the supply of a machine",
  power  = readable { "kW", help = "active power" },
  energy = readable { "kWh", help = "what it counted" },
  spare  = readable { "kWh", optional = true, help = "another counter" },
}
]]

-- 6 kW as long as zone 1 is to be warm, else 2 kW; the spare counter is set back on the way.
local TWIN = [[
return twin "metered" {
  title = "a zone and a meter",
  options = {},
  signals = function() return { sp = "degC", t = "degC", kw = "kW", kwh = "kWh", spare = "kWh" } end,
  start = function(_, at)
    return { sp = at "sp", t = at "t", kw = at "kw", kwh = at "kwh", spare = at "spare", count = 1000, time = 0 }
  end,
  step = function(s, io, dt)
    if s.time == 0 then io:set(s.sp, 25) end
    local kw = io:get(s.sp) > 50 and 6 or 2
    s.time, s.count = s.time + dt, s.count + kw * dt / 3600
    io:set(s.t, io:get(s.sp))
    io:set(s.kw, kw)
    io:set(s.kwh, s.count)
    io:set(s.spare, s.time < 100 and s.count or s.count - 1000)
  end,
}
]]

local RECIPE = [[
return recipe "soak" {
  api = 1, version = "1.0.0",
  needs = { oven = cap "zoned_dryer@1" {} },
  execute = function(r, eq)
    r.phase("warm", function()
      r.step("heat", function() eq.oven.zones[1].setpoint:set(80) end)
      r.dwell "6 min"
    end)
    r.phase("rest", function()
      r.step("cool", function() eq.oven.zones[1].setpoint:set(30) end)
      r.dwell "90 s"
    end)
  end,
}
]]

local UNITS = [[units = {
    meter = equip "energy_meter@1" {
      power = tag { io, "kw", unit = "kW", history = "change" },
      energy = tag { io, "kwh", unit = "kWh", deadband = 0.05 },
      spare = tag { io, "spare", unit = "kWh" },
    },]]

local project, s

local function run(batch)
  local code, out, err = process.run(project.dir, { process.program(), "run", project.dir .. "/soak.lua", "--line",
    project.dir .. "/shed.lua", "--sim", "--speed", "max", "--db", project.db, "--batch", batch })
  assert(code == 0, out .. err)
end

setup(function()
  project = projects.new()
  project.db = project.dir .. "/e.db"
  project:write("capabilities/energy_meter.lua", METER)
  project:write("metered.lua", TWIN)
  project:write("soak.lua", RECIPE)
  project:edit("shed.lua", 'twin = { "coater", zones = 1 }', 'twin = { "metered" }')
  project:edit("shed.lua", '"oven.t1"', '"t"')
  project:edit("shed.lua", '"oven.sp1"', '"sp"')
  project:edit("shed.lua", "units = {", UNITS)
  run "a"
  project:edit("shed.lua", 'unit = "kWh" }', 'unit = "kWh", history = "change" }')
  run "b"
  s = assert(store.open(project.db, "r"))
end)
teardown(function()
  s:close()
  project:remove()
end)

local function tags(run_number)
  local h = assert(history.open(("%s.history/run-%d"):format(project.db, run_number)))
  local out = {}
  for name, unit in h:tags(0, 9e18) do out[name] = unit end
  h:close()
  return out
end

local function items(text)
  local answer, why = query.ask(s, text)
  assert(answer, why)
  local out = {}
  for _, item in ipairs(answer.items) do out[item.label or "all"] = item.value or item.lacks end
  return out
end

describe("a meter on the line's profile", function()
  it("is recorded where it asks for that, though no recipe needs it", function()
    assert.same({ "kW", "kWh", nil }, { tags(1)["meter.power"], tags(1)["meter.energy"], tags(1)["meter.spare"] })
    assert.equal("kWh", tags(2)["meter.spare"])
  end)

  it("gives the energy of a phase and of batches, counter and power alike", function()
    assert.is_near(6 * 0.1, items("energy of meter.power in phase warm in batch a").all, 0.001)
    assert.is_near(6 * 0.1, items("energy of meter.energy in phase warm in batch a").all, 0.001)
    assert.is_near(2 * 0.025, items("energy of meter.power in phase rest in batch a").all, 0.001)
    assert.is_near(2 * 0.025, items("a批 rest阶段 meter.energy的能耗").all, 0.001)
    local by_batch = items "energy of meter.energy by batch"
    assert.is_near(0.65, by_batch.a, 0.001)
    assert.is_near(0.65, by_batch.b, 0.001)
    assert.is_near(1.3, items("energy of meter.power").all, 0.002)
  end)

  it("is named when one of several is meant, in a question that can be answered", function()
    local answer, why, code, near = query.ask(s, "energy in batch b")
    assert.same({ nil, "energy of what? write energy of meter.energy or energy of meter.power or energy of meter.spare",
      "E-QUESTION", "energy of tag meter.energy of batch b" }, { answer, why, code, near })
    assert.is_near(0.65, items(near).all, 0.001)
  end)

  it("is offered for a question that is near, where that can be answered", function()
    local near = select(4, query.ask(s, "energi"))
    assert.truthy(query.ask(s, near), near)
  end)

  it("that went back gives no energy", function()
    assert.equal("the counter went back: it was reset or exchanged", items("energy of meter.spare in batch b").all)
  end)
end)

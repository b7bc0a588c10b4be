-- Detectors declared on a tag: when and why they fired, for recipes and records.
local projects = require "tests.support.project"
local rig = require "linewright.rig"
local why = require "linewright.why"

local CONTRACT = [[
return capability "tank@1" { level = readable "L", flow = readable "L/min" }
]]

local LINE = [[
local io = driver "sim" {}
return line "shed" {
  api = 1, revision = 1, twin = { "tank" },
  units = {
    tank = equip "tank@1" {
      level = tag { io, "level", unit = "mL",
        filter = { "cusum", k = 0.5, h = 5, mean = "50 L", sigma = "1 L" } },
      flow = tag { io, "flow", unit = "L/min" },
    },
  },
}
]]

local TWIN = [[
return twin "tank" {
  signals = { level = "mL", flow = "L/min" },
  start = function(_, at) return { level = at "level", flow = at "flow", t = 0 } end,
  step = function(s, io, dt)
    s.t = s.t + dt
    io:set(s.level, s.t < 5 and 50000 or 60000)
    io:set(s.flow, 1)
  end,
}
]]

local RECIPE = [[
return recipe "watch" {
  api = 1, version = "1.0.0",
  needs = { tank = cap "tank@1" {} },
  execute = function(r, eq)
    local level = eq.tank.level
    r.record("before", r.step("before", function() return tostring(level:fired()) end))
    r.wait_until("leak", function() return level:fired() ~= nil end, { within = "20 s" })
    r.record("severity", r.step("severity", function() return (level:read()) end))
    r.record("why", r.step("why", function() return (level:fired()) end))
    r.record("age", r.step("age", function() return (select(2, level:fired())) end))
    r.record("flow", r.step("flow", function() return tostring(eq.tank.flow:fired()) end))
  end,
}
]]

describe("a detector on a tag", function()
  local project
  before_each(function()
    project = projects.new()
    project:write("capabilities/tank.lua", CONTRACT)
    project:write("twins/tank.lua", TWIN)
    project:write("watch.lua", RECIPE)
    project:write("shed.lua", LINE)
  end)
  after_each(function() project:remove() end)

  local function run()
    local t = rig { recipe = project.dir .. "/watch.lua", line = project.dir .. "/shed.lua" }
    t:start()
    t:run_until("Complete", { within = "20 s" })
    return t
  end

  it("tells a recipe why it fired and when, and reads its severity", function()
    local records = run().run.records
    assert.same({ "nil" }, records.before)
    assert.same({ "cusum: shifted up" }, records.why)
    assert.is_true(records.severity[1] >= 1 and records.severity[1] < 3)
    assert.is_true(records.age[1] >= 0 and records.age[1] < 1)
    assert.same({ "nil" }, records.flow)
  end)

  it("is an alarm of the records, with the reading that it saw", function()
    local t = run()
    t.line:pump()
    local lines = assert(why.chain(t.line.store, t.line.run_id, "tank.level"))
    assert.equal("alarm 'tank.level: cusum: shifted up', priority medium", lines[1].text)
    assert.truthy(lines[2].text:find("found severity 1.9, 1 is an alarm; it read 60 L", 1, true),
      lines[2].text)
    local report = require("linewright.report").text(t.line.store, t.line.run_id)
    assert.truthy(report:find("0:00:05 +tank.level: cusum: shifted up %(medium%)"), report)
  end)
end)

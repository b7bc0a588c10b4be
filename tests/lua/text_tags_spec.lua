-- Tags of type text: what a profile may say of them, and what a recipe reads.
local has = require "tests.support.has"
local projects = require "tests.support.project"
local rig = require "linewright.rig"

local CONTRACT = [[
return capability "marker@1" {
  lot = readable { "text", key = true },
  heads = list { state = readable "text" },
  speed = readable { "m/min", optional = true },
}
]]

local LINE = [[
local io = driver "sim" {}
return line "shed" {
  api = 1, revision = 1, twin = { "marker" },
  units = {
    marker = equip "marker@1" {
      lot = tag { io, "lot", max_age = "1 s" },
      heads = { { state = tag { io, "state", type = "text" } } },
    },
  },
}
]]

local TWIN = [[
return twin "marker" {
  signals = { lot = "text", state = "text", speed = "m/min" },
  start = function(_, at) return { lot = at "lot", state = at "state", t = 0 } end,
  step = function(s, io, dt)
    s.t = s.t + dt
    io:set(s.lot, s.t < 5 and "LOT 17" or "LOT 18")
    io:set(s.state, "b\228d\27[31m")
  end,
}
]]

local RECIPE = [[
return recipe "lots" {
  api = 1, version = "1.0.0",
  needs = { marker = cap "marker@1" {} },
  execute = function(r, eq)
    local m = eq.marker
    r.record("first", r.step("first", function() return (m.lot:read()) end))
    r.wait_until("new lot", function() return m.lot:read() == "LOT 18" end, { within = "20 s" })
    r.record("state", r.step("state", function() return (m.heads[1].state:read()) end))
    r.wait_until("gone", function() return m.lot:read() == nil end, { within = "20 s" })
    r.record("quality", r.step("quality", function() return (select(2, m.lot:read())) end))
  end,
}
]]

local project
before_each(function()
  project = projects.new()
  project:write("capabilities/marker.lua", CONTRACT)
  project:write("twins/marker.lua", TWIN)
  project:write("soak.lua", RECIPE)
  project:write("shed.lua", LINE)
end)
after_each(function() project:remove() end)

local function new_rig(options)
  options = options or {}
  options.recipe, options.line = project.dir .. "/soak.lua", project.dir .. "/shed.lua"
  return rig(options)
end

describe("a text in a recipe", function()
  it("is a string with quality, and nil when it is bad", function()
    local t = new_rig()
    t:start()
    t:advance "8 s"
    assert.same({ "LOT 17" }, t.run.records.first)
    assert.same({ "b\\xE4d\\x1B[31m" }, t.run.records.state)
    t:fault("marker.lot", "lost")
    t:advance "0.5 s"
    assert.is_nil(t.run.records.quality)
    t:run_until("Complete", { within = "2 s" })
    assert.same({ "bad" }, t.run.records.quality)
  end)

  it("can be forced by specs, and has no faults of numbers", function()
    local t = new_rig()
    t:start()
    t:advance "1 s"
    t:force("marker.lot", "LOT 99\0gone")
    t:advance "0.2 s"
    assert.equal("LOT 99", t:value "marker.lot")
    t:force("lot", ("x"):rep(100))
    t:advance "0.2 s"
    assert.equal(("x"):rep(63), t:value "marker.lot")
    t:force("lot", nil)
    t:advance "0.2 s"
    assert.equal("LOT 17", t:value "marker.lot")
    assert.has_error(function() t:force("marker.lot", 3) end, "force: 'marker.lot' is a text")
    assert.has_error(function() t:force("speed", "3") end, "force: 'speed' is a number")
    assert.has_error(function() t:fault("lot", "drift", 1) end,
      "fault: 'lot' is a text, it cannot have 'drift'")
  end)

  it("stands in the batch record with its changes", function()
    local store = require "linewright.store"
    local db = project.dir .. "/a.db"
    local t = new_rig { db = db }
    t:start()
    t:advance "8 s"
    t:command "stop"
    t:run_until("Stopped", { within = "10 s" })
    t.line:close()
    local s = assert(store.open(db, "r"))
    local report = require("linewright.report").text(s, s:run_find())
    s:close()
    has(report, "TEXTS")
    assert.is_truthy(report:find("0:00:05 +marker.lot +LOT 18"), report)
    has(report, "marker.heads[1].state b\\xE4d\\x1B[31m")
  end)
end)

describe("a text tag of a profile", function()
  local function finds(from, to, wanted)
    project:edit("shed.lua", from, to)
    has((project:check()), wanted)
  end

  it("is fine without a unit, and without a type where the contract says it", function()
    local text, bundle = project:check()
    assert.is_nil(text:find("FAIL", 1, true), text)
    assert.equal("text", bundle.channels["marker.lot"].spec.type)
    assert.equal("text", bundle.channels["marker.lot"].tag_unit)
  end)
  it("has nothing that belongs to numbers", function()
    project:edit("shed.lua", 'max_age = "1 s"', [[scale = 2, range = { 0, 1 }, unit = "degC",
      history = "scan", filter = { { "median", n = 3 } } ]])
    local text = project:check()
    for _, wanted in ipairs { "marker.lot is a text: scale is for numbers",
      "marker.lot is a text: range is for numbers", "marker.lot is a text: filter is for numbers",
      "marker.lot is a text: it has no unit", "marker.lot is a text: it is recorded when it changes" } do
      has(text, wanted)
    end
  end)
  it("can only be read", function()
    finds('max_age = "1 s"', 'access = "rw"', "marker.lot is a text: it can be read, not set")
  end)
  it("must be a text if the contract says so", function()
    finds('max_age = "1 s"', 'type = "u16", unit = "1"',
      'marker.lot is u16, but its contract asks for a text: type = "text"')
  end)
  it("must be a number if the contract says so", function()
    finds('lot = tag', 'speed = tag { io, "speed", type = "text" }, lot = tag',
      "marker.speed is a text, but its contract asks for a number in m/min")
  end)
  it("fits the twin's signal", function()
    finds('"lot", max_age', '"speed", max_age',
      "marker.lot is a text, but the twin's signal is a number in m/min")
  end)
  it("cannot be an interlock's", function()
    finds("twin =", [[interlocks = { interlock { "marker.lot", above = 3, level = "hold" } },
      twin =]], "marker.lot is a text, a rule compares numbers")
  end)
  it("has no contract that sets it", function()
    project:edit("capabilities/marker.lua", 'readable { "text", key', 'writable { "text", key')
    has((project:check()), 'marker@1: lot: a text can be read, not set: readable "text"')
  end)
end)

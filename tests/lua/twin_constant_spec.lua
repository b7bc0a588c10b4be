-- A tag that the twin's file does not know: its profile says where it stands.
local projects = require "tests.support.project"
local rig = require "linewright.rig"

local project, t
before_each(function()
  project = projects.new()
  project:write("capabilities/exhaust.lua", [[
return capability "exhaust@1" { running = readable { "1" }, hood = readable { "degC" } }]])
  project:edit("shed.lua", "units = {", [[interlocks = {
    permit { "oven.zones[1].setpoint", above = "30 degC", needs = { "hall.running", is = true },
             text = "no heat without the exhaust" } },
  units = {
    hall = equip "exhaust@1" {
      running = tag { io, "none", type = "bool", unit = "1", twin = true },
      hood = tag { io, "none", type = "s16", scale = 0.5, unit = "degF", twin = 71.8 } },]])
  project:edit("soak.lua", "end,\n}", "r.dwell '1 h'\n  end,\n}")
end)
after_each(function() project:remove() end)

local function open()
  t = rig { recipe = project.dir .. "/soak.lua", line = project.dir .. "/shed.lua" }
  return t
end

describe("a tag with a value for its twin", function()
  it("gives the permit that it is there for", function()
    open():start()
    t:advance "1 min"
    assert.equal("Execute", t:state())
    assert.equal(1, t:value "hall.running")
    assert.equal(80, t:value "oven.zones[1].setpoint")
  end)

  it("can be forced by its channel", function()
    open():force("hall.running", 0)
    t:start()
    t:run_until("Held", { within = "1 min" })
    assert.equal("no heat without the exhaust", t.run.reason)
    t:force("hall.running", nil)
    assert.is_true((t:command "unhold"))
    t:run_until("Execute", { within = "1 min" })
  end)

  it("is rounded to what its device could say, and converted", function()
    project:edit("soak.lua", 'oven = cap "zoned_dryer@1" {}',
      'oven = cap "zoned_dryer@1" {}, hall = cap "exhaust@1" {}')
    open():start()
    t:advance "1 min"
    assert.is_near((72 - 32) / 1.8, t:value "hall.hood", 1e-9)
  end)

  it("stands there again after a power loss", function()
    open():start()
    t:advance "1 min"
    t:crash()
    t:reboot()
    t:advance "1 min"
    assert.equal("Held", t:state())
    assert.equal(1, t:value "hall.running")
  end)

  it("has a number or a name, and a tag without either is asked for", function()
    project:edit("shed.lua", "twin = 71.8", "twin = {}")
    project:edit("shed.lua", ", twin = true", "")
    local text = project:check { sim = true }
    assert.is_truthy(text:find("hall.hood: twin, a name or a value, must be a finite number, got table", 1, true), text)
    assert.is_truthy(text:find("hall.running is fed by nothing in this run: it has no `twin`: its "
      .. "name in the twin, or the value at which it stands there", 1, true), text)
  end)
end)

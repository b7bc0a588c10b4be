-- Outputs whose device tells which command it has carried out.
local projects = require "tests.support.project"
local rig = require "linewright.rig"

-- A valve that moves half a second after a new number comes, and then shows it.
local TWIN = [[
return twin "valve" {
  title = "a valve that echoes",
  options = { delay = param { "s", default = "0.5 s" }, shown = param { "1", default = 0 } },
  signals = function() return { sp = "degC", t = "degC", id = "1", echo = "1" } end,
  start = function(o, at)
    return { o = o, sp = at "sp", t = at "t", id = at "id", echo = at "echo", told = 0, left = 0, fresh = true }
  end,
  step = function(s, io, dt)
    if s.fresh then -- what it had it keeps, also when the host was away
      s.fresh, s.told = false, io:get(s.id)
      io:set(s.sp, math.max(25, io:get(s.sp))); io:set(s.id, s.told)
      io:set(s.echo, s.told > 0 and io:get(s.echo) or s.o.shown)
    end
    if io:get(s.id) ~= s.told then s.told, s.left = io:get(s.id), s.o.delay end
    if s.left > 0 then
      s.left = s.left - dt
      if s.left <= 0 then io:set(s.echo, s.told) end
    end
    io:set(s.t, io:get(s.sp))
  end,
}
]]

local RECIPE = [[
return recipe "soak" {
  api = 1, version = "1.0.0",
  needs = { oven = cap "zoned_dryer@1" {} },
  execute = function(r, eq)
    r.step("first", { once = true }, function() eq.oven.zones[1].setpoint:set(40) end)
    r.dwell "5 s"
    for i = 1, 2 do
      r.step("move", { once = true }, function()
        r.dwell "2 s"
        eq.oven.zones[1].setpoint:set(50 + i)
        r.dwell "10 s"
      end)
    end
  end,
}
]]

local IDS = 'command = tag { io, "id" }, echo = tag { io, "echo" }, range = { 20, 120 },'
local NAME = "oven.zones[1].setpoint"

describe("an output with numbers of commands", function()
  local project
  before_each(function()
    project = projects.new()
    project:write("valve.lua", TWIN)
    project:write("soak.lua", RECIPE)
    project:edit("shed.lua", '"oven.t1"', '"t"')
    project:edit("shed.lua", '"oven.sp1"', '"sp"')
    project:edit("shed.lua", "range = { 20, 120 },", IDS)
  end)
  after_each(function() project:remove() end)

  local function start(options)
    project:edit("shed.lua", 'twin = { "coater", zones = 1 }', ('twin = { "valve"%s }'):format(options or ""))
    local t = rig { recipe = project.dir .. "/soak.lua", line = project.dir .. "/shed.lua" }
    t:start()
    t:run_until("Execute", { within = "1 min" })
    return t
  end

  -- What the person is told after the host was killed; the device stays.
  local function question_after(t)
    t:crash()
    t:reboot { after = "0 s" }
    t:advance "1 s"
    return t.run.rt.prompts[1].prompt:match "happen%?(.*)"
  end

  it("says after a cut that its device carried the command out", function()
    local t = start()
    t:advance "9 s"
    assert.equal(" " .. NAME .. ": its device says that it carried out command 2.", question_after(t))
  end)

  it("says that its device knows nothing of a command", function()
    local t = start ', delay = "60 s"'
    t:advance "9 s"
    assert.equal(" " .. NAME .. ": its device says nothing of command 2, its newest is 0.", question_after(t))
  end)

  it("says nothing of outputs that the cut step had not come to", function()
    local t = start()
    t:advance "6 s"
    assert.equal("", question_after(t))
    t:command("answer", "redo")
    t:command "unhold"
    t:run_until(function() return t:count("begin", "move") == 3 end, { within = "1 min" })
    t:advance "1 s" -- in the second round, before its output
    assert.equal("", question_after(t))
  end)

  it("counts on after a restart, and from what the device shows", function()
    local t = start ', shown = 65534'
    t:advance "9 s"
    assert.equal(1, t:value(NAME .. ".command"))
    question_after(t)
    t:command("answer", "redo")
    t:command "unhold"
    t:advance "6 s"
    assert.equal(2, t:value(NAME .. ".command"))
    assert.equal(2, t:value(NAME .. ".echo"))
  end)

  it("needs both, on an output", function()
    project:edit("shed.lua", ', echo = tag { io, "echo" }', "")
    project:edit("shed.lua", 'twin = { "coater", zones = 1 }', 'twin = { "valve" }')
    assert.truthy(project:check { sim = true }:find("E-KEY " .. NAME .. ": command and echo belong together, on an output", 1,
      true))
  end)
end)

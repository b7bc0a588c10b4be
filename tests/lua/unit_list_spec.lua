-- Lists of a line's channels end where the line says.
local projects = require "tests.support.project"
local rig = require "linewright.rig"

local RECIPE = [[
return recipe "soak" {
  api = 1, version = "1.0.0",
  needs = { oven = cap "zoned_dryer@1" {} },
  validate = function(p, eq) if #eq.oven.zones ~= 1 then return "one zone is meant" end end,
  execute = function(r, eq)
    r.record("x", (r.step("look", function() %s end)))
  end,
}
]]

local project
before_each(function() project = projects.new() end)
after_each(function() project:remove() end)

local function run(body)
  project:write("soak.lua", RECIPE:format(body))
  local t = rig { recipe = project.dir .. "/soak.lua", line = project.dir .. "/shed.lua" }
  t:start()
  t:run_until(function(r) return r.state == "Complete" or r.state == "Held" end, { within = "5 s" })
  return t.run.reason or t.run.records.x[1]
end

describe("a list of a unit", function()
  it("says how many it has when asked for one more", function()
    for _, index in ipairs { "2", "9", "0", "1.5" } do
      assert.equal("E-NAME eq.oven.zones has 1, [1] on line 'shed', there is no [" .. index .. "]",
        run("return eq.oven.zones[" .. index .. "].temp:read()"))
    end
    assert.equal("E-NAME eq.oven.zones has 1, [1] on line 'shed', there is no [temp]",
      run "return eq.oven.zones.temp:read()")
  end)
  it("says so in validate", function()
    project:write("soak.lua", (RECIPE:format("return 1"):gsub("#eq.oven.zones ~= 1",
      "eq.oven.zones[3].temp")))
    local text = project:check()
    assert.truthy(text:find("eq.oven.zones has 1, [1] on line 'shed', there is no [3]", 1, true), text)
  end)
  it("is counted and walked as any list", function()
    assert.equal(1, run "return #eq.oven.zones")
    assert.equal(1, run "local n = 0 for i in ipairs(eq.oven.zones) do n = n + i end return n")
    assert.equal(1, run "local n = 0 for i in pairs(eq.oven.zones) do n = n + i end return n")
    assert.equal("nil", run "local _, b = table.unpack(eq.oven.zones, 1, 2) return tostring(b)")
  end)
  it("cannot grow", function()
    assert.equal("E-READONLY eq.oven.zones[2] cannot be changed", run "eq.oven.zones[2] = {}")
  end)
  -- Lua 5.4's own asks beyond the end, and so do specs whose recipe is a table.
  it("ends quietly for an ipairs outside the sandbox", function()
    local list = require("linewright.unit_list").seal({ "a", "b" }, "eq.oven.zones", "shed")
    local n = 0
    for i in ipairs(list) do n = n + i end
    assert.equal(3, n)
  end)
end)

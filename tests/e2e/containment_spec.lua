-- A bad script in a worker process of its own: the run is Held with outputs at
-- their safe values, says which line is to blame, and goes on when told to.
local has = require "tests.support.has"
local process = require "tests.support.process"
local projects = require "tests.support.project"

-- The first pass through `bad` runs away, the second does not: after a kill it
-- is the same file that goes on.
local RECIPE = [[
local passed = false
return recipe "soak" {
  api = 1, version = "1.0.0",
  needs = { oven = cap "zoned_dryer@1" {} },
  execute = function(r, eq)
    r.step("heat", function() eq.oven.zones[1].setpoint:set(90) end)
    r.dwell "300 ms"
    if not passed then
      passed = true
      -- BAD
    end
    r.dwell "10 min"
  end,
}
]]

local project
before_each(function()
  project = projects.new()
  -- On a crowded machine a script may wait long for its CPU time; silence is
  -- another test's matter.
  project:edit("shed.lua", "revision = 1,", 'revision = 1, heartbeat = "2 s",')
end)
after_each(function() project:remove() end)

local function path(name) return project.dir .. "/" .. name end

local function run(bad, ...)
  project:write("soak.lua", (RECIPE:gsub("%-%- BAD", (bad:gsub("%%", "%%%%")))))
  return project:start("run", "run", path "soak.lua", "--line", path "shed.lua", "--sim", "--db", path "a.db",
    "--on-hold=wait", "--seed=1", ...)
end

local function command(word)
  return process.run(project.dir, { process.program(), "command", "--db", path "a.db", word })
end

local function wait_state(state) return process.wait_state(project.dir, path "a.db", state) end

describe("a runaway script in its worker", function()
  it("is cut by its CPU budget and named with its line", function()
    local p = run "while true do pcall(function() while true do end end) end"
    local held = wait_state "Held"
    assert.equal(0, held.worker_deaths or 0)
    has(held.reason, "E-BUDGET")
    assert.equal(0, (command "stop"))
    assert.equal(1, (p:finish()))
    has(p:out(), "soak.lua:10")
  end)

  it("is refused memory beyond the profile's cap", function()
    -- The CPU budget of a tick must not come first.
    project:edit("shed.lua", "revision = 1,", 'revision = 1, memory = 16, tick_cpu = "1 s",')
    local p = run "local t = {} for i = 1, math.huge do t[i] = { i } end"
    local held = wait_state "Held"
    has(held.reason, "memory")
    assert.equal(0, (command "stop"))
    assert.equal(1, (p:finish()))
  end)

  it("may take longer where the profile says so", function()
    project:edit("shed.lua", "revision = 1,", 'revision = 1, tick_cpu = "30 ms",')
    run "while true do end"
    has(wait_state "Held".reason, "30 ms")
  end)
end)

describe("text that crashes the engine's parser", function()
  it("costs one line of explanation", function()
    -- LuaJIT before 2023-08 dies of this valid text; later ones run it.
    project:write("soak.lua", "local _\nfor _ in (nil):foo() do end\nreturn recipe \"soak\" {}\n")
    local code, _, err = process.run(project.dir, { process.program(), "check", path "soak.lua" })
    assert.equal(1, code)
    assert.is_truthy(err:find("E-CRASH", 1, true) or err:find("soak.lua", 1, true), err)
    code, _, err = process.run(project.dir, { process.program(), "run", path "soak.lua", "--line",
      path "shed.lua", "--sim", "--db", path "a.db" })
    assert.is_true(code == 1 or code == 3, err)
    assert.is_truthy(err:find("crashed", 1, true) or err:find("soak.lua", 1, true), err)
  end)
end)

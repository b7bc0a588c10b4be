-- The runaway campaign in real processes: each script of tests/support runs away
-- in a worker of its own while another line works beside it. The bad line's
-- output reaches its safe value on the device, the error names the script, and
-- the line beside is not held.
--
-- Every eighth script by default; all of them so many times with LW_RUNAWAYS=5.

-- What is tested is processes and C: once, with one of the Lua engines, is enough.
if _VERSION ~= "Lua 5.1" then return end

local bound = require "tests.support.bound"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local sys = require "linewright.sys"

local runaways = dofile "tests/support/runaways.lua"
local ROUNDS = tonumber(os.getenv "LW_RUNAWAYS")
local STRIDE = ROUNDS and 1 or 8
local DWELL_S = 0.1
local SCAN_S = 0.01

local RECIPE = [[
return recipe "runaway" {
  api = 1, version = "1.0.0",
  needs = { oven = cap "zoned_dryer@1" {} },
  execute = function(r, eq)
    r.step("on", function() eq.oven.zones[1].setpoint:set(90) end)
    r.dwell "%g s"
    r.step("go", function()
      eq.oven.zones[1].setpoint:set(80); -- tells the device that it begins
      %s
    end)
    r.dwell "1 h"
  end,
}
]]

local LINE = [[
local plc = driver "modbus_tcp" { host = "127.0.0.1", port = %d, unit_id = 1, timeout = "300 ms" }
return line "cell" {
  api = 1, revision = 1, scan = "10 ms", tick = "20 ms", tick_cpu = "20 ms", memory = 24,
  heartbeat = "5 s", -- on a crowded machine, too, the budget speaks first
  units = {
    oven = equip "zoned_dryer@1" {
      props = { length = "2 m", temp_max = "130 degC" },
      zones = { { temp = tag { plc, "30101", type = "s16", scale = 0.1, unit = "degC" },
                  setpoint = tag { plc, "40101", type = "s16", scale = 0.1, unit = "degC", range = { 20, 120 },
                                   safe = { hold = 25, stop = 25, abort = 25 } } } },
    },
  },
}
]]

local project, beside

local function path(name) return project.dir .. "/" .. name end

local function run(recipe, line, db, ...)
  return { process.program(), "run", path(recipe), "--line", path(line), "--db", path(db), ... }
end

-- When the newest write of a value came, in seconds of the monotonic clock.
local function written(value, text)
  local at
  for t in text:gmatch("([%d.]+) write 40101 %-?%d+ " .. value .. "\n") do at = tonumber(t) end
  return at
end

local function contain(name, script)
  project:write("bad.lua", RECIPE:format(DWELL_S, script[2]))
  sys.write_file(path "ledger", "")
  local code, out, err = process.run(project.dir, run("bad.lua", "line.lua", name .. ".db"))
  assert.equal(1, code, script[1] .. "\n" .. out .. err)
  assert.is_truthy((out .. err):find("bad.lua:", 1, true), script[1] .. "\n" .. out .. err)
  assert.is_nil((out .. err):find("E-REPLAY", 1, true))
  local ledger = sys.read_file(path "ledger")
  local on, began, safe = written(900, ledger), written(800, ledger), written(250, ledger)
  assert.is_truthy(on and safe and safe > on, script[1] .. "\n" .. ledger)
  -- Of a script that failed at once the device did not see the beginning.
  return began and safe - began + SCAN_S or math.max(0, safe - on - DWELL_S)
end

describe("the runaway campaign", function()
  before_each(function()
    project = projects.new()
    local _, port = project:plc()
    project:write("line.lua", LINE:format(port))
    project:write("good.lua", RECIPE:format(DWELL_S, ""))
    project:write("sim.lua", (LINE:format(1):gsub("modbus_tcp\" {.-}", 'sim" {}')
      :gsub('"30101"', '"oven.t1"'):gsub('"40101"', '"oven.sp1"'):gsub('type = "s16", scale = 0.1, ', "")
      :gsub("revision = 1,", 'revision = 1, twin = { "coater", zones = 1 },')))
    beside = process.start(project.dir, "beside", run("good.lua", "sim.lua", "good.db", "--sim"))
  end)
  after_each(function()
    beside:stop()
    project:remove()
  end)

  it("ends every script with its output safe and the line beside untouched", function()
    local first, times = process.wait_state(project.dir, path "good.db", "Execute"), {}
    for round = 1, ROUNDS or 1 do
      for i = 1, #runaways, STRIDE do times[#times + 1] = contain(("bad%d-%d"):format(round, i), runaways[i]) end
    end
    local last = process.wait_state(project.dir, path "good.db", "Execute")
    assert.equal(0, last.trips)
    assert.equal(0, last.worker_deaths)
    table.sort(times)
    print(("\ngoal 7: %d runs of %d runaway scripts contained, 0 not (%s), safe on the device within %.0f ms "
      .. "(half of them %.0f ms) of the start; beside: %d scans, %d late"):format(#times,
      math.ceil(#runaways / STRIDE), bound.of(#times), 1e3 * times[#times], 1e3 * times[math.ceil(#times / 2)],
      last.scans - first.scans, last.late_scans - first.late_scans))
  end)
end)

-- A real host over Modbus TCP, round after round its device gone and back and its
-- profile exchanged: descriptors, timers, threads and handles of the event loop come
-- back. LW_SOAK_ROUNDS sets how often.

-- What is tested is processes and C: once, with one of the Lua engines, is enough.
if _VERSION ~= "Lua 5.1" then return end

local bound = require "tests.support.bound"
local held = require "tests.support.held"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local sys = require "linewright.sys"

local ROUNDS = tonumber(os.getenv "LW_SOAK_ROUNDS") or 3
local WARM = math.ceil(ROUNDS / 4)
local ROOM_KB = 2048

local RECIPE = [[
return recipe "wait" {
  api = 1, version = "1.0.0",
  needs = { oven = cap "zoned_dryer@1" {} },
  execute = function(r) r.dwell "12 h" end,
}
]]

local LINE = [[
local plc = driver "modbus_tcp" { host = "127.0.0.1", port = %d, unit_id = 1, timeout = "200 ms" }
return line "shed" {
  api = 1, revision = 1, scan = "20 ms", tick = "40 ms",
  units = {
    oven = equip "zoned_dryer@1" {
      props = { length = "2 m", temp_max = "130 degC" },
      zones = { { temp = tag { plc, "30001", type = "u16", unit = "degC" },
                  setpoint = tag { plc, "40001", type = "u16", unit = "degC", range = { 20, %d },
                                   safe = { hold = 25, stop = 25, abort = 25 } } } },
    },
  },
}
]]

local project, device, host, port

local function path(name) return project.dir .. "/" .. name end
local function write_line(high) return project:write("line.lua", LINE:format(port, high)) end

local function start_device(wanted)
  device = process.start(project.dir, "device", { process.beside "modbus_server", "--port", wanted })
  return process.wait(function() return tonumber(device:out():match ":(%d+)") end, "the device")
end

local function command(...)
  local code, _, err = process.run(project.dir, { process.program(), "command", "--db", path "a.db", ... })
  assert.equal(0, code, err)
end

local function wait_driver(is_good)
  process.wait(function()
    local s = process.look(path "a.db")
    return s and (s.drivers[1].state == "good") == is_good
  end, is_good and "the device" or "its loss")
end

-- Of the host, with its children and what its event loop holds.
local function look()
  local status, pid = process.look(path "a.db"), host:pid()
  local counts = held.look(pid)
  local children = sys.read_file(("/proc/%d/task/%d/children"):format(pid, pid))
  counts.children = select(2, children:gsub("%d+", ""))
  counts.loop_timers, counts.loop_handles = status.timers, status.handles
  return counts
end

-- Both workers are there, one of them standing by, and nobody is at the door.
local function wait_settled()
  local last
  return process.wait(function()
    local before = last
    last = look()
    return last.children == 2 and before and not held.difference(before, last) and last
  end, "two workers and nothing else")
end

-- A new worker, and the next one standing by, take their time.
local function wait_back(base, round)
  local grown
  local ok = pcall(process.wait, function()
    grown = held.difference(base, look())
    return not grown
  end, "")
  assert.is_true(ok, ("round %d: %s"):format(round, grown or ""))
end

local function pass_round(i)
  device:stop()
  wait_driver(false)
  start_device(port)
  wait_driver(true)
  write_line(i % 2 == 1 and 119 or 120)
  command "reload"
  assert.equal("Held", process.wait_state(project.dir, path "a.db", "Held").state)
end

describe("a host in its own process", function()
  setup(function()
    project = projects.new()
    port = start_device(0)
    write_line(120)
    project:write("wait.lua", RECIPE)
    host = process.start(project.dir, "host", { process.program(), "run", path "wait.lua", "--line",
      path "line.lua", "--db", path "a.db", "--on-hold=wait" })
    process.wait_state(project.dir, path "a.db", "Execute")
    command "hold"
    process.wait_state(project.dir, path "a.db", "Held")
  end)
  teardown(function()
    host:stop()
    device:stop()
    project:remove()
  end)

  it("stays as it is from reconnect to reconnect and from reload to reload", function()
    local base, warm_kb = wait_settled(), nil
    for i = 1, ROUNDS do
      pass_round(i)
      wait_back(base, i)
      if i == WARM then warm_kb = held.memory_kb(host:pid()) end
    end
    local kb = held.memory_kb(host:pid())
    print(("\ngoal 19: %d reconnects and reloads of a real host: memory %.1f MB, %+.2f %% since 25 %% of the way; %d "
      .. "descriptors, %d threads, %d timers and %d handles of its loop are back after each, 0 times not (%s)"):format(
      ROUNDS, kb / 1024, 100 * (kb / warm_kb - 1), base.descriptors, base.threads, base.loop_timers,
      base.loop_handles, bound.of(ROUNDS)))
    assert.is_true(kb - warm_kb <= ROOM_KB, ("%d kB became %d kB"):format(warm_kb, kb))
  end)
end)

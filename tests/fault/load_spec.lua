-- Lines side by side on one machine, each `linewright run` of its own against Modbus
-- devices on loopback: what every scan reads is stored, no scan is left out.
-- LW_LOAD_LINES, LW_LOAD_TAGS (of all lines at 10 scans a second) and LW_LOAD_SECONDS
-- say how much; 16 lines with 3,008 tags are 30,080 tags a second.

-- What is tested is processes and C: once, with one of the Lua engines, is enough.
if _VERSION ~= "Lua 5.1" then return end

local bound = require "tests.support.bound"
local history = require "linewright.history"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local sys = require "linewright.sys"

local LINES = tonumber(os.getenv "LW_LOAD_LINES") or 2
local TAGS = math.ceil((tonumber(os.getenv "LW_LOAD_TAGS") or 200) / LINES / 2) * 2
local SECONDS = tonumber(os.getenv "LW_LOAD_SECONDS") or 1
local SCAN_S, FAR_NS = 0.1, 9e18

local RECIPE = [[
return recipe "load" {
  api = 1, version = "1.0.0",
  needs = { oven = cap "zoned_dryer@1" {} },
  execute = function(r, eq)
    r.loop("trim", { every = "1 s", state = { high = false }, run = function(st)
      st.high = not st.high
      eq.oven.zones[1].setpoint:set(st.high and 60 or 50)
    end })
    r.dwell "12 h"
  end,
}
]]

-- Half of the tags are readings, half are set-points that are read back, each line's its
-- own: what another one writes there would hold it.
local LINE = [[
local plc = driver "modbus_tcp" { host = "127.0.0.1", port = %d, unit_id = 1 }
local zones, before = {}, %d
for i = 1, %d do
  zones[i] = {
    temp = tag { plc, tostring(30000 + i), type = "s16", scale = 0.1, unit = "degC", poll = "100 ms",
                 history = "scan" },
    setpoint = tag { plc, tostring(40000 + before + i), type = "s16", scale = 0.1, unit = "degC", poll = "100 ms",
                     range = { 0, 120 }, safe = { hold = 25, stop = 25, abort = 25 }, history = "scan" },
  }
end
return line "line%d" {
  api = 1, revision = 1, scan = "100 ms", tick = "200 ms",
  units = { oven = equip "zoned_dryer@1" { props = { length = "2 m", temp_max = "130 degC" }, zones = zones } },
}
]]

local project, device, port
local hosts = {}

local function db(i) return ("%s/%d.db"):format(project.dir, i) end

local function start(i)
  local file = project:write(("line%d.lua"):format(i), LINE:format(port, (i - 1) * TAGS / 2, TAGS / 2, i))
  hosts[i] = process.start(project.dir, "host" .. i, { process.program(), "run", project.dir .. "/load.lua",
    "--line", file, "--db", db(i) })
  process.wait_state(project.dir, db(i), "Execute")
end

local function statuses()
  local out = {}
  for i = 1, LINES do out[i] = assert(process.wait_state(project.dir, db(i), "Execute")) end
  return out
end

-- What a process takes for itself, and its children [kB]; shared pages are shared out.
local function memory_kb(pid)
  local text = sys.read_file(("/proc/%d/smaps_rollup"):format(pid)) or ""
  local sum = tonumber(text:match "\nPss:%s+(%d+)") or 0
  local children = sys.read_file(("/proc/%d/task/%d/children"):format(pid, pid)) or ""
  for child in children:gmatch "%d+" do sum = sum + memory_kb(child) end
  return sum
end

-- What is stored of a line: samples of all tags, of the tag with the fewest, and how
-- many a second.
local function stored(i)
  local h = assert(history.open(db(i) .. ".history"))
  local sum, least, first_ns, last_ns = 0, math.huge, math.huge, 0
  for tag in h:tags(0, FAR_NS) do
    local _, n = h:buckets(tag, 0, FAR_NS, 1)()
    sum, least = sum + n, math.min(least, n)
    first_ns = math.min(first_ns, (h:read(tag, 0, FAR_NS)()))
    last_ns = math.max(last_ns, (select(3, h:at(tag, FAR_NS))))
  end
  h:close()
  return sum, least, sum / ((last_ns - first_ns) / 1e9 + SCAN_S)
end

describe("lines side by side", function()
  setup(function()
    project = projects.new()
    project:write("load.lua", RECIPE)
    device = process.start(project.dir, "device", { process.beside "modbus_server", "--run",
      ("ir:0:%d"):format(TAGS / 2) })
    port = process.wait(function() return tonumber(device:out():match ":(%d+)") end, "the device")
  end)
  teardown(function()
    for i = 1, LINES do if hosts[i] then hosts[i]:stop() end end
    device:stop()
    project:remove()
  end)

  it("store all that they read, at each scan", function()
    for i = 1, LINES do start(i) end
    local first, memory = statuses(), 0
    os.execute("sleep " .. SECONDS)
    local last = statuses()
    for i = 1, LINES do memory = memory + memory_kb(last[i].host_pid) end
    local scans, late, samples, rate, wake_us = 0, 0, 0, 0, 0
    for i = 1, LINES do
      hosts[i]:signal "TERM"
      hosts[i]:finish()
      local n, least, per_s = stored(i)
      local per_tag = last[i].scans - first[i].scans
      assert.is_true(per_tag > 0 and least >= per_tag, ("line %d: %d scans, %d samples"):format(i, per_tag, least))
      assert.equal(0, last[i].worker_deaths + last[i].trips)
      scans, late = scans + per_tag, late + last[i].late_scans - first[i].late_scans
      samples, rate, wake_us = samples + n, rate + per_s, math.max(wake_us, last[i].wake_p999_us)
    end
    print(("\ngoal 10: %d lines of %d tags at 100 ms for %d s: %d samples stored, %.0f a second, %d of %d scans left "
      .. "out%s, 99.9 %% awake within %.1f ms, %.0f MB"):format(LINES, TAGS, SECONDS, samples, rate, late, scans,
      late == 0 and " (" .. bound.of(scans) .. ")" or "", wake_us / 1e3, memory / 1024))
  end)
end)

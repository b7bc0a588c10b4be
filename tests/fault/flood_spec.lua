-- A device that goes away takes twenty readings with it, each with an interlock, an
-- alarm and a guard: people are told once.

-- What is tested is processes and C: once, with one of the Lua engines, is enough.
if _VERSION ~= "Lua 5.1" then return end

local json = require "linewright.json"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local store = require "linewright.store"

local TAGS = 20

local RECIPE = [[
local guards, alarms = {}, {}
for i = 1, TAGS do
  guards[i] = { text = "zone " .. i .. " too hot", level = "hold",
    when = function(eq) return eq.oven.zones[i].temp:read() > 110 end }
  alarms[i] = { text = "zone " .. i .. " is warm",
    when = function(eq) return eq.oven.zones[i].temp:read() > 100 end }
end
return recipe "flood" {
  api = 1, version = "1.0.0",
  needs = { oven = cap "zoned_dryer@1" {} },
  guards = guards, alarms = alarms,
  execute = function(r) r.dwell "12 h" end,
}
]]

local LINE = [[
local plc = driver "modbus_tcp" { host = "127.0.0.1", port = %d, unit_id = 1, timeout = "200 ms" }
local zones, locks = {}, {}
for i = 1, TAGS do
  zones[i] = {
    temp = tag { plc, tostring(30000 + i), type = "u16", unit = "degC" },
    setpoint = tag { plc, tostring(40000 + i), type = "u16", unit = "degC", range = { 20, 120 },
                     safe = { hold = 25, stop = 25, abort = 25 } },
  }
  locks[i] = interlock { "oven.zones[" .. i .. "].temp", above = "125 degC", level = "hold",
                         text = "zone " .. i .. " over-temperature" }
end
return line "shed" {
  api = 1, revision = 1, scan = "20 ms", tick = "40 ms", interlocks = locks,
  units = { oven = equip "zoned_dryer@1" { props = { length = "40 m", temp_max = "130 degC" }, zones = zones } },
}
]]

local project, device, port, host

local function path(name) return project.dir .. "/" .. name end

local function start_device(wanted)
  device = process.start(project.dir, "device", { process.beside "modbus_server", "--port", wanted })
  port = process.wait(function() return tonumber(device:out():match ":(%d+)") end, "the device")
end

-- What the journal holds of a kind: keys, with what was recorded.
local function records_of(kind)
  local s, out = assert(store.open(path "a.db", "r")), {}
  for _, _, _, k, key, data in s:records(1) do
    if k == kind then out[#out + 1] = { key = key, data = json.decode(data) } end
  end
  s:close()
  return out
end

local function alarms(change)
  local out = {}
  for _, r in ipairs(records_of "alarm") do
    if r.data.change == change then out[#out + 1] = r.key end
  end
  return out
end

local function reasons_of_holds()
  local out = {}
  for _, r in ipairs(records_of "state") do
    if r.key == "Holding" then out[#out + 1] = r.data.reason end
  end
  return out
end

describe("a device that goes away", function()
  setup(function()
    project = projects.new()
    project:write("flood.lua", (RECIPE:gsub("TAGS", TAGS)))
    start_device(0)
    project:write("line.lua", (LINE:gsub("TAGS", TAGS):format(port)))
    host = process.start(project.dir, "host", { process.program(), "run", path "flood.lua", "--line",
      path "line.lua", "--db", path "a.db", "--on-hold=wait" })
    process.wait_state(project.dir, path "a.db", "Execute")
  end)
  teardown(function()
    host:stop()
    device:stop()
    project:remove()
  end)

  it("is one alarm and one reason, whatever hangs on it", function()
    device:stop()
    process.wait_state(project.dir, path "a.db", "Held")
    process.wait(function() return alarms "raised"[1] and #records_of "trip" >= TAGS end, "all that is told")
    start_device(port)
    process.wait(function() return alarms "cleared"[1] end, "the alarm to go")
    local raised, reasons, trips = alarms "raised", reasons_of_holds(), records_of "trip"
    assert.same({ "alarm/no good readings from modbus_tcp (line.lua:1)#1" }, raised)
    assert.same({ "zone 1 over-temperature (oven.zones[1].temp has no good reading)" }, reasons)
    local _, report = process.run(project.dir, { process.program(), "report", "--db", path "a.db" })
    local list = report:match "\nALARMS\n(.-)\n%u"
    local _, shown_n = list:gsub("trip: ", "")
    assert.equal(1, shown_n, report)
    print(("\ngoal 17: a device lost with %d readings, each with interlock, guard and alarm: %d alarm, %d hold; "
      .. "its %d trips are %d line of the report"):format(TAGS, #raised, #reasons, #trips, shown_n))
  end)
end)

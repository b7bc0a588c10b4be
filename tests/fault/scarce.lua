-- What an engineer does with the program, in small, for memory that runs out in the
-- middle of it (test_scarce.c): a recipe is loaded and run, the line changed under it, the
-- run cut off and taken up again, its records asked, reported and explained.
local query = require "linewright.query"
local report = require "linewright.report"
local rig = require "linewright.rig"
local sys = require "linewright.sys"
local why = require "linewright.why"

local folder = ...

local RECIPE = [[
return recipe "scarce" {
  api = 1, version = "1.0.0",
  needs = { oven = cap "zoned_dryer@1" {} },
  execute = function(r, eq)
    r.step("heat", { once = true }, function() eq.oven.zones[1].setpoint:set(50) end)
    if regex.match("reads 12.5 mV", "([\\d.]+)\\s*mV") then r.record("volts", 12.5, "mV") end
    r.alarm("filter is old", { priority = "low" })
    r.hold "look"
    r.dwell "1 min"
  end,
}
]]

local LINE = [[
local io = driver "sim" {}
return line "shed" {
  api = 1, revision = %d, twin = { "coater", zones = 1 },
  units = {
    oven = equip "zoned_dryer@1" {
      props = { length = "2 m", temp_max = "130 degC" },
      zones = { { temp = tag { io, "oven.t1", unit = "degC", filter = { { "median", window = 5 } } },
                  setpoint = tag { io, "oven.sp1", unit = "degC", range = { 20, %d },
                                   safe = { hold = "keep", stop = 25, abort = 25 } } } },
    },
  },
}
]]

local function write(name, text)
  local path = folder .. "/" .. name
  assert(sys.write_file(path, text))
  return path
end

local recipe = write("scarce.lua", RECIPE)
local line = write("line.lua", LINE:format(1, 120))
local t = rig { recipe = recipe, line = line, db = folder .. "/run.db" }
t:start()
t:run_until("Held", { within = "1 min" })
write("line.lua", LINE:format(2, 125))
assert(t:reload(line))
t:crash()
t:reboot()
t:command "unhold"
t:run_until("Complete", { within = "5 min" })
t.line:pump()

local store, run = t.line.store, t.line.run_id
assert(report.text(store, run):find("BATCH RECORD", 1, true))
assert(query.ask(store, "how many alarms today?", { now_ns = 1767225600e9, utc = true }))
assert(why.text(assert(why.chain(store, run, "filter is old"))))
t.line:close()

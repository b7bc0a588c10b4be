-- What `linewright new` writes: a recipe and a line that fit each other, check
-- without a finding and run on the twin as they are. NAME is replaced.

local templates = {}

templates.recipe = [[
-- NAME.lua -- line-independent: no tag, address or line name may appear here.
return recipe "NAME" {
  api = 1, version = "0.1.0",
  title = "Heat, hold, move the web, cool down",

  needs = {                                   -- roles and the contracts they must offer
    oven = cap "zoned_dryer@1"   { temp_max = at_least "100 degC" },
    web  = cap "web_transport@1" { speed_max = at_least "2 m/min" },
  },

  params = {                                  -- what a formula or --set may give
    hot   = param { "degC",  default = 80, min = 30, max = 100, help = "temperature to hold" },
    soak  = param { "s",     default = "5 min", min = 0, help = "how long to hold it" },
    speed = param { "m/min", default = 2, min = 0.5, max = 10 },
  },

  validate = function(p, eq)                  -- before anything moves
    if p.hot > eq.oven.temp_max then
      return ("hot = %g degC is above the dryer's %g degC"):format(p.hot, eq.oven.temp_max)
    end
  end,

  guards = {                                  -- watched on each tick
    { text = "oven zone above its limit", level = "abort", lasting = "2 s",
      when = function(eq) return eq.oven:hottest() > eq.oven.temp_max end },
  },

  execute = function(r, eq, p)
    r.operation("heat-up", function()
      r.step("oven set-points", function() eq.oven:profile { { 0, p.hot }, { 1, p.hot } } end)
      r.wait_until("all oven zones within 2 K", function() return eq.oven:settled "2 K" end,
                   { within = "60 min", steady = "10 s", keep = true })
    end)
    r.operation("soak", function()
      r.step("web on", function() eq.web.speed:set(p.speed) end)
      r.dwell(p.soak)
      r.record("soaked", p.soak, "s")
    end)
  end,

  completing = function(r, eq)
    eq.web.speed:set(0)
    eq.oven:profile { { 0, 25 }, { 1, 25 } }
  end,

  holding = function(r, eq)                   -- the line has written its safe.hold values before
    eq.web.speed:set(0)
  end,
}
]]

templates.line = [[
-- NAME.lua -- a line profile: drivers, tags, units, limits, safe values, interlocks.
-- It starts on the twin; put the plant's driver and addresses in, tag by tag.
local io = driver "sim" {}           -- or driver "modbus_tcp" { host = "10.0.0.5", unit_id = 1 }

local zones = {}
for i = 1, 2 do
  zones[i] = { temp     = tag { io, "oven.t" .. i, unit = "degC" },
               setpoint = tag { io, "oven.sp" .. i, unit = "degC", range = { 20, 120 },
                                safe = { hold = "keep", stop = 25, abort = 25 } } }
end

return line "NAME" {
  api = 1, revision = 1, scan = "10 ms", tick = "100 ms",
  twin  = { "coater", zones = 2 },
  units = {
    oven = equip "zoned_dryer@1"   { props = { length = "4 m", temp_max = "120 degC" },
             zones = zones },
    web  = equip "web_transport@1" { props = { speed_max = "10 m/min" },
             speed = tag { io, "web.v", unit = "m/min", range = { 0, 10 },
                           safe = { hold = 0, stop = 0, abort = 0 } } },
  },
  interlocks = {                              -- in C, on every scan, whatever a recipe does
    interlock { "oven.zones[*].temp", above = "125 degC", lasting = "2 s", level = "abort",
                text = "dryer over-temperature" },
  },
}
]]

return templates

-- examples/lines/line_b.lua -- customer line B: Modbus TCP, other tag names, feet per minute, tenths of a degree, pump in rpm, seven zones
local plc = driver "modbus_tcp" { host = "127.0.0.1", port = 1502, unit_id = 1, timeout = "300 ms",
                                  watchdog = { register = "40900", every = "250 ms" } }      -- PLC drops outputs if we die
local zones = {}
for i = 1, 7 do
  zones[i] = { temp     = tag { plc, tostring(30100 + i), type = "s16", scale = 0.1, unit = "degC", twin = "oven.t" .. i },
               setpoint = tag { plc, tostring(40100 + i), type = "s16", scale = 0.1, unit = "degC", twin = "oven.sp" .. i,
                                range = { 20, 160 }, safe = { hold = "keep", stop = 25, abort = 25 } } }
end
return line "line-B" {
  api = 1, revision = 1, scan = "20 ms", tick = "100 ms",
  twin  = { "coater", zones = 7, gauge_distance = 11, width = 0.55, solids = 0.9, slip = 1.06 },
  units = {
    web    = equip "web_transport@1"    { props = { speed_max = "120 ft/min" },
               speed = tag { plc, "40011", type = "u16", scale = 0.1, unit = "ft/min", twin = "web.v",
                             range = { 0, 120 }, safe = { hold = "keep", stop = 0, abort = 0 } } },
    die    = equip "slot_die@1"         { props = { width = "550 mm", flow_max = "240 L/h" },
               flow  = tag { plc, "40021", type = "u16", scale = 0.1, unit = "rpm", equals = "12.0 mL/min", -- pump constant
                             twin = "die.q", range = { 0, 330 }, safe = { hold = 0, stop = 0, abort = 0 } },
               lips  = tag { plc, "00017", type = "bool", unit = "1", twin = "die.lips", safe = { hold = 0, stop = 0, abort = 0 } } },
    oven   = equip "zoned_dryer@1"      { props = { length = "18 m", temp_max = "155 degC" }, zones = zones },
    gauge  = equip "areal_mass_gauge@1" { props = { distance = "11 m", period = "1 s" },
               mass  = tag { plc, "30201", type = "u16", scale = 0.01, unit = "mg/cm2", max_age = "3 s", twin = "gauge.m",
                             filter = { { "hampel", window = 5, k = 4 } } } },                 -- runs in C on each scan
    vision = equip "defect_vision@1"    { props = { classes = { "ok", "streak", "pinhole", "agglomerate" } },
               frame = tag { plc, "none", unit = "1", twin = "cam.f" }, model = "models/defect_v3.onnx" },
  },
  interlocks = {                                              -- C, every scan, whatever Lua does; a bad input means tripped
    interlock { "oven.zones[*].temp", above = "158 degC", lasting = "2 s", level = "abort", text = "dryer over-temperature" },
    permit    { "die.flow", above = "50 mL/min", needs = { "web.speed", above = "1 ft/min" }, text = "no coating flow onto a standing web" },
  },
}

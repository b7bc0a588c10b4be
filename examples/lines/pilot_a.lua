-- examples/lines/pilot_a.lua -- pilot line A: three dryer zones, simulated I/O
local sim = driver "sim" { seed = 7 }
local zones = {}
for i = 1, 3 do
  zones[i] = { temp     = tag { sim, "oven.t" .. i,  unit = "degC" },
               setpoint = tag { sim, "oven.sp" .. i, unit = "degC", range = { 20, 150 },
                                safe = { hold = "keep", stop = 25, abort = 25 } } }
end
return line "pilot-A" {
  api = 1, revision = 4,
  twin  = { "coater", zones = 3, gauge_distance = 4, width = 0.30, solids = 0.9 },
  units = {
    web    = equip "web_transport@1"    { props = { speed_max = "25 m/min" },
               speed = tag { sim, "web.v", unit = "m/min", range = { 0, 25 }, safe = { hold = "keep", stop = 0, abort = 0 } } },
    die    = equip "slot_die@1"         { props = { width = "300 mm", flow_max = "1500 mL/min" },
               flow  = tag { sim, "die.q", unit = "mL/min", range = { 0, 1500 }, safe = { hold = 0, stop = 0, abort = 0 } },
               lips  = tag { sim, "die.lips", type = "bool", unit = "1", safe = { hold = 0, stop = 0, abort = 0 } } },
    oven   = equip "zoned_dryer@1"      { props = { length = "6 m", temp_max = "140 degC" }, zones = zones },
    gauge  = equip "areal_mass_gauge@1" { props = { distance = "4 m", period = "2 s" },
               mass  = tag { sim, "gauge.m", unit = "g/m2" } },
    vision = equip "defect_vision@1"    { props = { classes = { "ok", "streak", "pinhole" } },
               frame = tag { sim, "cam.f", unit = "1" }, model = "stub" },
  },
}

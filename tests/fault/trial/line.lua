-- tests/fault/trial/line.lua -- a line with every kind of limit, for `linewright sim-test` and its mutants.
local sim = driver "sim" {}

return line "trial" {
  api = 1, revision = 1, scan = "100 ms", tick = "500 ms",
  twin = { "plant.lua" },
  units = {
    web = equip "web_transport@1" {
      props = { speed_max = "25 m/min" },
      speed   = tag { sim, "web.v", unit = "m/min", range = { 0, 25 }, rate_max = "2 m/min/s", feedback = "web.true",
                      safe = { hold = 1, suspend = 2, stop = 0, abort = 0 } },
      tension = tag { sim, "web.pull", unit = "N", range = { 0, 200 }, step_max = 20,
                      safe = { hold = "keep", suspend = "keep", stop = 10, abort = 0 } },
    },
    die = equip "slot_die@1" {
      props = { width = "300 mm", flow_max = "1500 mL/min" },
      flow = tag { sim, "die.q", type = "u16", scale = 0.01, unit = "L/h", range = { 0, 90 },
                   safe = { hold = 0, suspend = 0.3, stop = 0, abort = 0 } },
      lips = tag { sim, "die.lips", type = "bool", unit = "1", safe = { hold = 0, suspend = 0, stop = 0, abort = 0 } },
      gap  = tag { sim, "die.gap", type = "s16", unit = "um", range = { 0, 900 },
                   safe = { hold = 300, suspend = "keep", stop = 400, abort = 500 } },
    },
    furnace = equip "chamber_furnace@1" {
      props = { temp_max = "400 degC", ramp_max = "150 K/min" },
      temp     = tag { sim, "furnace.t", type = "s16", scale = 0.1, unit = "degF", range = { -400, 3000 }, max_age = "1 s" },
      setpoint = tag { sim, "furnace.sp", type = "s16", scale = 0.1, unit = "degC", range = { 20, 350 },
                       rate_max = "0.5 K/s", safe = { hold = "keep", suspend = "keep", stop = 25, abort = 20 } },
    },
    gas = equip "gas_supply@1" {
      pressure = tag { sim, "gas.p", type = "u16", scale = 0.01, unit = "bar", poll = "300 ms" },
    },
  },
  interlocks = {
    interlock { "furnace.temp", above = "330 degC", lasting = "3 s", level = "abort", text = "furnace over-temperature" },
    interlock { "gas.pressure", below = "0.5 bar", lasting = "1 s", level = "stop", text = "no protective gas" },
    interlock { "web.tension", above = "180 N", level = "hold", text = "web too tight" },
    permit { "die.flow", above = "50 mL/min", needs = { "web.speed", above = "1.5 m/min" },
             text = "no flow onto a standing web" },
  },
}

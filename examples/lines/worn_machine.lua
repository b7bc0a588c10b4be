-- examples/lines/worn_machine.lua -- a machine whose bearing wears, simulated: a reading a minute
local sim = driver "sim" {}

return line "worn-machine" {
  api = 1, revision = 1, scan = "10 s", tick = "10 s", tick_cpu = "1 s",
  twin = { "worn_machine", onset = "30 h", life = "130 h" },
  units = {
    machine = equip "machine_health@1" {
      props = { vibration_max = 7.1 },
      vibration   = tag { sim, "vibration", unit = "mm/s" },
      current     = tag { sim, "current", unit = "A" },
      temperature = tag { sim, "temperature", unit = "K" },
    },
  },
}

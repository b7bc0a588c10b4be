-- examples/native/line.lua -- a laboratory bench: one scale behind its vendor's library
local scale = native "lab scale" { file = "scale.lua", database = "weighings.db", timeout = "300 ms" }

return line "lab-bench" {
  api = 1, revision = 1, scan = "20 ms", tick = "100 ms",
  units = {
    gauge = equip "areal_mass_gauge@1" {
      props = { distance = "1 m", period = "1 s" },
      mass = tag { scale, "mass", unit = "g/m2", range = { 0, 500 }, max_age = "2 s" },
    },
  },
}

-- stdlib/capabilities/areal_mass_gauge.lua -- mass per area of the dry film, in line.
return capability "areal_mass_gauge@1" {
  help = "a gauge for areal mass behind the dryer (beta, X-ray, ultrasound)",

  mass = readable { "g/m2", key = true, help = "areal mass of the coating, one side" },

  props = {
    distance = prop { "m", help = "web from the die to the gauge" },
    period   = prop { "s", help = "time between two readings" },
  },
}

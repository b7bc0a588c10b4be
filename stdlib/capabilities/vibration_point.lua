-- stdlib/capabilities/vibration_point.lua -- an accelerometer on the housing of a rolling bearing.
return capability "vibration_point@1" {
  help = "an accelerometer near a rolling bearing, sampled fast",

  acceleration = readable { "1", key = true, help = "in g" },

  props = {
    rate  = prop { "Hz", help = "samples a second" },
    speed = prop { "1/min", help = "of the shaft" },
    outer = prop { "1", help = "knocks per turn of a spot on the outer race" },
    inner = prop { "1", help = "knocks per turn of a spot on the inner race" },
    ball  = prop { "1", help = "knocks per turn of a spot on a ball" },
  },
}

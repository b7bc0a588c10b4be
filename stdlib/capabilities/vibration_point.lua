-- stdlib/capabilities/vibration_point.lua -- accelerometers on bearings of one kind.
return capability "vibration_point@1" {
  help = "accelerometers near rolling bearings, sampled fast",

  points = list {
    acceleration = readable { "1", key = true, help = "in g" },
  },

  props = {
    rate   = prop { "Hz", help = "samples a second" },
    speeds = prop { "1/min", list = true, help = "of the shaft at each point" },
    outer  = prop { "1", help = "knocks per turn of a spot on the outer race" },
    inner  = prop { "1", help = "knocks per turn of a spot on the inner race" },
    ball   = prop { "1", help = "knocks per turn of a spot on a ball" },
    cage   = prop { "1", help = "turns of the cage per turn of the shaft" },
    known  = prop { "text", list = true, default = {},
                    help = "in recordings: the fault of each point, or none" },
  },
}

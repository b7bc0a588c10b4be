-- examples/lines/bearing_rig.lua -- a recording of a bearing (6205) played as if it were the sampler.
-- One row per scan: the recording's own rate is the property `rate`, not the scan's.
local play = driver "replay" { file = "bearing_rig.csv", period = "1 ms", speed = "max" }

return line "bearing-rig" {
  api = 1, revision = 2, scan = "1 ms", tick = "1 ms",
  units = {
    point = equip "vibration_point@1" {
      props = { rate = "12000 Hz", speeds = { "1772 1/min" }, outer = 3.5848, inner = 5.4152, ball = 4.7135, cage = 0.3983 },
      points = { { acceleration = tag { play, "acceleration", unit = "1" } } },
    },
  },
}

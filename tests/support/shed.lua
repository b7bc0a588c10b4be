local io = driver "sim" {}
return line "shed" {
  api = 1, revision = 1, twin = { "coater", zones = 1 },
  units = {
    oven = equip "zoned_dryer@1" {
      props = { length = "2 m", temp_max = "130 degC" },
      zones = { { temp = tag { io, "oven.t1", unit = "degC" },
                  setpoint = tag { io, "oven.sp1", unit = "degC", range = { 20, 120 },
                                   safe = { hold = "keep", stop = 25, abort = 25 } } } },
    },
  },
}

-- The line of the embedding program: its driver "furnace" is written in embed.c.
local model = driver "furnace" {}
return line "furnace-1" {
  api = 1, revision = 1, scan = "100 ms", tick = "100 ms",
  units = {
    furnace = equip "batch_furnace@1" {
      props = { temp_max = "700 degC" },
      temp = tag { model, "temp", unit = "degC" },
      heat = tag { model, "heat", unit = "percent", range = { 0, 100 },
                   safe = { hold = 0, stop = 0, abort = 0 } },
    },
  },
}

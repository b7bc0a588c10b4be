-- examples/lines/inspection_recorded.lua -- parts from a folder of pictures, one a second, as a camera would give them.
local sim = driver "sim" {}
local camera = driver "replay" { folder = "parts", every = "1 s" }

return line "inspection-recorded" {
  api = 1, revision = 1, scan = "50 ms", tick = "100 ms",
  tick_cpu = "300 ms", heartbeat = "1 s",
  twin = { "parts" },
  units = {
    cell = equip "inspection_cell@1" {
      part = tag { camera, "number", type = "u32", unit = "1" },
      shot = tag { camera, "picture", max_age = "2 s" },          -- longer than from picture to picture
      late = tag { camera, "late", type = "u32", unit = "1" },
      lost = tag { camera, "missing", type = "u32", unit = "1" },
      gate = tag { sim, "gate", type = "u16", unit = "1", range = { 0, 2 },
                   safe = { hold = 1, suspend = 1, stop = 1, abort = 1 } },
    },
  },
}

-- Four pictures of 5 megapixels, one a second for ever; bench_points makes them.
local sim = driver "sim" {}
local camera = driver "pictures" { folder = "../../../build/bench/points", every = "1 s", loop = 0 }

return line "points" {
  api = 1, revision = 1, scan = "10 ms", tick = "50 ms", tick_cpu = "500 ms", heartbeat = "2 s", memory = 1024,
  twin = { "parts" },
  units = {
    cell = equip "inspection_cell@1" {
      part = tag { camera, "number", type = "u32", unit = "1" },
      shot = tag { camera, "picture", max_age = "5 s" },
      gate = tag { sim, "gate", type = "u16", unit = "1", range = { 0, 2 },
                   safe = { hold = 1, suspend = 1, stop = 1, abort = 1 } },
    },
  },
}

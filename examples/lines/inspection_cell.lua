-- examples/lines/inspection_cell.lua -- 300 points of a part in one picture a second; the pictures are rendered.
local sim = driver "sim" {}

return line "inspection-cell" {
  api = 1, revision = 1, scan = "50 ms", tick = "100 ms",
  -- One picture takes some 30 ms to judge, on a crowded machine several times that.
  tick_cpu = "300 ms", heartbeat = "1 s",
  twin = { "parts", period = "1 s", parts = 80 },
  units = {
    cell = equip "inspection_cell@1" {
      props = { pictures = "rendered",
                defects = { 55, 167, 121, 3, 60,   60, 40, 30, 2, 80 },   -- part, x, y, radius, depth
                light = { 66, 2.2, 70, 1 } },                             -- from part 66 twice as bright, at 70 back
      part = tag { sim, "part", type = "u32", unit = "1" },
      gate = tag { sim, "gate", type = "u16", unit = "1", range = { 0, 2 },
                   safe = { hold = 1, suspend = 1, stop = 1, abort = 1 } },
    },
  },
}

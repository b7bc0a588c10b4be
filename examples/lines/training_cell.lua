-- examples/lines/training_cell.lua -- 200 rendered pictures that teach, then come live; every third part has a spot.
local sim = driver "sim" {}

local defects = {}
for part = 3, 200, 3 do
  for _, v in ipairs { part, 20 + part * 37 % 280, 20 + part * 53 % 200, 6, 70 } do defects[#defects + 1] = v end
end

return line "training-cell" {
  api = 1, revision = 1, scan = "50 ms", tick = "100 ms",
  tick_cpu = "60 s", heartbeat = "60 s", memory = 1024,    -- it trains inside one tick; nothing moves here
  shelf = "models",
  twin = { "parts", period = "100 ms", parts = 1000 },
  units = {
    cell = equip "inspection_cell@1" {
      props = { pictures = "rendered", judged = 200, defects = defects },
      part = tag { sim, "part", type = "u32", unit = "1" },
      gate = tag { sim, "gate", type = "u16", unit = "1", range = { 0, 2 },
                   safe = { hold = 1, suspend = 1, stop = 1, abort = 1 } },
    },
  },
}

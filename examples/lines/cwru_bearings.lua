-- examples/lines/cwru_bearings.lua -- ten recordings of a bearing rig (Case Western Reserve University, 12 kHz at the
-- drive end, bearing 6205) played side by side, their second halves. They lie beside the source tree. The recipe's
-- settings were chosen on the first halves (START = 0):
--   linewright run recipes/bearing_watch.lua --line examples/lines/cwru_bearings.lua --sim --speed max
local FOLDER, START = "../../../shared/data/cwru-12k-de/", 60000
local RECORDINGS = {
  { "B007_1hp", 1772, "ball" }, { "B014_1hp", 1772, "ball" }, { "B021_1hp", 1774, "ball" },
  { "IR007_1hp", 1772, "inner" }, { "IR014_1hp", 1774, "inner" }, { "IR021_1hp", 1774, "inner" },
  { "OR007_1hp", 1773, "outer" }, { "OR014_1hp", 1772, "outer" }, { "OR021_1hp", 1771, "outer" },
  { "normal_0hp", 1796, "none" },
}

local points, speeds, known = {}, {}, {}
for i, recording in ipairs(RECORDINGS) do
  local start = recording[3] == "none" and 2 * START or START   -- this one is twice as long
  local play = driver "replay" { file = FOLDER .. recording[1] .. ".f32", format = "f32", skip = start, period = "1 ms",
                                 speed = "max" }
  points[i] = { acceleration = tag { play, "acceleration", unit = "1" } }
  speeds[i], known[i] = recording[2] .. " 1/min", recording[3]
end

return line "cwru-bearings" {
  api = 1, revision = 1, scan = "1 ms", tick = "1 ms",
  units = {
    point = equip "vibration_point@1" {
      props = { rate = "12000 Hz", speeds = speeds, outer = 3.5848, inner = 5.4152, ball = 4.7135, cage = 0.3983,
                known = known },
      points = points,
    },
  },
}

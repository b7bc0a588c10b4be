-- examples/lines/skab_valve1.lua -- recordings of a real pump bench (Skoltech's SKAB, valve1/8 to 15) played side by
-- side, each as a pump of its own. They lie beside the source tree; SKAB's licence does not allow them in it.
-- The filters and the formula were chosen on valve1/0 to 7:
--   linewright run recipes/pump_watch.lua --line examples/lines/skab_valve1.lua
--     --formula examples/formulas/skab_valve1.lua --sim --speed max
local FOLDER, FIRST, LAST = "../../../shared/data/skab/data/valve1/", 8, 15

local SMOOTH = { { "hampel", window = 5, k = 5 }, { "ewma", tau = "5 s" } }
local SLOW   = { { "median", window = 5 }, { "ewma", tau = "10 s" } }

local function pump(number)
  local play = driver "replay" { file = FOLDER .. number .. ".csv", separator = ";", speed = "max" }
  return {
    vibration_1 = tag { play, "Accelerometer1RMS", unit = "1", filter = SMOOTH },
    vibration_2 = tag { play, "Accelerometer2RMS", unit = "1", filter = SMOOTH },
    current     = tag { play, "Current", unit = "A", filter = SMOOTH },
    pressure    = tag { play, "Pressure", unit = "bar", filter = SMOOTH },
    temperature = tag { play, "Temperature", unit = "degC", filter = SMOOTH },
    fluid       = tag { play, "Thermocouple", unit = "degC", filter = SMOOTH },
    voltage     = tag { play, "Voltage", unit = "V", filter = SMOOTH },
    flow        = tag { play, "Volume Flow RateRMS", unit = "L/min", filter = SLOW },
    truth       = tag { play, "anomaly", unit = "1" },
  }
end

local pumps = {}
for number = FIRST, LAST do pumps[#pumps + 1] = pump(number) end

return line "skab-valve1" {
  api = 1, revision = 1, scan = "1 s", tick = "1 s",
  units = {
    bench = equip "pump_bench@1" {
      pumps = pumps,
      props = { published = {
        "SKAB's leaderboard, all 34 files: Conv-AE F1 0.78 FAR 13.6 % MAR 28.0 %",
        "SKAB's leaderboard, all 34 files: T2+Q (PCA) F1 0.76 FAR 26.6 % MAR 24.9 %",
        "alarming always: F1 0.70; above: a subset, 8 of 34 files (valve1/8 to 15)",
      } },
    },
  },
}

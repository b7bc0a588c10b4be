-- examples/lines/pump_bench.lua -- a recording of a pump bench played as if it were the pump.
-- One row per scan; the profile cleans each signal before the recipe sees it.
local play = driver "replay" { file = "pump_bench.csv", separator = ";", speed = "max" }

local function signal(column, unit)
  return tag { play, column, unit = unit, filter = { { "hampel", window = 5, k = 5 }, { "ewma", tau = "5 s" } } }
end

return line "pump-bench" {
  api = 1, revision = 2, scan = "1 s", tick = "1 s",
  units = {
    bench = equip "pump_bench@1" {
      pumps = {
        {
          vibration_1 = signal("Accelerometer1RMS", "1"),
          vibration_2 = signal("Accelerometer2RMS", "1"),
          current     = signal("Current", "A"),
          pressure    = signal("Pressure", "bar"),
          temperature = signal("Temperature", "degC"),
          fluid       = signal("Thermocouple", "degC"),
          voltage     = signal("Voltage", "V"),
          flow        = tag { play, "Volume Flow RateRMS", unit = "L/min",
                              filter = { { "median", window = 5 }, { "ewma", tau = "10 s" } } },
          truth       = tag { play, "anomaly", unit = "1" },
        },
      },
    },
  },
}

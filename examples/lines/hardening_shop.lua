-- examples/lines/hardening_shop.lua -- two chamber furnaces in degrees Fahrenheit and a gas main in psi, simulated I/O
local sim = driver "sim" {}

local function furnace(n)
  return equip "chamber_furnace@1" {
    props = { temp_max = "1000 degC", ramp_max = "15 K/min" },
    temp     = tag { sim, "t" .. n,  type = "s16", unit = "degF" },
    setpoint = tag { sim, "sp" .. n, type = "s16", unit = "degF", range = { 32, 1832 },
                     safe = { hold = "keep", suspend = "keep", stop = 68, abort = 68 } },
  }
end

return line "hardening-shop" {
  api = 1, revision = 1, scan = "100 ms", tick = "500 ms",
  twin = { "furnaces", furnaces = 2 },
  units = {
    left  = furnace(1),
    right = furnace(2),
    gas   = equip "gas_supply@1" { pressure = tag { sim, "gas.p", type = "u16", scale = 0.1, unit = "psi" } },
  },
}

-- stdlib/capabilities/gas_supply.lua -- protective gas from a shared main.

return capability "gas_supply@1" {
  help = "protective gas from a main that others use as well",
  pressure = readable { "bar", key = true, help = "pressure of the main" },
}

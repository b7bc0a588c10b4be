-- A furnace for one charge: how hot it is, how much it heats.
return capability "batch_furnace@1" {
  help = "a furnace for one charge",
  temp = readable { "degC", key = true, help = "temperature of the charge" },
  heat = writable { "percent", help = "heating power" },
  props = { temp_max = prop { "degC", help = "highest temperature it may reach" } },
}

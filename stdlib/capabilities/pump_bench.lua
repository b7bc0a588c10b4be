-- stdlib/capabilities/pump_bench.lua -- motor pumps in water loops, with what is measured on each.
return capability "pump_bench@1" {
  help = "electric pumps and their condition signals",

  pumps = list {
    vibration_1  = readable { "1", help = "effective value of the first accelerometer, in g" },
    vibration_2  = readable { "1", help = "effective value of the second accelerometer, in g" },
    current      = readable { "A", help = "motor current" },
    pressure     = readable { "bar", help = "in the loop after the pump" },
    temperature  = readable { "degC", help = "of the motor's body" },
    fluid        = readable { "degC", help = "of the fluid in the loop" },
    voltage      = readable { "V", help = "at the motor" },
    flow         = readable { "L/min", key = true, help = "circulation" },
    truth        = readable { "1", optional = true, help = "in recordings: 1 = a fault is known" },
  },

  props = {
    published = prop { "text", list = true, default = {},
                       help = "results of others, to be shown beside the score" },
  },
}

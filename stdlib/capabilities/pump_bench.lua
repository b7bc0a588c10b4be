-- stdlib/capabilities/pump_bench.lua -- a motor pump in a water loop with what is measured on it.
return capability "pump_bench@1" {
  help = "an electric pump and its condition signals",

  vibration_1  = readable { "1", help = "effective value of the first accelerometer, in g" },
  vibration_2  = readable { "1", help = "effective value of the second accelerometer, in g" },
  current      = readable { "A", help = "motor current" },
  pressure     = readable { "bar", help = "in the loop after the pump" },
  temperature  = readable { "degC", help = "of the motor's body" },
  fluid        = readable { "degC", help = "of the fluid in the loop" },
  voltage      = readable { "V", help = "at the motor" },
  flow         = readable { "L/min", key = true, help = "circulation" },
  truth        = readable { "1", optional = true, help = "in recordings: 1 = a fault is known" },
}

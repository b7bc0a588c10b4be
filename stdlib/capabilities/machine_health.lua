-- stdlib/capabilities/machine_health.lua -- what a rotating machine tells of its wear.
return capability "machine_health@1" {
  help = "signals of a machine that rise with wear",

  vibration   = readable { "mm/s", key = true, help = "effective velocity at the bearing" },
  current     = readable { "A", help = "motor current" },
  temperature = readable { "K", help = "of the bearing over its surroundings" },

  props = {
    vibration_max = prop { "mm/s", help = "must stand still there, such as a limit of ISO 20816" },
  },
}

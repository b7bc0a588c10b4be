-- stdlib/capabilities/slot_die.lua -- lays a film of slurry on a web through a slot.
return capability "slot_die@1" {
  help = "a slot die with its metering pump",

  flow = writable { "mL/min", key = true, help = "slurry flow; 0 = no film" },
  lips = writable { "1", help = "1 = lip purge on" },
  gap  = writable { "um", optional = true, help = "slot to web" },

  props = {
    width    = prop { "m", help = "coated width" },
    flow_max = prop { "mL/min", help = "most the pump can give" },
  },
}

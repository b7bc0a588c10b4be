-- stdlib/capabilities/chamber_furnace.lua -- a heated chamber with its own temperature controller.

-- Is the chamber within a tolerance of a temperature? Else also how far it is.
local function at_temperature(u, wanted, tolerance)
  local temp = u.temp:read()
  if not temp then return false, "the chamber has no good reading" end
  wanted = quantity(wanted, "degC")
  if math.abs(temp - wanted) <= difference(tolerance, "degC") then return true end
  return false, ("it is %.1f degC, wants %.1f degC"):format(temp, wanted)
end

return capability "chamber_furnace@1" {
  help = "a chamber that heats parts to a temperature",

  temp     = readable { "degC", key = true, help = "temperature of the parts or the chamber" },
  setpoint = writable { "degC", help = "what the furnace's own controller holds" },

  props = {
    temp_max = prop { "degC", help = "highest temperature the furnace may reach" },
    ramp_max = prop { "K/min", help = "fastest rise it can follow" },
  },

  methods = { at_temperature = at_temperature },
}

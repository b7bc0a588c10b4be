-- stdlib/capabilities/web_transport.lua -- moves a web (film, foil, paper, textile) at a set speed.
return capability "web_transport@1" {
  help = "a driven web: one speed for the whole path",

  speed = writable { "m/min", key = true, help = "web speed; reads the true one if measured" },
  tension = writable { "N", optional = true, help = "web tension at the winder" },

  props = {
    speed_max = prop { "m/min", help = "highest speed the drive can hold" },
  },
}

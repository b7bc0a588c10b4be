-- stdlib/capabilities/inspection_cell.lua -- a camera over a part carrier, and a gate behind it.
return capability "inspection_cell@1" {
  help = "one picture of each part, and a gate with three ways",

  part = readable { "1", key = true, help = "number of the newest part under the camera" },
  gate = writable { "1", help = "way of the newest part: 0 good, 1 review bin, 2 reject" },

  props = {
    pictures = prop { "text", help = "folder of the pictures, one a part by name; or rendered" },
    defects  = prop { "1", list = true, default = {},
                      help = "of rendered pictures: part, x, y, radius, depth, and so on" },
    light    = prop { "1", list = true, default = {},
                      help = "of rendered pictures: from part, gain, and so on" },
  },
}

-- stdlib/capabilities/inspection_cell.lua -- a camera over a part carrier, and a gate behind it.
return capability "inspection_cell@1" {
  help = "one picture of each part, and a gate with three ways",

  part = readable { "1", key = true, help = "number of the newest part under the camera" },
  shot = readable { "picture", optional = true, help = "its picture, from a driver of pictures" },
  late = readable { "1", optional = true, help = "pictures that came late" },
  lost = readable { "1", optional = true, help = "pictures that never came" },
  gate = writable { "1", help = "way of the newest part: 0 good, 1 review bin, 2 reject" },

  props = {
    pictures = prop { "text", default = "rendered",
                      help = "without a shot: a folder, one picture a part by name; or rendered" },
    defects  = prop { "1", list = true, default = {},
                      help = "of rendered pictures: part, x, y, radius, depth, and so on" },
    judged   = prop { "1", default = 0, help = "of rendered pictures: how many were judged" },
    light    = prop { "1", list = true, default = {},
                      help = "of rendered pictures: from part, gain, and so on" },
  },
}

-- stdlib/capabilities/defect_vision.lua -- a camera that names what it sees on the web.
--
-- Without a model (`model = "stub"`, or a model file that is not there) the
-- labels come from the twin: `frame` then carries the place of the class in
-- `classes`, from 1, plus its confidence times 0.999: 2.594 is the second class
-- with confidence 0.595. The batch report names a stub as a stub.

local UNKNOWN = "unknown"

-- The class of the newest frame: { label, confidence }. A frame that is not good
-- is "unknown" with confidence 0.
local function classify(u)
  local code, quality = u.frame:read()
  if quality ~= "good" or not code then return { label = UNKNOWN, confidence = 0 } end
  local place = math.floor(code)
  local label = u.classes[place]
  if not label then return { label = UNKNOWN, confidence = 0 } end
  return { label = label, confidence = math.min(1, (code - place) / 0.999) }
end

return capability "defect_vision@1" {
  help = "defect classes from pictures of the web",

  model = true,
  frame = readable { "1", help = "the newest picture, or the twin's label" },

  props = {
    classes = prop { "text", list = true, help = "labels that the model can tell apart" },
  },

  methods = { classify = classify },
}

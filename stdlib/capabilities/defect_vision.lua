-- stdlib/capabilities/defect_vision.lua -- a camera that names what it sees on the web.
--
-- A model takes thirty figures of a picture (picture.web_figures) and gives each class its share.
-- Its picture is that of `shot` where the line has a camera, else the one that the twin means.
-- `frame` of a twin is a picture's number times 100 plus what a person would say: the place of the
-- class in `classes`, from 1, plus a confidence times 0.999. 702.594 is picture 7, the second
-- class, confidence 0.595. Without a number (`see` of a spec), or where there is no model
-- (`model = "stub"`, or a file that is not there), this label is the answer; the batch report
-- names a stub as a stub.

local PER_PICTURE = 100

local function unknown() return { label = "unknown", confidence = 0 } end

local function labelled(u, code)
  local place = math.floor(code)
  local label = u.classes[place]
  if not label then return unknown() end
  return { label = label, confidence = math.min(1, (code - place) / 0.999) }
end

-- What the model says of a picture; no answer is no label.
local function judged(u, shot)
  local y = shot and u.model:run(picture.web_figures(shot))
  if not y then return unknown() end
  local best = 1
  for k = 2, #u.classes do
    if y:get(k) > y:get(best) then best = k end
  end
  return { label = u.classes[best], confidence = y:get(best), by = u.model:evidence() }
end

-- The class of the newest picture: { label, confidence, by }, the latter a model's evidence. One
-- that is not good is "unknown" with confidence 0.
local function classify(u)
  local has_model = u.model and u.model.is_ready()
  if u.shot and has_model then return judged(u, (u.shot:open())) end
  local code, quality = u.frame:read()
  if quality ~= "good" or not code then return unknown() end
  local number = math.floor(code / PER_PICTURE)
  local label = code - PER_PICTURE * number
  if number < 1 or not has_model then return labelled(u, label) end
  return judged(u, picture.web(number, u.classes[math.floor(label)]))
end

return capability "defect_vision@1" {
  help = "defect classes from pictures of the web",

  model = { input = { 30 }, output = "classes" },
  frame = readable { "1", help = "the newest picture's number times 100, plus the twin's label" },
  shot = readable { "picture", optional = true, help = "its picture, from a driver of pictures" },

  props = {
    classes = prop { "text", list = true, help = "labels that the model can tell apart" },
  },

  methods = { classify = classify },
}

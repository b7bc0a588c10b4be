-- Trains the classifier of the coating line's camera on pictures like those that its twin shows,
-- and writes examples/lines/models/defect_v3.onnx with its card:
--   build/release/linewright --role tool script tools/train_coating.lua
local picture = require "picture"
local train = require "train"
local train_files = require "linewright.train_files"

local CLASSES = { "ok", "streak", "pinhole", "agglomerate" }
local EACH, FIRST = 250, 1000001        -- of each class; numbers that no twin counts up to

local x, labels, groups = {}, {}, {}
for i = 1, EACH * #CLASSES do
  labels[i] = CLASSES[i % #CLASSES + 1]
  groups[i] = "web " .. math.floor(i / 20)        -- twenty pictures of one roll
  x[i] = picture.web_figures(picture.web(FIRST + i, labels[i]))
end
local model = train.classes { title = "defects of a coated web, rendered", x = x, d = #x[1],
  labels = labels, classes = CLASSES, groups = groups, lambda = 0.1 }
print(model:card())
print(assert(train_files.save(model, "examples/lines/models/defect_v3.onnx")))

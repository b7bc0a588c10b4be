-- Features of the magnetic tiles under every light of the suite: by the frozen network,
-- pooled, with the figures of the light. Taken once and kept under build/, since they take
-- minutes and the rest seconds.

local dsp = require "linewright.dsp"
local infer = require "linewright.infer"
local picture = require "linewright.picture"
local rng = require "linewright.rng"
local sys = require "linewright.sys"
local train = require "train"

local TILES = "../shared/data/magnetic-tile"
local NETWORK = "../shared/data/squeezenet11/squeezenet11_feat3.onnx"
local KEPT = "build/lighting"
local SIDE, REFERENCE_MEAN, REFERENCE_SD, TURNS = 320, 110, 25, 3
local TAPS = { 128, 256, 512 }

local features = { D = 2 * (128 + 256 + 512), LIGHT = 10 }

local function rounded(p) return picture.affine(p, 1, 0, 0, 255) end

-- The synthetic rows of the suite, on nominal pictures.
features.CONDITIONS = {
  { "gain 0.6", function(p) return rounded(picture.affine(p, 0.6, 0)) end },
  { "gain 1.4", function(p) return rounded(picture.affine(p, 1.4, 0)) end },
  { "gain 2", function(p) return rounded(picture.affine(p, 2, 0)) end },
  { "gamma 0.7", function(p) return rounded(picture.gamma(p, 0.7)) end },
  { "offset +20", function(p) return rounded(picture.affine(p, 1, 20)) end },
  { "gradient 30 %", function(p) return rounded(picture.slope(p, 0.3)) end },
}

local function brought_to_reference(p)
  return picture.normalise(picture.level(p), REFERENCE_MEAN, REFERENCE_SD)
end

local function runner_of()
  if not sys.exists(NETWORK) then return nil, "the network is not beside the repository" end
  local model, message = infer.open(NETWORK, "onnxruntime")
  if not model then return nil, message end
  return model:runner(2, 16, 1)
end

local function planes(p)
  return picture.planes(picture.resize(p, SIDE, SIDE), 3, "bgr", 1, 104, 117, 123)
end

local function put(out, place, job)
  assert(job:wait())
  local at = place * features.D
  for i, channels in ipairs(TAPS) do
    local pooled = picture.pool(job:result(i), channels)
    for k = 1, #pooled do out:set(at + k, pooled:get(k)) end
    at = at + #pooled
  end
  job:drop()
end

-- Features and light figures of a list of pictures, two at a time.
local function take(run, list, make, prepare)
  local out, light = dsp.samples(#list * features.D), dsp.samples(#list * features.LIGHT)
  local before
  for i, tile in ipairs(list) do
    local p = make(assert(picture.open(TILES .. "/" .. tile.file)), tile)
    local figures = picture.light(p)
    for k = 1, features.LIGHT do light:set((i - 1) * features.LIGHT + k, figures:get(k)) end
    local job = assert(run:add(60e9, planes(prepare(p))))
    if before then put(out, i - 2, before) end
    before = job
    if i % 8 == 0 then collectgarbage() end
  end
  put(out, #list - 1, before)
  return { x = out, light = light }
end

local function read_tiles()
  local all, nominal, n = {}, {}, 0
  for line in assert(sys.read_file(TILES .. "/tiles.tsv")):gmatch "[^\n]+" do
    local file, group, exposure, defect = line:match "^(%S+)\t(%S+)\t(%d)\t(%d)"
    if file then
      local tile = { file = file, group = group, exposure = tonumber(exposure),
        defect = tonumber(defect) }
      n = n + 1
      all[n] = tile
      if tile.exposure == 3 or tile.exposure == 4 then nominal[#nominal + 1] = tile end
    end
  end
  return all, nominal
end

local function kept(name, n)
  local path = KEPT .. "/" .. name
  local x, light = sys.read_file(path .. ".f32"), sys.read_file(path .. ".light")
  if not (x and light and #x == 4 * n * features.D) then return nil end
  return { x = dsp.unpack(x, "f32"):to "f64", light = dsp.unpack(light, "f32"):to "f64" }
end

local function keep(name, got)
  sys.mkdir(KEPT)
  assert(sys.write_file(KEPT .. "/" .. name .. ".f32", (got.x:pack "f32")))
  assert(sys.write_file(KEPT .. "/" .. name .. ".light", (got.light:pack "f32")))
end

-- Each set of features: name, tiles, how their pictures are changed.
local function sets_of(all, nominal)
  local out = { { "real", all, function(p) return p end } }
  for i, c in ipairs(features.CONDITIONS) do out[#out + 1] = { "row" .. i, nominal, c[2] } end
  for turn = 1, TURNS do
    local r = rng.new(7, turn)
    out[#out + 1] = { "turn" .. turn, nominal, function(p) return train.other_light(p, r) end }
  end
  return out
end

-- The network is opened only when there is something left to take.
local function take_sets(sets)
  local out, run = {}, nil
  for _, set in ipairs(sets) do
    local name, list, make = set[1], set[2], set[3]
    out[name] = kept(name, #list)
    if not out[name] then
      local why
      if not run then run, why = runner_of() end
      if not run then return nil, why end
      out[name] = take(run, list, make, brought_to_reference)
      keep(name, out[name])
    end
  end
  if run then run:close() end
  return out
end

--- Everything the suite needs.
---@return table|nil data all, nominal: tiles; real, rows, turned: features
---@return string|nil why
function features.load()
  if not sys.exists(TILES .. "/tiles.tsv") then
    return nil, "the magnetic tiles are not beside the repository"
  end
  local all, nominal = read_tiles()
  local sets, why = take_sets(sets_of(all, nominal))
  if not sets then return nil, why end
  local data = { all = all, nominal = nominal, real = sets.real, rows = {}, turned = {} }
  for i = 1, #features.CONDITIONS do data.rows[i] = sets["row" .. i] end
  for turn = 1, TURNS do data.turned[turn] = sets["turn" .. turn] end
  return data
end

return features

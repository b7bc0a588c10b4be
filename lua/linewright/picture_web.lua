--- A coated web under a line camera: pictures of it made up from a number, for twins, and the
--- figures that a classifier of its defects takes. A picture is the same each time, so a run can
--- be replayed and a model trained on what a twin will show.

local dsp = require "linewright.dsp"
local kernels = require "linewright.picture"
local rng = require "linewright.rng"

local web = {}

local WIDTH, HEIGHT, NOISE, LEVEL = 64, 48, 3, 140
local COARSE_X, COARSE_Y = 16, 12

-- Brushed along the web, as a coating is; the same on all pictures.
local function ground_of()
  local r, row, bytes = rng.new(11, 1), {}, {}
  for x = 1, WIDTH do row[x] = LEVEL + 3 * r:normal() end
  for i = 0, WIDTH * HEIGHT - 1 do
    local v = row[i % WIDTH + 1] + r:normal()
    bytes[i + 1] = string.char(math.floor(math.max(0, math.min(255, v))))
  end
  return assert(kernels.raw(table.concat(bytes), HEIGHT, WIDTH, 1, 8))
end

local function noise_of()
  local r, out = rng.new(11, 2), dsp.samples(2 * WIDTH * HEIGHT)
  for i = 1, #out do out:set(i, NOISE * r:normal()) end
  return out
end

local ground, noise -- made when the first picture is asked for

local function add(x, px, py, by)
  if px < 0 or px >= WIDTH or py < 0 or py >= HEIGHT then return end
  local i = py * WIDTH + px + 1
  x:set(i, math.max(0, math.min(255, x:get(i) + by)))
end

local function spot(x, r, radius, by)
  local cx, cy = r:integer(5, WIDTH - 6), r:integer(5, HEIGHT - 6)
  local reach = math.ceil(radius)
  for dy = -reach, reach do
    for dx = -reach, reach do
      local far = math.sqrt(dx * dx + dy * dy) / radius
      if far <= 1 then add(x, cx + dx, cy + dy, by * (1 - far / 2)) end
    end
  end
end

-- What a class looks like: bare foil shines, a lump is dark, a streak runs along the web.
local PAINT = {
  streak = function(x, r)
    local at, wide = r:integer(4, WIDTH - 6), r:integer(1, 2)
    local by = (r:uniform() < 0.5 and 1 or -1) * (14 + 20 * r:uniform())
    for y = 0, HEIGHT - 1 do
      for k = 0, wide - 1 do add(x, at + k, y, by) end
    end
  end,
  pinhole = function(x, r) spot(x, r, 2 + 1.5 * r:uniform(), 70 + 50 * r:uniform()) end,
  agglomerate = function(x, r) spot(x, r, 3 + 3 * r:uniform(), -60 - 50 * r:uniform()) end,
}

--- The n-th picture of the web.
---@param n integer from 1
---@param class string|nil "streak", "pinhole", "agglomerate"; anything else is a clean web
---@return linewright.tensor f32 [48 x 64 x 1]
function web.picture(n, class)
  ground = ground or ground_of()
  noise = noise or noise_of()
  local r = rng.new(65537 * 11 + n, 3)
  local x = ground:get()
  local from = r:integer(0, #x - 1)
  x = x + noise:slice(from + 1, from + #x)
  if PAINT[class] then PAINT[class](x, r) end
  local p = kernels.affine(ground, 1, 0)
  p:set(x)
  return kernels.affine(p, 1 + 0.08 * r:normal(), 0, 0, 255)
end

local function take(out, p)
  local light = kernels.light(p)
  for i = 1, #light do out[#out + 1] = light:get(i) end
end

--- Thirty figures of a picture of any size, free of slow light: of all its numbers, of its mean
--- row (a streak is in each row) and of its coarse form (a spot is in few places).
---@param p linewright.tensor a picture
---@return number[]
function web.figures(p)
  local flat = kernels.normalise(kernels.level(kernels.grey(p)), 110, 25)
  local _, _, width = flat:shape()
  local out = {}
  take(out, flat)
  take(out, kernels.resize(flat, width, 1))
  take(out, kernels.resize(flat, COARSE_X, COARSE_Y))
  return out
end

return web

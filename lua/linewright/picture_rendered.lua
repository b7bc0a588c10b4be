--- Pictures of parts that nobody photographed: a ground texture, defects at known places, a
--- light that changes. The i-th picture is the same each time, so a run can be replayed.

local dsp = require "linewright.dsp"
local kernels = require "linewright.picture"
local rng = require "linewright.rng"

local rendered = {}

local Rendered = {}
Rendered.__index = Rendered
Rendered.__metatable = "picture.rendered"

-- The part itself: a brushed ground with a soft pattern, the same on all parts.
local function ground_of(o)
  local r, n = rng.new(o.seed, 1), o.width * o.height
  local bytes = {}
  for i = 0, n - 1 do
    local x, y = i % o.width, math.floor(i / o.width)
    local v = 110 + 14 * math.sin(x / 9) * math.sin(y / 13) + 6 * r:normal()
    bytes[i + 1] = string.char(math.max(0, math.min(255, math.floor(v))))
  end
  return assert(kernels.raw(table.concat(bytes), o.height, o.width, 1, 8))
end

-- Sensor noise: one frame of it, shifted anew for each part.
local function noise_of(o)
  local r, n = rng.new(o.seed, 2), o.width * o.height
  local out = dsp.samples(2 * n)
  for i = 1, 2 * n do out:set(i, o.noise * r:normal()) end
  return out
end

local function add_noise(self, x, r)
  local from = r:integer(0, #x - 1)
  return x + self.noise_frame:slice(from + 1, from + #x)
end

local function paint(o, x, spot)
  for dy = -spot.radius, spot.radius do
    for dx = -spot.radius, spot.radius do
      local px, py = spot.x + dx, spot.y + dy
      if dx * dx + dy * dy <= spot.radius ^ 2 and px >= 0 and px < o.width and py >= 0
        and py < o.height then
        local i = py * o.width + px + 1
        x:set(i, math.max(0, x:get(i) - spot.depth))
      end
    end
  end
end

--- The i-th picture.
---@param i integer from 1
---@return linewright.tensor picture
---@return string name
---@return integer bits
function Rendered:read(i)
  local r = rng.new(self.seed * 65537 + i, 3)
  local x = add_noise(self, self.ground:get(), r)
  for _, spot in ipairs(self.defects[i] or {}) do paint(self, x, spot) end
  local p = kernels.affine(self.ground, 1, 0)
  p:set(x)
  local gain = self.light(i) * (1 + 0.01 * r:normal())
  return kernels.affine(p, gain, 0, 0, 255), "part " .. i, 8
end

local KNOWN = { width = true, height = true, seed = true, noise = true, defects = true,
  light = true }

--- See picture.rendered.
function rendered.new(opts)
  opts = opts or {}
  for key in pairs(opts) do
    if not KNOWN[key] then error("picture.rendered: unknown option " .. tostring(key), 3) end
  end
  local self = setmetatable({ width = opts.width or 320, height = opts.height or 240,
    seed = opts.seed or 1, noise = opts.noise or 3, defects = opts.defects or {},
    light = opts.light or function() return 1 end }, Rendered)
  self.ground, self.noise_frame = ground_of(self), noise_of(self)
  return self
end

return rendered

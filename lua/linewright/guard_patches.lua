--- Two grey patches in view of the camera tell its light: the picture is brought to the
--- reference by them, and a lamp that has gone too far asks for another picture. The object
--- behind `guard.patches`.

local picture = require "linewright.picture"
local rows = require "linewright.guard_rows"

local format = string.format

local patches = {}

local Patches = {}
Patches.__index = Patches
Patches.__metatable = "guard.patches"

local PLACE = {}
for i, name in ipairs { picture.light_names() } do PLACE[name] = i end

local function light_at(p, place, name)
  return picture.light(picture.region(p, place[1], place[2], place[3], place[4])):get(PLACE[name])
end

--- The picture at the reference's light, or why it cannot be brought there.
---@param p linewright.tensor
---@return linewright.tensor|nil picture nil: take another one
---@return string|nil why
function Patches:apply(p)
  if light_at(p, self.white, "clipped") > 0.01 then return nil, "white patch is clipped" end
  local dark, white = light_at(p, self.dark, "mean"), light_at(p, self.white, "mean")
  local contrast = (white - dark) / (self.levels[2] - self.levels[1])
  if not (math.abs(contrast - 1) <= self.within) then
    return nil, format("patches are %.4g and %.4g, at %.3g of their contrast; it should be within "
      .. "%.3g..%.3g", dark, white, contrast, 1 - self.within, 1 + self.within)
  end
  return picture.affine(p, 1 / contrast, self.levels[1] - dark / contrast)
end

local KNOWN = { dark = true, white = true, levels = true, within = true }

local function numbers(word, opts, key, n, what)
  local list = opts[key]
  for i = 1, n do
    if type(list) ~= "table" or type(list[i]) ~= "number" then
      error(format("%s: %s must be %s", word, key, what), 4)
    end
  end
  return list
end

--- See guard.patches.
function patches.new(opts)
  local word = "guard.patches"
  rows.known(word, opts, KNOWN)
  local self = {
    dark = numbers(word, opts, "dark", 4, "{ left, top, width, height }"),
    white = numbers(word, opts, "white", 4, "{ left, top, width, height }"),
    levels = numbers(word, opts, "levels", 2, "{ of the dark, of the white patch }"),
    within = rows.number(word, opts, "within", 0.15, 0.001, 10),
  }
  if not (self.levels[2] > self.levels[1]) then
    error(word .. ": the white patch must be brighter than the dark one", 3)
  end
  return setmetatable(self, Patches)
end

return patches

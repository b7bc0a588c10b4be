--- Pictures for recipes: from a folder that a camera or a recording fills, brought to one
--- light, laid out for a model. The kernels are those of linewright.picture.
---
---   local shots = picture.folder "recordings/tiles"
---   local p, name = shots:read(17)                     -- the 17th by name
---   local x = picture.planes(picture.level(picture.resize(p, 224, 224)), 3)

local kernels = require "linewright.picture"
local picture_rendered = require "linewright.picture_rendered"
local picture_web = require "linewright.picture_web"
local sys = require "linewright.sys"

local picture = {}
for name, fn in pairs(kernels) do
  -- Recipes read pictures out of folders that they name, nothing else.
  if name ~= "open" then picture[name] = fn end
end

local Folder = {}
Folder.__index = Folder
Folder.__metatable = "picture.folder"

--- The i-th picture by name; after the last one it begins anew.
---@param i integer from 1
---@return linewright.tensor|nil picture
---@return string name, or the message
---@return integer|string bits, or the code
function Folder:read(i)
  if type(i) ~= "number" or i < 1 or i % 1 ~= 0 then
    error("picture.folder: a whole number from 1 is expected", 2)
  end
  local name = self.names[(i - 1) % #self.names + 1]
  local p, bits, code = kernels.open(self.path .. "/" .. name)
  if not p then return nil, bits, code end
  return p, name, bits
end

local KINDS = { png = true, jpg = true, jpeg = true, tif = true, tiff = true, pgm = true,
  ppm = true }

--- The pictures of a folder in the order of their names.
---@param path string
---@return table|nil folder with names, read(i)
---@return string|nil message
---@return string|nil code
function picture.folder(path)
  local list, message, code = sys.list(path)
  if not list then return nil, message, code end
  local names = {}
  for _, name in ipairs(list) do
    if KINDS[(name:match "%.(%w+)$" or ""):lower()] then names[#names + 1] = name end
  end
  if #names == 0 then
    return nil, path .. ": no PNG, JPEG, TIFF, PGM or PPM files in this folder", "E-NOTFOUND"
  end
  table.sort(names)
  return setmetatable({ path = path, names = names }, Folder)
end

--- Rendered pictures in place of a folder: for twins and specs.
---@param opts table|nil width (320), height (240), seed (1), noise (3), defects: part number to a
---  list of { x, y, radius, depth }; light: function of the part number to a gain
---@return table source with read(i)
function picture.rendered(opts) return picture_rendered.new(opts) end

--- A coated web under a camera, made up from a number: for twins and for training.
picture.web = picture_web.picture
--- Thirty figures of a picture of a web, for a classifier of its defects.
picture.web_figures = picture_web.figures

-- A flat list of numbers, `n` for each thing, as properties of a unit hold them.
local function each(list, n, take)
  for i = 1, #list, n do take(i) end
end

--- The pictures that an inspection cell's properties name: a folder, or rendered ones with
--- `defects` (part, x, y, radius, depth, and so on) and `light` (from part, gain, and so on).
---@param cell table with pictures, defects, light
---@return table|nil source with read(i); a rendered one has defects, part number to a list
---@return string|nil message
---@return string|nil code
function picture.source(cell)
  if cell.pictures ~= "rendered" then return picture.folder(cell.pictures) end
  local defects, d, steps = {}, cell.defects, cell.light
  each(d, 5, function(i)
    defects[d[i]] = defects[d[i]] or {}
    table.insert(defects[d[i]], { x = d[i + 1], y = d[i + 2], radius = d[i + 3], depth = d[i + 4] })
  end)
  return picture.rendered { defects = defects, light = function(part)
    local gain = 1
    each(steps, 2, function(i) if part >= steps[i] then gain = steps[i + 1] end end)
    return gain
  end }
end

return picture

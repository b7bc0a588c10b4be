---@meta linewright.raster

--- Drawings as pixels: SVG (as linewright.plot makes it) to PNG, by librsvg and cairo, which are
--- loaded when first used.
---@class linewright.raster
local raster = {}

---@param svg string
---@param width integer? [px], default 1200; the height follows
---@return string|nil png
---@return string|nil message
---@return string|nil code "E-UNSUPPORTED" when a library is missing
function raster.png(svg, width) end

--- The same as DEC sixel graphics, to write to a terminal that shows them.
---@param svg string
---@param width integer? [px], default 1200
---@return string|nil sixel
---@return string|nil message
---@return string|nil code "E-UNSUPPORTED" when a library is missing
function raster.sixel(svg, width) end

return raster

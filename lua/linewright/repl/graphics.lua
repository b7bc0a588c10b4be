--- Pictures for terminals that show them, and as PNG. `linewright.raster` draws;
--- a machine without its libraries says so, and plots come as text.

local graphics = {}

local CHUNK = 4096 -- bytes of one escape sequence, as kitty's protocol wants
local DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function base64(bytes)
  local out = {}
  for i = 1, #bytes, 3 do
    local a, b, c = bytes:byte(i, i + 2)
    local n = a * 65536 + (b or 0) * 256 + (c or 0)
    local digits = {}
    for k = 4, 1, -1 do
      local d = n % 64
      digits[k] = DIGITS:sub(d + 1, d + 1)
      n = (n - d) / 64
    end
    if not b then digits[3] = "=" end
    if not c then digits[4] = "=" end
    out[#out + 1] = table.concat(digits)
  end
  return table.concat(out)
end

local WIDTH_PX = 900 -- of a picture in a terminal

-- What the world refused as an error.
local function must(bytes, message, code)
  if not bytes then error((code or "E-UNSUPPORTED") .. " " .. tostring(message), 0) end
  return bytes
end

--- SVG as PNG.
---@param svg string
---@param width integer|nil [px]
---@return string bytes
function graphics.png(svg, width)
  return must(require("linewright.raster").png(svg, width))
end

-- Source: kitty's terminal graphics protocol, transmission of PNG in chunks.
local function kitty(svg)
  local text, out = base64(graphics.png(svg, WIDTH_PX)), {}
  for i = 1, #text, CHUNK do
    local more = i + CHUNK <= #text and 1 or 0
    local keys = i == 1 and "a=T,f=100,m=" or "m="
    out[#out + 1] = "\27_G" .. keys .. more .. ";" .. text:sub(i, i + CHUNK - 1) .. "\27\\"
  end
  return table.concat(out)
end

local function sixel(svg) return must(require("linewright.raster").sixel(svg, WIDTH_PX)) end

local KINDS = { kitty = kitty, sixel = sixel }

--- Escape sequences that show a picture; nil when it cannot be drawn.
---@param kind "kitty"|"sixel"
---@param svg string
---@return string|nil
function graphics.picture(kind, svg)
  local ok, text = pcall(KINDS[kind] or error, svg)
  return ok and text or nil
end

return graphics

--- Drawing in characters: dots of two by four in each (Unicode braille), or one
--- star each where the terminal is not UTF-8.

local floor, char = math.floor, string.char

local Canvas = {}
Canvas.__index = Canvas

local braille = {}

-- Which bit a dot of a braille character is: from the bottom, from the left.
local BITS = { [0] = { [0] = 0x40, 0x80 }, { [0] = 0x04, 0x20 }, { [0] = 0x02, 0x10 },
  { [0] = 0x01, 0x08 } }

--- An empty canvas.
---@param columns integer characters
---@param rows integer characters
---@param is_ascii boolean?
---@return table canvas with dots_x and dots_y, its size in dots
function braille.new(columns, rows, is_ascii)
  local wide, high = is_ascii and 1 or 2, is_ascii and 1 or 4
  return setmetatable({ columns = columns, rows = rows, wide = wide, high = high,
    dots_x = columns * wide, dots_y = rows * high, cells = {}, colors = {}, ascii = is_ascii },
    Canvas)
end

local function has_bit(mask, bit) return floor(mask / bit) % 2 == 1 end

--- Set a dot; outside of the canvas nothing happens.
---@param x integer 0 = left
---@param y integer 0 = bottom
---@param color integer?
function Canvas:dot(x, y, color)
  if x < 0 or x >= self.dots_x or y < 0 or y >= self.dots_y then return end
  local row, column = self.rows - 1 - floor(y / self.high), floor(x / self.wide)
  local at = row * self.columns + column
  local bit, mask = BITS[y % self.high][x % self.wide], self.cells[at] or 0
  if not has_bit(mask, bit) then self.cells[at] = mask + bit end
  self.colors[at] = color
end

--- Set the dots of a column from y0 to y1, in any order.
function Canvas:bar(x, y0, y1, color)
  for y = math.min(y0, y1), math.max(y0, y1) do self:dot(x, y, color) end
end

local function glyph(self, at)
  local mask = self.cells[at]
  if not mask then return " " end
  if self.ascii then return "*" end
  -- U+2800 and the dots, in UTF-8.
  local text = char(0xe2, 0xa0 + floor(mask / 64), 0x80 + mask % 64)
  local color = self.colors[at]
  return color and ("\27[%dm%s\27[0m"):format(color, text) or text
end

--- A row as text, trailing blanks cut.
---@param row integer 0 = top
---@return string
function Canvas:row(row)
  local out, last = {}, 0
  for i = 1, self.columns do
    local at = row * self.columns + i - 1
    if self.cells[at] then last = i end
    out[i] = glyph(self, at)
  end
  return table.concat(out, "", 1, last)
end

return braille

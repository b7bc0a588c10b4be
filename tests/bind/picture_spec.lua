-- Pictures from bytes to planes, through the face that Lua code has.

local dsp = require "linewright.dsp"
local picture = require "linewright.picture"

-- A grey picture from a function of column and row, both from 0.
local function made(width, height, fn)
  local bytes = {}
  for y = 0, height - 1 do
    for x = 0, width - 1 do bytes[#bytes + 1] = string.char(fn(x, y)) end
  end
  return assert(picture.raw(table.concat(bytes), height, width, 1, 8))
end

local function at(p, x, y)
  local _, _, width = p:shape()
  return p:get():get(y * width + x + 1)
end

local function light(p)
  local out, s = {}, picture.light(p)
  for i, name in ipairs { picture.light_names() } do out[name] = s:get(i) end
  return out
end

describe("pictures", function()
  it("come from PGM bytes and know their bits", function()
    local p, bits = picture.decode("P5 # a comment\n2 1 65535\n\1\2\255\254")
    assert.equal(16, bits)
    assert.equal(258, at(p, 0, 0))
    assert.equal(65534, at(p, 1, 0))
  end)

  it("are refused with a name when they are none", function()
    local p, message, code = picture.decode("nonsense", "shot 7")
    assert.is_nil(p)
    assert.truthy(message:find("shot 7: no picture", 1, true))
    assert.equal("E-SYNTAX", code)
    local _, _, raw_code = picture.raw("abc", 2, 2, 1, 8)
    assert.equal("E-SHAPE", raw_code)
    assert.error(function() picture.resize(require "linewright.infer".tensor("f32", 3, 3), 2, 2) end)
  end)

  it("are refused by their size before anything of them is read", function()
    local header = "\137PNG\r\n\26\n\0\0\0\13IHDR\0\0\234\96\0\0\234\96\8\0\0\0\0\165\185\42\158"
    local p, why = picture.decode(header .. "\0\0\0\0IDAT", "wide.png")
    assert.is_nil(p)
    assert.truthy(why:find("wide.png: a picture of 60000 x 60000 pixels", 1, true), why)
  end)

  it("are cut where told", function()
    local p = made(6, 4, function(x, y) return 10 * y + x end)
    local cut = picture.region(p, 3, 2, 2, 3)
    assert.same({ 12, 13, 22, 23, 32, 33 }, { cut:get():unpack() })
    assert.error(function() picture.region(p, 6, 1, 2, 1) end)
  end)

  it("keep their mean when shrunk and their ramp when grown", function()
    local p = made(16, 16, function(x, y) return (x + y) % 2 * 200 end)
    local small = picture.resize(p, 4, 4)
    assert.is_true(math.abs(small:get():mean() - 100) < 1e-3)
    for i = 1, 16 do assert.is_true(math.abs(small:get():get(i) - 100) < 15) end -- no aliasing
    local ramp = picture.resize(made(8, 2, function(x) return 10 * x end), 16, 2)
    for x = 1, 14 do assert.is_true(math.abs(at(ramp, x, 0) - (5 * x - 2.5)) < 1e-3) end
  end)

  it("are held in a range, bent, and brought to a reference", function()
    local p = made(4, 1, function(x) return 80 * x end)
    assert.same({ 0, 160, 255, 255 }, { picture.affine(p, 2, 0, 0, 255):get():unpack() })
    assert.is_true(math.abs(at(picture.gamma(p, 0.5), 1, 0) - 255 * math.sqrt(80 / 255)) < 1e-3)
    local s = light(picture.normalise(p, 50, 7))
    assert.is_true(math.abs(s.mean - 50) < 1e-3 and math.abs(s.sd - 7) < 1e-3)
  end)

  it("lose a slope of the light by levelling, and keep a spot", function()
    local p = made(64, 64, function(x, y) return x == 32 and y == 32 and 20 or 100 end)
    local sloped = picture.slope(p, 0.3)
    assert.is_true(light(sloped).slope_x > 0.5)
    local level = picture.level(sloped)
    assert.is_true(math.abs(light(level).slope_x) < 0.1)
    assert.is_true(at(level, 32, 32) < 0.3 * at(level, 40, 32))
  end)

  it("are divided by a flat frame, dead pixels filled", function()
    local dark = made(3, 1, function() return 10 end)
    local flat = made(3, 1, function(x) return ({ 60, 110, 10 })[x + 1] end)
    local p = made(3, 1, function(x) return ({ 35, 60, 99 })[x + 1] end)
    assert.same({ 37.5, 37.5, 37.5 }, { picture.flat(p, dark, flat):get():unpack() })
    assert.error(function() picture.flat(p, dark, made(2, 1, function() return 0 end)) end)
  end)

  it("say how the light is", function()
    local s = light(made(10, 10, function(x) return x < 3 and 255 or x == 9 and 0 or 100 end))
    assert.is_true(math.abs(s.clipped - 0.3) < 1e-9 and math.abs(s.black - 0.1) < 1e-9)
    assert.equal(100, s.p50)
    local sharp = light(made(16, 16, function(x) return x % 2 * 200 end)).focus
    local soft = light(picture.resize(picture.resize(made(16, 16, function(x) return x % 2 * 200 end), 6, 6),
      16, 16)).focus
    assert.is_true(sharp > 10 * soft)
  end)

  it("become a batch of their points, counted row by row", function()
    local p = picture.raw("\1\2\3\4\5\6\7\8\9\10\11\12\13\14\15\16", 4, 4, 1, 8)
    local t = picture.points(p, 2, 2, 2, 3, 1, 2, 1)
    assert.same({ "f32", 3, 1, 2, 2 }, { t:shape() })
    assert.same({ 4, 6, 12, 14, 16, 18, 24, 26, 20, 22, 28, 30 }, { t:get():unpack() })
    assert.has_error(function() picture.points(p, 2, 2, 2, 4, 1) end)   -- there are only three
  end)

  it("become planes, grey repeated, colours turned", function()
    local colour = assert(picture.raw("\1\2\3\4\5\6", 1, 2, 3, 8))
    local t = picture.planes(colour, 3, "bgr", 2, 1, 1, 1)
    assert.same({ "f32", 1, 3, 1, 2 }, { t:shape() })
    assert.same({ 4, 10, 2, 8, 0, 6 }, { t:get():unpack() })
    assert.same({ 7, 9, 7, 9 },
      { picture.planes(made(2, 1, function(x) return 7 + 2 * x end), 2):get():unpack() })
  end)

  it("pool maps into means and maxima", function()
    assert.same({ 2, 5, 3, 6 }, { picture.pool(dsp.of(1, 2, 3, 4, 5, 6), 2):unpack() })
  end)

  it("lay maps out as cells, the means of each plane over a grid", function()
    local maps = dsp.of(1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60) -- two planes 2 x 3
    assert.same({ 3.5, 35 }, { picture.cells(maps, 2, 2, 1):unpack() })
    assert.same({ 1, 10, 2.5, 25, 4, 40, 5.5, 55 }, { picture.cells(maps, 2, 2, 2):unpack() })
    assert.same({ 2, 20, 5, 50 }, { picture.cells(maps, 2, 2, 2, 1):unpack() })
    for _, bad in ipairs { { 5, 2, 1 }, { 2, 2, 3 }, { 2, 2, 1, 4 }, { 2, 0, 1 } } do
      assert.is_false((pcall(picture.cells, maps, bad[1], bad[2], bad[3], bad[4])))
    end
  end)
end)

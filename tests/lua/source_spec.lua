-- Tokens, lines of keys, near words, fixed orders.
local sorted = require "linewright.sorted"
local source = require "linewright.source"
local suggest = require "linewright.suggest"

local TEXT = [==[
-- a comment with { braces = 1 }
local t = tag { io, "x = {", [[long
string]], unit = "m",
  range = { 0,
    25 },
  safe = {
    hold = 1, ["stop"] = 2,
  } }
]==]

describe("source.line_of", function()
  local tokens = source.tokens(TEXT)
  it("finds keys on later lines, past strings and comments", function()
    assert.equal(3, source.line_of(tokens, 2, { "unit" }))
    assert.equal(4, source.line_of(tokens, 2, { "range" }))
    assert.equal(7, source.line_of(tokens, 2, { "safe", "stop" }))
  end)
  it("stays with the outer line when the key is not there", function()
    assert.equal(2, source.line_of(tokens, 2, { "rnage" }))
    assert.equal(6, source.line_of(tokens, 2, { "safe", "abort" }))
  end)
  it("looks through calls: `zones = list { ... }`", function()
    local t = source.tokens('return capability "x@1" {\n  zones = list {\n    temp = 1 } }')
    assert.equal(3, source.line_of(t, 1, { "zones", "temp" }))
  end)
  it("survives text that is no Lua", function()
    for _, text in ipairs { "{{{", "}}}", '"', "[[", "--[[", "\\", "a = {", "'\\", "" } do
      assert.is_number(source.line_of(source.tokens(text), 1, { "a", "b" }))
    end
  end)
end)

describe("source.gate", function()
  it("refuses files that are too long to be a recipe", function()
    local ok, message = source.gate(("x"):rep(600 * 1024) .. ("y"):rep(600 * 1024))
    assert.is_nil(ok)
    assert.equal("the file has 1228800 bytes, at most 1048576 are read", message)
  end)
  it("names the line of a hidden control character", function()
    local ok, _, line = source.gate("a\nb \226\129\166 c")
    assert.is_nil(ok)
    assert.equal(2, line)
  end)
end)

describe("suggest", function()
  local words = { "range", "safe", "scale", "oven.zones[*].temp", "m/minute" }
  it("offers the nearest word", function()
    assert.equal("range", suggest.nearest("rnage", words))
    assert.equal("range", suggest.nearest("Range", words))
    assert.equal("oven.zones[*].temp", suggest.nearest("oven.zone[*].tmp", words))
    assert.equal("m/minute", suggest.nearest("m/minut", words))
  end)
  it("offers nothing when nothing is near", function()
    assert.is_nil(suggest.nearest("pressure", words))
    assert.is_nil(suggest.nearest(7, words))
    assert.equal("", suggest.text("pressure", words))
  end)
end)

describe("sorted", function()
  it("puts numbers before strings before booleans", function()
    assert.same({ 1, 2.5, "a", "b", false, true },
      sorted.keys { a = 1, [true] = 1, [2.5] = 1, b = 1, [1] = 1, [false] = 1 })
  end)
  it("skips what is removed on the way", function()
    local t, seen = { a = 1, b = 2, c = 3 }, {}
    for k in sorted(t) do
      seen[#seen + 1] = k
      t.b = nil
    end
    assert.same({ "a", "c" }, seen)
  end)
end)

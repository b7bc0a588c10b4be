local json = require "linewright.json"
local rng = require "linewright.rng"

local function round(v)
  local text, what = json.encode(v)
  assert.is_string(text, what)
  local back, err = json.decode(text)
  assert.is_nil(err)
  return back, text
end

describe("json", function()
  it("writes equal values as equal bytes, keys sorted", function()
    local a, b = {}, {}
    for i = 1, 50 do a["k" .. i] = i end
    for i = 50, 1, -1 do b["k" .. i] = i end
    assert.equal(json.encode(a), json.encode(b))
    assert.equal('{"a":1,"b":[true,false,"x"]}', json.encode { b = { true, false, "x" }, a = 1 })
  end)

  it("brings every number back bit for bit", function()
    local chance = rng.new(1)
    for _ = 1, 5000 do
      local x = (chance:uniform() - 0.5) * 10 ^ chance:integer(-300, 300)
      assert.equal(x, (round(x)))
    end
    for _, x in ipairs { 0.1, 1 / 3, 2 ^ 53, 2 ^ 53 - 1, 1e15, 1e15 + 1, 5e-324, 1.7976931348623157e308, math.pi } do
      assert.equal(x, (round(x)))
    end
    assert.equal(-math.huge, 1 / (round(-0.0)))
  end)

  it("has words for what JSON lacks", function()
    local t = round { nan = 0 / 0, inf = math.huge, low = -math.huge }
    assert.is_true(t.nan ~= t.nan)
    assert.same({ math.huge, -math.huge }, { t.inf, t.low })
    assert.same({ [1] = "a", [3] = "c", x = true, [false] = 0 }, (round { [1] = "a", [3] = "c", x = true, [false] = 0 }))
    assert.same({ ["#"] = 1 }, (round { ["#"] = 1 }))
    assert.same({}, (round {}))
  end)

  it("brings every byte of a string back", function()
    local all = {}
    for i = 0, 255 do all[#all + 1] = string.char(i) end
    local s = table.concat(all)
    assert.equal(s, (round(s)))
    assert.equal("grüße \"x\"\n", (round "grüße \"x\"\n"))
  end)

  it("says what cannot be stored", function()
    local loop = {}
    loop[1] = loop
    for what, v in pairs {
      ["a function"] = print, ["a table that contains itself"] = loop,
      ["a table with a table as key"] = { [{}] = 1 }, ["a thread"] = { coroutine.create(print) },
    } do
      local text, why = json.encode(v)
      assert.is_nil(text)
      assert.equal(what, why)
    end
    assert.same({ { 1 }, { 1 } }, (function()
      local shared = { 1 }
      return (round { shared, shared })
    end)())
  end)

  it("reads what others write, and says where it is broken", function()
    assert.same({ a = { 1, 2.5, -3e4 }, b = "é" }, (json.decode ' { "a" : [1, 2.5,-3e4 ] , "b":"\\u00e9" } '))
    for text, why in pairs {
      ["[1,"] = "expected a value at byte 4", ['{"a" 1}'] = "expected : at byte 6", ["1 2"] = "unexpected text at byte 3",
      ['"abc'] = "string without end at byte 1", ["nope"] = "expected a value at byte 1",
    } do
      local _, err = json.decode(text)
      assert.equal(why, err)
    end
  end)
end)

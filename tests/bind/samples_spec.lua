-- Sample arrays: layouts, quality, tables of text, arithmetic; and who gets at
-- their memory.

local dsp = require "linewright.dsp"
local sandbox = require "linewright.sandbox"
local stdlib = require "linewright.stdlib"

local function list(s) return { s:unpack() } end

describe("stored samples", function()
  it("take a half or a quarter of the room and come back", function()
    local s = dsp.of(0.5, nil, -100, 7):rate(10, 3):unit "bar"
    for layout, bytes in pairs { f64 = 32, f32 = 16, i16 = 8 } do
      local t = s:to(layout, 0.5)
      assert.same({ layout, layout == "i16" and 0.5 or 1, bytes }, { t:layout() })
      assert.same({ 0.5, nil, -100, 7 }, list(t))
      assert.same({ 10, 3 }, { t:rate() })
      assert.equal("bar", t:unit())
      assert.equal("f64", (t:to "f64":layout()))
    end
    assert.equal(32767, dsp.of(1e9):to("i16"):get(1)) -- beyond the range: its end
    assert.is_near(0.1, dsp.of(0.1):to("f32"):get(1), 1e-8)
    assert.has_error(function() s:to "f16" end)
    assert.has_error(function() s:to("i16", 0) end)
  end)

  it("are read, written and cut as they lie", function()
    local s = dsp.ramp(1000, 1, 1):to "i16"
    local part = s:slice(11, 20):slice(2, 3)
    assert.same({ 12, 13 }, list(part))
    part:set(1, 5, nil)
    assert.equal(5, s:get(12))
    assert.is_nil(s:get(13))
    assert.equal("i16", (part:copy():layout()))
  end)

  it("are computed with like any others, but not written to by filters", function()
    local s, f = dsp.ramp(100, 0, 1), dsp.filter("average", 1, 5)
    local want, stored = f:run(s), s:to "i16"
    f:reset()
    local y = f:run(stored)
    for i = 1, 100 do assert.equal(want:get(i), y:get(i)) end
    assert.equal(s:mean(), stored:mean())
    assert.same({ 2, 4 }, list((stored * 2):slice(2, 3)))
    assert.has_error(function() f:run(s, stored) end)
  end)
end)

describe("the quality of samples", function()
  it("is an array of its own: a bad one keeps its number and does not count", function()
    local s = dsp.of(1, 2, 300, 4)
    assert.equal("good", s:quality(3))
    assert.equal(s, s:quality(3, "bad"))
    assert.equal(300, s:get(3))
    assert.same({ 2, 2, 0, 2 }, list(s:mask()))
    assert.equal(7, s:sum())
    assert.equal(3, s:count())
    s:quality(3, "uncertain")
    assert.equal(307, s:sum())
    assert.has_error(function() s:quality(3, "fair") end)
    assert.has_error(function() s:quality(5) end)
  end)

  it("is shared by slices, whichever was marked first", function()
    local whole = dsp.ramp(100, 1, 1)
    local part = whole:slice(11, 20)
    part:slice(3, 4):mark "bad"
    collectgarbage()
    assert.equal("bad", whole:quality(13))
    assert.equal("bad", part:quality(4))
    assert.equal("good", whole:quality(15))
    whole:mark("uncertain", 1, 12)
    assert.same({ 1, 1, 0, 0, 2 }, list(part:slice(1, 5):mask()))
    assert.equal("bad", part:to "f32":quality(3))
    part:mask(dsp.samples(10, 2))
    assert.equal("good", whole:quality(13))
    assert.has_error(function() part:mask(dsp.samples(9)) end)
    assert.has_error(function() part:mask(dsp.samples(10, 3)) end)
  end)

  it("holds a filter over bad samples as over missing ones", function()
    local f = dsp.filter("median", 1, 1)
    local s = dsp.of(1, 9, 3):mark("bad", 2, 2)
    assert.same({ 1, 1, 3 }, list(f:run(s)))
  end)

  it("survives a hundred thousand arrays", function()
    local keep = dsp.samples(10):mark("bad", 5, 5)
    for i = 1, 100000 do
      local s = dsp.samples(i % 50 + 1)
      if i % 7 == 0 then s:slice(1, 1):mark "bad" end
    end
    collectgarbage()
    assert.same({ 2, 2, 2, 2, 0, 2, 2, 2, 2, 2 }, list(keep:mask()))
  end)
end)

describe("samples as tables of text", function()
  it("keep time, unit and quality", function()
    local s = dsp.of(2.5, nil, -1e3):rate(4, 10):unit "bar":mark("uncertain", 3, 3)
    local text = s:csv "level"
    assert.equal("time,level [bar],quality\n10,2.5,good\n10.25,,good\n10.5,-1000,uncertain\n", text)
    local t, times = dsp.csv(text, "level", "time")
    assert.same({ 2.5, nil, -1000 }, list(t))
    assert.same({ 10, 10.25, 10.5 }, list(times))
    assert.same({ 4, 10 }, { t:rate() })
    assert.equal("bar", t:unit())
    assert.same({ 2, 2, 1 }, list(t:mask()))
  end)

  it("have no rate when the times are irregular", function()
    local t, times = dsp.csv("1,5\n2,6\n4,7\n", 2, 1)
    assert.equal(0, (t:rate()))
    assert.same({ 1, 2, 4 }, list(times))
  end)

  it("refuse a head that would break the table", function()
    assert.has_error(function() dsp.samples(1):csv "a,b" end)
    local none, message = dsp.csv("a,b\n1,2\n", "b", "t")
    assert.is_nil(none)
    assert.equal("no column 't' in the first line", message)
  end)
end)

describe("arithmetic of samples", function()
  it("goes element by element", function()
    local a = dsp.of(1, 4, 9)
    assert.same({ 1, 16, 81 }, list(a ^ 2))
    assert.same({ 2, 4, 8 }, list(2 ^ dsp.of(1, 2, 3)))
    assert.same({ 0, 1, 1 }, list(a:above(1)))
    assert.same({ 0, 0, 1 }, list(dsp.of(5, 4, 3):below(dsp.of(1, 4, 4))))
    assert.same({ 7, 4, 9 }, list(dsp.of(nil, 4, 9):otherwise(7)))
    assert.is_near(math.exp(1), a:exp():get(1), 1e-15)
    assert.equal(1, dsp.of(1, 2, 3, 4, 100):mad())
    local gap = dsp.of(1, nil)
    assert.is_nil((gap + 1):get(2))
    assert.is_nil(gap:above(0):get(2))
  end)
end)

describe("the memory of samples", function()
  it("is not within a recipe's reach", function()
    local env = sandbox.new(stdlib.words "recipe", { require = function(name) error("no " .. name) end })
    env.s = dsp.samples(3)
    local chunk = assert(sandbox.load([[
      local seen = {}
      for _, name in ipairs { "ffi", "jit", "linewright.sample_view", "linewright.dsp" } do
        seen[#seen + 1] = tostring((pcall(require, name)))
      end
      for _, name in ipairs { "view", "sample_view", "pointer", "ffi", "__index", "__gc", "x", "data" } do
        seen[#seen + 1] = tostring(s[name])
      end
      seen[#seen + 1] = tostring((pcall(function() return sample_view end)))
      seen[#seen + 1] = tostring((pcall(function() s.get = nil end)))
      seen[#seen + 1] = tostring(getmetatable(s))
      seen[#seen + 1] = tostring(s)
      return table.concat(seen, " ")
    ]], "@recipe", env))
    local text = chunk()
    assert.equal("false false false false nil nil nil nil nil nil nil nil false false nil samples [3]", text)
  end)

  it("is no cdata in any function of dsp, nor in what it returns", function()
    local words = stdlib.words "recipe"
    for name, value in pairs(dsp) do
      assert.not_equal("cdata", type(value), name)
    end
    for name in pairs(words) do assert.is_nil(name:find "view") end
  end)

  it("is a pointer for trusted code on LuaJIT, kept alive by it", function()
    local view = require "linewright.sample_view"
    assert.is_false((pcall(require, "ffi")))
    local s = dsp.ramp(10, 1, 1)
    local p, n, code = view.of(s)
    if not p then
      assert.equal("E-UNSUPPORTED", code)
      return
    end
    assert.equal(10, n)
    p[2] = 99
    assert.equal(99, s:get(3))
    local q, m = view.of(s:slice(4, 6):to "i16")
    assert.same({ 3, 4, 6 }, { m, tonumber(q[0]), tonumber(q[2]) })
    s = nil -- luacheck: ignore 311
    for _ = 1, 10 do
      collectgarbage()
      dsp.samples(1000, 5)
    end
    assert.equal(99, p[2])
    assert.has_error(function() view.of(5) end)
    for size = 1, 9 do -- vectors of the kernels lie within cache lines
      local address = tostring((view.of(dsp.samples(size)))):match "0x(%x+)"
      assert.equal(0, tonumber(address:sub(-4), 16) % 64)
    end
  end)
end)

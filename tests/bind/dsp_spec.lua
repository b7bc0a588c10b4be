-- Sample arrays and streaming filters as Lua sees them.

local dsp = require "linewright.dsp"
local filters = require "linewright.filters"
local unpack = table.unpack or unpack -- luacheck: ignore

local function list(s) return { s:unpack() } end

describe("samples", function()
  it("hold numbers, and nil where one is missing", function()
    local s = dsp.of(1, nil, 3)
    assert.equal(3, #s)
    assert.equal(3, s:get(3))
    assert.is_nil(s:get(2))
    assert.equal(2, s:set(2, 2):get(2))
    assert.same({ 5, 5 }, list(dsp.samples(2, 5)))
    assert.same({ 1, 1.5, 2 }, list(dsp.ramp(3, 1, 0.5)))
  end)

  it("are refused a place they do not have", function()
    local s = dsp.samples(3)
    for _, i in ipairs { 0, 4, -1, 1.5, 0 / 0, 1 / 0, 2 ^ 60 } do
      assert.has_error(function() s:get(i) end)
      assert.has_error(function() s:set(i, 1) end)
    end
    for _, n in ipairs { -1, 0.5, 2 ^ 40, 0 / 0 } do
      assert.has_error(function() dsp.samples(n) end)
    end
    assert.has_error(function() s:slice(2, 4) end)
    assert.has_error(function() s:slice(0, 2) end)
    assert.has_error(function() s.get({}, 1) end)
  end)

  it("are sliced without a copy, and the slice keeps them alive", function()
    local whole = dsp.ramp(1000, 1, 1):rate(10, 5)
    local part = whole:slice(11, 20)
    part:set(1, -7)
    assert.equal(-7, whole:get(11))
    local rate, t0 = part:rate()
    assert.same({ 10, 6 }, { rate, t0 })
    assert.same({ 999, 1000 }, list(whole:slice(-2)))
    local inner = part:slice(2, 3)
    whole, part = nil, nil -- luacheck: ignore 311
    for _ = 1, 20 do
      collectgarbage()
      dsp.samples(1000, 3)
    end
    assert.same({ 12, 13 }, list(inner))
  end)

  it("compute element by element, by number and by array", function()
    local a, b = dsp.of(1, 2, 3), dsp.of(4, 5, 6)
    assert.same({ 5, 7, 9 }, list(a + b))
    assert.same({ -1, 0, 1 }, list(a - 2))
    assert.same({ 2, 4, 6 }, list(2 * a))
    assert.same({ 4, 2.5, 2 }, list(b / a))
    assert.same({ -1, -2, -3 }, list(-a))
    assert.same({ 2, 2, 3 }, list(a:atleast(2)))
    assert.has_error(function() return a + dsp.samples(2) end, "samples: 3 and 2 samples do not fit")
  end)

  it("tell their figures and leave missing ones out", function()
    local s = dsp.of(1, nil, 2, 3, 10)
    assert.equal(4, s:count())
    assert.equal(16, s:sum())
    assert.equal(4, s:mean())
    assert.equal(2.5, s:median())
    assert.equal(9, s:peak_to_peak())
    assert.is_near(math.sqrt((9 + 4 + 1 + 36) / 4), s:std(), 1e-12)
    assert.is_near(math.sqrt(114 / 4), s:rms(), 1e-12)
    assert.equal(10, s:quantile(1))
    assert.is_nil(dsp.samples(0):mean())
    assert.equal(2, dsp.of(1, -1, 0.1, 1):crossings(0, 0.5))
  end)

  it("go to text and bytes and come back", function()
    local s = dsp.csv("time;level\n1;2.5\n2;\n3;-1e3\n", "level")
    assert.equal(3, #s)
    assert.same({ 2.5, nil, -1000 }, list(s))
    assert.equal("2.5\n\n-1000\n", s:csv())
    assert.same({ 1, 2 }, list(dsp.csv("1,9\n2,8\n", 1)))
    local none, message, code = dsp.csv("a,b\n1,2\n", "c")
    assert.same({ "no column 'c' in the first line", "E-NOTFOUND" }, { message, code })
    assert.is_nil(none)
    local t = dsp.of(0.5, nil, -100)
    for _, layout in ipairs { "f64", "f32", "i16" } do
      assert.same({ 0.5, nil, -100 }, list(dsp.unpack(t:pack(layout, 0.5), layout, 0.5)))
    end
    assert.equal(6, #t:pack "i16")
    assert.has_error(function() dsp.unpack("abc", "f32") end)
  end)

  it("show no address", function()
    assert.equal("samples [2] bar", tostring(dsp.samples(2):unit "bar"))
  end)
end)

describe("filters", function()
  it("step, give nil until primed, and give nil for nil", function()
    local f = dsp.filter("median", 10, 3)
    assert.is_nil(f:step(1))
    assert.is_nil(f:step(50))
    assert.is_nil(f:step(nil))
    assert.is_false(f:primed())
    assert.equal(2, f:step(2))
    assert.equal(3, f(3))
    assert.same({ 1, 0.1 }, { f:delay() })
  end)

  -- Parameters that suit each kind.
  local makes = {
    lowpass = { 3, 4 }, highpass = { 3 }, bandpass = { 3, 8 }, bandstop = { 3, 8 }, notch = { 5 },
    ewma = { 0.3 }, fir = { 4 }, equiripple = { 4, 8 }, savgol = { 11, 3 },
    average = { 5 }, deviation = { 5 }, median = { 5 }, quantile = { 5, 0.8 }, hampel = { 5, 2 }, rate = { 9 },
    deadband = { 0.2 }, hysteresis = { 0.5, 0.1 }, debounce = { 0.05 }, despike = { 0.4 },
    stuck = { 0.05 }, alphabeta = {}, integral = {}, fill = { 3 }, zscore = { 20 },
    ar = { 2, 4, 50 }, cusum = { 0.5, 4, 20 },
    ewma_chart = { 0.2, 3, 20 }, page_hinkley = { 0.1, 3 },
    shewhart = { 255, 20 }, adwin = { 2 },
    minimum = { 5 }, maximum = { 5 }, mad = { 5, 1.4826 }, derivative = { 0.1 }, kalman = { 0.5, 0.1 },
  }

  local function agree(kind, params)
    local f = dsp.filter(kind, 50, unpack(params))
    local g = dsp.filter(kind, 50, unpack(params))
    local x = dsp.samples(300)
    for i = 1, 300 do x:set(i, math.sin(i * i / 7)) end
    local y = f:run(x)
    for i = 1, 300 do
      local z = g:step(x:get(i))
      assert.is_true(not z or math.abs(y:get(i) - z) < 1e-12)
    end
    assert.equal(x, g:reset():run(x, x))
    for i = 1, 300 do assert.equal(y:get(i), x:get(i)) end
  end

  it("run blocks as they step, in place or not", function()
    for _, kind in ipairs { filters.kinds() } do
      assert.is_truthy(makes[kind], kind)
      agree(kind, makes[kind])
    end
  end)

  it("follow the clock where that makes sense", function()
    local f = dsp.filter("ewma", 1, 2)
    f:step(0, 1)
    assert.is_near(1 - math.exp(-3 / 2), f:step(1, 3), 1e-12)
    local g = dsp.filter("rate", 10, 5)
    g:step(0)
    assert.is_near(1, g:step(100, 0.2), 1e-12)
  end)

  it("save their state as text and go on from it", function()
    local f, g = dsp.filter("hampel", 10, 5, 3), dsp.filter("hampel", 10, 5, 3)
    for i = 1, 9 do f:step(i * i % 7) end
    assert.equal(g, g:load(f:save()))
    for i = 10, 20 do assert.equal(f:step(i * i % 7), g:step(i * i % 7)) end
    for _, text in ipairs { "", "hampel", "median 1 2 3", f:save() .. " 1", f:save():sub(1, -3) .. "x" } do
      local ok, message, code = g:load(text)
      assert.is_nil(ok)
      assert.equal("E-CORRUPT", code)
      assert.truthy(message:find("hampel", 1, true))
    end
  end)

  it("save what they saw, and nothing that lay in memory before", function()
    for _, kind in ipairs { filters.kinds() } do
      for n = 0, 30, 10 do
        local texts = {}
        for k = 1, 2 do
          for size = 1, 60 do dsp.samples(size * 8, k * 1e77) end
          collectgarbage()
          local f = dsp.filter(kind, 50, unpack(makes[kind]))
          for i = 1, n do f:step(i * i % 7) end
          texts[k] = f:save()
          assert.equal(f, f:load(texts[k]), kind)
        end
        assert.equal(texts[1], texts[2], kind)
      end
    end
  end)

  it("name what is wrong", function()
    assert.has_error(function() dsp.filter("lowpass", 50, 30) end,
      "filter 'lowpass': cutoff = 30 Hz must lie above 0 and below 25 Hz, half the sample rate")
    assert.has_error(function() dsp.filter("lopass", 50, 30) end)
    assert.has_error(function() dsp.filter("median", 50, 3, 4) end)
    assert.has_error(function() dsp.filter("lowpass", 50, 1, 2, 0, 1, 60, 7, 8) end)
    local f, s = dsp.filter("ewma", 1, 2), dsp.samples(10)
    assert.has_error(function() f:run(s, dsp.samples(9)) end)
    assert.has_error(function() f:run(s:slice(1, 5), s:slice(3, 7)) end)
    assert.has_error(function() f.step(s, 1) end)
  end)

  it("come and go a hundred thousand times", function()
    for i = 1, 100000 do dsp.filter("median", 50, 1 + i % 9):step(i) end
    collectgarbage()
  end)
end)

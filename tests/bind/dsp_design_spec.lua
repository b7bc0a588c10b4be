-- Designs behind linear filters, filters of one's own, several signals at once,
-- three-phase currents, as Lua sees them.

local dsp = require "linewright.dsp"
local unpack = table.unpack or unpack -- luacheck: ignore


local function noise(n, seed)
  local s, x = dsp.samples(n):rate(100), seed or 1
  for i = 1, n do
    x = (x * 16807) % 2147483647
    s:set(i, x / 2147483647 - 0.5)
  end
  return s
end

local function near(a, b, tolerance)
  assert.equal(#a, #b)
  assert.is_true((a - b):abs():max() <= (tolerance or 1e-12))
end

describe("sections and taps", function()
  it("make the filter that they were taken from", function()
    local x = noise(300)
    for _, spec in ipairs { { "lowpass", 5, 4, 3, 0.5, 60 }, { "bandpass", 5, 15, 3, 4 }, { "notch", 10, 5 } } do
      local f = dsp.filter(spec[1], 100, unpack(spec, 2))
      near(f:run(x), dsp.cascade(100, f:sections(), true):run(x))
      assert.is_nil(f:taps())
    end
    local f = dsp.filter("savgol", 100, 11, 3)
    near(f:run(x), dsp.fir(100, f:taps(), true):run(x))
    assert.is_nil(f:sections())
  end)

  it("start from zero unless settled", function()
    local sections = dsp.filter("lowpass", 100, 5, 4):sections()
    local ones = dsp.samples(5, 1)
    assert.is_true(dsp.cascade(100, sections):run(ones):get(1) < 0.01)
    assert.is_near(1, dsp.cascade(100, sections):settle(1):run(ones):get(5), 1e-12)
    assert.equal(0.5, dsp.fir(100, dsp.of(0.5, 0.5)):step(1) or dsp.fir(100, dsp.of(0.5, 0.5)):run(ones):get(1))
    assert.is_nil(dsp.filter("ewma", 100, 1):settle(1))
  end)

  it("save, load and tell their kind", function()
    local x = noise(100)
    for _, make in ipairs {
      function() return dsp.cascade(100, dsp.filter("highpass", 100, 5):sections()) end,
      function() return dsp.fir(100, dsp.taps(21, 0, 0.1)) end,
    } do
      local f, g = make(), make()
      f:run(x)
      assert.equal(g, g:load(f:save()))
      near(f:run(x), g:run(x), 0)
      assert.truthy(f:kind() == "cascade" or f:kind() == "taps")
    end
  end)

  it("are refused when they cannot be", function()
    assert.has_error(function() dsp.cascade(100, dsp.of(1, 0, 0, -2, 1)) end)
    assert.has_error(function() dsp.cascade(100, dsp.of(1, 0, 0)) end)
    assert.has_error(function() dsp.fir(0, dsp.of(1)) end)
    assert.has_error(function() dsp.taps(10, 0.2, 0.5) end)
    assert.has_error(function() dsp.remez(11, 0, 0.2, 1, 1, 0.1, 0.5, 0, 1) end)
  end)
end)

describe("the response", function()
  it("is that of the design", function()
    local f = dsp.filter("lowpass", 100, 5, 4)
    local gain, phase, delay = f:response(5)
    assert.is_near(math.sqrt(0.5), gain, 1e-12)
    assert.is_near(math.pi, math.abs(phase), 1e-9) -- 4th order: half a turn at the edge
    assert.is_true(delay > 0.05)
    local _, seconds = f:delay()
    local _, _, at_rest = f:response(0)
    assert.is_near(seconds, at_rest, 1e-12)
    assert.is_near(0, (dsp.filter("notch", 100, 10, 5):response(10)), 1e-12)
  end)

  it("of linear phase has one delay", function()
    local taps, ripple = dsp.remez(31, 0, 0.1, 1, 1, 0.15, 0.5, 0, 10)
    local f = dsp.fir(100, taps)
    for hz = 0, 9 do
      local gain, _, delay = f:response(hz)
      assert.is_true(math.abs(gain - 1) <= ripple * 1.01)
      assert.is_near(0.15, delay, 1e-9)
    end
    for hz = 16, 50 do assert.is_true(f:response(hz) <= ripple / 10 * 1.01) end
    local _, message, code = dsp.filter("median", 100, 5):response(1)
    assert.same({ "filter 'median' has neither sections nor taps", "E-UNSUPPORTED" }, { message, code })
    assert.has_error(function() f:response(51) end)
  end)
end)

describe("zero phase", function()
  it("goes with every design and band", function()
    local n = 4096
    local s = dsp.samples(n):rate(100)
    for i = 1, n do s:set(i, math.sin(2 * math.pi * 10 * (i - 1) / 100)) end
    for design = 0, 4 do
      local passed = { lowpass = { 20, 3 }, highpass = { 3, 3 }, bandpass = { 5, 20, 2 }, bandstop = { 30, 40, 2 } }
      for kind, p in pairs(passed) do
        p[#p + 1] = design
        local y = dsp.zero_phase(s, kind, unpack(p)):slice(1900, 2199)
        local x = s:slice(1900, 2199)
        local gain = (x * y):sum() / (x * x):sum()
        assert.is_near(dsp.filter(kind, 100, unpack(p)):response(10) ^ 2, gain, 2e-3) -- twice the order
        assert.is_true((y - x * gain):rms() < 2e-3, kind .. design) -- in step with it
      end
    end
    assert.is_true(dsp.zero_phase(s, "notch", 10, 5):slice(1900, 2199):rms() < 1e-6)
    for kind, p in pairs { fir = { 20, 31 }, equiripple = { 20, 25, 31 }, savgol = { 7, 3, 0, 3 } } do
      local y, f = dsp.zero_phase(s, kind, unpack(p)):slice(1900, 2199), dsp.filter(kind, 100, unpack(p))
      assert.is_true((y - s:slice(1900, 2199) * f:response(10) ^ 2):rms() < 1e-9, kind)
    end
    assert.has_error(function() dsp.zero_phase(s, "median", 5) end, "bad argument #2 to 'zero_phase' "
      .. "(zero_phase takes filters of sections or taps: lowpass, highpass, bandpass, bandstop, notch, "
      .. "fir, equiripple, savgol)")
  end)
end)

describe("a bank", function()
  it("filters channels side by side as each alone", function()
    local a, b, c = noise(700, 1), noise(700, 2), noise(700, 3)
    local bank = dsp.bank(3, "lowpass", 100, 5, 4)
    local p, q, r = bank:run(a, b, c)
    for _, pair in ipairs { { a, p }, { b, q }, { c, r } } do
      near(dsp.filter("lowpass", 100, 5, 4):run(pair[1]), pair[2])
    end
    local rows = dsp.samples(2100)
    for i = 1, 700 do rows:set(3 * i - 2, a:get(i), b:get(i), c:get(i)) end
    local y = bank:reset():run(rows)
    assert.equal(q:get(700), y:get(2099))
    bank:reset()
    local x1, x2, x3 = bank:step(a:get(1), nil, c:get(1))
    assert.same({ p:get(1), r:get(1) }, { x1, x3 })
    assert.is_nil(x2)
    assert.is_false(bank:primed())
    assert.is_true(bank:delay() > 0)
  end)

  it("goes on from its saved state and says what is wrong", function()
    local x, f, g = noise(60), dsp.bank(2, "highpass", 100, 5), dsp.bank(2, "highpass", 100, 5)
    f:run(x)
    assert.equal(g, g:load(f:save()))
    near(f:run(x), g:run(x), 0)
    local ok, _, code = g:load "bank 1"
    assert.is_nil(ok)
    assert.equal("E-CORRUPT", code)
    assert.has_error(function() dsp.bank(2, "median", 100, 5) end)
    assert.has_error(function() f:step(1) end)
    assert.has_error(function() f:run(dsp.samples(3)) end)
    assert.has_error(function() f:run(dsp.samples(3), dsp.samples(4)) end)
  end)
end)

describe("trackers of several readings", function()
  local function cart()
    return dsp.kalman(2, 1, dsp.of(1, 0.1, 0, 1), dsp.of(1, 0), dsp.of(1e-6, 0, 0, 1e-4), dsp.of(0.04),
      dsp.of(0, 0), dsp.of(10, 0, 0, 10))
  end

  it("find the speed of a cart from its places", function()
    local k, place, speed = cart(), nil, nil
    local wobble = noise(400)
    for i = 1, 400 do place, speed = k:step(3 + 2 * i * 0.1 + 0.4 * wobble:get(i)) end
    assert.is_near(83, place, 0.2)
    assert.is_near(2, speed, 0.1)
    assert.is_true(k:surprise() < 10)
    assert.equal(4, #k:spread())
    local ahead = k:step(nil) -- no reading: the prediction stands
    assert.is_near(place + 0.1 * speed, ahead, 1e-9)
  end)

  it("run as they step and go on from a saved state", function()
    local k, j, z = cart(), cart(), noise(50)
    local y = k:run(z)
    for i = 1, 50 do assert.equal(y:get(2 * i - 1), (j:step(z:get(i)))) end
    local l = cart()
    assert.equal(l, l:load(k:save()))
    assert.equal((k:step(1)), (l:step(1)))
    assert.is_nil((l:load "kalman"))
    assert.same({ true, 0, 0 }, { l:primed(), l:delay() })
    assert.equal(y:get(1), k:reset():run(z):get(1))
    assert.has_error(function() k:step(1, 2) end)
    assert.has_error(function() dsp.kalman(2, 1, dsp.of(1), dsp.of(1, 0), dsp.of(1), dsp.of(1), dsp.of(1), dsp.of(1)) end)
  end)

  it("join a slow true level and a fast drifting rate", function()
    local function make() return dsp.complementary(10, 2) end
    local c, level = make(), nil
    for i = 1, 300 do level = c:step(5 + i * 0.1, 1.2) end -- the rate lies 0.2 too high
    assert.is_near(35 + 0.2 * 2, level, 0.1)
    local a, b, g = noise(50, 4), noise(50, 5), make()
    local y = make():run(a, b)
    for i = 1, 50 do assert.equal(y:get(i), g:step(a:get(i), b:get(i))) end
    local h = make()
    assert.equal(h, h:load(g:save()))
    assert.equal(g:step(1, 1), h:step(1, 1))
    assert.is_nil((h:load "x"))
    assert.is_true(g:primed())
    assert.is_nil(h:reset():step(nil, 1))
    assert.is_false(h:primed())
    assert.same({ 0, 0 }, { h:delay() })
    assert.has_error(function() dsp.complementary(10, 0) end)
  end)
end)

describe("three-phase currents", function()
  it("stand still in the rotor's axes and come back", function()
    local n, a, b, c, theta = 100, {}, {}, {}, {}
    for i = 1, n do
      theta[i] = 0.3 * i
      a[i], b[i], c[i] = 5 * math.cos(theta[i]), 5 * math.cos(theta[i] - 2 * math.pi / 3),
        5 * math.cos(theta[i] + 2 * math.pi / 3)
    end
    a, b, c, theta = dsp.of(unpack(a)), dsp.of(unpack(b)), dsp.of(unpack(c)), dsp.of(unpack(theta))
    local d, q = dsp.dq(a, b, c, theta)
    assert.is_near(5, d:min(), 1e-12)
    assert.is_near(5, d:max(), 1e-12)
    assert.is_near(0, q:rms(), 1e-12)
    local alpha, beta, zero = dsp.clarke(a, b, c)
    assert.is_near(0, zero:rms(), 1e-12)
    near(a, (dsp.phases(alpha, beta, zero)))
    near(c, (select(3, dsp.phases(alpha, beta))))
    local d2, q2 = dsp.park(alpha, beta, theta)
    near(d, d2)
    near(beta, (select(2, dsp.stator(d2, q2, theta))))
    local angle, amplitude = dsp.polar(alpha, beta)
    assert.is_near(0.3, angle:get(1), 1e-12)
    assert.is_near(5, amplitude:mean(), 1e-12)
    assert.has_error(function() dsp.dq(a, b, c, dsp.of(1)) end)
  end)
end)

describe("a detector", function()
  it("says when and why, also after it was saved", function()
    local function make() return dsp.filter("cusum", 10, 0.5, 5, 20) end
    local d, x = make(), dsp.samples(60)
    for i = 1, 60 do x:set(i, i <= 40 and i % 2 or 3) end
    assert.is_nil(d:why())
    local y = d:run(x)
    local why, at, seconds = d:why()
    local last
    for i = 1, 60 do if (y:get(i) or 0) >= 1 then last = i end end
    assert.same({ "shifted up", last, (last - 1) / 10 }, { why, at, seconds })
    local stepped = make()
    for i = 1, 60 do stepped(x:get(i)) end
    assert.same({ d:why() }, { stepped:why() })
    local e = make()
    assert.equal(e, e:load(d:save()))
    assert.same({ d:why() }, { e:why() })
    assert.is_nil(d:reset():why())
  end)
end)

describe("the monitor", function()
  it("tells the Mahalanobis distance and keeps what it learnt", function()
    local m = dsp.monitor(2, 50)
    for i = 1, 30 do m:step(math.sin(i), math.cos(i * 1.7)) end
    local half = dsp.monitor(2, 50)
    assert.equal(half, half:load(m:save()))
    assert.is_nil(m:distance(0, 0))
    for i = 31, 50 do
      m:step(math.sin(i), math.cos(i * 1.7))
      half:step(math.sin(i), math.cos(i * 1.7))
    end
    local again = dsp.monitor(2, 50)
    assert.equal(again, again:load(m:save()))
    assert.equal(m:step(0.3, 7), again:step(0.3, 7))
    assert.equal(m(0.3, 7), half(0.3, 7))
    assert.is_true(m:distance(0, 9) > 9)
    assert.is_true(#m:save() < 400) -- rows that are no longer needed take no room
    assert.is_nil((m:load((m:save():gsub("0%*%d+$", "0*7")))))
    assert.is_nil((m:load "monitor 1 2"))
    assert.is_false(m:primed())
  end)
end)

-- Block functions and the monitor as Lua sees them.

local dsp = require "linewright.dsp"

local function tone(n, rate, hz, amplitude)
  local s = dsp.samples(n):rate(rate)
  for i = 1, n do s:set(i, amplitude * math.cos(2 * math.pi * hz * (i - 1) / rate)) end
  return s
end

describe("spectra", function()
  it("find a tone, its amplitude and its power", function()
    local s = tone(1024, 512, 40, 3)
    local spectrum = dsp.spectrum(s)
    assert.equal(513, #spectrum)
    assert.is_near(3, spectrum:get(1 + 40 * spectrum:rate()), 1e-12)
    local density = dsp.welch(s, 256)
    assert.equal(129, #density)
    assert.is_near(4.5, dsp.band_power(density, 30, 50), 1e-6)
    local amplitude, phase = dsp.tone(s, 40)
    assert.is_near(3, amplitude, 1e-12)
    assert.is_near(0, phase, 1e-12)
  end)

  it("demodulate a ringing", function()
    local s, n = tone(4096, 4096, 1000, 1), 4096
    for i = 1, n do s:set(i, s:get(i) * (2 + math.cos(2 * math.pi * 16 * (i - 1) / n))) end
    local envelope = dsp.spectrum(dsp.envelope(s, 500, 1500))
    assert.is_near(2, envelope:get(1), 1e-9)
    assert.is_near(1, envelope:get(17), 1e-9)
  end)

  it("are made equal, and a knock under a tone stands out", function()
    local s, n = tone(1024, 1024, 100, 50), 1024
    for i = 64, n, 128 do s:set(i, s:get(i) + 1) end
    local white = dsp.whiten(s)
    local lines = dsp.spectrum(white)
    assert.is_near(lines:median(), lines:slice(2, -2):max(), 1e-9)
    assert.is_near(1, white:rms(), 0.05)
    -- Eight knocks carry as much as all the rest; before, the tone was fifty times as high.
    local knocks = 0
    for i = 64, n, 128 do knocks = knocks + white:get(i) / 8 end
    assert.is_true(knocks > 2)
    assert.equal(0, dsp.whiten(dsp.samples(64):rate(1)):rms()) -- silence stays silent
    assert.has_error(function() dsp.whiten(dsp.samples(100):rate(1)) end)
  end)

  it("refuse what they cannot do", function()
    local s = tone(100, 50, 5, 1)
    assert.has_error(function() dsp.spectrum(s) end)
    assert.has_error(function() dsp.welch(s, 100) end)
    assert.has_error(function() dsp.welch(s, 128) end)
    assert.has_error(function() dsp.welch(dsp.samples(64), 16) end)
    assert.has_error(function() dsp.tone(s, 26) end)
    s:set(7, nil)
    local ok, message = pcall(dsp.welch, s, 16)
    assert.is_false(ok)
    assert.truthy(message:find("sample 7 is missing", 1, true))
  end)
end)

describe("block filters", function()
  it("leave a slow signal where it is", function()
    local s = tone(500, 100, 0.5, 2)
    local y = dsp.zero_phase(s, "lowpass", 10, 4)
    for i = 50, 450 do assert.is_near(s:get(i), y:get(i), 1e-3) end
    assert.is_near(0, dsp.zero_phase(s, "highpass", 10, 4):slice(50, 450):rms(), 1e-3)
    local few = dsp.decimate(s, 5)
    assert.equal(100, #few)
    assert.equal(20, few:rate())
    assert.is_near(s:get(251), few:get(51), 1e-3)
  end)

  it("bring irregular readings to a grid", function()
    local y = dsp.regrid(dsp.of(0, 1, 4), dsp.of(0, 10, 40), 0, 0.5, 2, 9)
    assert.same({ 0, 5, 10 }, { y:unpack(1, 3) })
    assert.is_nil(y:get(5))
    assert.equal(40, y:get(9))
    assert.has_error(function() dsp.regrid(dsp.of(1, 0), dsp.of(1, 2), 0, 1, 1, 3) end)
    assert.same({ 0, 1, 2 }, { dsp.travel(dsp.samples(3, 2):rate(2)):unpack() })
  end)
end)

describe("comparison", function()
  it("tells like from unlike", function()
    local a, b = dsp.ramp(200, 0, 1), dsp.ramp(200, 100, 1)
    assert.equal(0, (dsp.ks(a, a)))
    local distance, p = dsp.ks(a, b)
    assert.is_near(0.5, distance, 1e-12)
    assert.is_true(p < 1e-6)
    assert.is_true(dsp.psi(a, b) > 1)
    assert.equal(0, a:get(1)) -- the arguments stay as they were
  end)

  it("finds how late a signal is", function()
    local a = dsp.samples(200)
    for i = 1, 200 do
      a:set(i, math.exp(-((i - 80) / 9) ^ 2))
    end
    local late, r = dsp.lag(a:slice(1, 190), a:slice(5, 194), 20)
    assert.is_near(-4, late, 0.01)
    assert.is_near(1, r, 0.01)
    assert.is_nil(dsp.lag(a, dsp.samples(200, 3), 20))
  end)
end)

describe("the monitor", function()
  it("learns, tells and names the channel", function()
    local m = dsp.monitor(2, 50)
    assert.same({ 0, 0 }, { m:delay() })
    for i = 1, 50 do assert.is_nil(m:step(math.sin(i), math.cos(i * 1.7))) end
    assert.is_true(m:primed())
    assert.is_true(m:step(0, 0.5) < 1)
    assert.is_true(m:step(0.1, 9) > 1)
    local channel, sigma = m:why()
    assert.equal(2, channel)
    assert.is_true(sigma > 9)
    assert.has_error(function() m:step(1) end)
    assert.is_false(m:reset():primed())
    assert.has_error(function() dsp.monitor(33, 100) end)
    assert.has_error(function() dsp.monitor(5, 5) end)
  end)
end)

describe("a detector", function()
  it("says when and why", function()
    local d = dsp.filter("cusum", 1, 0.5, 5, 20)
    for i = 1, 20 do assert.is_nil(d:step(i % 2)) end
    assert.is_nil(d:why())
    local fired
    for i = 21, 60 do
      if (d:step(3) or 0) >= 1 then fired = i break end
    end
    assert.is_true(fired <= 23)
    assert.equal("shifted up", d:why())
    assert.is_nil(dsp.filter("median", 1, 3):why())
  end)
end)

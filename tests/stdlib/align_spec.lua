-- Signals on one grid, as recipes use it.

local align = require "align"
local dsp = require "linewright.dsp"

local function wave(n, rate, f)
  local s = dsp.samples(n):rate(rate)
  for i = 1, n do s:set(i, f((i - 1) / rate)) end
  return s
end

describe("align", function()
  it("brings two signals to one grid of time", function()
    local a = wave(100, 10, function(t) return 3 * t end)
    local b = wave(50, 4, function(t) return 5 * t end):rate(4, 1)
    local x, y = align.by_time(a, b, 8)
    assert.equal(#x, #y)
    assert.same({ 8, 1 }, { x:rate() })
    assert.is_near(3, x:get(1), 1e-12)
    assert.is_near(0, y:get(1), 1e-12)
    assert.is_near(3 * 1.5, x:get(5), 1e-12)
    assert.is_near(5 * 0.5, y:get(5), 1e-12)
    assert.has_error(function() align.by_time(a, b:rate(4, 1000), 8) end)
    assert.has_error(function() align.by_time(a, dsp.samples(3), 8) end)
  end)

  it("sees the same piece of web at every gauge, whatever the speed", function()
    local rate, n = 10, 600
    local speed = wave(n, rate, function(t) return t < 20 and 0.5 or 1.2 end)
    local travelled = dsp.travel(speed)
    -- The web carries a spot at each whole metre; a gauge 3 m down the line sees it 3 m later.
    local function gauge(at)
      local s = dsp.samples(n):rate(rate)
      for i = 1, n do s:set(i, math.cos(2 * math.pi * (travelled:get(i) - at))) end
      return s
    end
    local map = align.roll_map { speed = speed, step = 0.05, signals = {
      { samples = gauge(1), at = 1 }, { samples = gauge(4), at = 4 } } }
    local a, b = map[1], map[2]
    assert.equal(#a, #b)
    assert.equal(20, (a:rate()))
    assert.equal(#a, a:count())
    assert.is_true((a - b):slice(3, -3):abs():max() < 0.2)
    local _, r = dsp.lag(a, b, 5)
    assert.is_true(r > 0.99)
    assert.has_error(function()
      align.roll_map { speed = speed, step = 0.05, signals = { { samples = a, at = 0 }, { samples = b, at = 999 } } }
    end)
  end)

  it("holds an order in its place while the shaft speeds up", function()
    local n, rate = 8192, 1000
    local shaft = wave(n, rate, function(t) return 10 + 2 * t end)
    local turns = dsp.travel(shaft)
    local s = dsp.samples(n):rate(rate)
    for i = 1, n do s:set(i, 2 * math.sin(2 * math.pi * 3.5 * turns:get(i))) end
    local orders = align.orders(s, shaft, 64)
    local per_order = orders:rate()
    local at, most = 0, 0
    for i = 1, #orders do if orders:get(i) > most then at, most = i, orders:get(i) end end
    assert.is_near(3.5, (at - 1) / per_order, 0.05)
    assert.is_true(most > 1.6 and most < 2.05)
    -- Over time the same signal is smeared over many lines.
    assert.is_true(dsp.spectrum(s):max() < 1)
    assert.equal(64, (align.by_turn(s, shaft, 64):rate()))
  end)

  it("tells how late one signal is", function()
    local a = wave(300, 50, function(t) return math.exp(-((t - 2) / 0.3) ^ 2) end)
    local b = wave(300, 50, function(t) return math.exp(-((t - 2.13) / 0.3) ^ 2) end)
    local late, r = align.lag(a, b, 1)
    assert.is_near(0.13, late, 0.002)
    assert.is_true(r > 0.99)
    assert.is_nil(align.lag(a, dsp.samples(300, 1), 1))
  end)
end)

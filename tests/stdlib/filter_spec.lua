-- Filters as recipes use them.

local filter = require "filter"

describe("filters of recipes", function()
  it("runs over samples by their own rate and goes on from there", function()
    local dsp = require "linewright.dsp"
    for _, f in ipairs { filter.ewma { tau = "2 s" }, filter.rate { rate = 1 } } do
      local g = f:kind() == "ewma" and filter.ewma { tau = "2 s" } or filter.rate { rate = 1 }
      local s = dsp.of(0, 5, 5, 9, 2, 3):rate(4)
      local y = f:run(s)
      for i = 1, 6 do assert.is_near(g:step(s:get(i), i > 1 and 0.25 or 0), y:get(i), 1e-12) end
      assert.is_near(g:step(7, 1), f:step(7, 1), 1e-12)
      assert.has_error(function() f:run(dsp.of(1, 2)) end,
        "filter." .. f:kind() .. ": samples without a rate; set one by rate(hz)")
    end
    assert.same({ n = 2, [2] = 2 }, { n = select("#", filter.ewma({ tau = "2 s" }):delay()),
      [2] = select(2, filter.ewma({ tau = "2 s" }):delay()) })
  end)

  it("give nil for nil and do not notice it", function()
    for _, f in ipairs { filter.ewma { tau = "2 s" }, filter.median { window = 1 }, filter.rate { rate = 1 } } do
      assert.is_nil(f(nil, 1))
      assert.equal(5, f(5, 1))
      assert.is_nil(f(nil, 1))
    end
  end)

  it("give nil until their window is full", function()
    for _, f in ipairs { filter.median { window = 3 }, filter.mean { window = 3 }, filter.hampel { window = 3 } } do
      assert.is_nil(f(1))
      assert.is_nil(f(2))
      assert.is_number(f(3))
    end
  end)

  it("follow the clock", function()
    local f = filter.ewma { tau = "2 s" }
    assert.equal(0, f(0, 1))
    assert.is_near(1 - math.exp(-1), f(1, 2), 1e-12)
    assert.is_near(1 - math.exp(-1), f(1), 1e-12) -- no time has passed
    local r = filter.rate { rate = 3 }
    assert.equal(0, r(0, 1))
    assert.is_near(1.5, r(100, 0.5), 1e-12)
    assert.is_near(1.5, r(100), 1e-12)
  end)

  it("take outliers out and leave the rest", function()
    local f, out = filter.hampel { window = 7, k = 3 }, {}
    for i = 1, 30 do out[i] = f(i == 20 and 500 or i / 10) end
    assert.is_near(1.7, out[20], 0.11)
    for i = 7, 30 do assert.is_true(i == 20 or out[i] == i / 10) end
  end)

  it("are low-passes, dead bands and switches too", function()
    local low = filter.lowpass { cutoff = "0.1 Hz", every = "1 s" }
    assert.is_near(3, low(3), 1e-12)
    for _ = 1, 5 do assert.is_near(3, low(3), 1e-9) end
    local band = filter.deadband { band = 1 }
    assert.same({ 2, 2, 3.5 }, { band(2), band(2.9), band(3.5) })
    local switch = filter.hysteresis { on = 5, off = 3 }
    assert.same({ 0, 1, 1, 0 }, { switch(4), switch(5), switch(4), switch(3) })
  end)

  it("name what is wrong", function()
    assert.has_error(function() filter.ewma { tau = "5 m" } end)
    assert.has_error(function() filter.median { windows = 3 } end,
      "filter.median: unknown option 'windows' (known: window)")
    assert.has_error(function() filter.hampel { k = -1 } end, "filter.hampel: k must be a number >= 0, not -1")
    assert.has_error(function() filter.lowpass { cutoff = "3 Hz", every = "1 s" } end,
      "filter 'lowpass': cutoff = 3 Hz must lie above 0 and below 0.5 Hz, half the sample rate")
    assert.has_error(function() filter.hysteresis { on = 1, off = 1 } end)
  end)
end)

describe("every kernel", function()
  local filters = require "linewright.filters"
  local dsp = require "linewright.dsp"

  it("is a filter of recipes by its own name and parameters", function()
    for _, kind in ipairs { filters.kinds() } do assert.is_function(filter[kind], kind) end
    local f = filter.bandpass { low = "1 Hz", high = "5 Hz", order = 3, design = "bessel", every = "10 ms" }
    local g = dsp.filter("bandpass", 100, 1, 5, 3, 4)
    for i = 1, 50 do assert.equal(g:step(i % 7), f:step(i % 7)) end
    assert.equal("kalman", filter.kalman { noise = 0.2, wander = 0.01 }:kind())
    assert.is_near(2, filter.derivative({ every = "500 ms" }):run(dsp.ramp(9, 0, 1)):get(9), 1e-12)
    assert.equal(1, filter.minimum { window = 3 }:run(dsp.of(5, 1, 4)):get(3))
    assert.equal(5, filter.maximum { window = 3 }:run(dsp.of(5, 1, 4)):get(3))
  end)

  it("takes the clock's filters at a fixed time between readings too", function()
    local f = filter.ewma { tau = "2 s", every = "1 s" }
    local y = f:run(dsp.of(0, 1, 1))
    assert.is_near(1 - math.exp(-1 / 2), y:get(2), 1e-12)
    assert.is_true(f:delay() > 1)
    assert.is_near(1.5, filter.rate({ rate = 3, every = "500 ms" }):run(dsp.of(0, 9)):get(2), 1e-12)
  end)

  it("needs the time between readings where it goes by time", function()
    for _, make in ipairs {
      function() filter.bandpass { low = "1 Hz", high = "5 Hz" } end,
      function() filter.integral {} end,
      function() filter.debounce { hold = "1 s" } end,
      function() filter.bandpass { low = "1 bar", high = "5 Hz", every = "10 ms" } end,
      function() filter.highpass { cutoff = "1 Hz", design = "besel", every = "10 ms" } end,
      function() filter.highpass { cutoff = "60 Hz", every = "10 ms" } end,
      function() filter.savgol { window = "5" } end,
    } do
      local ok, message = pcall(make)
      assert.is_false(ok)
      assert.truthy(tostring(message):find("filter", 1, true))
    end
  end)

  it("goes on from a state kept as plain data", function()
    for _, make in ipairs {
      function() return filter.ewma { tau = "2 s" } end,
      function() return filter.hampel { window = 5 } end,
      function() return filter.lowpass { cutoff = "0.1 Hz", every = "1 s" } end,
    } do
      local f, g = make(), make()
      for i = 1, 9 do f(i * i % 5, 1) end
      local text = f:save()
      assert.is_string(text)
      assert.equal(g, g:load(text))
      assert.equal(f(3, 1), g(3, 1))
      assert.is_nil((g:load "x"))
      assert.is_nil(f:reset():primed() or nil)
    end
  end)
end)

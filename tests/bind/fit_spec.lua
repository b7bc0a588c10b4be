-- Fits against what they were made from, and against SciPy and NumPy.

local dsp = require "linewright.dsp"
local fit = require "linewright.fit"
local rng = require "linewright.rng"

local function near(want, got, tolerance)
  assert.is_true(math.abs(want - got) <= tolerance, ("%.10g, not %.10g"):format(got, want))
end

describe("fit", function()
  it("finds the line that rows were made from", function()
    local x, y = dsp.samples(60), dsp.samples(30)
    for i = 1, 30 do
      x:set(2 * i - 1, i)
      x:set(2 * i, math.sin(i))
      y:set(i, 2 * i - 3 * math.sin(i) + 5)
    end
    local w = fit.ridge(x, 2, y, 1e-9)
    for k, want in ipairs { 2, -3, 5 } do near(want, w:get(k), 1e-6) end
    near(y:get(7), fit.dot(x, 2, w):get(7), 1e-6)
  end)

  it("solves ridge and weighted ridge as their equations say", function()
    -- x = 1, 2, 4; y = 1, 3, 5; lambda = 2: slope = Sxy / (Sxx + 2)
    local x, y = dsp.of(1, 2, 4), dsp.of(1, 3, 5)
    near(6 / (14 / 3 + 2), fit.ridge(x, 1, y, 2):get(1), 1e-9)
    local twice = fit.ridge(dsp.of(1, 2, 2, 4), 1, dsp.of(1, 3, 3, 5), 2)
    near(twice:get(1), fit.ridge(x, 1, y, 2, dsp.of(1, 2, 1)):get(1), 1e-9)
    -- Six rows and more of one feature are solved at once, not by steps: the same answer.
    local more = { dsp.of(1, 2, 4, 1, 2, 4), dsp.of(1, 3, 5, 1, 3, 5) }
    local halves = dsp.of(0.5, 1, 0.5, 0.5, 1, 0.5)
    for k = 1, 2 do
      near(twice:get(k), fit.ridge(more[1], 1, more[2], 2, halves):get(k), 1e-9)
    end
  end)

  it("stands at the flat place of the logistic objective", function()
    local r, n, d = rng.new(5, 1), 300, 4
    local x, y = dsp.samples(n * d), dsp.samples(n)
    for i = 1, n do
      for k = 1, d do x:set((i - 1) * d + k, r:normal()) end
      local z = 2 * x:get((i - 1) * d + 1) - x:get((i - 1) * d + 2) + 0.5
      y:set(i, r:uniform() < 1 / (1 + math.exp(-z)) and 1 or 0)
    end
    local w = fit.logistic(x, d, y, 1)
    local z = fit.dot(x, d, w)
    for k = 1, d do -- the slope in each weight is nought
      local slope = w:get(k)
      for i = 1, n do
        slope = slope + (1 / (1 + math.exp(-z:get(i))) - y:get(i)) * x:get((i - 1) * d + k)
      end
      near(0, slope, 1e-2)
    end
    assert.is_true(w:get(1) > 1 and w:get(2) < -0.4)
    local _, _, code = fit.logistic(x, d, dsp.samples(n), 1)
    assert.equal("E-RANGE", code) -- nothing but zeros
  end)

  it("measures distances with the shrunk covariance", function()
    local x = dsp.of(0, 0, 2, 2, 0, 2, 2, 0) -- variances 4/3, no covariance
    local model = fit.shrunk(x, 2, 0.1)
    near(1.5, fit.distance(model, dsp.of(1, 1, 2, 2), 2):get(2), 1e-9)
    near(0, fit.distance(model, dsp.of(1, 1, 2, 2), 2):get(1), 1e-12)
  end)

  it("turns rows into components that explain them", function()
    local r, n = rng.new(9, 1), 500
    local x = dsp.samples(n * 3)
    for i = 1, n do
      local t = r:normal()
      for k, gain in ipairs { 3, -3, 0.1 } do x:set((i - 1) * 3 + k, gain * t + 0.01 * r:normal()) end
    end
    local model = fit.pca(x, 3)
    assert.is_true(model:get(1) > 1000 * model:get(2))
    near(1 / math.sqrt(2), math.abs(model:get(4)), 0.01)
    local t2, q = fit.t2q(model, dsp.of(3, -3, 0.1, 0, 0, 5), 3, 1)
    near(1, t2:get(1), 0.2)
    near(0, q:get(1), 0.01)
    near(25, q:get(2), 0.5)
    assert.error(function() fit.t2q(model, x, 3, 4) end)
  end)
end)

describe("limits of parts that have not changed", function()
  local function normals(n, seed)
    local r, x = rng.new(seed, 1), dsp.samples(n)
    for i = 1, n do x:set(i, r:normal()) end
    return x
  end
  local function ones(n, value)
    local x = dsp.samples(n)
    for i = 1, n do x:set(i, value or 1) end
    return x
  end

  it("rise with the length of a run and with how much rows of a part are alike", function()
    local x, alike = normals(300, 4), dsp.samples(300)
    local _, short = fit.page(x, ones(300), 0.25, 0.001, 100, 1000, 1)
    local unsure, long = fit.page(x, ones(300), 0.25, 0.001, 1000, 1000, 1)
    assert.is_true(short > 3 and long > short)
    near(3 / math.sqrt(300), unsure, 0.01)
    local parts = normals(100, 5)
    for i = 1, 300 do alike:set(i, parts:get(math.ceil(i / 3))) end
    near(3 / math.sqrt(100), (fit.page(alike, ones(100, 3), 0.25, 0.001, 100, 1000, 1)), 0.03)
    -- Squared distance of two means of one figure: (1/300 + 1/30) chi-square with one degree.
    near((1 / 300 + 1 / 30) * 10.83, fit.shift(x, ones(300), 1, 0.001, 30, 5000, 1), 0.15)
  end)

  it("are refused where nothing can be said", function()
    assert.same({ 0, 0 }, { fit.page(ones(50), ones(50), 0.25, 0.001, 10, 1000, 1) })
    assert.is_nil((fit.page(normals(9, 1), dsp.of(9), 0.25, 0.001, 10, 1000, 1)))
    assert.is_nil((fit.page(normals(9, 1), ones(9), 0.25, 0.2, 10, 1000, 1)))
    assert.is_nil((fit.shift(normals(9, 1), ones(9), 1, 0.001, 10, 50, 1)))
    assert.has_error(function() fit.page(normals(9, 1), dsp.of(4, 4), 0.25, 0.001, 10, 1000, 1) end)
    assert.has_error(function() fit.page(normals(9, 1), dsp.of(4, 6), 0.25, 0.001, 10, 1000, 1) end)
  end)
end)

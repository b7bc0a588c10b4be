-- Watching for change, as recipes use it.

local watch = require "watch"

describe("watch.together", function()
  local function trained()
    local w = watch.together { signals = { "current", "flow" }, train = 60 }
    for i = 1, 60 do assert.is_nil(w(math.sin(i), 10 + math.cos(i * 1.3))) end
    return w
  end

  it("is quiet on what it learnt and names what leaves it", function()
    local w = trained()
    assert.is_true(w(0.5, 10.5) < 1)
    assert.is_true(w(0, 2) > 1)
    assert.truthy(w:why():find "^flow is %d+%.%d sigma below its mean$")
    assert.is_true(w(9, 10) > 1)
    assert.truthy(w:why():find "^current is .* above its mean$")
  end)

  it("repeats its last judgement for a row with a gap", function()
    local w = trained()
    local severity = w(0, 2)
    assert.equal(severity, w(nil, 2))
  end)

  it("refuses options it does not know", function()
    assert.has_error(function() watch.together { signals = { "a" }, train = 10, limit = 2 } end,
      "watch.together: unknown option 'limit'")
    assert.has_error(function() watch.together { signals = {}, train = 10 } end)
    assert.has_error(function() watch.together { signals = { "a" }, train = 1 } end)
    assert.has_error(function() watch.together { signals = { "a" }, train = 10, factor = 0 } end)
  end)
end)

describe("watch.one", function()
  it("fires on a shift and says which way", function()
    local w = watch.one("cusum", { h = 5, train = 50 })
    for i = 1, 50 do assert.is_nil(w(20 + math.sin(i))) end
    local fired
    for _ = 1, 20 do fired = fired or (w(18) or 0) >= 1 end
    assert.is_true(fired)
    assert.equal("shifted down", w:why())
  end)

  it("takes the detector's own parameters only", function()
    assert.has_error(function() watch.one("cusum", { height = 5 }) end,
      "watch.one(\"cusum\"): unknown option 'height'")
    assert.has_error(function() watch.one("lowpass", {}) end)
    assert.has_error(function() watch.one("page_hinkley", {}) end) -- needs delta and limit
  end)
end)

describe("watch.score", function()
  it("counts as the books do", function()
    local s = watch.score()
    for i = 1, 10 do s:add(i <= 4, i >= 3 and i <= 7) end -- 2 hits, 2 false, 3 missed, 3 quiet
    local f1, far, mar = s:figures()
    assert.is_near(4 / 9, f1, 1e-12)
    assert.is_near(2 / 5, far, 1e-12)
    assert.is_near(3 / 5, mar, 1e-12)
  end)

  it("goes on from counts kept in plain data", function()
    local s = watch.score { pt = 1, pf = 0, nt = 0, nf = 5 }
    s:add(false, true)
    assert.equal(1, s.nt)
    assert.is_near(2 / 3, (s:figures()), 1e-12)
  end)
end)

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

  it("tells which row was the last alarm, also after a restart, and learns anew when reset", function()
    local w = trained()
    assert.is_nil((select(2, w:why())))
    w(0, 2)
    w(0.5, 10.5)
    local v = watch.together { signals = { "current", "flow" }, train = 60 }
    assert.equal(v, v:load(w:save()))
    v(0.5, 10.5)
    assert.equal(61, (select(2, v:why())))
    assert.is_nil((v:load "61 61 monitor"))
    assert.equal(w, w:reset())
    assert.is_nil(w(0, 2))
    assert.is_nil(w:why())
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

describe("watch.level", function()
  local function taught(opts)
    opts.train = 50
    local w = watch.level(opts)
    for i = 1, 50 do assert.is_nil(w(10 + math.sin(i))) end
    return w
  end

  it("alarms on one side and until the signal is back", function()
    local w = taught { side = "low", limit = 3, back = 1 }
    assert.is_true(w(20) < 1)
    assert.is_true(w(7) > 1)
    assert.truthy(w:why():find "^%d%.%d sigma below its mean$")
    assert.is_true(w(8.5) >= 1) -- 2.1 sigma: still
    assert.equal(w(8.5), w(nil))
    assert.is_true(w(9.8) < 1)
    assert.is_true(w(8.5) < 1) -- and not again
    assert.is_true(taught({ side = "high" })(20) > 1)
    assert.is_true(taught({})(0) > 1)
  end)

  it("tells which reading was the last alarm, and learns anew when reset", function()
    local w = taught {}
    w(11)
    assert.is_nil((select(2, w:why())))
    w(20)
    w(11)
    assert.equal(52, (select(2, watch.level({ train = 50 }):load(w:save()):why())))
    assert.equal(w, w:reset())
    assert.is_nil(w(20))
    assert.is_nil(w:why())
  end)

  it("keeps what it learnt as plain data", function()
    local w = taught {}
    local v = watch.level { train = 50 }
    assert.equal(v, v:load(w:save()))
    assert.equal(w(13), v(13))
    assert.has_error(function() watch.level { train = 50, side = "up" } end)
    assert.has_error(function() watch.level { train = 50, back = 4 } end)
  end)
end)

describe("watch.distribution", function()
  local function feed(w, from, to, value)
    local last
    for i = from, to do last = w(value(i)) end
    return last
  end
  local function noise(i) return (i * 16807 % 1009) / 1009 end
  local function split(i) return noise(i) < 0.5 and 0 or 1 end -- the same mean on two levels

  for _, method in ipairs { "ks", "psi" } do
    it("sees two levels behind one mean, by " .. method, function()
      local w = watch.distribution { train = 500, window = 200, method = method }
      assert.is_true(feed(w, 1, 900, noise) < 1)
      assert.is_nil(w:why())
      local v = watch.distribution { train = 500, window = 200, method = method }
      assert.equal(v, v:load(w:save()))
      assert.is_true(feed(w, 901, 1100, split) >= 1)
      local why, at = w:why()
      assert.truthy(why:find(method == "ks" and "^its distribution lies" or "^its population"))
      assert.equal(1100, at)
      assert.equal(w(nil), feed(v, 901, 1100, split))
    end)
  end

  it("refuses another's state and options it does not have", function()
    local w = watch.distribution { train = 20, window = 10 }
    local ok, _, code = watch.distribution({ train = 30, window = 10 }):load(w:save())
    assert.same({ nil, "E-CORRUPT" }, { ok, code })
    assert.has_error(function() watch.distribution { train = 20, window = 10, method = "chi" } end)
    assert.has_error(function() watch.distribution { train = 20 } end)
  end)
end)

describe("what was learnt together", function()
  it("is kept as text", function()
    local w = watch.together { signals = { "a", "b" }, train = 20 }
    for i = 1, 20 do w(math.sin(i), math.cos(i * 2)) end
    local v = watch.together { signals = { "a", "b" }, train = 20 }
    assert.equal(v, v:load(w:save()))
    assert.equal(w(3, 3), v(3, 3))
    assert.equal(w:why(), v:why())
    assert.is_nil((v:load "nothing"))
  end)
end)

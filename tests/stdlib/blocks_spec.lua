local control = require "control"
local decide = require "decide"

local function raises(text, fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  assert.truthy(tostring(err):find(text, 1, true), err)
end

describe("control.dead_time_i", function()
  local function trim() return control.dead_time_i { target = 100, gain = 0.5, delay = "10 s", out_min = 40, out_max = 60 } end

  it("corrects once per delay by the mean since the last correction", function()
    local f = trim()
    for _ = 1, 4 do assert.equal(50, f(90, 2, 50)) end
    assert.is_near(50 * (1 + 0.5 * 0.1), f(90, 2, 50), 1e-12)
    assert.equal(52, f(110, 2, 52))
  end)

  it("does not correct film twice: what comes by within the dead time was made before", function()
    local f = trim()
    for _ = 1, 5 do f(90, 2, 50) end
    -- The correction works, but for the dead time the gauge still sees the old film.
    for _ = 1, 4 do assert.equal(52.5, f(90, 2, 52.5)) end
    assert.equal(52.5, f(100, 2, 52.5))
  end)

  it("keeps its limits, and its output without a reading", function()
    local f = trim()
    assert.equal(50, f(nil, 100, 50))
    assert.equal(60, f(10, 10, 55))
    assert.equal(40, f(1000, 10, 55))
  end)

  it("names what is wrong", function()
    raises("control.dead_time_i: delay is missing", control.dead_time_i, { target = 1, gain = 1 })
    raises("control.dead_time_i: unknown option 'dealy'", control.dead_time_i, { target = 1, gain = 1, delay = 1, dealy = 1 })
    raises("control.dead_time_i: gain must be a number, not x", control.dead_time_i, { target = 1, gain = "x", delay = 1 })
    raises("target must not be 0", control.dead_time_i, { target = 0, gain = 1, delay = 1 })
  end)
end)

describe("control.pid", function()
  it("brings a lag to its target without winding up", function()
    local f = control.pid { kp = 2, ti = "5 s", target = 10, out_min = 0, out_max = 12 }
    local y, most = 0, 0
    for _ = 1, 600 do
      y = y + 0.1 * (f(y, 0.1) - y) / 3
      most = math.max(most, y)
    end
    assert.is_near(10, y, 0.01)
    assert.is_true(most < 10.6)
  end)

  it("gives back its last output for nil", function()
    local f = control.pid { kp = 1, target = 5 }
    assert.equal(3, f(2, 1))
    assert.equal(3, f(nil, 1))
  end)
end)

describe("control.ramp", function()
  it("moves at its rate and no faster", function()
    local f = control.ramp { start = 20, rate = 2 }
    assert.equal(22, f(100, 1))
    assert.equal(22, f(nil, 1))
    assert.equal(21, f(21, 5))
    raises("rate must be above 0", control.ramp, { start = 1, rate = 0 })
  end)
end)

describe("decide.gate", function()
  local function gate() return decide.gate { min = 0.8, votes = 3, of = 5 } end

  it("is unsure until enough judgements agree", function()
    local f = gate()
    assert.same({ "unsure", "unsure", "ok" }, { f("ok", 0.9), f("ok", 0.9), f("ok", 0.9) })
  end)

  it("says defect for any label but ok, once enough are sure", function()
    local f = gate()
    f("streak", 0.9)
    f("pinhole", 0.9)
    assert.equal("unsure", f("streak", 0.79))
    assert.equal("defect", f("streak", 0.8))
  end)

  it("forgets what is older than its window, and counts no reading as unsure", function()
    local f = gate()
    for _ = 1, 3 do f("streak", 1) end
    assert.equal("defect", f(nil, nil))
    assert.equal("defect", f(nil, nil))
    assert.equal("unsure", f(nil, nil))
  end)

  it("names what is wrong", function()
    raises("decide.gate: votes must be a number in 1..5, not 6", decide.gate, { min = 0.5, votes = 6, of = 5 })
    raises("unknown option 'confidence'", decide.gate, { confidence = 1 })
  end)
end)

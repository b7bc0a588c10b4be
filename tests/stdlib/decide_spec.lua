-- What stands between a model's score and the plant.

local decide = require "decide"
local small_run = dofile "tests/support/small_run.lua"

describe("decide.hysteresis", function()
  it("switches at its two limits, in either direction", function()
    local up = decide.hysteresis { on = 0.8, off = 0.6 }
    local out = {}
    for i, x in ipairs { 0.5, 0.7, 0.8, 0.7, 0.61, 0.6, 0.7 } do out[i] = up(x) end
    assert.same({ false, false, true, true, true, false, false }, out)
    local down = decide.hysteresis { on = 10, off = 20 }
    assert.same({ false, true, true, false }, { down(15), down(9), down(15), down(20) })
  end)

  it("keeps what was when the number is missing", function()
    local h = decide.hysteresis { on = 1, off = 0 }
    assert.is_true(h(1))
    assert.is_true(h(nil))
    assert.is_true(h(0 / 0))
  end)
end)

describe("decide.proposal", function()
  it("begins where the set-point is and moves no faster than its rate", function()
    local p = decide.proposal { lo = 0, hi = 10, rate = 2 }
    assert.same({ 5, "rate" }, { p(9, 4, 0.5) })
    assert.same({ 6, "rate" }, { p(9, 99, 0.5) })
    assert.same({ 9 }, { p(9, 0, 10) })
    assert.same({ 10, "clamped" }, { p(50, 0, 10) })
    assert.same({ 10, "missing" }, { p(nil, 0, 10) })
    assert.same({ 10, "missing" }, { p(0 / 0, 0, 10) })
  end)

  it("refuses limits that are none", function()
    assert.has_error(function() decide.proposal { lo = 1, hi = 1, rate = 1 } end)
    assert.has_error(function() decide.proposal { lo = 1, hi = 2, rte = 1 } end,
      "decide.proposal: unknown option 'rte' (known: hi, lo, rate)")
  end)
end)

describe("shadow mode", function()
  it("counts what the model would have done against what was true", function()
    local s = decide.shadow()
    for _, case in ipairs { { "ok", "ok" }, { "streak", "ok" }, { "ok", "streak" }, { "pinhole", "streak" },
      { "streak", "streak" }, { nil, "ok" } } do s:add(case[1], case[2]) end
    assert.same({ n = 5, agreed = 2, false_alarms = 1, missed = 1, confused = 1 }, s:report())
  end)

  it("lets a challenger fail without a word to the champion", function()
    local f, tally = decide.challenge {
      champion = function(x) return x > 1 and "reject" or "ok", x end,
      challenger = function(x) if x == 3 then error "broken" end return "ok" end,
    }
    assert.same({ "ok", 1 }, { f(1) })
    assert.same({ "reject", 2 }, { f(2) })
    assert.same({ "reject", 3 }, { f(3) })
    assert.same({ n = 2, agreed = 1, missed = 1, false_alarms = 0, confused = 0 }, tally:report())
  end)
end)

describe("r.approve", function()
  local function start()
    local t = small_run { execute = function(r)
      local ok, who = r.approve { prompt = "speed to 7 m/min?", roles = { "process", "quality" }, within = "5 min" }
      r.decision("speed", { outcome = ok and "faster" or "same", approved = who })
      r.mark(ok and "yes" or "no", { who = who })
      r.dwell "1 h"
    end }
    t:start()
    t:run_until(function(run) return #run.prompts == 1 end, { within = "1 min" })
    return t
  end

  local function answer(t, who, what)
    assert.is_true(t.line:command("answer", who, what))
    t:advance "1 s"
  end

  it("takes a key of each role, from two people", function()
    local t = start()
    answer(t, "ana", "approve")
    answer(t, "ana", "approve") -- the same person once more
    assert.truthy(t.run.prompts[1].prompt:find("another person than before", 1, true))
    answer(t, "ben", "approve")
    assert.equal(1, t:count("mark", "yes"))
    t:crash()
    t:reboot()
    assert.is_true(t:command "unhold")
    t:advance "1 min"
    assert.equal(1, t:count("mark", "yes"))
  end)

  it("is a no when one refuses or nobody answers in time", function()
    local t = start()
    answer(t, "ana", "reject")
    assert.equal(1, t:count("mark", "no"))
    t = start()
    answer(t, "ana", "approve")
    t:advance "6 min"
    assert.equal(1, t:count("mark", "no"))
  end)
end)

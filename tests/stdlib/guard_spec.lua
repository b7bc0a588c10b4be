-- The guard around models: limits that chance gives, and what trips them.

local chances = require "linewright.chances"
local dsp = require "linewright.dsp"
local guard = require "guard"
local picture = require "linewright.picture"
local rng = require "linewright.rng"

local function normals(seed, n, mean, sd)
  local r, out = rng.new(seed, 1), dsp.samples(n)
  for i = 1, n do out:set(i, (mean or 0) + (sd or 1) * r:normal()) end
  return out
end

local function near(want, got, tolerance)
  assert.is_true(math.abs(want - got) <= tolerance, ("%.10g, not %.10g"):format(got, want))
end

-- Values from tables and from SciPy 1.10.
describe("chances", function()
  it("has the quantiles of tables", function()
    near(16.918978, chances.chi_square(0.95, 9), 1e-5)
    near(27.877165, chances.chi_square(0.999, 9), 1e-5)
    near(3.8414588, chances.chi_square(0.95, 1), 1e-6)
    local low, high = chances.bounds(3, 20)
    near(0.0320709, low, 1e-6)
    near(0.3789268, high, 1e-6)
  end)

  it("needs 2995 parts without an error for 99.9 %", function()
    assert.is_true(chances.at_most(0, 2995) <= 0.001)
    assert.is_true(chances.at_most(0, 2994) > 0.001)
    assert.equal(1, chances.at_most(5, 5))
  end)
end)

describe("guard.limit", function()
  it("takes the conformal order statistic", function()
    local list = {}
    for i = 1, 99 do list[i] = 100 - i end
    assert.equal(98, guard.limit(list, 0.02))
    assert.equal(90, guard.limit(list, 0.1))
  end)

  it("refuses a share that so few scores cannot calibrate", function()
    local ok, message = pcall(guard.limit, { 1, 2, 3 }, 0.02)
    assert.is_false(ok)
    assert.truthy(message:find("49 are needed", 1, true))
    assert.is_true(pcall(guard.limit, normals(1, 49), 0.02))
  end)
end)

describe("guard.verdict", function()
  it("abstains between its limits and for what is no number", function()
    local v = guard.verdict { good = normals(2, 400), bad = normals(3, 400, 2), missed = 0.05 }
    assert.is_true(v.low < v.high)
    assert.equal("accept", v(-3))
    assert.equal("reject", v(5))
    assert.equal("abstain", v((v.low + v.high) / 2))
    assert.equal("abstain", v(0 / 0))
    assert.equal("abstain", v(nil))
  end)

  it("abstains in the gap when good and bad lie far apart", function()
    local v = guard.verdict { good = normals(2, 400), bad = normals(3, 400, 50) }
    assert.equal("abstain", v(20))
    assert.equal("accept", v(0))
    assert.equal("reject", v(50))
  end)

  it("has a digest of its calibration", function()
    local a, b = guard.verdict { good = normals(2, 400) }, guard.verdict { good = normals(4, 400) }
    assert.equal(64, #a.digest)
    assert.are_not.equal(a.digest, b.digest)
  end)
end)

describe("guard.strange", function()
  local function cloud(seed, n, shift)
    local r, out = rng.new(seed, 2), {}
    for i = 1, n do
      local x = r:normal()
      out[i] = { x + (shift or 0), x + 0.1 * r:normal(), 7 }
    end
    return out
  end

  it("abstains for a part off the line that good parts lie on", function()
    local g = guard.strange { rows = cloud(1, 600) }
    local flagged = 0
    for _, row in ipairs(cloud(2, 1000)) do
      if g:check(row) == "abstain" then flagged = flagged + 1 end
    end
    assert.is_true(flagged <= 35)
    assert.equal("abstain", (g:check { 2, -2, 7 })) -- each figure alone is usual
    assert.equal("ok", (g:check { 1, 1, 7 }))
    assert.equal("abstain", (g:check { 0, 0, 8 }))  -- a figure that never moved
  end)

  it("names what is not finite", function()
    local ok, message = pcall(guard.strange, { rows = { { 1, 2 }, { 1, 0 / 0 }, { 2, 2 }, { 3, 4 } } })
    assert.is_false(ok)
    assert.truthy(message:find("row 2, feature 2", 1, true))
  end)
end)

describe("guard.light", function()
  it("asks for another picture, never rejects", function()
    local rows = {}
    for i = 1, 40 do
      rows[i] = { 100 + i % 5, 20, 60, 100, 140, 0, 0, 0.01 * (i % 3), 0, 0.5 + 0.01 * (i % 7) }
    end
    local g = guard.light { rows = rows }
    assert.equal("ok", (g:check(rows[1])))
    local clipped = { 102, 20, 60, 100, 140, 0.3, 0, 0, 0, 0.5 }
    local outcome, why = g:check(clipped)
    assert.equal("retake", outcome)
    assert.truthy(why:find "^clipped is 0.3")
    local soft = { 102, 20, 60, 100, 140, 0, 0, 0, 0, 0.01 }
    assert.equal("retake", (g:check(soft)))
    assert.equal("retake", (g:check { 0 / 0, 20, 60, 100, 140, 0, 0, 0, 0, 0.5 }))
  end)
end)

describe("guard.patches", function()
  -- A dark patch at the left, a white one at the right, the part between them.
  local function shot(gain, bias)
    local bytes = {}
    for y = 1, 16 do
      for x = 1, 32 do
        local v = x <= 8 and 30 or x > 24 and 190 or 80 + x + y
        bytes[#bytes + 1] = string.char(math.min(255, math.floor(v * gain + bias + 0.5)))
      end
    end
    return assert(picture.raw(table.concat(bytes), 16, 32, 1, 8))
  end
  local g = guard.patches { dark = { 1, 1, 8, 16 }, white = { 25, 1, 8, 16 }, levels = { 30, 190 } }

  it("bring a picture back to the reference's light", function()
    local want, got = shot(1, 0):get(), assert(g:apply(shot(0.9, 12))):get()
    for i = 1, #want, 5 do near(want:get(i), got:get(i), 1) end
  end)

  it("ask for another picture when the lamp has gone too far", function()
    for _, light in ipairs { { 0.7, 0 }, { 1.5, 0 }, { 0, 100 } } do
      local p, why = g:apply(shot(light[1], light[2]))
      assert.is_nil(p)
      assert.truthy(why:find("patch", 1, true))
    end
    assert.has_error(function() guard.patches { dark = { 1, 1, 8 }, white = { 1, 1, 1, 1 }, levels = { 1, 2 } } end,
      "guard.patches: dark must be { left, top, width, height }")
  end)
end)

describe("guard.drift", function()
  local function rows_of(seed, n, mean)
    local a, b, out = normals(seed, n, mean), normals(seed + 1000, n, 0, 3), {}
    for i = 1, n do out[i] = { a:get(i), b:get(i) } end
    return out
  end

  local function first_alarm(g, rows)
    for i, row in ipairs(rows) do
      local text, method = g:add(row)
      if text then return i, method, text end
    end
  end

  it("is silent for 3000 parts like the reference", function()
    local g = guard.drift { signals = { "a", "b" }, rows = rows_of(1, 400), adwin = true }
    assert.is_nil(first_alarm(g, rows_of(2, 3000)))
  end)

  it("finds a step within a window of 30 and names the figure", function()
    local g = guard.drift { signals = { "a", "b" }, rows = rows_of(1, 400), page_hinkley = false }
    local at, method, text = first_alarm(g, rows_of(2, 200, 1.5))
    assert.equal(30, at)
    assert.equal("ks", method)
    assert.truthy(text:find "^a: ")
  end)

  it("finds a small lasting change part by part", function()
    local g = guard.drift { signals = { "a", "b" }, rows = rows_of(1, 400), windows = {} }
    local at, method = first_alarm(g, rows_of(2, 300, 0.8))
    assert.equal("page_hinkley", method)
    assert.is_true(at < 120)
  end)

  it("goes on from what it kept as if nothing had been between", function()
    local opts = { signals = { "a", "b" }, rows = rows_of(1, 400) }
    local whole, rows, seen = guard.drift(opts), rows_of(2, 200, 0.6), nil
    local cut = guard.drift(opts)
    local alarms = 0
    for i, row in ipairs(rows) do
      local text, method = whole:add(row)
      cut:add(rows[200 - i + 1])                          -- others, which restore forgets
      cut:restore(seen)
      assert.same({ text, method }, { cut:add(row) })
      seen = cut:state()
      alarms = alarms + (text and 1 or 0)
    end
    assert.is_true(alarms > 0)
    assert.has_error(function() guard.drift({ signals = { "a", "b" }, rows = opts.rows, adwin = true }):state() end,
      "guard.drift: what ADWIN has seen cannot be kept")
  end)

  -- Three pictures of each part: rows of a part are alike, so there are fewer than it seems.
  local function parts(seed, n, shift)
    local r, out, groups = rng.new(seed, 6), {}, {}
    for i = 1, n do
      local own = r:normal() + (shift or 0)
      for _ = 1, 3 do out[#out + 1], groups[#groups + 1] = { own + 0.2 * r:normal() }, i end
    end
    return out, groups
  end

  local function alarms_in(seeds, with_groups, shift)
    local alarms, sum = 0, 0
    for seed = 1, seeds do
      local learnt, groups = parts(seed, 40)
      local g = guard.drift { signals = { "mean" }, rows = learnt, windows = {},
        groups = with_groups and groups or nil }
      local at = first_alarm(g, (parts(1000 + seed, 100, shift)))
      alarms, sum = alarms + (at and 1 or 0), sum + (at or 300)
    end
    return alarms, sum / seeds
  end

  it("has limits for Page-Hinkley that other lots of the same parts stay under", function()
    assert.equal(0, (alarms_in(60, true)))
    assert.is_true((alarms_in(60, false)) >= 2) -- what rows taken for parts would do
    local found, parts_n = alarms_in(20, true, 2)
    assert.equal(20, found)
    assert.is_true(parts_n < 80)
  end)

  it("sees a small change of several figures in the means of a window", function()
    local names, reference, later = {}, {}, {}
    local r = rng.new(8, 1)
    local function row(shift)
      local out = {}
      for k = 1, 6 do out[k] = r:normal() + shift end
      return out
    end
    for k = 1, 6 do names[k] = "f" .. k end
    for i = 1, 300 do reference[i] = row(0) end
    local g = guard.drift { signals = names, rows = reference, windows = { 30 },
      page_hinkley = false }
    for _ = 1, 900 do assert.is_nil((g:add(row(0)))) end
    for i = 1, 30 do later[i] = row(0.75) end
    local at, method, text = first_alarm(g, later)
    assert.same({ 30, "mean" }, { at, method })
    assert.truthy(text:find("the means of the last 30 parts lie", 1, true))
    g:reset()
    assert.is_nil(g:why())
  end)

  it("says what reference it cannot take", function()
    local learnt, groups = parts(1, 40)
    groups[120] = nil
    local ok, message = pcall(guard.drift, { signals = { "a" }, rows = learnt, groups = groups })
    assert.is_false(ok)
    assert.truthy(message:find("120 rows, but 119 groups", 1, true))
    for i = 1, 120 do groups[i] = "one part" end
    ok, message = pcall(guard.drift, { signals = { "a" }, rows = learnt, groups = groups })
    assert.is_false(ok)
    assert.truthy(message:find("all rows are of one part", 1, true), message)
  end)

  it("has a PSI limit that chance explains", function()
    local alarms, folk = 0, 0
    for i = 1, 200 do
      local is_drift, psi = guard.psi(normals(i, 122), normals(i + 500, 30))
      alarms = alarms + (is_drift and 1 or 0)
      folk = folk + (psi > 0.25 and 1 or 0)
    end
    assert.is_true(alarms <= 4)
    assert.is_true(folk > 60) -- what the rule of thumb would have done
    assert.is_true((guard.psi(normals(1, 300), normals(2, 100, 1.5))))
  end)
end)

describe("golden parts and rejects", function()
  it("switch the inspection off when errors are no chance", function()
    local g = guard.golden { share = 0.02 }
    for _ = 1, 100 do assert.equal("ok", (g:add(true))) end
    local outcome
    for _ = 1, 8 do outcome = g:add(false) end
    assert.equal("off", outcome)
  end)

  it("stop after five rejects in a row and stay stopped", function()
    local tired = guard.rejects(5)
    for _ = 1, 4 do assert.is_false(tired "reject") end
    assert.is_false(tired "accept")
    for _ = 1, 4 do assert.is_false(tired "reject") end
    assert.is_true(tired "reject")
    assert.is_true(tired "accept")
  end)
end)

describe("limits that were found before", function()
  it("judge as those that they come from", function()
    local verdict = guard.verdict { good = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, false_reject = 0.2 }
    local again = guard.verdict { limits = { high = verdict.high } }
    for score = 0, 12 do assert.equal(verdict(score), again(score)) end
  end)

  it("are refused when there is nothing in them", function()
    for text, make in pairs {
      ["guard.light: limits are empty"] = function() guard.light { limits = {} } end,
      ["guard.light: no figure 'glare'"] = function()
        guard.light { limits = { { name = "glare", low = 0, high = 1 } } }
      end,
      ["guard.light: high must be a number"] = function()
        guard.light { limits = { { name = "mean", low = 0 } } }
      end,
      ["guard.verdict: high must be a number"] = function() guard.verdict { limits = {} } end,
    } do
      local ok, message = pcall(make)
      assert.is_false(ok)
      assert.is_truthy(tostring(message):find(text, 1, true), tostring(message))
    end
  end)
end)

-- Training from rows of parts: honest splits, a card, a file that runs.

local dsp = require "linewright.dsp"
local infer = require "linewright.infer"
local picture = require "linewright.picture"
local rng = require "linewright.rng"
local sys = require "linewright.sys"
local train = require "train"

-- 60 parts of 4 rows each; the label belongs to the part, and so does a fingerprint that
-- tells the part but nothing of the label.
local function made(gain)
  local r, x, y, groups = rng.new(3, 1), dsp.samples(240 * 5), dsp.samples(240), {}
  local at = 0
  for part = 1, 60 do
    local is_bad = part % 3 == 0
    local print_1, print_2, print_3 = r:normal(), r:normal(), r:normal()
    for _ = 1, 4 do
      for _, v in ipairs { (is_bad and gain or 0) + r:normal(), 1000 + r:normal(), print_1, print_2,
        print_3 } do
        at = at + 1
        x:set(at, v)
      end
      y:set(at / 5, is_bad and 1 or 0)
      groups[at / 5] = "part " .. part
    end
  end
  return { x = x, d = 5, y = y, groups = groups }
end

describe("train.linear", function()
  it("refuses a split that is not by part", function()
    local t = made(2)
    t.groups = nil
    local ok, message = pcall(train.linear, t)
    assert.is_false(ok)
    assert.truthy(message:find("groups are missing", 1, true))
  end)

  it("keeps a part's rows on one side and gives each fold its bad parts", function()
    local t = made(2)
    local side = {}
    for f, fold in ipairs(train.folds(t.groups, t.y, 5, 1)) do
      local bad = 0
      for _, i in ipairs(fold) do
        assert.is_true(side[t.groups[i]] == nil or side[t.groups[i]] == f)
        side[t.groups[i]] = f
        bad = bad + t.y:get(i)
      end
      assert.equal(16, bad)
    end
  end)

  it("learns what there is and shows nothing where there is nothing", function()
    local m = train.linear(made(2.5))
    assert.is_true(m.auroc > 0.9)
    assert.truthy(m:card():find("240 rows of 60 parts", 1, true))
    assert.is_true(train.linear(made(0)).auroc < 0.65)
    assert.equal(m:card(), train.linear(made(2.5)):card()) -- repeatable
  end)

  it("gives a file that a backend runs to the same chance", function()
    local t, path = made(2.5), os.tmpname()
    local m = train.linear(t)
    local bytes, kind = m:file()
    assert.equal("onnx", kind)
    assert(sys.write_file(path, bytes))
    local model = assert(infer.open(path, "tiny"))
    local run = assert(model:caller(function(x) return x end))
    local chance = m:predict(t.x)
    for i = 1, 240, 7 do
      local y = run(nil, t.x:slice(5 * i - 4, 5 * i):copy())
      assert.is_true(math.abs(y - chance:get(i)) < 1e-4)
    end
    model:close()
    os.remove(path)
  end)

  it("calibrates its chances on parts that it had not seen", function()
    local t = made(1)
    t.lambda = 1e-6 -- far too sure of 60 parts
    local m, sums, n = train.linear(t), { [0] = 0, 0 }, { [0] = 0, 0 }
    local before, after = m:card():match "Brier score ([%d.]+), ([%d.]+) before"
    assert.is_true(tonumber(before) <= tonumber(after))
    for i, s in ipairs(m.said) do
      local label = t.y:get(i)
      sums[label], n[label] = sums[label] + 1 / (1 + math.exp(-s)), n[label] + 1
    end
    -- The mean chance is the share of bad rows: 1 of 3.
    assert.is_true(math.abs((sums[0] + sums[1]) / (n[0] + n[1]) - 1 / 3) < 0.02)
    assert.is_true(sums[1] / n[1] > sums[0] / n[0])
  end)

  it("fits values by ridge and says their error", function()
    local t = made(1)
    for i = 1, 240 do t.y:set(i, 3 * t.x:get(5 * i - 4) + 7) end
    t.kind, t.lambda = "ridge", 1e-6
    local m = train.linear(t)
    assert.truthy(m:card():find "RMSE%) %d%.?%d*e%-")
    assert.is_true(math.abs(m:predict(t.x):get(9) - t.y:get(9)) < 1e-3)
  end)
end)

-- 40 parts, two pictures each of 16 cells with 3 features; every fourth part has one bad cell,
-- which the mean of a picture's cells hardly shows.
local function celled(shift)
  local r, t = rng.new(11, 1), { d = 3, cells = 16, groups = {}, lambda = 10, taken = 8 }
  t.x, t.y, t.marked = dsp.samples(80 * 48), dsp.samples(80), dsp.samples(80 * 16)
  for i = 1, #t.x do t.x:set(i, r:normal()) end
  for i = 1, 80 do
    local part = math.ceil(i / 2)
    t.groups[i] = "part " .. part
    if part % 4 == 0 then
      local cell = (i - 1) * 16 + r:integer(1, 16)
      t.y:set(i, 1)
      t.marked:set(cell, 0.6)
      for k = 1, 3 do t.x:set((cell - 1) * 3 + k, t.x:get((cell - 1) * 3 + k) + shift) end
    end
  end
  return t
end

describe("train.cells", function()
  it("finds pictures with one bad cell, and says which", function()
    local t = celled(3)
    local m = train.cells(t)
    assert.is_true(m.auroc > 0.95)
    assert.equal(80, #m.said)
    local x = t.x:slice(7 * 48 - 47, 7 * 48):copy() -- part 4, bad
    local where, worst = m:cell_scores(x), 1
    for k = 2, 16 do worst = where:get(k) > where:get(worst) and k or worst end
    assert.equal(0.6, t.marked:get(6 * 16 + worst))
    assert.is_true(m:score(x):get(1) < where:get(worst)) -- the mean of the worst two
    t.top = 1
    assert.equal(where:get(worst), train.cells(t):score(x):get(1))
    assert.truthy(m:card():find("80 rows of 40 parts", 1, true))
    assert.equal(m:card(), train.cells(celled(3)):card()) -- repeatable
    assert.equal("onnx", select(2, m:file()))
  end)

  it("shows nothing where there is nothing, and refuses what does not fit", function()
    assert.is_true(train.cells(celled(0)).auroc < 0.7)
    for field, wrong in pairs { groups = false, marked = dsp.samples(3), top = 17, cells = 15,
      y = dsp.samples(79), share = 2, stranger = 1 } do
      local t = celled(3)
      t[field] = wrong
      local ok, message = pcall(train.cells, t)
      assert.is_false(ok)
      assert.truthy(message:find("train.cells: ", 1, true))
    end
  end)
end)

describe("train.other_light", function()
  it("changes the light of a picture, the same for the same seed", function()
    local p = assert(picture.raw(("\100"):rep(64), 8, 8, 1, 8))
    local function mean(seed) return (picture.light(train.other_light(p, rng.new(seed, 1))):get(1)) end
    assert.equal(mean(1), mean(1))
    assert.are_not.equal(mean(1), mean(2))
  end)
end)

describe("train.anomaly", function()
  it("tells rows that no good part had, by distance and by components", function()
    local t = made(0)
    for _, kind in ipairs { "distance", "pca" } do
      local m = train.anomaly { x = t.x, d = 5, groups = t.groups, kind = kind, keep = 0.99 }
      local s = m:predict { { 0, 1000, 0, 0, 0 }, { 0, 1009, 0, 0, 0 } }
      assert.is_true(s:get(2) > 20 and s:get(1) < 3)
      assert.truthy(m:card():find("240 rows of 60 parts", 1, true))
    end
  end)
end)

describe("train.trees", function()
  it("grows a model that the built-in backend runs, or says what to install", function()
    local t = made(2.5)
    t.rounds, t.depth = 30, 3
    local m, message, code = train.trees(t)
    if not m then
      assert.equal("E-NOTFOUND", code)
      assert.truthy(message:find("libxgboost", 1, true))
      return
    end
    assert.is_true(m.auroc > 0.85)
    local s = m:predict(t.x)
    assert.is_true(s:get(9) > 0.7 and s:get(1) < 0.3) -- part 3 is bad, part 1 good
    assert.truthy(m:card():find("AUROC on other parts", 1, true))
    local text, kind = m:file()
    assert.equal("json", kind)
    assert.truthy(text:find("learner", 1, true))
  end)
end)

-- The pump watch: on a made-up recording beside the example line, and on recordings of a real bench
-- (Skoltech's SKAB), read from beside the repository.

local inline = require "linewright.inline"
local loader = require "linewright.loader"
local sys = require "linewright.sys"
local watch = require "watch"

local RECIPE, LINE = "recipes/pump_watch.lua", "examples/lines/pump_bench.lua"
local FOLDER, FILES = "../shared/data/skab/data/valve1", 16
-- Rows that go by before the recipe is in Execute: reset and start take a tick each.
local BEFORE = 4

-- Run the recipe to its end on one recording; gives its run.
local function play(file, params)
  local line = loader.load(LINE)
  if file then line.units.bench.truth[1].options.file = file end
  local bundle = loader.bundle { recipe = RECIPE, line = line, params = params, sim = false }
  local on = inline.new { bundle = bundle, quiet = true }
  assert(on:command("reset", "rig"))
  on:advance(60e9, function(run) return run.state == "Idle" end)
  assert(on:command("start", "rig"))
  on:advance(24 * 3600e9, function(run) return run.state == "Complete" end)
  assert.equal("Complete", on.run.state)
  return on.run
end

local function add(score, run)
  local seen = run.loops[1].st
  for _, key in ipairs { "pt", "pf", "nt", "nf" } do score[key] = score[key] + seen[key] end
  return seen
end

describe("pump-watch", function()
  it("finds a closing valve and names the signal that leads", function()
    local run = play()
    local seen = run.loops[1].st
    assert.equal(700 - BEFORE, seen.rows)
    assert.is_true(seen.first >= 551 - BEFORE and seen.first < 600)
    assert.truthy(seen.why:find("^%a+ is %d+%.%d sigma %a+ its mean$"))
    assert.is_true(seen.why:find "^flow" ~= nil or seen.why:find "^pressure" ~= nil)
    assert.is_true(run.records.f1[1] > 0.9)
    assert.equal(0, run.records.false_alarm_rate[1])
  end)

  it("stays quiet when it learns from all there is", function()
    local run = play(nil, { train = 1000 })
    assert.equal(0, run.records.alarms[1])
  end)

  -- By SKAB's protocol: in each file the first 400 rows train, the rest test, all tests together.
  -- The limits hold the watch to what it reached; `factor` 3 and the line's filters are round figures.
  it("tells the valve faults of SKAB", function()
    if not sys.exists(FOLDER .. "/0.csv") then
      pending "recordings of SKAB are not beside the repository"
      return
    end
    local score, rows = watch.score(), 0
    for i = 0, FILES - 1 do
      local file = sys.realpath(("%s/%d.csv"):format(FOLDER, i))
      rows = rows + add(score, play(file, { train = 400 - BEFORE })).rows + BEFORE - 400
    end
    assert.equal(rows, score.pt + score.pf + score.nt + score.nf)
    local f1, far, mar = score:figures()
    print(("\nSKAB, subset valve1 (16 of 34 files): F1 %.2f  FAR %.1f %%  MAR %.1f %%"):format(f1, 100 * far, 100 * mar))
    print "published, all files: Conv-AE 0.78 13.6 28.0; T2+Q 0.76 26.6 24.9; alarming always: F1 0.70"
    assert.is_true(f1 > 0.81 and far < 0.19 and mar < 0.20)
  end)
end)

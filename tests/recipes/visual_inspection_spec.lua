-- The inspection of 300 points on rendered pictures: defects found, good parts passed, and light
-- that changes never rejects.

local json = require "linewright.json"
local report = require "linewright.report"
local rerun = require "linewright.infer_rerun"
local rig = require "linewright.rig"
local sys = require "linewright.sys"

local RECIPE, LINE = "recipes/visual_inspection.lua", "examples/lines/inspection_cell.lua"

-- Outcome and reason by part, of the parts that did not take the good lane.
local function marks_of(t)
  local out = {}
  for _, _, _, kind, key, data in t.line.store:records(t.line.run_id) do
    local outcome = kind == "mark" and key:match "(%a+)#%d+$"
    local mark = outcome and json.decode(data) or {}
    if mark.part then out[mark.part] = { outcome = outcome, why = mark.why } end
  end
  return out
end

local function played(params)
  local t = rig { recipe = RECIPE, line = LINE, seed = 3, params = params }
  t:start()
  t:run_until("Complete", { within = "10 min" })
  return t, t.run.loops[2].st
end

describe("visual-inspection on recorded pictures", function()
  local RECORDED = "examples/lines/inspection_recorded.lua"
  local SMALL = { columns = 8, rows = 6, learn = 34, false_reject = 0.06, parts = 48 }

  it("judges each picture of the folder as it comes, and never a damaged one", function()
    local t = rig { recipe = RECIPE, line = RECORDED, params = SMALL }
    t:start()
    t:run_until("Complete", { within = "10 min" })
    local marks = marks_of(t)
    assert.equal("point 20", marks[36].why)
    assert.equal("point 29", marks[40].why)
    for part = 43, 44 do assert.equal("retake", marks[part].outcome) end   -- twice as bright
    assert.equal("retake", marks[46].outcome)
    assert.truthy(marks[46].why:find("part-046.png: ends early", 1, true))
    assert.same({ accept = 9, review = 0, reject = 2, retake = 3 }, t.run.loops[2].st.counts)
    assert.same({ 0 }, t.run.records.late)
  end)

  it("goes on when a restart lets the folder and its count begin anew", function()
    local t = rig { recipe = RECIPE, line = RECORDED, params = SMALL }
    t:start()
    t:advance "41 s"
    assert.equal(42, t.run.loops[2].st.part)
    t:crash()
    t:reboot { after = "1 s" }
    t:command "unhold"
    t:advance "10 s"
    local st = t.run.loops[2].st
    assert.is_true(st.part < 42 and st.counts.accept > 9)
  end)

  it("asks for another picture where the part's own did not come", function()
    local line = rig.load(RECORDED)
    line.units.cell.part = rig.load(LINE).units.cell.part -- counted at the carrier; the camera stands
    line.units.cell.shot[1].options.every = "10 min"
    line.units.cell.shot.max_age = "1 h"
    local t = rig { recipe = RECIPE, line = line, params = SMALL }
    t:start()
    t:advance "5 s"
    local st = t.run.loops[1].st
    assert.equal(1, st.learnt)                            -- no picture is taken for a second part
    assert.is_true(st.part >= 3)
  end)
end)

describe("visual-inspection", function()
  it("finds both defects at their points, and never rejects for the light", function()
    local t, st = played()
    local marks = marks_of(t)
    assert.equal("point 151", marks[55].why)     -- of 20 x 15 points, the one with the spot
    assert.equal("point 23", marks[60].why)
    assert.is_true(st.counts.reject >= 1 and st.counts.reject <= 2)
    for part = 66, 69 do                         -- twice as bright
      assert.is_nil(marks[part] and marks[part].why:find "point")
    end
    assert.equal(4, st.counts.retake)
    assert.is_true(st.counts.review <= 3)        -- the level is 3 % of good parts
    assert.equal(0, st.missed)
    local text = report.text(t.line.store, t.line.run_id)
    assert.truthy(text:find "ROLL MAP%s+0 %.%. %d+ parts" and text:find "\n%s+reject%s+%.+1", text)
    assert.equal(30, st.counts.accept + st.counts.review + st.counts.reject + st.counts.retake)
    local again = rerun.run(t.line.store, t.line.run_id, {})
    assert.same({ 30, 0, 0, 0 }, { again.equal, again.different, again.impossible, again.without })
  end)

  it("holds the line after five rejects in a row, and not before", function()
    local spots = {}
    for _, part in ipairs { 36, 37, 38, 39, 41, 42, 43, 44, 45 } do
      spots[#spots + 1] = ("%d, 160, 120, 5, 90"):format(part)
    end
    local path = os.tmpname()
    local text = assert(sys.read_file(LINE)):gsub("defects = {.-}", "defects = { " .. table.concat(spots, ", ") .. " }")
    assert(sys.write_file(path, (text:gsub("light = {.-}", "light = {}"))))
    local t = rig { recipe = RECIPE, line = path, params = { columns = 8, rows = 6, learn = 34, false_reject = 0.06,
      parts = 60 } }
    t:start()
    t:advance "43 s"                             -- four, a good one, two
    assert.equal("Execute", t.run.state)
    t:run_until("Held", { within = "1 min" })
    os.remove(path)
    assert.equal(45, t.run.loops[2].st.part)
    assert.truthy(t.run.reason:find("5 parts in a row were rejected", 1, true))
  end)

  it("goes on with what it learnt after a power loss", function()
    local t = rig { recipe = RECIPE, line = LINE, seed = 3 }
    t:start()
    t:advance "57 s"
    t:crash()
    t:reboot { after = "1 s" }
    t:command "unhold"
    t:run_until("Complete", { within = "10 min" })
    assert.equal("point 23", marks_of(t)[60].why)
    local judged = 0
    for _, _, _, kind in t.line.store:records(t.line.run_id) do
      if kind == "decision" then judged = judged + 1 end
    end
    assert.is_true(judged >= 26)                 -- of 30, less those of the pause
  end)
end)

-- The inspection of 300 points on rendered pictures: defects found, good parts passed, and light
-- that changes never rejects.

local json = require "linewright.json"
local rig = require "linewright.rig"

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
    assert.equal(30, st.counts.accept + st.counts.review + st.counts.reject + st.counts.retake)
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

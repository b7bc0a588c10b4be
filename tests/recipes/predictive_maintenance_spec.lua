-- Remaining life on a twin whose end is known: 130 h after its start.

local rerun = require "linewright.infer_rerun"
local rig = require "linewright.rig"

local RECIPE, LINE = "recipes/predictive_maintenance.lua", "examples/lines/worn_machine.lua"
local LIFE_H, ONSET_H = 130, 30

describe("predictive-maintenance", function()
  it("tells the change after it began, and the end within its interval", function()
    local t = rig { recipe = RECIPE, line = LINE, seed = 5 }
    t:start()
    t:advance(3600 * ONSET_H)
    assert.is_nil(t.run.loops[1].st.drift)       -- nothing has worn yet
    t:run_until("Complete", { within = "200 h" })
    local due = t.run.loops[1].st.due
    local truth = LIFE_H - due.at
    assert.is_true(due.at > ONSET_H and due.at < LIFE_H - 24)
    assert.is_true(due.earliest < truth and truth < due.latest,
      ("%.1f h were left, said %.1f (%.1f..%.1f)"):format(truth, due.likely, due.earliest, due.latest))
    assert.is_true(math.abs(due.likely - truth) < 0.15 * truth)
    assert.equal(due.likely * 3600, t.run.records.remaining_likely[1])
    local again = rerun.run(t.line.store, t.line.run_id, {})
    assert.same({ t:count "decision", 0, 0 }, { again.equal, again.different, again.impossible })
    assert.equal(1, t:count("decision", "machine"))
  end)
end)

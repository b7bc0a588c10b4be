local report = require "linewright.report"
local small_run = dofile "tests/support/small_run.lua"

describe("the batch report", function()
  it("tells what was asked, what happened when, what people said and what came out", function()
    local t = small_run { execute = function(r)
      r.operation("make", function()
        r.step("fill", { once = true }, function() r.dwell "90 s" end)
        r.mark "spot"
        r.mark "spot"
        r.ask { prompt = "Seal intact?", choices = { "yes", "no" }, within = "5 min", default = "no" }
      end)
      r.alarm("filter is old", { priority = "low" })
      r.record("mass", 12.5, "kg")
      error("knife stuck", 0)
    end }
    t:start()
    t:run_until("Held", { within = "1 h" })
    t:command "start"
    t:command "stop"
    t:run_until("Stopped", { within = "1 min" })
    t.line:pump()
    local text = report.text(t.line.store, t.line.run_id)
    for _, part in ipairs {
      "BATCH RECORD  electrode-coating 2.3.0 / pilot-A / batch sim",
      "  begun    2026-01-01 00:00:00 UTC", "Stopped after 0:06:", "  coat_weight      118 g/m2",
      "  stub     vision: no model", "  make  (operation)", "90 s      fill  (once-step)",
      "Holding  -- knife stuck", "Seal intact?  no (time-out)", "filter is old (low)",
      "stop by ope", "start by ope  -- refused: command 'start' is not allowed in state Held",
      "  spot             2", "  mass             12.5 kg",
    } do
      assert.truthy(text:find(part, 1, true), part .. "\n--\n" .. text)
    end
  end)
end)

describe("the block of a Held run", function()
  it("says why, where, what the plant says and what can be done", function()
    local notes = {}
    local t = small_run({ execute = function(r, eq)
      r.operation("heat-up", function()
        r.step("go", function() for _, z in ipairs(eq.oven.zones) do z.setpoint:set(100) end end)
        r.wait_until("all oven zones within 2 K", function() return eq.oven:settled "2 K" end,
          { within = "2 min", keep = true })
      end)
    end }, { on_note = function(text) notes[#notes + 1] = text end })
    t:start()
    t:run_until("Held", { within = "10 min" })
    local held = notes[#notes]
    assert.truthy(held:find("^HELD    electrode%-coating 2%.3%.0 / pilot%-A / batch sim   00:02:%d%d UTC\n"))
    assert.truthy(held:find("\n  why   timed out after 2 min waiting for: all oven zones within 2 K\n", 1, true))
    assert.truthy(held:find("\n  where execute > heat%-up   %(tests/lua/report_spec%.lua:%d+%)\n"))
    assert.truthy(held:find("\n  now   zone %d is %d+%.%d degC, wants 100%.0 degC"))
    assert.truthy(held:find("\n  can   unhold | complete | stop | abort", 1, true))
  end)
end)

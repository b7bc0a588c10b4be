-- tests/recipes/electrode_coating_spec.lua -- virtual time: two hours of coating run in well under a second
local rig = require "linewright.rig"
local R = "recipes/electrode_coating.lua"

for _, line in ipairs { "pilot_a", "line_b" } do
  describe("electrode-coating on " .. line, function()
    local t
    before_each(function() t = rig { recipe = R, line = "lines/" .. line .. ".lua" } end)

    it("coats the asked length within tolerance", function()
      t:start(); t:run_until("Complete", { within = "3 h" })
      assert.is_near(118, t.run.records.coat_weight[1], t.p.tolerance)
      assert.equal(1, t:count("end", "prime the die"))
    end)

    it("holds on a bad gauge, creeps the web, and goes on after unhold", function()
      t:start(); t:run_until(function(run) return (run.loops[1] or { st = {} }).st.metres and run.loops[1].st.metres > 20 end)
      t:fault("gauge.m", "bad"); t:run_until("Held", { within = "40 s" })
      assert.equal("coat-weight gauge signal is bad", t.run.reason)
      t:advance "20 s"; assert.equal(0, t:value "die.flow"); assert.is_near(0.5, t:value "web.speed", 0.05)
      local metres = t.run.loops[1].st.metres
      t:fault("gauge.m", nil); t:advance "10 min"
      assert.equal(metres, t.run.loops[1].st.metres)          -- loops and timers stand still while Held
      assert.is_true(t:command "unhold"); t:run_until("Complete", { within = "3 h" })
      assert.equal(1, t:count("end", "prime the die"))
    end)

    it("aborts on over-temperature even while Held", function()
      t:start(); t:advance "20 min"; t.run:command "hold"; t:run_until("Held", { within = "1 min" })
      t:force("oven.t2", 170); t:run_until("Aborted", { within = "5 s" })
      assert.equal(0, t:value "die.flow")
      assert.same({ false, "command 'unhold' is not allowed in state Aborted" }, { t:command "unhold" })
    end)

    it("asks when the classifier is unsure, and takes the safe default after two minutes", function()
      t:start(); t:run_until(function(run) return run.loops[2] ~= nil end)
      t:see("streak", 0.60); t:run_until(function(run) return #run.prompts == 1 end, { within = "1 min" })
      assert.equal(0, t:count("end", "lip purge")); t:see("ok", 0.99)
      t:advance "130 s"
      assert.equal(1, t:count("end", "lip purge"))            -- default answer is "defect"
    end)

    it("comes back from a power loss without repeating finished steps, and proves the oven again first", function()
      t:start(); t:run_until(function(run) return (run.loops[1] or { st = {} }).st.metres and run.loops[1].st.metres > 30 end)
      t:crash(); t:reboot()
      assert.equal("Held", t:state()); assert.equal(0, t:value "die.flow")
      assert.equal(1, t:count("end", "prime the die"))
      assert.is_true(t.run.loops[1].st.metres > 27)           -- at most one checkpoint is lost
      assert.is_true(t:command "unhold"); t:advance "20 s"
      assert.is_true(t:value "web.speed" < 1)                 -- ovens are cold: web must wait
      t:run_until("Complete", { within = "3 h" })
      assert.equal(1, t:count("end", "prime the die"))
    end)

    it("does not guess about a once-step that was cut by the power loss", function()
      t:start(); t:run_until(function() return t:count("begin", "prime the die") == 1 end); t:advance "5 s"
      t:crash(); t:reboot()
      assert.equal("prime the die", t.run.unknown[1].label)
    end)
  end)
end

describe("check", function()
  it("names what a line lacks", function()
    local line = rig.load "lines/pilot_a.lua"; line.units.oven.zones[3] = nil; line.units.vision.props.classes = { "ok" }
    local ok, e = pcall(rig, { recipe = R, line = line })
    assert.is_false(ok)
    assert.truthy(e:find("FAIL oven.zones >= 3 (line has 2)", 1, true))
    assert.truthy(e:find("FAIL vision.classes includes ok,streak,pinhole (missing: streak,pinhole)", 1, true))
  end)
  it("refuses a formula the line cannot run", function()
    local ok, e = pcall(rig, { recipe = R, line = "lines/pilot_a.lua", params = { speed = "15 m/min", coat_weight = "30 g/m2" } })
    assert.truthy(e:find("coat_weight = 30 g/m2 is outside 60..260 g/m2", 1, true))
    local _, e2 = pcall(rig, { recipe = R, line = "lines/pilot_a.lua", params = { speed = "15 m/min" } })
    assert.truthy(e2:find("lower 'speed' to 12.0 m/min or less", 1, true))
  end)
  it("catches equipment access that could not be replayed", function()
    local rec = rig.load(R); rec.execute = function(r, eq) if eq.oven:hottest() > 50 then r.dwell "1 s" end end
    local t = rig { recipe = rec, line = "lines/pilot_a.lua" }; t:start(); t:run_until("Held", { within = "1 min" })
    assert.truthy(t.run.reason:find("E-REPLAY oven.zones[1].temp was read outside a step", 1, true))
  end)
end)

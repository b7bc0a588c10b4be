-- From an effect back to its causes, over the records of a run.
local small_run = dofile "tests/support/small_run.lua"
local why = require "linewright.why"

local function chain(t, thing, at)
  t.line:pump()
  local lines, message = why.chain(t.line.store, t.line.run_id, thing, at)
  if not lines then return message end
  local out = {}
  for i, line in ipairs(lines) do out[i] = ("  "):rep(line.depth) .. line.text end
  return table.concat(out, "\n")
end

local function has(text, ...)
  local at = 1
  for _, part in ipairs { ... } do
    local _, stop = text:find(part, at, true)
    assert.truthy(stop, ("no '%s' in its place in:\n%s"):format(part, text))
    at = stop + 1
  end
end

describe("why", function()
  it("tells of an output which step set it, where, with which limits, and after what", function()
    local t = small_run { execute = function(r, eq)
      r.operation("get ready", function()
        r.step("web on", function() eq.web.speed:set(5) end)
        r.wait_until("web moves", function() return eq.web.speed:read() > 4 end, { within = "1 min" })
      end)
      r.operation("coat", function()
        r.step("slurry on", function() eq.die.flow:set(100) end)
        r.dwell "1 min"
      end)
    end }
    t:start()
    t:advance "40 s"
    has(chain(t, "die.flow"), "die.flow went out as 100", "because step 'slurry on' set it, allowed 0..1500 mL/min",
      "(tests/lua/why_spec.lua:", "because 'web moves' was done before: it saw web.speed", "in operation 'coat'",
      "in state Execute", "in state Starting   (by rig)", "because commanded: start by rig")
  end)

  it("tells of an output which loop set it and what the loop reads", function()
    local t = small_run { execute = function(r, eq)
      r.step("web on", function() eq.web.speed:set(5) end)
      r.loop("trim", { every = "1 s", state = {}, run = function() eq.die.flow:set(10 * eq.web.speed:read()) end })
      r.dwell "10 min"
    end }
    t:start()
    t:advance "2 min"
    has(chain(t, "die.flow"), "because loop 'trim' set it", "it read web.speed")
  end)

  it("tells of a safe value the state that put it, the trip, the reading and the limit", function()
    local t = small_run({ execute = function(r, eq)
      r.step("on", function() eq.web.speed:set(5) r.dwell "20 s" eq.die.flow:set(100) end)
      r.dwell "10 h"
    end }, { line = "lines/line_b.lua" })
    t:advance "5 s"
    t:start()
    t:run_until("Execute", { within = "1 min" })
    t:advance "1 min"
    t:force("oven.t2", 159)
    t:run_until("Aborted", { within = "5 s" })
    has(chain(t, "die.flow"), "die.flow went out as 0", "the safe value for abort", "because of a trip to abort: interlock",
      "oven.zones[2].temp was 159 degC", "above limit 158 degC", "in state Aborting: dryer over-temperature")
    has(chain(t, "Aborted"), "Aborted: dryer over-temperature", "Aborting", "because of a trip to abort")
    has(chain(t, "dryer over-temperature"), "trip to abort: interlock", "limit 158 degC")
  end)

  it("tells of a Held run the guard and what it saw, or the command and who gave it", function()
    local t = small_run { execute = function(r, eq)
      r.step("on", function() eq.web.speed:set(5) end)
      r.dwell "10 h"
    end, guards = { { text = "web too fast", level = "hold", when = function(eq) return eq.web.speed:read() > 4 end } } }
    t:start()
    t:run_until("Held", { within = "1 min" })
    has(chain(t), "Held: web too fast", "Holding: web too fast", "it saw web.speed", "it happened in guard 'web too fast'")
    t = small_run { execute = function(r) r.dwell "10 h" end }
    t:start()
    t:advance "5 s"
    t:command("hold", "lunch")
    t:run_until("Held", { within = "1 min" })
    has(chain(t, "held"), "Held: lunch", "Holding: lunch", "because commanded: hold lunch by")
  end)

  it("tells of an alarm, a mark and a result where they were made and with what", function()
    local t = small_run { execute = function(r)
      r.operation("look", function()
        r.mark("streak", { at = 3, conf = 0.9 })
        r.alarm("filter is old", { priority = "low" })
        r.record("mass", 117, "g/m2", { target = 118, tolerance = 3 })
      end)
    end }
    t:start()
    t:run_until("Complete", { within = "1 min" })
    has(chain(t, "streak"), "mark 'streak'", "with at 3, conf 0.9", "made in execute > look", "in operation 'look'")
    has(chain(t, "filter is old"), "alarm 'filter is old', priority low", "(tests/lua/why_spec.lua:")
    has(chain(t, "mass"), "result 'mass'", "hi 121, lo 115, target 118")
  end)

  it("tells of a decision the score, the limits and the model", function()
    local t = small_run { execute = function(r)
      r.decision("surface", { outcome = "streak", score = 0.97, limits = { min = 0.85 },
        from = { name = "defect_v3", digest = ("ab"):rep(32) }, effect = "mark" })
    end }
    t:start()
    t:run_until("Complete", { within = "1 min" })
    has(chain(t, "surface"), "decision 'surface'", "with outcome streak, score 0.97, limits min 0.85",
      "from defect_v3 (abababababab)", "effect mark", "in state Execute")
    local text = require("linewright.report").text(t.line.store, t.line.run_id)
    has(text, "DECISIONS\n", "surface: outcome streak, score 0.97")
  end)

  it("says what it does not find, and what came only later", function()
    local t = small_run { execute = function(r, eq)
      r.step("on", function() eq.web.speed:set(5) end)
      r.dwell "1 s"
    end }
    t:start()
    t:run_until("Complete", { within = "1 min" })
    assert.equal("nothing is recorded of 'web.sped'. Did you mean 'web.speed'?", chain(t, "web.sped"))
    has(chain(t, "zz top"), "nothing is recorded of 'zz top' by then; there is ")
    assert.equal("'web.speed' is recorded after that time only", chain(t, "web.speed", 1))
  end)
end)

-- `linewright why` as its user meets it.
local batches = require "tests.support.batches"
local json = require "linewright.json"
local process = require "tests.support.process"

local project
setup(function() project = batches.new() end)
teardown(function() project:remove() end)

local function why(...) return process.run(project.dir, { process.program(), "why", "--db", project.db, ... }) end

describe("linewright why", function()
  it("walks back from an output to the command that started it, with times and readings", function()
    local code, out = why("oven.zones[1].setpoint", "--batch", "a1", "--at", "+5 min")
    assert.equal(0, code)
    local wanted = { "2026-01-01 UTC\n", "oven.zones[1].setpoint went out as 80 degC", "because step 'heat' set it, allowed 20..120 degC",
      "in operation 'warm up'", "in state Execute", "because commanded: start by host" }
    local at = 1
    for _, part in ipairs(wanted) do
      local _, stop = out:find(part, at, true)
      assert.truthy(stop, part .. "\n" .. out)
      at = stop
    end
  end)

  it("tells a reading's value, and the same as JSON", function()
    local code, out = why("oven.zones[1].temp", "--batch", "a1", "--json")
    assert.equal(0, code)
    local lines = json.decode(out)
    assert.truthy(lines[1].text:find "^oven%.zones%[1%]%.temp is a reading: %d+%.?%d* degC, good$")
    assert.truthy(lines[1].at:find "^2026%-01%-01T00:10:0%dZ$")
  end)

  it("refuses what it does not know with the nearest, wrong usage and wrong files", function()
    local code, out, err = why "strek"
    assert.equal(1, code)
    assert.equal("", out)
    assert.truthy(err:find("nothing is recorded of 'strek'", 1, true))
    for _, at in ipairs { "soon", "25:00", "14:60", "2026-02-30 10:00", "0000-01-01 00:00",
      "9999-12-31 10:00" } do
      assert.equal(2, (why("Execute", "--at", at)), at)
    end
    assert.equal(1, (why("Execute", "--batch", "zz")))
    assert.equal(3, (process.run(project.dir, { process.program(), "why", "--db", project.dir .. "/no.db" })))
  end)
end)

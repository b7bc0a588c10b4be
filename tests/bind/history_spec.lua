-- The face of the historian's reader: what a simulated run left behind.
local history = require "linewright.history"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local store = require "linewright.store"

local TAG = "oven.zones[1].setpoint"
local S = 1e9

local project, h, from, to
before_each(function()
  project = projects.new()
  project:edit("soak.lua", "  end,\n}", '    r.dwell "30 s"\n  end,\n}')
  local db = project.dir .. "/a.db"
  local code, _, err = process.run(project.dir, { process.program(), "run", project.dir .. "/soak.lua",
    "--line", project.dir .. "/shed.lua", "--sim", "--speed", "max", "--db", db })
  assert.equal(0, code, err)
  local s = assert(store.open(db, "r"))
  local run = s:run_find()
  for _, _, wall_ns in s:records(run) do
    from, to = from or wall_ns, wall_ns
  end
  s:close()
  h = assert(history.open(("%s.history/run-%d"):format(db, run)))
end)
after_each(function()
  h:close()
  from, to = nil, nil
  project:remove()
end)

describe("linewright.history", function()
  it("walks tags in order of their names", function()
    local names, units = {}, {}
    for name, unit in h:tags(from, to) do
      names[#names + 1], units[name] = name, unit
    end
    assert.same({ "oven.zones[1].setpoint", "oven.zones[1].temp" }, names)
    assert.equal("degC", units[TAG])
  end)

  it("gives samples as they were taken, and instants between them", function()
    local times, values = {}, {}
    for t, value, quality in h:read(TAG, from, to) do
      times[#times + 1], values[#values + 1] = t, value
      assert.equal("good", quality)
    end
    assert.is_true(#times >= 3)
    assert.equal(80, values[#values])
    local n = 0
    for t, value in h:grid(TAG, from, 5 * S, 6) do
      assert.equal(from + n * 5 * S, t)
      assert.equal(h:at(TAG, t), value)
      n = n + 1
    end
    assert.equal(6, n)
    for t, value, quality in h:grid(TAG, from - 10 * S, 1 * S, 1, "linear") do
      assert.is_true(value ~= value and t < from)
      assert.equal("bad", quality)
    end
    assert.has_error(function() h:grid(TAG, from, 0, 5) end)
  end)

  it("is joined with the phases of a run", function()
    project:write("phases.lua", [[
return recipe "phases" {
  api = 1, version = "1.0.0",
  needs = { oven = cap "zoned_dryer@1" {} },
  execute = function(r, eq)
    for i = 1, 3 do
      r.phase("heat " .. i, function()
        r.step("set", function() eq.oven.zones[1].setpoint:set(40 + 10 * i) end)
        r.dwell "30 s"
      end)
    end
  end,
}
]])
    local db = project.dir .. "/b.db"
    local code, _, err = process.run(project.dir, { process.program(), "run", project.dir .. "/phases.lua",
      "--line", project.dir .. "/shed.lua", "--sim", "--speed", "max", "--db", db })
    assert.equal(0, code, err)
    local s, own = assert(store.open(db, "r")), assert(history.open(db .. ".history/run-1"))
    local seen = {}
    for phase, begun, ended in s:scopes(1) do
      for _, _, _, max in own:buckets(TAG, begun, ended, 1) do seen[#seen + 1] = ("%s %g"):format(phase, max) end
    end
    own:close()
    s:close()
    assert.same({ "execute/heat 1 50", "execute/heat 2 60", "execute/heat 3 70" }, seen)
  end)

  it("sums a tag up in parts of a span", function()
    local parts = {}
    for t, n, min, max, mean, first, last, held in h:buckets(TAG, from, from + 30 * S, 3) do
      parts[#parts + 1] = { t = t, n = n, min = min, max = max, mean = mean, first = first,
        last = last, held = held }
    end
    assert.equal(3, #parts)
    assert.equal(from, parts[1].t)
    assert.is_true(parts[1].n >= 1)
    assert.same({ 80, 80, 80 }, { parts[3].max, parts[3].last, parts[3].held })
  end)

  it("knows a tag at an instant", function()
    local value, quality, t = h:at(TAG, from + 20 * S)
    assert.same({ 80, "good" }, { value, quality })
    assert.is_true(t <= from + 20 * S)
    local none, message, code = h:at(TAG, from - 3600 * S, "linear")
    assert.is_nil(none)
    assert.is_truthy(message:find(TAG, 1, true))
    assert.equal("E-NOTFOUND", code)
  end)

  it("says no to a folder that is not there", function()
    local none, _, code = history.open(project.dir .. "/none")
    assert.is_nil(none)
    assert.equal("E-NOTFOUND", code)
  end)

  it("raises on wrong use", function()
    assert.has_error(function() h:buckets(TAG, 0, 1, 0) end)
    assert.has_error(function() h:buckets(TAG, 5, 5, 1) end)
    assert.has_error(function() h:at(TAG, 0, "often") end)
    assert.has_error(function() h:tags(0) end)
    h:close()
    assert.has_error(function() h:at(TAG, 0) end, "history: already closed")
  end)

  it("is collected in any order, walks half done", function()
    for _ = 1, 200 do
      assert(history.open(project.dir .. "/a.db.history"))
      local step = h:tags(from, to)
      step()
    end
    collectgarbage()
    collectgarbage()
  end)
end)

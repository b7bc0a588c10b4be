-- Models in a real host and worker: a call leaves the loop, and its answer wakes
-- the script without waiting for the next tick.

local json = require "linewright.json"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local store = require "linewright.store"
local sys = require "linewright.sys"

-- Ten calls, each with its commit; a tick takes two seconds.
local RECIPE = [[
local m = infer.load { "mlp.onnx", input = {4}, within = "5 s" }
return recipe "soak" {
  api = 1, version = "1.0.0", needs = { oven = cap "zoned_dryer@1" {} },
  execute = function(r, eq, p)
    r.step("wait for a tick", function() r.dwell "1 s" end)
    local from = r.step("clock", function() return time() end)
    for i = 1, 10 do
      local y, by = m:call({ i, 0, 0, 0 })
      r.decision("part " .. i, { from = by, score = y, outcome = y > 0 and "reject" or "pass" })
    end
    r.record("took", r.step("clock", function() return time() - from end))
  end,
}
]]

describe("a model in a real run", function()
  local project
  before_each(function()
    project = projects.new()
    project:write("soak.lua", RECIPE)
    project:edit("shed.lua", "revision = 1,", 'revision = 1, tick = "2 s", heartbeat = "6 s",')
    project:write("mlp.onnx", (sys.read_file "tests/data/infer/mlp.onnx"))
  end)
  after_each(function() project:remove() end)

  it("answers between two ticks", function()
    local db = project.dir .. "/a.db"
    local code, _, err = process.run(project.dir, { process.program(), "run", project.dir .. "/soak.lua", "--line",
      project.dir .. "/shed.lua", "--sim", "--db", db, "--seed=1" })
    assert.equal(0, code, err)
    local s, ends, took, calls = assert(store.open(db, "r")), 0, nil, nil
    for _, _, _, kind, key, data in s:records(s:run_find()) do
      if kind == "decision" then ends = ends + 1 end
      if kind == "data" then took = json.decode(data).v end
      if kind == "meter" then calls = json.decode(data).calls end
      if kind == "end" and key:find "model mlp" then assert.equal("tiny", json.decode(data).by.backend) end
    end
    s:close()
    assert.equal(10, ends)
    assert.equal(10, calls)
    assert.is_true(took < 10, ("ten calls took %g s, five ticks"):format(took))
  end)
end)

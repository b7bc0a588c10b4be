-- A run goes by the texts that it was begun with, whatever is edited meanwhile.
local process = require "tests.support.process"
local project_of = require "tests.support.project"

local RECIPE = [[
return recipe "wait" {
  api = 1, version = "1.0.0",
  needs = { oven = cap "zoned_dryer@1" {} },
  execute = function(r) r.ask { prompt = "Go on?", choices = { "yes" } } end,
}
]]

describe("a run whose files are edited under it", function()
  local project, host

  before_each(function()
    project = project_of.new()
    project:write("soak.lua", RECIPE)
  end)
  after_each(function()
    if host then host:stop() end
    project:remove()
  end)

  it("gets its next worker all the same", function()
    local db = project.dir .. "/run.db"
    host = process.start(project.dir, "host", { process.program(), "run",
      project.dir .. "/soak.lua", "--line", project.dir .. "/shed.lua", "--sim", "--db", db,
      "--on-hold", "wait" })
    local first = process.wait(function()
      local s = process.status(project.dir, db)
      return s and s.prompt ~= "" and s
    end, "the question")
    project:write("soak.lua", "this is no recipe")
    project:write("shed.lua", "nor a line")
    os.execute("kill -9 " .. first.worker_pid)
    local held = process.wait_state(project.dir, db, "Held")
    assert.truthy(held.reason:find("killed by SIGKILL.*in Execute; restarted"), held.reason)
    assert.not_equal(first.worker_pid, held.worker_pid)
    assert.equal(1, held.worker_deaths)
  end)
end)

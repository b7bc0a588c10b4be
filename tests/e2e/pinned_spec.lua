-- A run goes by the texts that it was begun with, whatever is edited meanwhile.
local process = require "tests.support.process"
local project_of = require "tests.support.project"
local sys = require "linewright.sys"

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

  local function cut(...)
    local db = project.dir .. "/run.db"
    host = process.start(project.dir, "host", { process.program(), "run", project.dir .. "/soak.lua",
      "--line", project.dir .. "/shed.lua", "--sim", "--db", db, "--on-hold", "wait", ... })
    process.wait(function()
      local s = process.status(project.dir, db)
      return s and s.prompt ~= ""
    end, "the question")
    host:stop()
    return db
  end

  local function resume(db, ...)
    host = process.start(project.dir, "resumed", { process.program(), "resume", "--db", db,
      "--on-hold", "wait", ... })
  end

  -- On a crowded machine the verdict may come too late (E-TIMEOUT): whether the command was
  -- taken is seen by what follows, else it is given again.
  local function command(db, done, ...)
    local words = { process.program(), "command", ... }
    words[#words + 1], words[#words + 2] = "--db", db
    process.wait(function() return process.run(project.dir, words) == 0 or done() end, words[3])
  end

  local function answered(db)
    local function asks()
      local s = process.status(project.dir, db)
      return s and s.state == "Execute" and s.prompt ~= ""
    end
    process.wait_state(project.dir, db, "Held")
    command(db, asks, "unhold")
    process.wait(asks, "the question again")
    command(db, function() return host:code() end, "answer", "yes")
    assert.equal(0, (host:finish()))
  end

  it("is resumed by them, also where they are gone, and says so", function()
    local db = cut()
    project:write("shed.lua", "no line any more")
    os.remove(project.dir .. "/soak.lua")
    resume(db)
    answered(db)
    local _, lines = host:err():gsub("changed since the run was begun: [^\n]+\n", "")
    assert.equal(1, lines, host:err())
    assert.truthy(host:err():find("shed.lua", 1, true), host:err())
    assert.truthy(host:err():find("soak.lua (not there)", 1, true), host:err())
  end)

  it("is refused with a recipe that was changed, unless that is said to be meant", function()
    local db = cut()
    project:edit("soak.lua", '"1.0.0"', '"1.1.0"')
    resume(db)
    assert.equal(1, (host:finish()))
    assert.truthy(host:err():find("(recipe 1.0.0 -> 1.1.0)", 1, true), host:err())
    assert.truthy(host:err():find("resume --pinned", 1, true), host:err())
    project:write("soak.lua", "not even a recipe")
    resume(db, "--pinned", "--json")
    answered(db)
    assert.truthy(host:err():find('"text":"changed since the run was begun: soak.lua;', 1, true),
      host:err())
  end)

  it("is found again by the names it was begun with, and so is that of a pack", function()
    local twin = assert(sys.read_file "examples/twins/coater.lua")
    project:write("twins/coater.lua", twin)
    local program, db = process.program(), project.dir .. "/run.db"
    local here = "cd " .. project.dir .. ";"
    local function begin(words)
      for _, word in ipairs { "--sim", "--db", db, "--on-hold", "wait" } do words[#words + 1] = word end
      host = process.start(project.dir, "host", words, here)
      process.wait(function()
        local s = process.status(project.dir, db)
        return s and s.prompt ~= ""
      end, "the question")
      host:stop()
    end
    local function resume_here()
      host = process.start(project.dir, "resumed", { program, "resume", "--db", db, "--on-hold",
        "wait" }, here)
      answered(db)
      assert.is_nil(host:err():find("changed since", 1, true), host:err())
    end
    process.run(project.dir, { program, "pack", "soak.lua", "--line", "shed.lua", "-o", "p.lwb" },
      here)
    begin { program, "run", "p.lwb" }
    os.remove(project.dir .. "/p.lwb")
    resume_here()
    begin { program, "run", "soak.lua", "--line", "./shed.lua" }
    resume_here()
  end)
end)

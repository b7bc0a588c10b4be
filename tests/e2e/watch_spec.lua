-- A new project runs as it is, and `watch` tells what a save has changed.
local process = require "tests.support.process"
local projects = require "tests.support.project"
local sys = require "linewright.sys"

describe("linewright new project", function()
  local project
  before_each(function() project = projects.new() end)
  after_each(function() project:remove() end)

  local function run(folder, ...)
    return process.run(project.dir, { process.program(), ... }, ("cd %s/%s;"):format(project.dir, folder))
  end
  local function has(text, wanted)
    assert.truthy(text:find(wanted, 1, true), ("no '%s' in:\n%s"):format(wanted, text))
  end
  local function edit(name, from, to)
    project:edit("brewery/" .. name, from, to)
  end

  it("makes a folder whose checks and specs pass, and a batch runs", function()
    local code, out, err = run(".", "new", "project", "brewery")
    assert.equal(0, code, err)
    has(out, "next: cd brewery && linewright watch --once")
    code, out = run("brewery", "watch", "--once")
    assert.equal(0, code, out)
    has(out, "ok   recipes/brewery.lua on lines/brewery.lua\nok   recipes/brewery.lua with formulas/brewery.lua\n")
    has(out, "3 passed, 0 failed\nall fine in ")
    code, out, err = run("brewery", "run", "recipes/brewery.lua", "--line", "lines/brewery.lua", "--sim", "--speed", "max")
    assert.equal(0, code, out .. err)
    code, out, err = run(".", "new", "project", "brewery")
    assert.same({ 3, "", "E-EXISTS brewery is there already\n" }, { code, out, err })
  end)

  it("writes what editor and luacheck need", function()
    run(".", "new", "project", "brewery")
    local luarc = assert(sys.read_file(project.dir .. "/brewery/.luarc.json"))
    local list = require("linewright.json").decode(luarc)["workspace.library"]
    for _, dir in ipairs(list) do assert.equal("directory", sys.exists(dir), dir) end
    local status = os.execute(("cd %s/brewery && luacheck -q . >../luacheck.txt 2>&1"):format(project.dir))
    assert.is_true(status == 0 or status == true, sys.read_file(project.dir .. "/luacheck.txt"))
  end)

  it("has a project that watch finds wrong once it is", function()
    run(".", "new", "project", "brewery")
    edit("recipes/brewery.lua", "eq.oven:profile { { 0, p.hot }", "eq.ovn:profile { { 0, p.hot }")
    local code, out = run("brewery", "watch", "--once")
    assert.equal(1, code, out)
    has(out, "E-NAME eq.ovn is not in `needs` (oven, web). Did you mean 'oven'?\n     at recipes/brewery.lua:")
    has(out, "FAIL recipes/brewery.lua on lines/brewery.lua")
    has(out, "NOT fine in ")
  end)

  it("is looked at again when a file is saved", function()
    run(".", "new", "project", "brewery")
    os.execute(("rm -r %s/brewery/tests"):format(project.dir))
    local watching = process.start(project.dir, "watch", { process.program(), "watch", project.dir .. "/brewery" })
    process.wait(function() return watching:out():find "watching; Ctrl%-C ends" end, "the first look")
    edit("lines/brewery.lua", "range = { 20, 120 }", "range = 120")
    process.wait(function() return watching:out():find "NOT fine in" end, "the second look")
    has(watching:out(), "E-TYPE oven.zones[1].setpoint: range must be a table")
    edit("lines/brewery.lua", "range = 120", "range = { 20, 120 }")
    process.wait(function() return select(2, watching:out():gsub("all fine in", "")) == 2 end, "the third look")
    watching:signal "TERM"
    watching:finish()
  end)

  it("says when there is no such folder", function()
    local code, _, err = run(".", "watch", "nowhere")
    assert.same({ 3, "linewright watch: 'nowhere' is no folder that can be entered\n" }, { code, err })
  end)
end)

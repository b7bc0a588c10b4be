-- A run on a terminal: the live block, the keyboard, Ctrl-C. The terminal is a
-- pseudo one, made by util-linux's script.
local process = require "tests.support.process"
local projects = require "tests.support.project"
local terminal = require "tests.support.terminal"

-- A bare chroot has no pseudo terminals.
local ptmx = io.open("/dev/ptmx", "r")
if not ptmx then
  describe("a run on a terminal", function()
    pending "needs pseudo terminals: is /dev/pts mounted?"
  end)
  return
end
ptmx:close()

local RECIPE = [[
return recipe "soak" {
  api = 1, version = "1.0.0",
  needs = { oven = cap "zoned_dryer@1" {} },
  execute = function(r, eq)
    r.operation("warm up", function()
      r.step("heat", function() eq.oven.zones[1].setpoint:set(80) end)
      r.ask { prompt = "is it warm?", choices = { "yes", "not yet" } }
      r.wait_until("the next shift", function() return false end, { within = "2 h" })
    end)
  end,
}
]]

local project, tty
local function path(name) return project.dir .. "/" .. name end

local function start(db, words)
  tty = terminal.start(project.dir, ("%s run %s --line %s --sim %s --db %s"):format(process.program(),
    path "soak.lua", path "shed.lua", words or "", path(db)))
end

before_each(function()
  project = projects.new()
  project:write("soak.lua", RECIPE)
  start "a.db"
end)
after_each(function()
  tty.process:stop()
  project:remove()
end)

-- Is the question about stopping in the block that was drawn last?
local function wait_asked(wanted)
  process.wait(function()
    local last = tty.process:out():match ".*\27%[J(.*>)" or ""
    local asked = last:find("stop the run? y stops, Enter goes on, Ctrl-C again aborts", 1, true) ~= nil
    return asked == wanted
  end, wanted and "the question" or "the end of the question")
end

describe("a run on a terminal", function()
  it("shows what it does, takes answers and commands, asks before it stops", function()
    tty:wait "asks     is it warm?"
    tty:wait "doing    warm up"
    tty:type "not yet\n"
    tty:wait "waits    the next shift, until "
    local _, status = process.run(project.dir, { process.program(), "status", "--db", path "a.db" })
    assert.truthy(status:find "\nwaits     the next shift %(%d+ s left%)\n", status)
    tty:type "hodl\n"
    tty:wait "unknown command 'hodl'. Did you mean 'hold'?"
    tty:type "hols\127d\n"
    tty:wait "HELD    soak 1.0.0 / shed / batch 0001"
    assert.is_nil(tty.process:code()) -- on a terminal a held run waits
    tty:type "unhold\n"
    process.wait_state(project.dir, path "a.db", "Execute")
    tty:type "\3"
    wait_asked(true)
    tty:type "\n"
    wait_asked(false)
    tty:type "\3"
    wait_asked(true)
    tty:type "y\n"
    assert.equal(1, (tty.process:finish()))
    tty:wait "Stopped"
  end)

  it("aborts when Ctrl-C is pressed twice", function()
    tty:wait "asks     is it warm?"
    tty:type "\3"
    wait_asked(true)
    tty:type "\3"
    assert.equal(1, (tty.process:finish()))
    tty:wait "Aborted"
    tty:wait "why   commanded by operator"
  end)
end)

-- The keys and jobs of a shell: whatever they do to other programs, the scan goes on.
describe("a run's host and a shell's job control", function()
  local function scans(db)
    local _, status = process.run(project.dir, { process.program(), "status", "--json", "--db", path(db) })
    return tonumber(status:match '"scans":(%d+)')
  end

  it("is not put aside by Ctrl-Z", function()
    tty:wait "asks     is it warm?"
    tty:type "\26"
    tty:wait "a run is not put aside: its scan would stand still"
    local before = assert(scans "a.db")
    process.wait(function() return scans "a.db" > before end, "another scan")
    assert.is_nil(tty:screen():find("HELD", 1, true))
  end)

  it("stops the recipe by Ctrl-\\, its outputs at their stop values", function()
    tty:wait "asks     is it warm?"
    tty:type "\28"
    assert.equal(1, (tty.process:finish()))
    tty:wait "Stopped"
  end)

  it("runs as a job in the background", function()
    tty.process:stop()
    project:write("job.sh", ("set -m\n'%s' run %s --line %s --sim --db %s --on-hold wait &\nwait\n"):format(
      process.program(), path "soak.lua", path "shed.lua", path "job.db"))
    tty = terminal.start(project.dir, "bash " .. path "job.sh")
    process.wait_state(project.dir, path "job.db", "Execute")
    tty:wait "ASK     is it warm?"
    process.run(project.dir, { process.program(), "command", "stop", "--db", path "job.db" })
    assert.equal(0, (tty.process:finish()))
  end)

  it("outlives its terminal under nohup", function()
    tty.process:stop()
    tty = terminal.start(project.dir, ("sh -c 'nohup %s run %s --line %s --sim --db %s --on-hold wait > %s & wait'"):format(
      process.program(), path "soak.lua", path "shed.lua", path "job.db", path "nohup.out"))
    process.wait_state(project.dir, path "job.db", "Execute")
    tty.process:stop()
    local before = assert(scans "job.db")
    process.wait(function() return scans "job.db" > before + 20 end, "more scans")
    local code = process.run(project.dir, { process.program(), "command", "stop", "--db", path "job.db" })
    assert.equal(0, code)
    process.wait(function() return scans "job.db" == nil end, "the end of the host")
  end)
end)

describe("a run in virtual time that is paced", function()
  it("takes answers and commands like one in real time", function()
    tty.process:stop()
    start("b.db", "--speed 30")
    tty:wait "asks: is it warm? [yes] [not yet]"
    tty:type "perhaps\n"
    tty:wait "'perhaps' is no answer to 'is it warm?'; choose yes or not yet"
    tty:type "not yet\n"
    tty:wait "waits for: the next shift"
    tty:type "hold\n"
    tty:wait "can   unhold"
    tty:type "unhold\n"
    tty:wait "Unholding -> Execute"
    tty:type "stop\n"
    assert.equal(1, (tty.process:finish()))
    tty:wait "QUESTIONS"
  end)
end)

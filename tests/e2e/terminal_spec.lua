-- A run on a terminal: the live block, the keyboard, Ctrl-C. The terminal is a
-- pseudo one, made by util-linux's script.
local process = require "tests.support.process"
local projects = require "tests.support.project"

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

local project, p
local function path(name) return project.dir .. "/" .. name end

before_each(function()
  project = projects.new()
  project:write("soak.lua", RECIPE)
  os.execute("mkfifo " .. path "keys")
  local command = ("%s run %s --line %s --sim --db %s"):format(process.program(), path "soak.lua",
    path "shed.lua", path "a.db")
  p = process.start(project.dir, "tty", { "script", "-qfec", command, "/dev/null" },
    "exec <>" .. path "keys" .. ";")
end)
after_each(function()
  p:stop()
  project:remove()
end)

local function type_keys(keys)
  local f = assert(io.open(path "keys", "w"))
  f:write(keys)
  f:close()
end

local function wait_text(text)
  process.wait(function() return p:out():find(text, 1, true) end, ("'%s' on the screen:\n%s"):format(text,
    p:out()))
end

-- Is the question about stopping in the block that was drawn last?
local function wait_asked(wanted)
  process.wait(function()
    local last = p:out():match ".*\27%[J(.*>)" or ""
    local asked = last:find("stop the run? y stops, Enter goes on, Ctrl-C again aborts", 1, true) ~= nil
    return asked == wanted
  end, wanted and "the question" or "the end of the question")
end

describe("a run on a terminal", function()
  it("shows what it does, takes answers and commands, asks before it stops", function()
    wait_text "asks     is it warm?"
    wait_text "doing    warm up"
    type_keys "not yet\n"
    wait_text "waits    the next shift, until "
    local _, status = process.run(project.dir, { process.program(), "status", "--db", path "a.db" })
    assert.truthy(status:find "\nwaits     the next shift %(%d+ s left%)\n", status)
    type_keys "hodl\n"
    wait_text "unknown command 'hodl'. Did you mean 'hold'?"
    type_keys "hols\127d\n"
    wait_text "HELD    soak 1.0.0 / shed / batch 0001"
    assert.is_nil(p:code()) -- on a terminal a held run waits
    type_keys "unhold\n"
    process.wait_state(project.dir, path "a.db", "Execute")
    type_keys "\3"
    wait_asked(true)
    type_keys "\n"
    wait_asked(false)
    type_keys "\3"
    wait_asked(true)
    type_keys "y\n"
    assert.equal(1, (p:finish()))
    wait_text "Stopped"
  end)

  it("aborts when Ctrl-C is pressed twice", function()
    wait_text "asks     is it warm?"
    type_keys "\3"
    wait_asked(true)
    type_keys "\3"
    assert.equal(1, (p:finish()))
    wait_text "Aborted"
    wait_text "why   commanded by operator"
  end)
end)

describe("a run in virtual time that is paced", function()
  it("takes answers and commands like one in real time", function()
    p:stop()
    local command = ("%s run %s --line %s --sim --speed 30 --db %s"):format(process.program(),
      path "soak.lua", path "shed.lua", path "b.db")
    p = process.start(project.dir, "paced", { "script", "-qfec", command, "/dev/null" },
      "exec <>" .. path "keys" .. ";")
    wait_text "asks: is it warm? [yes] [not yet]"
    type_keys "perhaps\n"
    wait_text "'perhaps' is no answer to 'is it warm?'; choose yes or not yet"
    type_keys "not yet\n"
    wait_text "waits for: the next shift"
    type_keys "hold\n"
    wait_text "can   unhold"
    type_keys "unhold\n"
    wait_text "Unholding -> Execute"
    type_keys "stop\n"
    assert.equal(1, (p:finish()))
    wait_text "QUESTIONS"
  end)
end)

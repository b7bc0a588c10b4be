-- `linewright repl` as a person types into it, on a pseudo terminal made by
-- util-linux's script.
local process = require "tests.support.process"
local projects = require "tests.support.project"
local terminal = require "tests.support.terminal"

local ptmx = io.open("/dev/ptmx", "r")
if not ptmx then
  describe("the REPL on a terminal", function()
    pending "needs pseudo terminals: is /dev/pts mounted?"
  end)
  return
end
ptmx:close()

local project, tty

local function start(term, words)
  local command = ("cd %s && TERM=%s %s repl %s"):format(project.dir, term, process.program(), words or "")
  tty = terminal.start(project.dir, command, ("export XDG_STATE_HOME=%s LC_ALL=C.UTF-8;"):format(project.dir))
end

before_each(function() project = projects.new() end)
after_each(function()
  tty.process:stop()
  project:remove()
end)

describe("the REPL on a terminal", function()
  it("evaluates, completes, goes on over several lines", function()
    start "xterm"
    tty:wait "lw> "
    tty:type "6 * 7\n"
    tty:wait "\n42\n"
    tty:type "dsp.deci\t(dsp.ramp(100, 0, 1), 10)\n"
    tty:wait "samples [10]"
    tty:type "for i = 1, 2 do\n"
    tty:wait "..> "
    tty:type "print(i * 11)\nend\n"
    tty:wait "11\n22\n"
    tty:type "dsp.de\t\t"
    tty:wait "decimate"
    tty:type "\21\4"
    assert.equal(0, (tty.process:finish()))
  end)

  it("throws a line away at Ctrl-C, and ends a loop by it", function()
    start "xterm"
    tty:wait "lw> "
    tty:type "x = 1\n"
    tty:type "nonsense"
    tty:wait "nonsense"
    tty:type "\3"
    tty:wait "^C"
    tty:type "while true do end\n"
    tty:wait "while true do end\n"
    os.execute "sleep 0.2"
    tty:type "\3"
    tty:wait "E-STOP stopped by Ctrl-C"
    tty:type "x + 5\n"
    tty:wait "\n6\n"
  end)

  it("ends what a script has started by Ctrl-C, and keeps the variables", function()
    start "xterm"
    tty:wait "lw> "
    tty:type "x = 1\nos.execute [[echo be''gun; sleep 60]]\n"
    tty:wait "\nbegun\n"
    tty:type "\3"
    tty:type "x + 5\n"
    tty:wait "\n6\n"
  end)

  it("completes fields of a call that began lines above", function()
    start "xterm"
    tty:wait "lw> "
    tty:type "s = csv('none.csv', 1, {\n"
    tty:wait "..> "
    tty:type "ra\t5 })\n"
    tty:wait "rate = 5 })"
    tty:wait "E-NOTFOUND"
  end)

  it("goes on with a new evaluator when one crashes", function()
    start "xterm"
    tty:wait "lw> "
    tty:type "io.open('/proc/self/stat'):read '*a'\n"
    process.wait(function() return tty:screen():find "%d+ %(%w+%) %a" end, "the evaluator's process")
    local pid = tty:screen():match "(%d+) %(%w+%) %a"
    os.execute("kill -KILL " .. pid)
    tty:wait "E-CRASH the evaluator died (Killed): its variables are gone; a new one is ready"
    tty:type "6 * 7\n"
    tty:wait "\n42\n"
  end)

  it("keeps the typed lines of a folder", function()
    start "xterm"
    tty:wait "lw> "
    tty:type "first = 1234\n\4"
    assert.equal(0, (tty.process:finish()))
    start "xterm"
    tty:wait "lw> "
    tty:type "\16\nfirst + 1\n"
    tty:wait "1235"
  end)

  it("prints what comes from behind above the line that is being typed", function()
    start "xterm"
    tty:wait "lw> "
    tty:type "every('50 ms', function() print 'tick' return true end)\n"
    tty:type "12 + "
    tty:wait "tick\n"
    tty:type "30\n"
    tty:wait "\n42\n"
  end)

  it("works on a dumb terminal", function()
    start "dumb"
    tty:wait "lw> "
    tty:type "6 * 7\nplot { 1, 2, 3 }\n"
    tty:wait "42\n"
    tty:wait "series 1"
    assert.is_nil(tty.process:out():find "\27")
    tty:type "\4"
    assert.equal(0, (tty.process:finish()))
  end)
end)

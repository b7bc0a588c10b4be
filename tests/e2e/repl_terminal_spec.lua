-- `linewright repl` as a person types into it, on a pseudo terminal made by
-- util-linux's script.
local process = require "tests.support.process"
local projects = require "tests.support.project"

local ptmx = io.open("/dev/ptmx", "r")
if not ptmx then
  describe("the REPL on a terminal", function()
    pending "needs pseudo terminals: is /dev/pts mounted?"
  end)
  return
end
ptmx:close()

local project, p
local function path(name) return project.dir .. "/" .. name end

local function start(term, words)
  local command = ("cd %s && TERM=%s %s repl %s"):format(project.dir, term, process.program(), words or "")
  p = process.start(project.dir, "tty", { "script", "-qfec", command, "/dev/null" },
    ("exec <>%s; export XDG_STATE_HOME=%s LC_ALL=C.UTF-8;"):format(path "keys", project.dir))
end

before_each(function()
  project = projects.new()
  os.execute("mkfifo " .. path "keys")
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

-- What is on the terminal, without the escapes that move the cursor.
local function screen() return (p:out():gsub("\27%[[%d;?]*[%a]", ""):gsub("\r", "")) end

local function wait_text(text)
  process.wait(function() return screen():find(text, 1, true) end, ("'%s' on the screen:\n%s"):format(text, screen()))
end

describe("the REPL on a terminal", function()
  it("evaluates, completes, goes on over several lines", function()
    start "xterm"
    wait_text "lw> "
    type_keys "6 * 7\n"
    wait_text "\n42\n"
    type_keys "dsp.deci\t(dsp.ramp(100, 0, 1), 10)\n"
    wait_text "samples [10]"
    type_keys "for i = 1, 2 do\n"
    wait_text "..> "
    type_keys "print(i * 11)\nend\n"
    wait_text "11\n22\n"
    type_keys "dsp.de\t\t"
    wait_text "decimate"
    type_keys "\21\4"
    assert.equal(0, (p:finish()))
  end)

  it("throws a line away at Ctrl-C, and ends a loop by it", function()
    start "xterm"
    wait_text "lw> "
    type_keys "x = 1\n"
    type_keys "nonsense"
    wait_text "nonsense"
    type_keys "\3"
    wait_text "^C"
    type_keys "while true do end\n"
    wait_text "while true do end\n"
    os.execute "sleep 0.2"
    type_keys "\3"
    wait_text "E-STOP stopped by Ctrl-C"
    type_keys "x + 5\n"
    wait_text "\n6\n"
  end)

  it("ends what a script has started by Ctrl-C, and keeps the variables", function()
    start "xterm"
    wait_text "lw> "
    type_keys "x = 1\nos.execute [[echo be''gun; sleep 60]]\n"
    wait_text "\nbegun\n"
    type_keys "\3"
    type_keys "x + 5\n"
    wait_text "\n6\n"
  end)

  it("completes fields of a call that began lines above", function()
    start "xterm"
    wait_text "lw> "
    type_keys "s = csv('none.csv', 1, {\n"
    wait_text "..> "
    type_keys "ra\t5 })\n"
    wait_text "rate = 5 })"
    wait_text "E-NOTFOUND"
  end)

  it("goes on with a new evaluator when one crashes", function()
    start "xterm"
    wait_text "lw> "
    type_keys "io.open('/proc/self/stat'):read '*a'\n"
    process.wait(function() return screen():find "%d+ %(%w+%) %a" end, "the evaluator's process")
    local pid = screen():match "(%d+) %(%w+%) %a"
    os.execute("kill -KILL " .. pid)
    wait_text "E-CRASH the evaluator died (Killed): its variables are gone; a new one is ready"
    type_keys "6 * 7\n"
    wait_text "\n42\n"
  end)

  it("keeps the typed lines of a folder", function()
    start "xterm"
    wait_text "lw> "
    type_keys "first = 1234\n\4"
    assert.equal(0, (p:finish()))
    start "xterm"
    wait_text "lw> "
    type_keys "\16\nfirst + 1\n"
    wait_text "1235"
  end)

  it("prints what comes from behind above the line that is being typed", function()
    start "xterm"
    wait_text "lw> "
    type_keys "every('50 ms', function() print 'tick' return true end)\n"
    type_keys "12 + "
    wait_text "tick\n"
    type_keys "30\n"
    wait_text "\n42\n"
  end)

  it("works on a dumb terminal", function()
    start "dumb"
    wait_text "lw> "
    type_keys "6 * 7\nplot { 1, 2, 3 }\n"
    wait_text "42\n"
    wait_text "series 1"
    assert.is_nil(p:out():find "\27")
    type_keys "\4"
    assert.equal(0, (p:finish()))
  end)
end)

-- One clear message and the right exit code for what can be wrong outside.
local has = require "tests.support.has"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local sys = require "linewright.sys"

local project
before_each(function() project = projects.new() end)
after_each(function() project:remove() end)

local function path(name) return project.dir .. "/" .. name end

local function linewright(words, prefix)
  table.insert(words, 1, process.program())
  return process.run(project.dir, words, prefix)
end

local function run_words(...)
  return { "run", path "soak.lua", "--line", path "shed.lua", "--db", path "a.db", ... }
end

describe("the program", function()
  it("offers the nearest command and option", function()
    local code, _, err = linewright { "rnu" }
    assert.equal(2, code)
    has(err, "unknown command 'rnu'. Did you mean 'run'?")
    code, _, err = linewright { "run", "--sede", "3" }
    assert.equal(2, code)
    has(err, "unknown option '--sede'. Did you mean '--seed'?")
  end)

  it("explains every command that it lists, with an example", function()
    local code, out = linewright { "--help" }
    assert.equal(0, code)
    local seen = 0
    for name in out:gmatch "\n  (%l+) +%l[^\n]+" do
      if name == "linewright" then break end
      local help_code, help = linewright { name, "--help" }
      assert.equal(0, help_code)
      has(help, "usage: linewright " .. name)
      has(help, "\nexample:\n  linewright " .. name)
      for file in help:gmatch "recipes/[%w_]+%.lua" do assert.equal("file", sys.exists(file), file) end
      for file in help:gmatch "lines/[%w_]+%.lua" do
        assert.equal("file", sys.exists("examples/" .. file), file)
      end
      seen = seen + 1
    end
    assert.is_true(seen >= 9)
  end)

  it("says what is missing or contradicts itself on the command line", function()
    for _, case in ipairs {
      { { "run" }, "which recipe?" },
      { { "run", "a.lua" }, "which line? --line LINE is missing" },
      { { "run", "a.lua", "b.lua", "--line", "l" }, "more than one recipe" },
      { run_words "--speed=10", "--speed needs --sim" },
      { run_words "--on-hold=never", "--on-hold takes wait or exit" },
      { run_words "--seed=-1", "--seed takes a whole number" },
      { run_words "--db", "option '--db' needs a value" },
      { { "status", "x" }, "unexpected word 'x'" },
      { { "command" }, "which command? Give its name, such as 'linewright command hold" },
    } do
      local code, _, err = linewright(case[1])
      assert.equal(2, code, err)
      has(err, case[2])
    end
  end)
end)

describe("run", function()
  it("stops at findings before anything is opened", function()
    project:edit("shed.lua", "{ 20, 120 }", "{ 120, 20 }")
    local code, _, err = linewright(run_words())
    assert.equal(1, code)
    has(err, "shed.lua:")
    assert.is_nil(io.open(path "a.db"))
  end)

  it("returns 3 for a file that is not there", function()
    local code, _, err = linewright { "run", path "none.lua", "--line", path "shed.lua" }
    assert.equal(3, code)
    has(err, "none.lua")
  end)

  it("refuses a recipe that is no text", function()
    project:write("soak.lua", "\27LJ\2\0binary")
    local code, _, err = linewright(run_words())
    assert.equal(1, code)
    has(err, "soak.lua")
  end)

  it("refuses a device in place of a recipe, which might never end", function()
    local code, _, err = linewright { "run", "/dev/zero", "--line", path "shed.lua" }
    assert.equal(3, code)
    has(err, "/dev/zero: it is a device")
  end)

  it("refuses a named pipe in place of a profile, which nobody may ever write", function()
    assert(os.execute("mkfifo '" .. path "pipe.lua" .. "'"))
    local code, out = linewright { "check", path "soak.lua", "--line", path "pipe.lua" }
    assert.equal(3, code)
    has(out, "pipe.lua: it is a named pipe, not a file")
  end)

  it("refuses a key that is none, or a batch that is no name, before anything moves", function()
    project:write("open.key", "no key")
    for _, speed in ipairs { "--speed=max", "--on-hold=exit" } do
      local code, out, err = linewright(run_words("--sim", speed, "--key", path "open.key"))
      assert.equal(3, code, err)
      has(err, "open.key")
      assert.equal("", out)
      code, _, err = linewright(run_words("--sim", speed, "--batch", "a\27[31mb"))
      assert.equal(2, code)
      has(err, "--batch takes at most 63 bytes of UTF-8 without control characters")
    end
  end)

  it("ends a profile that loops", function()
    project:write("shed.lua", "while true do end")
    local code, _, err = linewright(run_words())
    assert.equal(1, code)
    has(err, "E-BUDGET")
    has(err, "shed.lua")
  end)

  it("returns 3 and names driver and reason for a port that is refused", function()
    project:edit("shed.lua", 'driver "sim" {}',
      'driver "modbus_tcp" { host = "127.0.0.1", port = 1, unit_id = 1 }')
    project:edit("shed.lua", '"oven.t1"', '"ir:1", type = "u16"')
    project:edit("shed.lua", '"oven.sp1"', '"hr:1", type = "u16"')
    local code, _, err = linewright(run_words())
    assert.equal(3, code, err)
    has(err, "shed.lua:1")
    has(err, "refused")
    assert.is_nil(err:find "traceback")
  end)

  it("returns 3 for a database that is none, or cannot be written", function()
    project:write("a.db", ("no database at all\n"):rep(100))
    local code, _, err = linewright(run_words "--sim")
    assert.equal(3, code)
    has(err, "a.db")
    code, _, err = linewright { "run", path "soak.lua", "--line", path "shed.lua", "--sim",
      "--db", path "no/such/folder/a.db" }
    assert.equal(3, code)
    has(err, "no/such/folder/a.db")
  end)

  it("holds, says so and returns 3 when the disk is full", function()
    project:edit("soak.lua", "eq.oven.zones[1].setpoint:set(p.hot) end)",
      [[eq.oven.zones[1].setpoint:set(p.hot) end)
        for i = 1, 100000 do r.step("fill " .. i, function() return ("x"):rep(20000) end) end]])
    -- Nothing but steps: the CPU budget of a tick must not come first.
    project:edit("shed.lua", "revision = 1,", 'revision = 1, tick_cpu = "1 s",')
    local code, _, err = linewright(run_words("--sim", "--on-hold=exit"), "ulimit -f 6000;")
    assert.equal(3, code, err)
    has(err, "a.db")
  end)

  it("says so and returns 3 when the disk is full in virtual time", function()
    project:edit("soak.lua", "eq.oven.zones[1].setpoint:set(p.hot) end)",
      [[eq.oven.zones[1].setpoint:set(p.hot) end)
        for i = 1, 1000 do r.step("fill " .. i, function() return ("x"):rep(20000) end) end]])
    local code, _, err = linewright(run_words("--sim", "--speed", "max"),
      "ulimit -f 6000;")
    assert.equal(3, code, err)
    assert.matches("E%-%u+ [^\n]*a.db: writing failed: ", err)
  end)

  -- Each tick of it costs a second: were it waited for Idle, 600 of them.
  it("ends a run in virtual time that its guard stops before it starts", function()
    project:edit("soak.lua", "  execute = ", [[
  guards = { { text = "stuck", level = "stop", when = function() while true do end end } },
  execute = ]])
    local code, out = linewright(run_words("--sim", "--speed", "max"), "ulimit -t 60;")
    assert.equal(1, code)
    has(out, "Stopping: guard 'stuck' failed: ")
    has(out, "E-BUDGET")
  end)
end)

describe("the output", function()
  it("that cannot be written whole is no success", function()
    local code, _, err = linewright({ "--help" }, "exec >/dev/full;")
    assert.equal(3, code)
    has(err, "could not be written")
  end)

  it("may be closed: a batch runs, and its database stays whole", function()
    local code, _, err = linewright(run_words("--sim", "--speed", "max"), "exec <&- >&- 2>&-;")
    assert.equal(0, code, err)
    local verified = linewright { "verify", "--db", path "a.db" }
    assert.equal(0, verified)
  end)
end)

describe("status, command and resume", function()
  it("do not resume what ran in virtual time", function()
    project:edit("soak.lua", "eq.oven.zones[1].setpoint:set(p.hot) end)",
      "eq.oven.zones[1].setpoint:set(p.hot) r.hold 'look' end)")
    linewright(run_words("--sim", "--speed", "max"))
    local code, _, err = linewright { "resume", "--db", path "a.db" }
    assert.equal(1, code, err)
    has(err, "ran in virtual time")
  end)

  it("return 3 when no host is running or there is no database", function()
    for _, words in ipairs { { "status" }, { "command", "hold" }, { "resume" } } do
      table.insert(words, "--db")
      table.insert(words, path "none.db")
      local code, _, err = linewright(words)
      assert.equal(3, code)
      has(err, "none.db")
    end
    assert.is_nil(io.open(path "none.db"))
  end)
end)

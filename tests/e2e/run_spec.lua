-- Host, worker and twin as real processes, in real time: what a person and what
-- a kill can do to a run.
local has = require "tests.support.has"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local store = require "linewright.store"

local RECIPE = [[
return recipe "soak" {
  api = 1, version = "1.0.0",
  needs = { oven = cap "zoned_dryer@1" {} },
  params = { hot = param { "degC", default = 80, min = 20, max = 120 } },
  execute = function(r, eq, p)
    r.step("heat", { once = true }, function() eq.oven.zones[1].setpoint:set(p.hot) end)
    r.dwell "300 ms"
    if r.ask { prompt = "go on?", choices = { "yes", "no" }, within = "1 min", default = "no" } == "yes" then
      r.record("answer", 1, "1")
    end
    r.dwell "300 ms"
  end,
}
]]

local project
before_each(function()
  project = projects.new()
  project:write("soak.lua", RECIPE)
end)
after_each(function() project:remove() end)

local function path(name) return project.dir .. "/" .. name end

local function run(...)
  return project:start("run", "run", path "soak.lua", "--line", path "shed.lua", "--sim", "--db", path "a.db",
    "--on-hold=wait", "--seed=1", ...)
end

local function command(...)
  return process.run(project.dir, { process.program(), "command", "--db", path "a.db", "--who",
    "ana", ... })
end

local function wait_state(state) return process.wait_state(project.dir, path "a.db", state) end

local function wait_prompt()
  return process.wait(function()
    local s = process.status(project.dir, path "a.db")
    return s and s.prompt ~= "" and s
  end, "a question")
end

local function records()
  local s = assert(store.open(path "a.db", "r"))
  local out = {}
  for _, _, _, kind, key, data in s:records(assert(s:run_find())) do
    out[#out + 1] = { kind = kind, key = key, data = data }
  end
  s:close()
  return out
end

local function count(kind, key)
  local n = 0
  for _, r in ipairs(records()) do
    if r.kind == kind and (not key or r.key:find(key, 1, true)) then n = n + 1 end
  end
  return n
end

local function mode_of(file)
  local pipe = io.popen(("stat -c %%a '%s'"):format(file))
  local text = pipe:read "*l"
  pipe:close()
  return text
end

describe("a run in two processes", function()
  it("asks, is answered through the socket, completes and leaves its records", function()
    local p = run("--set", "hot=90", "--batch", "b7")
    local s = wait_prompt()
    assert.equal("Execute", s.state)
    assert.equal("b7", s.batch)
    has(s.prompt, "go on?  [yes] [no]  (unanswered: no)")
    assert.is_true(s.waits_left_s > 0 and s.waits_left_s <= 60, tostring(s.waits_left_s))
    assert.equal("600", mode_of(path "a.db.sock"))
    local _, text = process.run(project.dir, { process.program(), "status", "--db", path "a.db" })
    has(text, "state     Execute")
    has(text, "batch b7")
    has(text, "driver ")
    assert.equal(1, command("answer", "maybe"))
    assert.equal(0, command("answer", "yes"))
    assert.equal(0, (p:finish()))
    has(p:out(), "Execute")
    has(p:out(), "Complete")
    has(p:out(), "records   linewright report '")
    assert.equal(1, count("end", "heat"))
    assert.equal(1, count "answer")
    assert.equal(1, count("data", "answer"))
    assert.is_nil(io.open(path "a.db.sock"))
  end)

  it("refuses a second host on its database", function()
    run()
    wait_prompt()
    local code, _, err = process.run(project.dir, { process.program(), "run", path "soak.lua", "--line",
      path "shed.lua", "--sim", "--db", path "a.db" })
    assert.equal(3, code)
    has(err, "a.db")
  end)

  it("takes commands that are legal and refuses the others with a sentence", function()
    local p = run()
    wait_prompt()
    local code, _, err = command "unhold"
    assert.equal(1, code)
    has(err, "command 'unhold' is not allowed in state Execute")
    code, _, err = command "unhodl"
    assert.equal(2, code)
    has(err, "Did you mean 'unhold'?")
    assert.equal(0, command("hold", "look at the web"))
    wait_state "Held"
    -- What people see is refreshed four times a second.
    process.wait(function() return p:out():find("HELD    soak 1.0.0 / shed / batch", 1, true) end,
      "the message of the hold")
    assert.equal(0, command "unhold")
    wait_state "Execute"
    assert.equal(0, command "stop")
    assert.equal(1, (p:finish()))
    has(p:out(), "Stopped")
  end)

  it("stops cleanly at SIGTERM", function()
    local p = run()
    wait_prompt()
    p:signal "TERM"
    assert.equal(1, (p:finish()))
    has(p:out(), "Stopped")
  end)

  it("exits with 1 when it is held without a terminal", function()
    local p = project:start("run", "run", path "soak.lua", "--line", path "shed.lua", "--sim", "--db",
      path "a.db")
    wait_prompt()
    command "hold"
    assert.equal(1, (p:finish()))
    has(p:out(), "held without a terminal")
  end)
end)

describe("a killed worker", function()
  local function kill_worker(signal)
    local s = wait_prompt()
    os.execute(("kill -%s %d"):format(signal, s.worker_pid))
    local held = wait_state "Held"
    assert.equal(1, held.worker_deaths)
    assert.are_not.equal(s.worker_pid, held.worker_pid)
    return held
  end

  it("is replaced, the run is Held and goes on without repeating a step", function()
    local p = run()
    kill_worker "KILL"
    assert.equal(0, command "unhold")
    wait_prompt()
    assert.equal(0, command("answer", "yes"))
    assert.equal(0, (p:finish()))
    assert.equal(1, count("begin", "heat"))
    assert.equal(1, count("end", "heat"))
    assert.equal(1, count("alarm", "host/worker"))
    assert.is_true(count "trip" >= 1)
  end)

  it("that was Held is named as the cause, with the cause of the hold", function()
    run()
    local s = wait_prompt()
    assert.equal(0, command("hold", "look at the web"))
    wait_state "Held"
    os.execute("kill -9 " .. s.worker_pid)
    process.wait(function() return count("state", "Held") == 2 end, "the next worker")
    local _, out = process.run(project.dir, { process.program(), "why", "Held", "--db", path "a.db" })
    has(out, "Held: look at the web   (still, after a restart)")
    has(out, "because of a death: worker killed by SIGKILL")
    has(out, "because commanded: hold look at the web by ana")
    assert.is_nil(out:find "by restart")
  end)

  it("is replaced when it is only silent", function()
    local p = run()
    kill_worker "STOP"
    assert.equal(0, command "stop")
    assert.equal(1, (p:finish()))
  end)
end)

describe("a killed host", function()
  it("takes its worker along, and resume goes on Held where it was", function()
    local p = run("--set", "hot=91")
    local s = wait_prompt()
    p:signal "KILL"
    p:finish()
    process.wait(function() return os.execute(("kill -0 %d 2>%s"):format(s.worker_pid, path "gone")) ~= 0
      and not io.open("/proc/" .. s.worker_pid .. "/exe") end, "the worker's end")
    local r = project:start("resume", "resume", "--db", path "a.db", "--on-hold=wait")
    local held = wait_state "Held"
    assert.equal(s.batch, held.batch)
    assert.equal(0, command "unhold")
    wait_prompt()
    assert.equal(0, command("answer", "no"))
    assert.equal(0, (r:finish()))
    assert.equal(1, count("begin", "heat"))
    assert.equal(1, count("end", "heat"))
    local code, _, err = process.run(project.dir, { process.program(), "resume", "--db", path "a.db" })
    assert.equal(1, code)
    has(err, "is Complete: there is nothing to resume")
  end)

  it("is not resumed with a recipe that was changed", function()
    local p = run()
    wait_prompt()
    p:signal "KILL"
    p:finish()
    project:edit("soak.lua", '"1.0.0"', '"1.0.1"')
    local code, _, err = process.run(project.dir, { process.program(), "resume", "--db", path "a.db",
      "--on-hold=wait" })
    assert.equal(1, code)
    has(err, "REPLAY  refused: journal was made with bundle ")
    has(err, "(recipe 1.0.0 -> 1.0.1)")
  end)
end)

-- What people are told and may do while a run is under way: commands with their
-- verdict, doubts, deaths of the worker, errors as data.
local has = require "tests.support.has"
local json = require "linewright.json"
local process = require "tests.support.process"
local projects = require "tests.support.project"

local RECIPE = [[
return recipe "soak" {
  api = 1, version = "1.0.0",
  needs = { oven = cap "zoned_dryer@1" {} },
  params = { hot = param { "degC", default = 80, min = 20, max = 120, changeable = true },
             cold = param { "degC", default = 30 } },
  execute = function(r, eq, p)
    BODY
  end,
}
]]

local project
before_each(function() project = projects.new() end)
after_each(function() project:remove() end)

local function path(name) return project.dir .. "/" .. name end

local function run(body, ...)
  project:write("soak.lua", (RECIPE:gsub("BODY", function() return body end)))
  return project:start("run", "run", path "soak.lua", "--line", path "shed.lua", "--sim", "--db", path "a.db",
    "--on-hold=wait", "--seed=1", ...)
end

local function command(...)
  local code, out, err = process.run(project.dir, { process.program(), "command", "--db",
    path "a.db", "--who", "ana", ... })
  return code, (out or "") .. (err or "")
end

local function status() return process.status(project.dir, path "a.db") end
local function wait_state(state) return process.wait_state(project.dir, path "a.db", state) end

local function wait_for(what, fn)
  return process.wait(function()
    local s = status()
    return s and fn(s) and s
  end, what)
end

describe("commands to a running run", function()
  it("that are refused are told so to each of many who give them at once", function()
    run [[r.dwell "1 min"]]
    wait_state "Execute"
    local script = ("for i in $(seq 30); do '%s' command ack --db '%s' 2>&1 || echo code $? & done; wait"):format(
      process.program(), path "a.db")
    local _, out = process.run(project.dir, { "sh", "-c", script })
    assert.equal(30, select(2, out:gsub("code 1\n", "")), out)
    has(out, "no alarm waits for acknowledgement")
  end)

  it("are carried out or refused with the recipe's own words", function()
    run [[r.alarm "look at the lamp"
    r.loop("follow", { every = "100 ms", state = {}, run = function()
      eq.oven.zones[1].setpoint:set(p.hot)
    end })
    r.dwell "1 min"]]
    wait_state "Execute"
    assert.equal(0, (command("ack", "look at the lamp")))
    local code, text = command "ack"
    assert.equal(1, code)
    has(text, "no alarm waits for acknowledgement")
    code, text = command("set", "hot", "150")
    assert.equal(1, code)
    has(text, "hot = 150 degC is outside 20..120 degC")
    code, text = command("set", "cold", "40")
    assert.equal(1, code)
    has(text, "parameter 'cold' is fixed for this batch")
    code, text = command("set", "oven.zones[1].setpoint", "40")
    assert.equal(1, code)
    has(text, "needs mode Manual; the mode is Production")
    assert.equal(0, (command("set", "hot", "90", "degC")))
    code, text = command("mode", "maintenance")
    assert.equal(1, code)
    has(text, "mode Maintenance can be chosen in Stopped, Idle or Aborted, not in Execute")
    assert.equal(0, (command("mode", "semi-automatic")))
    assert.equal(0, (command "stop"))
  end)
end)

describe("a once-step that failed", function()
  it("is in doubt, which the block, the status and the refusal of unhold all say", function()
    local p = run [[r.step("dose", { once = true }, function() r.dwell "50 ms" error("valve", 0) end)]]
    wait_state "Held"
    local s = wait_for("the doubt", function(s) return s.doubt ~= "" end)
    assert.equal("complete, stop, abort", s.can)
    has(s.doubt, "DOUBT   run")
    has(s.doubt, "failed in once-step 'dose' (begun, not confirmed).")
    process.wait(function() return p:out():find("DOUBT", 1, true) end, "the doubt in the block")
    has(p:out(), "  can   complete | stop | abort\nDOUBT   run")
    has(p:out(), "        Did it happen?  [done] [redo] [abort]")
    local code, text = command "unhold"
    assert.equal(1, code)
    has(text, "command 'unhold' has to wait: did once-step 'dose' happen?")
    assert.equal(0, (command("answer", "done")))
    assert.equal(0, (command "unhold"))
    assert.equal(0, (p:finish()))
  end)
end)

describe("a worker that dies", function()
  it("is told by its signal and its state", function()
    run [[r.dwell "1 min"]]
    local s = wait_state "Execute"
    os.execute(("kill -SEGV %d"):format(s.worker_pid))
    wait_state "Held"
    s = wait_for("a reason", function(now) return now.reason ~= "" end)
    assert.equal("worker killed by SIGSEGV in Execute; restarted", s.reason)
  end)
  it("of silence is told by its time", function()
    run [[r.dwell "1 min"]]
    local s = wait_state "Execute"
    os.execute(("kill -STOP %d"):format(s.worker_pid))
    wait_state "Held"
    s = wait_for("a reason", function(now) return now.reason ~= "" end)
    assert.is_truthy(s.reason:find "^worker silent for %d+ ms, killed in Execute; restarted$", s.reason)
  end)
end)

describe("errors of run --json", function()
  local function told(...)
    local p = process.start(project.dir, "bad", { process.program(), "run", "--json", ... })
    local code = p:finish()
    local err = p:err():match "^(.-)%s*$"
    local data = json.decode(err)
    assert.is_table(data, err)
    return code, data
  end
  it("are data, whatever is wrong", function()
    local code, e = told()
    assert.same({ 2, false, "E-USAGE" }, { code, e.ok, e.code })
    code, e = told("a.lua", "--line", "b.lua", "--lime", "c")
    assert.equal(2, code)
    has(e.text, "unknown option '--lime'. Did you mean '--line'?")
    code, e = told(path "soak.lua", "--line", path "shed.lua", "--sim", "--db", path "no/where.db")
    assert.equal(3, code)
    assert.is_truthy(e.code:find "^E%-")
    code, e = told(path "soak.lua", "--line", path "shed.lua", "--sim", "--speed", "fast")
    assert.equal(2, code)
    has(e.text, "--speed takes a number above 0 or max")
    code, e = told(path "soak.lua", "--line", path "none.lua", "--sim")
    assert.equal(3, code)
    has(e.findings[1].text, "is not there")
  end)
end)

describe("a closed pipe", function()
  it("ends a command without words", function()
    local p = process.start(project.dir, "pipe", { "sh", "-c", "'" .. process.program()
      .. "' check '" .. path "soak.lua" .. "' --line '" .. path "shed.lua" .. "' | true" })
    p:finish()
    assert.is_nil(p:err():find("E-CRASH", 1, true), p:err())
  end)
end)

describe("version", function()
  it("names the engine and the libraries", function()
    local _, text = process.run(project.dir, { process.program(), "version", "--json" })
    local v = json.decode(text)
    for _, name in ipairs { "version", "engine", "jit", "sqlite", "libuv", "libmodbus", "udunits" } do
      assert.is_truthy(v[name] and v[name] ~= "", name)
    end
    assert.is_truthy(v.engine:find "^Lua")
    assert.is_truthy(v.sqlite:find "^3%.")
  end)
end)

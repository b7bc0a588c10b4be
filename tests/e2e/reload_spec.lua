-- Another profile under a run on the PLC of line B, by the door and by SIGHUP.
local has = require "tests.support.has"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local store = require "linewright.store"
local sys = require "linewright.sys"

local RECIPE = [[
return recipe "feed" {
  api = 1, version = "1.0.0",
  needs = { web = cap "web_transport@1" {} },
  execute = function(r, eq)
    r.step("web on", { once = true }, function() eq.web.speed:set "6 m/min" end)
    r.ask { prompt = "enough?" }
  end,
}
]]

local project, host
local function path(name) return project.dir .. "/" .. name end

local function run(...)
  return process.run(project.dir, { process.program(), ... })
end

local function status() return process.status(project.dir, path "a.db") end
local function command(...) return run("command", "--db", path "a.db", ...) end

before_each(function()
  project = projects.new()
  project:line_b()
  project:write("feed.lua", RECIPE)
  host = project:start("host", "run", path "feed.lua", "--line", path "line.lua", "--db", path "a.db",
    "--on-hold=wait")
  process.wait(function()
    local s = status()
    return s and s.prompt ~= "" and s
  end, "the question at the end")
end)
after_each(function() project:remove() end)

local function reload_count()
  local s = assert(store.open(path "a.db", "r"))
  local n, key = 0, nil
  for _, _, _, kind, k in s:records(1) do
    if kind == "reload" then n, key = n + 1, k end
  end
  local now = s:run_bundle(1)
  s:close()
  return n, key, now
end

describe("a profile that is changed under a run", function()
  it("reaches the PLC once the run is held, and a resume after it", function()
    project:edit("line.lua", 'range = { 0, 120 }', 'range = { 0, 100 }')
    project:edit("line.lua", 'speed_max = "120 ft/min"', 'speed_max = "100 ft/min"')
    project:edit("line.lua", "revision = 1,", "revision = 1, memory = 48, limits = { alarms = 7 },")
    local code, _, err = command "reload"
    assert.equal(1, code)
    has(err, "E-STATE a profile is exchanged while the run is Held; it is Execute")
    has(err, "web.speed.range[2]: 120 -> 100")
    command "hold"
    process.wait_state(project.dir, path "a.db", "Held")
    has(select(2, run("status", "--db", path "a.db")), "\nnow       ")
    local out
    code, out, err = command("reload", "--who", "ana")
    assert.equal("", err)
    assert.equal(0, code)
    has(out, "the run goes by the new profile; it is Held, unhold goes on")
    -- The new worker still loads: a command right behind waits for it.
    code, _, err = command "unhold"
    assert.equal("", err)
    assert.equal(0, code)
    command "hold"
    process.wait_state(project.dir, path "a.db", "Held")
    local n, key, now = reload_count()
    assert.equal(1, n)
    assert.equal(key, now)
    assert.equal(0, status().worker_deaths)
    has(status().budgets, "of 48 MiB")
    has(status().budgets, "alarms 0 of 7")

    host:stop()
    host = project:start("host2", "resume", "--db", path "a.db", "--on-hold=wait")
    process.wait_state(project.dir, path "a.db", "Held")
    process.wait(function() return (command "unhold") == 0 end, "unhold")
    process.wait_state(project.dir, path "a.db", "Execute")
    -- 6 m/min are 19.7 ft/min in tenths, as before: the web comes back to it.
    process.wait(function()
      return select(2, sys.read_file(path "ledger"):gsub("write 40011 %d+ 197", "")) > 0
    end, "the web's speed")
    command "stop"
    host:finish()
    local _, text = run("report", "--db", path "a.db")
    has(text, "reload of the line's profile, 4 changes")
    has(text, "ana")
    assert.equal(0, (run("verify", "--db", path "a.db")))
  end)

  it("is refused with its findings, by SIGHUP as well, and nothing changes", function()
    command "hold"
    local before = process.wait_state(project.dir, path "a.db", "Held")
    project:edit("line.lua", 'unit = "ft/min", twin = "web.v"', 'unit = "furlong", twin = "web.v"')
    local code, _, err = command "reload"
    assert.equal(1, code)
    has(err, "E-RELOAD the profile has mistakes; nothing was changed")
    has(err, "line.lua:")
    host:signal "HUP"
    process.wait(function() return host:out():find("the profile has mistakes", 1, true) end,
      "the refusal on the host's own output")
    assert.equal(before.worker_pid, status().worker_pid)
    assert.equal(0, (reload_count()))
  end)
end)

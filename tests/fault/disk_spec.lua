-- A disk that fails under a running host, and a wall clock that is set: every fault
-- holds the line, raises one alarm, leaves the host alive, and a person opens the
-- journal again; a step of the clock is recorded and felt by nobody.
--
-- LW_DISK_FAULTS sets how many faults (7 by default, a third of a second each). Each
-- line says the number, the failures and the bound by the rule of three.

-- What is tested is the program's C: once, with one of the Lua engines, is enough.
if _VERSION ~= "Lua 5.1" then return end

local bound = require "tests.support.bound"
local json = require "linewright.json"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local store = require "linewright.store"
local sys = require "linewright.sys"

local FAULTS = tonumber(os.getenv "LW_DISK_FAULTS" or "7")
local SAFE = 25

local RECIPE = [[
return recipe "many" {
  api = 1, version = "1.0.0",
  needs = { oven = cap "zoned_dryer@1" {} },
  execute = function(r, eq)
    for i = 1, 100000 do
      r.step("set " .. i, function() eq.oven.zones[1].setpoint:set(30 + i % 50) end)
      r.dwell "40 ms"
    end
  end,
}
]]

local LINE = [[
local plc = driver "modbus_tcp" { host = "127.0.0.1", port = %d, unit_id = 1, timeout = "300 ms" }
return line "cell" {
  api = 1, revision = 1, scan = "10 ms", tick = "20 ms", heartbeat = "5 s",
  units = {
    oven = equip "zoned_dryer@1" {
      props = { length = "2 m", temp_max = "130 degC" },
      zones = { { temp = tag { plc, "30101", type = "s16", scale = 0.1, unit = "degC" },
                  setpoint = tag { plc, "40101", type = "s16", scale = 0.1, unit = "degC", range = { 20, 120 },
                                   safe = { hold = 25, stop = 25, abort = 25 } } } },
    },
  },
}
]]

local project, host, db
local small -- where a small file system is mounted
local random = 12345

local function uniform(n)
  random = (random * 16807) % 2147483647
  return random % n
end

local function path(name) return project.dir .. "/" .. name end

local function start(recipe, folder)
  project = project or projects.new()
  db = (folder or project.dir) .. "/a.db"
  local _, port = project:plc()
  project:write("many.lua", recipe)
  project:write("cell.lua", LINE:format(port))
  project:write("disk", "")
  project:write("clock", "0")
  host = process.start(project.dir, "host", { "env", "LD_PRELOAD=" .. process.beside "faulty_disk.so",
    "FAULTY_DISK=" .. path "disk", "FAULTY_CLOCK=" .. path "clock", process.program(), "run",
    path "many.lua", "--line", path "cell.lua", "--on-hold=wait", "--db", db })
end

after_each(function()
  if host then host:stop() end
  if small then os.execute(("umount -l '%s'"):format(small)) end
  project:remove()
  project, host, small = nil, nil, nil
end)

local function command(...)
  return process.run(project.dir, { process.program(), "command", "--db", db, "--who", "ana", ... })
end

local function wait_state(state) return process.wait_state(project.dir, db, state) end

local function records_of(kind, key)
  local s = assert(store.open(db, "r"))
  local out = {}
  for _, _, _, k, its_key, data in s:records(s:run_find()) do
    if k == kind and its_key == key then out[#out + 1] = json.decode(data) end
  end
  s:close()
  return out
end

-- The newest set-point that the device was sent.
local function setpoint()
  local last
  for tenths in (sys.read_file(path "ledger") or ""):gmatch "write 40101 %d+ (%d+)" do last = tenths end
  return last and tonumber(last) / 10
end

local function count(text, wanted)
  local _, n = text:gsub(wanted, "")
  return n
end

-- ------------------------------------------------------------------- faults ---

local KINDS = { "EIO", "ENOSPC", "SHORT", "EROFS", "FSYNC" }

-- The next fault, and what the operator is to read.
local function break_disk(i)
  if i % 7 == 6 then
    assert(os.remove(db .. "-wal"))
    return "removed", "the deleted log"
  end
  local kind, lasting = KINDS[(i - 1) % #KINDS + 1], uniform(2)
  project:write("disk", ("%s %d %d"):format(kind, 1 + uniform(25), lasting))
  return ".", kind .. (lasting == 1 and " for ever" or " once")
end

local function judge(what, told, alarms)
  local s = process.wait(function()
    assert.is_nil(host:code(), what .. ": the host ended\n" .. host:out() .. host:err())
    local now = process.status(project.dir, db)
    return now and now.state == "Held" and now.reason:find "^journal stopped: " and now
  end, "the hold after " .. what .. "\n" .. host:out())
  assert.is_truthy(s.reason:find(told), what .. ": " .. s.reason)
  assert.equal(0, s.worker_pid)
  process.wait(function() return setpoint() == SAFE end, "the safe value after " .. what)
  process.wait(function() return count(host:out(), "journal stopped") == alarms end, "one alarm after " .. what
    .. "\n" .. host:out())
end

-- What is repaired is opened again and checked; the run goes on from its journal.
local function recover()
  project:write("disk", "")
  local code, out, err = command "unhold"
  assert.equal(0, code, out .. err)
  process.wait(function()
    local now = process.look(db)
    return now and now.state == "Held" and now.worker_pid > 0 and not now.reason:find "journal stopped"
  end, "the worker; " .. host:out())
  code, out, err = command "unhold"
  assert.equal(0, code, out .. err .. host:out())
  wait_state "Execute"
end

describe("a failing disk", function()
  it("holds the line, raises one alarm, leaves the host alive; the run goes on", function()
    start(RECIPE)
    wait_state "Execute"
    local before = 0
    for i = 1, FAULTS do
      local told, what = break_disk(i)
      judge(what, told, i)
      if i == 2 then -- the disk is still broken: it is said, and tried again later
        project:write("disk", "EIO 1 1")
        local code, _, err = command "unhold"
        assert.is_true(code == 1 or code == 3, err)
        local s = process.status(project.dir, db)
        assert.is_truthy(s.reason:find "^journal stopped: ")
      end
      recover()
      local steps = #records_of("alarm", "host/store")
      assert.equal(i, steps)
      before = before + 1
    end
    local code, out = process.run(project.dir, { process.program(), "verify", "--db", db })
    assert.equal(0, code, out)
    assert.equal(0, (command "abort"))
    host:finish()
    print(("\ngoal 3: %d disk faults: line held, one alarm, host alive, run went on in %d (%s)")
      :format(FAULTS, before, bound.of(FAULTS)))
  end)
end)

-- --------------------------------------------------------------- full disk ---

local function mount(options)
  return process.run(project.dir, { "mount", "-t", "tmpfs", "-o", options, "tmpfs", small })
end

describe("a small file system that fills up", function()
  it("holds the line; with room again the run goes on", function()
    project = projects.new()
    small = path "small"
    assert(sys.mkdir(small))
    if mount "size=2m" ~= 0 then
      small = nil
      return pending "may not mount a file system here"
    end
    start((RECIPE:gsub("set%(30 %+ i %% 50%) end", "set(30 + i %% 50) return ('x'):rep(20000) end")), small)
    judge("a full disk", "full", 1)
    assert.equal(0, (mount "remount,size=40m"))
    recover()
    local code, out = process.run(project.dir, { process.program(), "verify", "--db", db })
    assert.equal(0, code, out)
    assert.equal(0, (command "abort"))
    host:finish()
  end)
end)

-- ------------------------------------------------------------- flipped byte ---

local function resume() return process.run(project.dir, { process.program(), "resume", "--db", db,
  "--on-hold=exit" }) end

-- One bit of the newest step's name in the file.
local function flip_a_bit()
  local text = assert(sys.read_file(db))
  local at = assert(text:find "/set 3#1.*$")
  local byte = text:byte(at + 2)
  assert(sys.write_file(db, text:sub(1, at + 1) .. string.char(byte % 2 == 0 and byte + 1 or byte - 1)
    .. text:sub(at + 3)))
end

describe("a flipped bit in the file of a killed host", function()
  it("is found, and the run does not go on", function()
    start(RECIPE)
    process.wait(function() return sys.exists(db) and process.status(project.dir, db) end, "the host")
    process.wait(function() return #records_of("end", "execute/set 3#1") == 1 end, "the third step")
    host:signal "KILL"
    host:finish()
    assert.equal(1, (resume())) -- comes up Held; its end moves the log into the file
    flip_a_bit()
    local code, _, err = resume()
    assert.equal(3, code, err)
    assert.is_truthy(err:find "^E%-CORRUPT .*a%.db")
    local found, out = process.run(project.dir, { process.program(), "verify", "--db", db })
    assert.equal(1, found, out)
    assert.is_truthy(out:find "FAIL")
  end)
end)

-- -------------------------------------------------------------------- clock ---

local STEPS = { 5, -3600, 86400, 315360000, -315360000, 0, 378000000, 2300000000, -7, 0 }

local function begun_at()
  local s, begun = assert(store.open(db, "r")), {}
  for _, t_ns, _, kind, key in s:records(s:run_find()) do
    if kind == "begin" and key:find "set %d+#" then begun[#begun + 1] = t_ns end
  end
  s:close()
  return begun
end

-- The record of the newest step of the clock, and the end of the dwell it came in.
local function wait_past(n)
  local begun = #begun_at()
  process.wait(function() return #records_of("note", "host/clock") == n end, "the record of step " .. n)
  process.wait(function() return #begun_at() > begun + 1 end, "a dwell to end after step " .. n)
end

describe("a wall clock that is set", function()
  it("changes nothing but the record of it", function()
    start((RECIPE:gsub("40 ms", "200 ms")))
    wait_state "Execute"
    local last, expected = 0, {}
    for _, offset in ipairs(STEPS) do
      project:write("clock.new", tostring(offset))
      assert(os.rename(path "clock.new", path "clock")) -- never half written
      expected[#expected + 1] = offset - last
      last = offset
      wait_past(#expected)
    end
    assert.equal("Execute", process.look(db).state)
    assert.equal(0, (command "abort"))
    host:finish()
    local told = {}
    for i, r in ipairs(records_of("note", "host/clock")) do told[i] = math.floor(r.step_ms / 1000 + 0.5) end
    assert.same(expected, told)
    -- No dwell was cut short: a late tick may take something from the next one, a
    -- clock that is set would take all.
    local begun = begun_at()
    for i = 2, #begun do
      assert.is_true(begun[i] - begun[i - 1] >= 100e6, tostring(begun[i] - begun[i - 1]))
    end
    assert.equal(0, (process.run(project.dir, { process.program(), "verify", "--db", db })))
    print(("\ngoal 18: %d clock steps from 5 s to 85 years: recorded, 0 with an effect on control (%s)"):format(#STEPS,
      bound.of(#STEPS)))
  end)
end)

-- Every way out, seen by the PLC: a line over Modbus runs with its web on, its
-- pump on and a heater set; then something ends it, and the PLC's own ledger must
-- show each output at the safe value that the profile declares for that way.
--
-- A choice of ways by default, all of them with LW_EXITS=all. The table has a row
-- for each way and a column for each class of output: how long after the event the
-- PLC had the safe value.

-- What is tested is the program's C: once, with one of the Lua engines, is enough.
if _VERSION ~= "Lua 5.1" then return end

local bound = require "tests.support.bound"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local sys = require "linewright.sys"

local ALL = os.getenv "LW_EXITS" == "all"
local GROUP = 8 -- lines that run side by side

local RECIPE = [[
return recipe "feed" {
  api = 1, version = "1.0.0",
  needs = { web = cap "web_transport@1" {}, die = cap "slot_die@1" {}, oven = cap "zoned_dryer@1" {} },
  execute = function(r, eq)
    r.step("on", function()
      eq.oven.zones[1].setpoint:set "90 degC"
      eq.die.lips:set(1)
      eq.web.speed:set "6 m/min"
      r.wait_until("web at speed", function() return eq.web.speed:read() > 3 end, { within = "30 s" })
      eq.die.flow:set "120 mL/min"
    end)
    local way = r.ask { prompt = "how?", choices = { "end", "error", "loop", "bomb", "assert", "permit", "wait" } }
    if way == "error" then local nothing = nil; nothing() end
    if way == "assert" then assert(false, "no such thing") end
    if way == "loop" then while true do pcall(function() while true do end end) end end
    if way == "bomb" then local t = {} for i = 1, math.huge do t[i] = { i } end end
    if way == "wait" then r.dwell "1 h" end
    if way == "permit" then
      r.step("web off", function() eq.web.speed:set(0) end)
      r.dwell "1 h"
    end
  end,
  completing = function(r, eq)
    eq.die.flow:set(0)
    eq.die.lips:set(0)
    eq.web.speed:set(0)
    eq.oven.zones[1].setpoint:set "25 degC"
  end,
}
]]

-- A class of output each: a number with a safe value on hold, a switch, numbers
-- that are kept on hold, in two word types.
local PUMP, LIPS, WEB, HEATER = "40021", "00017", "40011", "40101"
local CLASSES = { { "number", PUMP }, { "switch", LIPS }, { "kept u16", WEB }, { "kept s16", HEATER } }

-- Register and value at the end.
local ON = { [PUMP] = 100, [LIPS] = 1, [WEB] = 197, [HEATER] = 900 }
local HOLD = { [PUMP] = 0, [LIPS] = 0, [WEB] = 197, [HEATER] = 900 }
local STOP = { [PUMP] = 0, [LIPS] = 0, [WEB] = 0, [HEATER] = 250 }
local OFF = { [PUMP] = 0, [LIPS] = 0 }
local FRESH = { [PUMP] = 0, [LIPS] = 0, [WEB] = 0, [HEATER] = 250 } -- a PLC that begins
local NO_FLOW = { [PUMP] = 0, [LIPS] = 0, [WEB] = 0, [HEATER] = 900 }

local lines = {}

local function start_plc(line)
  line.plc, line.port = line.project:plc(line.port, line.ledger)
end

local function answer(line, choice)
  assert.equal(0, (process.run(line.dir, { process.program(), "command", "answer", choice, "--db", line.db })))
end

local function command(line, word)
  assert.equal(0, (process.run(line.dir, { process.program(), "command", word, "--db", line.db })))
end

local function worker(signal)
  return function(line)
    os.execute(("kill -%s %d"):format(signal, process.status(line.dir, line.db).worker_pid))
  end
end

local function host(signal) return function(line) line.host:signal(signal) end end

local function disk(kind)
  return function(line)
    sys.write_file(line.dir .. "/disk", kind .. " 1 1")
    -- The answer is the first record that meets the fault; it may come too late
    -- for its own verdict.
    process.run(line.dir, { process.program(), "command", "answer", "wait", "--db", line.db })
  end
end

-- Its memory is gone: it comes up with its outputs off, and nobody may turn them
-- on before a person unholds.
local function restart_plc(line)
  line.plc:stop()
  line.ledger = line.ledger .. "2"
  start_plc(line)
  process.wait_state(line.dir, line.db, "Held")
end

-- The next record needs memory.
local function host_without_memory(line)
  line.host:signal "USR1"
  process.run(line.dir, { process.program(), "command", "answer", "wait", "--db", line.db })
end

local function answers(choice) return function(line) answer(line, choice) end end
local function commands(word) return function(line) command(line, word) end end

-- name, the event, what the PLC must show; "drop" = the PLC's own dead-man did it.
-- `short` ones are in every test run.
local WAYS = {
  { "normal end", answers "end", STOP, short = true },
  { "error", answers "error", HOLD },
  { "assertion", answers "assert", HOLD },
  { "CPU budget", answers "loop", HOLD, short = true },
  { "out of memory", answers "bomb", HOLD },
  { "permit drop", answers "permit", NO_FLOW, short = true },
  { "hold", commands "hold", HOLD },
  { "stop", commands "stop", STOP },
  { "abort", commands "abort", STOP, short = true },
  { "worker SIGKILL", worker "KILL", HOLD },
  { "worker SIGSEGV", worker "SEGV", HOLD },
  { "worker SIGABRT", worker "ABRT", HOLD },
  { "worker SIGSTOP", worker "STOP", HOLD, short = true },
  { "host SIGKILL", host "KILL", "drop" },
  { "host SIGSEGV", host "SEGV", "drop" },
  { "host SIGSTOP", host "STOP", "drop", short = true },
  { "power cut", function(line)
    worker "KILL"(line)
    line.host:signal "KILL"
  end, "drop" },
  { "journal error", disk "EIO", HOLD },
  { "disk full", disk "ENOSPC", HOLD, short = true },
  { "host out of memory", host_without_memory, HOLD, short = true },
  { "cable out", function(line) line.plc:signal "STOP" line.paused = true end, "drop" },
  { "PLC restart", restart_plc, OFF },
}

local function chosen()
  local out = {}
  for _, way in ipairs(WAYS) do
    if ALL or way.short then out[#out + 1] = way end
  end
  return out
end

local function start(way)
  local project = projects.new()
  local line = { project = project, dir = project.dir, db = project.dir .. "/a.db",
    ledger = project.dir .. "/ledger" }
  start_plc(line)
  local text = assert(sys.read_file "examples/lines/line_b.lua")
  text = text:gsub("port = 1502", "port = " .. line.port):gsub("revision = 1,", "revision = 1, memory = 24,")
  project:write("line.lua", text)
  project:write("feed.lua", RECIPE)
  sys.write_file(line.dir .. "/disk", "")
  line.host = process.start(line.dir, "host", { process.program(), "run", line.dir .. "/feed.lua", "--line",
    line.dir .. "/line.lua", "--db", line.db, "--on-hold=wait" },
    ("FAULTY_DISK='%s/disk' LD_PRELOAD='%s %s'"):format(line.dir, process.beside "faulty_disk.so",
      process.beside "scarce_host.so"))
  line.way = way
  lines[#lines + 1] = line
  return line
end

-- The newest value of each register, when it came [s of the monotonic clock], and
-- when the PLC's own dead-man dropped all.
local function seen(line)
  local values, at, dropped = {}, {}, nil
  for register, value in pairs(FRESH) do values[register] = value end
  for t, rest in (sys.read_file(line.ledger) or ""):gmatch "([%d.]+) ([^\n]*)" do
    local register, value = rest:match "^write (%d+) %-?%d+ (%-?%d+)"
    if ON[register] then values[register], at[register] = tonumber(value), tonumber(t) end
    if rest:find "^drop" then dropped = tonumber(t) end
  end
  return values, at, dropped
end

local function is(values, wanted)
  for register, value in pairs(wanted) do
    if values[register] ~= value then return false end
  end
  return true
end

local function clock()
  return tonumber((assert(sys.read_file "/proc/uptime"):match "^[%d.]+"))
end

-- How long after the event each class of output was safe, as a row of the table, and
-- the slowest [s].
local function tell(line, began)
  local _, at, dropped = seen(line)
  -- Where the host made the outputs safe, a dead-man that follows adds nothing.
  if line.way[3] ~= "drop" then dropped = nil end
  local row, slowest = { ("%-18s"):format(line.way[1]) }, 0
  for _, class in ipairs(CLASSES) do
    local t = dropped or at[class[2]] or 0
    row[#row + 1] = ("%10s"):format(t > began and ("%.0f ms"):format(1e3 * (t - began)) or "as it was")
    slowest = math.max(slowest, t - began)
  end
  return table.concat(row, " "), slowest
end

local function wait_safe(line)
  local wanted = line.way[3]
  if line.paused then -- it can only act once it runs again
    os.execute "sleep 1.5"
    line.plc:signal "CONT"
  end
  process.wait(function()
    local values, _, dropped = seen(line)
    if wanted == "drop" then return dropped end
    return is(values, wanted)
  end, line.way[1] .. ": the PLC at " .. (wanted == "drop" and "its dead-man" or "safe values"))
end

local function is_asking(line)
  local s = process.status(line.dir, line.db)
  return s and s.prompt ~= "" and is(seen(line), ON)
end

local function print_table(rows, slowest_s)
  local head = { ("\n%-18s"):format "way out" }
  for _, class in ipairs(CLASSES) do head[#head + 1] = ("%10s"):format(class[1]) end
  print(table.concat(head, " ") .. "\n" .. table.concat(rows, "\n"))
  print(("goal 9: %d ways out x %d classes of output safe within %.0f ms, 0 not (%s)"):format(#rows, #CLASSES,
    1e3 * slowest_s, bound.of(#rows * #CLASSES)))
end

local function finish(line)
  line.host:signal "CONT"
  line.host:stop()
  line.plc:stop()
  line.project:remove()
end

describe("every way out", function()
  after_each(function()
    for _, line in ipairs(lines) do finish(line) end
    lines = {}
  end)

  local ways, rows, slowest_s = chosen(), {}, 0
  for first = 1, #ways, GROUP do
    it(("leaves the PLC safe, %d and on"):format(first), function()
      local group = {}
      for i = first, math.min(first + GROUP - 1, #ways) do group[#group + 1] = start(ways[i]) end
      for _, line in ipairs(group) do
        process.wait(function() return is_asking(line) end, "the question of " .. line.way[1])
        local began = clock()
        line.way[2](line)
        wait_safe(line)
        local row, took_s = tell(line, began)
        rows[#rows + 1], slowest_s = row, math.max(slowest_s, took_s)
      end
    end)
  end

  it("has told how long the slowest took", function()
    assert.equal(#ways, #rows)
    if ALL then print_table(rows, slowest_s) end
  end)
end)

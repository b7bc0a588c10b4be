-- Lives of a host whose power is cut, for test_host_power.c, which gives the words
-- `disk`: a batch of twelve steps begins, the power goes at a random operation, comes
-- back, goes once more while the host recovers, and the batch is brought to its end.
local folder, n, is_lying, lives_before = ...

local disk = _G.disk
local inline = require "linewright.inline"
local loader = require "linewright.loader"
local store = require "linewright.store"
local sys = require "linewright.sys"

local STEPS = 12

local RECIPE = [[
return recipe "dozen" {
  api = 1, version = "1.0.0",
  needs = { oven = cap "zoned_dryer@1" {} },
  execute = function(r, eq)
    for i = 1, 12 do
      r.phase("phase " .. i, function()
        r.step("set " .. i, function() eq.oven.zones[1].setpoint:set(30 + i) end)
        r.dwell "1 s"
      end)
    end
  end,
}
]]

local LINE = sys.read_file("tests/support/shed.lua"):gsub('hold = "keep"', "hold = 25")

assert(sys.write_file(folder .. "/dozen.lua", RECIPE))
assert(sys.write_file(folder .. "/shed.lua", LINE))

local sums = { lost = 0, broken = 0, twice = 0, illegal = 0, cuts = 0, lives = 0, acknowledged = 0 }

local Life = {}
Life.__index = Life

local function new_life(seed)
  disk.fresh(seed, is_lying)
  local self = setmetatable({ seed = seed, names = 0, acknowledged = 0 }, Life)
  self.path = self:next_path()
  local bundle = loader.bundle { recipe = folder .. "/dozen.lua", line = folder .. "/shed.lua", sim = true }
  self.line = inline.new { bundle = bundle, seed = seed, db = self.path, quiet = true }
  return self
end

function Life:next_path()
  self.names = self.names + 1
  return ("%s/%s%d.%d.db"):format(folder, is_lying and "l" or "", self.seed, self.names)
end

function Life:fail(what, text)
  sums[what] = sums[what] + 1
  if not is_lying then sys.stderr(("seed %d: %s: %s\n"):format(self.seed, what, text)) end
end

local function is_over(run) return disk.is_off() or run.state == "Complete" or run.state == "Held" end

-- Until the batch is over, held or cut; what was acknowledged is remembered.
function Life:go_on()
  local line = self.line
  line:advance(line:now_ns() + 60e9, function(run)
    if not disk.is_off() then self.acknowledged = line.port:committed() end
    return is_over(run)
  end)
end

-- The disk as the next start finds it, under a new name.
function Life:restore()
  sums.cuts = sums.cuts + 1
  local path = self:next_path()
  disk.restore(self.path, path)
  self.path = path
end

-- Power is back; it may go again while the file is opened.
function Life:recover()
  self.line:crash()
  self:restore()
  if self.seed % 3 == 0 then
    disk.cut(30)
    disk.look(self.path)
    if disk.is_off() then self:restore() end
    disk.cut(1e9)
  end
  local findings, seq = disk.look(self.path)
  if findings > 0 then self:fail("broken", findings .. " findings") end
  if seq < self.acknowledged then
    self:fail("lost", ("%d of %d acknowledged records"):format(self.acknowledged - seq, self.acknowledged))
  end
  sums.acknowledged = sums.acknowledged + self.acknowledged
  self.line.store = store.open(self.path, "w")
  if not self.line.store then return false end
  self.line:reboot(2)
  local state = self.line.run.state
  if state ~= "Held" and state ~= "Stopped" and state ~= "Idle" and state ~= "Complete" then
    self:fail("illegal", "came up in " .. state)
  end
  return true
end

-- A batch that was cut while it completed comes up Stopped: it is over, and a reset
-- would begin it anew.
function Life:is_ended_by_restart()
  if self.line.run.state ~= "Stopped" then return false end
  for _, _, _, kind, key in self.line.store:records(self.line.run_id) do
    if kind == "begin" and key:find "^execute/" then return true end
  end
  return false
end

function Life:finish()
  if self:is_ended_by_restart() then return end
  local line = self.line
  for _ = 1, 5 do
    local state = line.run.state
    if state == "Complete" then break end
    if state == "Held" then line:command("unhold", "ana")
    elseif state == "Stopped" then line:command("reset", "host")
    elseif state == "Idle" then line:command("start", "host") end
    line:advance(line:now_ns() + 60e9, function(run)
      return run.state == "Complete" or run.state == "Idle" or run.state == "Held"
    end)
  end
  if line.run.state ~= "Complete" then self:fail("broken", "ended in " .. line.run.state) end
end

function Life:judge()
  local ended = {}
  for _, _, _, kind, key in self.line.store:records(self.line.run_id) do
    local step = kind == "end" and key:match "/set (%d+)#"
    if step then ended[tonumber(step)] = (ended[tonumber(step)] or 0) + 1 end
  end
  for i = 1, STEPS do
    if ended[i] ~= 1 then self:fail("twice", ("step %d ended %s times"):format(i, tostring(ended[i]))) end
  end
end

local function live(seed)
  local life = new_life(seed)
  disk.cut(500)
  life.line:command("reset", "host")
  life.line:advance(life.line:now_ns() + 5e9, function(run) return run.state == "Idle" or disk.is_off() end)
  if not disk.is_off() then
    life.line:command("start", "host")
    life:go_on()
  end
  if disk.is_off() and not life:recover() then return end
  disk.cut(1e9)
  life:finish()
  life:judge()
end

while sums.cuts < n and sums.lives < 10 * n do
  sums.lives = sums.lives + 1
  local ok, message = pcall(live, lives_before + sums.lives)
  if not ok and not is_lying then error(message, 0) end
  collectgarbage()
end

return sums

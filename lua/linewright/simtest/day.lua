--- One simulated day: a line, its watch, its operator, and how time passes on it.

local disks = require "linewright.disk"
local inline = require "linewright.inline"
local watch = require "linewright.simtest.watch"

local Day = {}
Day.__index = Day

local day = {}

local ALONE = 4 -- every so many days nobody attends

-- Without power a plant comes to rest; the days after that show nothing new of it.
local COAST_S = 3600

--- What leads on from a state.
day.WAY = { Aborted = "clear", Stopped = "reset", Idle = "start", Held = "unhold",
  Suspended = "unsuspend", Complete = "reset" }

-- Only what happens to a disk needs one; in memory a store is faster.
local NEEDS_DISK = { cut = true, disk = true }

local function disk_for(options)
  for _, event in ipairs(options.events) do
    if NEEDS_DISK[event.what] then return assert(disks.new(options.seed)) end
  end
end

--- Begin a day.
---@param options table bundle (loaded afresh), seed, events, horizon_s, wall0_s (nil: the usual)
---@return table day
function day.new(options)
  local disk = disk_for(options)
  local line = inline.new { bundle = options.bundle, seed = options.seed, batch = "sim-test",
    quiet = true, wall0_s = options.wall0_s, disk = disk, db = disk and "run.db",
    coast_s = COAST_S }
  local self = setmetatable({ line = line, bundle = options.bundle, disk = disk,
    watcher = watch.new(line), faulty = {}, is_attended = options.seed % ALONE ~= 0,
    horizon_s = options.horizon_s, scan_ns = options.bundle.line.scan_ns,
    began_ns = line:now_ns() }, Day)
  self:attach()
  return self
end

--- Seconds since the day began.
---@return number
function Day:now_s() return (self.line:now_ns() - self.began_ns) / 1e9 end

--- Is the power gone?
---@return boolean
function Day:is_dark() return self.disk ~= nil and self.disk:is_off() end

-- The instant is over: look. Returns true to stand still.
local function on_moved(self)
  if self:is_dark() then return true end
  if self.is_stepping then return false end
  local watcher = self.watcher
  return watcher:look() or not watcher:is_calm() or self.is_over and self.is_over(self.line.run)
end

--- Have the line show what moves; again after each restart.
function Day:attach()
  self.line:watch(function() return on_moved(self) end)
end

--- Let time pass up to a whole scan. While something is due, scan by scan, so that each
--- look sees what the scan has just seen.
---@param until_s number
---@param is_over nil|function(run): boolean ends it sooner
---@return boolean is_broken
function Day:pass(until_s, is_over)
  local line, watcher, scan_ns = self.line, self.watcher, self.scan_ns
  local limit_ns = self.began_ns + math.floor(until_s * 1e9 / scan_ns) * scan_ns
  local now_ns = line:now_ns()
  self.is_over = is_over
  while now_ns < limit_ns do
    self.is_stepping = not watcher:is_calm()
    line:advance(self.is_stepping and math.min(now_ns + scan_ns, limit_ns) or limit_ns)
    if self:is_dark() then return false end
    if self.is_stepping then watcher:look() end
    if watcher.broken then return true end
    if is_over and is_over(line.run) then return false end
    now_ns = line:now_ns()
  end
  return false
end

-- Who answers that a cut step ends the batch commands that, too.
local function check_left(watcher, ok, name, left, is_abort)
  local is_right = left == 1 or left == 2 and ok and is_abort and name == "answer"
  if not is_right or watcher.command_ok ~= ok then
    watcher:fail("I19", "command '%s' was %s and left %d records", name,
      ok and "carried out" or "refused", left)
  end
end

--- A command, and the record that it must leave.
---@param name string
---@param argument string|nil
function Day:command(name, argument)
  local line, watcher = self.line, self.watcher
  local before = watcher.commands
  local ok = line:command(name, "sim-test", argument)
  if self:is_dark() then return end
  watcher:notice()
  if line.run.rt.journal.failed then return end
  check_left(watcher, ok, name, watcher.commands - before, argument == "abort")
end

--- The operator: answers, unholds, nothing clever.
function Day:operate()
  local run = self.line.run
  local question = run.rt.prompts[1]
  if question then
    self:command("answer", question.default or (question.choices or { "ok" })[1])
  elseif run.state == "Held" then
    self:command "unhold"
  elseif run.rt.gate.paused then
    self:command "resume"
  end
end

-- Answers, and leads on from a state in which the run stands.
local function take_up(self)
  local state = self.line.run.state
  self:operate()
  if day.WAY[state] and self.line.run.state == state then self:command(day.WAY[state]) end
end

--- Does somebody take the run up again and again?
---@return boolean
function Day:is_insisted() return self:now_s() < (self.insists_until_s or 0) end

--- On most days somebody attends to the line and takes it up again.
function Day:attend()
  if self:is_insisted() or self.is_attended and not self.is_ill then take_up(self) end
end

--- The host ends and comes up again. What the store had acknowledged is there.
---@param outage_s number without power, 0: only the process was gone
---@param mend nil|function() between the two, e.g. the disk
function Day:restart(outage_s, mend)
  local line, watcher = self.line, self.watcher
  line:crash()
  if mend then
    line.engine:lose()
    mend()
    local ok, why = line.store:verify()
    if not ok then watcher:fail("I8", "the chain of records does not hold: %s", why) end
  end
  watcher:check_stored()
  if watcher.broken then return end
  line:reboot(outage_s)
  watcher:attach(line, true, mend ~= nil)
  self:attach()
end

local function check_opened(self, ok, message)
  if ok or self:is_dark() then return end
  self.watcher:fail("I8", "the store cannot be opened again: %s", message)
end

--- Open the store again on what the disk kept.
function Day:reopen() check_opened(self, self.line:reopen()) end

--- A person has the host open its journal again, and a new worker goes on from it.
function Day:reopen_in_place()
  self:restart(0, function()
    self.disk:fail "none"
    check_opened(self, self.line.engine:reopen_store())
  end)
end

return day

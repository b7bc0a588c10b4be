-- What a process holds at an instant, and proof over many rounds that it lets go of
-- what it took. Counts must come back exactly; memory may only breathe.
local lfs = require "lfs"

local bound = require "tests.support.bound"
local sys = require "linewright.sys"

local held = {}

local WARM = 0.25        -- part of the way after which nothing may grow
local SHARE = 0.02       -- of the memory
local LONG = 200         -- rounds; in fewer the heap has not found its size
local ROOM_KB, ROOM_SHORT_KB = 1024, 16384
local HEAP_KB = 64       -- what the Lua heap differs by from round to round

-- What each open descriptor is, so that one too many says its name. Read by this very
-- process: a child that lists them may see the pipe it writes to from both ends.
local function descriptors(folder)
  local names = {}
  for fd in lfs.dir(folder .. "/fd") do
    names[#names + 1] = lfs.symlinkattributes(folder .. "/fd/" .. fd, "target")
  end
  table.sort(names)
  return names
end

local function count(folder)
  local n = 0
  for name in lfs.dir(folder) do n = n + (name:find "^%d" and 1 or 0) end
  return n
end

-- Of POSIX; empty where the kernel does not tell.
local function timers(folder)
  return select(2, (sys.read_file(folder .. "/timers") or ""):gsub("ID: ", ""))
end

local function registry()
  local n = 0
  for _ in pairs(debug.getregistry()) do n = n + 1 end
  return n
end

--- Resident memory [kB]; pid nil = this process.
function held.memory_kb(pid)
  return tonumber(sys.read_file(("/proc/%s/status"):format(pid or "self")):match "VmRSS:%s+(%d+)")
end

--- Descriptors, timers and threads of a process; of this one the entries of the Lua
--- registry as well.
---@param pid nil|integer nil: this process
---@return table counts by name
---@return string[] descriptors what they are
function held.look(pid)
  local folder = "/proc/" .. (pid or "self")
  local open = descriptors(folder)
  local counts = { descriptors = #open, timers = timers(folder), threads = count(folder .. "/task") }
  if not pid then counts.references = registry() end
  return counts, open
end

-- Counts that differ, as words; nil when none does.
local function difference(base, now)
  local out = {}
  for name, n in pairs(now) do
    if base[name] ~= n then out[#out + 1] = ("%s %d became %d"):format(name, base[name], n) end
  end
  table.sort(out)
  return out[1] and table.concat(out, ", ")
end
held.difference = difference

local Watch = {}
Watch.__index = Watch

--- Watch this process over n rounds.
function held.watch(n)
  return setmetatable({ n = n, warm_at = math.ceil(WARM * n), heap_kb = 0, seen = 0 }, Watch)
end

--- After each round, when all of the round is closed.
function Watch:round(i)
  collectgarbage()
  collectgarbage()
  local now, open = held.look()
  self.seen = i
  if i == 1 then self.base, self.open = now, open end
  local grown = difference(self.base, now)
  assert(not grown, grown and ("round %d: %s; first %s, then %s"):format(i, grown,
    table.concat(self.open, " "), table.concat(open, " ")))
  if i == self.warm_at then self.warm_kb, self.warm_heap_kb = held.memory_kb(), collectgarbage "count" end
  if i >= self.warm_at then
    self.heap_kb = math.max(self.heap_kb, collectgarbage "count" - self.warm_heap_kb)
  end
end

--- The figures as a goal's line; raises when memory has grown.
---@param what string
function Watch:judge(what)
  assert(self.seen == self.n, "not all rounds were watched")
  local kb = held.memory_kb()
  local base = self.base
  print(("\ngoal 19: %s: memory %.1f MB, %+.2f %% since %d %% of the way, Lua's share of it %+.1f kB at most; %d "
    .. "descriptors, %d timers, %d threads, %d references are back after each of %d rounds, 0 not (%s)"):format(what,
    kb / 1024, 100 * (kb / self.warm_kb - 1), 100 * WARM, self.heap_kb, base.descriptors, base.timers, base.threads,
    base.references, self.n, bound.of(self.n)))
  local room = self.n >= LONG and ROOM_KB or ROOM_SHORT_KB
  assert(kb - self.warm_kb <= SHARE * self.warm_kb + room, ("%d kB became %d kB"):format(self.warm_kb, kb))
  assert(self.heap_kb <= HEAP_KB, ("the Lua heap grew by %.1f kB"):format(self.heap_kb))
end

return held

-- Days in virtual time and thousands of reloads and reconnects: memory, descriptors
-- and files open stay where they are. LW_SOAK_DAYS and LW_SOAK_RELOADS set how long.
local lfs = require "lfs"

local inline = require "linewright.inline"
local loader = require "linewright.loader"
local sys = require "linewright.sys"

local RECIPE, LINE = "tests/fault/trial/recipe.lua", "tests/fault/trial/line.lua"
local DAYS = tonumber(os.getenv "LW_SOAK_DAYS") or 0.05
local RELOADS = tonumber(os.getenv "LW_SOAK_RELOADS") or 30
local BATCH_S = 900
local WARM = 0.4         -- part of the way after which nothing may grow
local SHARE = 0.02
local LONG = 200         -- rounds; in fewer the heap has not found its size
local ROOM_KB, ROOM_SHORT_KB = 2048, 16384

local function rss_kb()
  collectgarbage()
  collectgarbage()
  return tonumber(sys.read_file("/proc/self/status"):match "VmRSS:%s+(%d+)")
end

-- What each open descriptor is, so that one too many says its name. Read by this very
-- process: a child that lists them may see the pipe it writes to from both ends.
local function descriptors()
  local names = {}
  for fd in lfs.dir "/proc/self/fd" do
    names[#names + 1] = lfs.symlinkattributes("/proc/self/fd/" .. fd, "target")
  end
  table.sort(names)
  return names
end

-- What was there when warm, and at the end.
local Gauge = {}
Gauge.__index = Gauge

local function gauge(n) return setmetatable({ warm_at = math.ceil(WARM * n), n = n }, Gauge) end

function Gauge:look(i)
  if i == self.warm_at then self.rss, self.open = rss_kb(), descriptors() end
  if i == self.n then self.last_rss, self.last_open = rss_kb(), descriptors() end
end

function Gauge:judge(what)
  local rss, open = self.last_rss, self.last_open
  local share = rss / self.rss - 1
  print(("\ngoal 19: %s: memory %.1f MB, %+.2f %% since %d %% of the way, descriptors %d, %+d"):format(what,
    rss / 1024, 100 * share, 100 * WARM, #open, #open - #self.open))
  local room = self.n >= LONG and ROOM_KB or ROOM_SHORT_KB
  assert.is_true(rss - self.rss <= SHARE * self.rss + room, ("%d kB became %d kB"):format(self.rss, rss))
  assert.is_true(#open <= #self.open, ("%d descriptors became %d: first %s, then %s"):format(#self.open,
    #open, table.concat(self.open, " "), table.concat(open, " ")))
end

-- In memory where there is such a folder: thousands of commits to a disk would take
-- hours and show nothing of what is looked for here.
local function folder()
  local file = os.tmpname()
  os.remove(file)
  local dir = sys.exists "/dev/shm" and "/dev/shm/" .. file:match "[^/]+$" or file
  assert(sys.mkdir(dir))
  return dir
end

local function bundle(line)
  return loader.bundle { recipe = RECIPE, line = line or LINE, params = { rounds = 120 }, sim = true }
end

local function begin(line)
  line:command("reset", "soak")
  line:advance(line:now_ns() + 1e9)
  line:command("start", "soak")
end

-- One batch with a restart in it, records in a file that is thrown away.
local function batch(dir, i)
  local db = ("%s/%d.db"):format(dir, i)
  local line = inline.new { bundle = bundle(), seed = i, db = db, quiet = true }
  begin(line)
  line:advance(line:now_ns() + BATCH_S / 2 * 1e9)
  line:crash()
  line:reboot(1)
  line:command("unhold", "soak")
  line:advance(line:now_ns() + BATCH_S / 2 * 1e9)
  local state = line.run.state .. " " .. (line.run.reason or "")
  line:close()
  line.store = nil
  os.execute("rm -rf " .. db .. "*")
  return state
end

describe("a host that goes on for days", function()
  it("lets go of a run and of all that was loaded for it", function()
    local kept = setmetatable({}, { __mode = "v" })
    local function play()
      local line = inline.new { bundle = bundle(), seed = 1, quiet = true }
      begin(line)
      kept.run, kept.bundle, kept.recipe, kept.env = line.run, line.bundle, line.bundle.recipe, line.bundle.env
      line:close()
    end
    play()
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(kept), next(kept))
  end)

  it("stays as it is from batch to batch", function()
    local dir, n = folder(), math.max(5, math.ceil(DAYS * 86400 / BATCH_S))
    local g = gauge(n)
    for i = 1, n do
      local state = batch(dir, i)
      assert.is_true(state:find "^Complete" ~= nil or state:find "^Execute" ~= nil, state)
      g:look(i)
    end
    os.execute("rm -rf " .. dir)
    g:judge(("%.3g simulated days, %d batches, %d restarts"):format(n * BATCH_S / 86400, n, n))
  end)

  it("stays as it is from reload to reload", function()
    local dir = folder()
    local text = sys.read_file(LINE)
    sys.write_file(dir .. "/plant.lua", sys.read_file "tests/fault/trial/plant.lua")
    for i = 1, 2 do
      sys.write_file(("%s/%d.lua"):format(dir, i), (text:gsub("0%.5 K/s", "0." .. i .. " K/s")))
    end
    local line = inline.new { bundle = bundle(dir .. "/1.lua"), seed = 1, db = dir .. "/a.db", quiet = true }
    begin(line)
    line:advance(line:now_ns() + 60e9)
    line:command("hold", "soak")
    line:advance(line:now_ns() + 60e9)
    local g = gauge(RELOADS)
    for i = 1, RELOADS do
      local ok, why = line:reload(("%s/%d.lua"):format(dir, 1 + i % 2), "soak")
      assert.is_true(ok, why)
      line:advance(line:now_ns() + 2e9)
      g:look(i)
    end
    line:close()
    os.execute("rm -rf " .. dir)
    g:judge(RELOADS .. " reloads of the profile")
  end)

  it("stays as it is from reconnect to reconnect", function()
    local dir, g = folder(), gauge(RELOADS)
    -- Records in a file: in memory they would grow, as they should.
    local line = inline.new { bundle = bundle(), seed = 1, db = dir .. "/a.db", quiet = true }
    local signal, gas = line.bundle.twin.index["gas.p"], line.bundle.channels["gas.pressure"].index
    line:advance(line:now_ns() + 5e9)
    for i = 1, RELOADS do
      line.sim:fault(signal, "crash", 0)
      line:advance(line:now_ns() + 5e9)
      assert.equal("bad", (select(2, line.port:read(gas))))
      line.sim:fault(signal, "none", 0)
      line:advance(line:now_ns() + 40e9)
      assert.equal("good", (select(2, line.port:read(gas))))
      g:look(i)
    end
    line:close()
    os.execute("rm -rf " .. dir)
    g:judge(RELOADS .. " reconnects of the driver")
  end)
end)

-- Days in virtual time and thousands of reloads and reconnects: memory stays where it
-- is, descriptors, timers, threads and references come back after each round.
-- LW_SOAK_DAYS and LW_SOAK_RELOADS set how long.
local held = require "tests.support.held"
local inline = require "linewright.inline"
local loader = require "linewright.loader"
local sys = require "linewright.sys"

local RECIPE, LINE = "tests/fault/trial/recipe.lua", "tests/fault/trial/line.lua"
local DAYS = tonumber(os.getenv "LW_SOAK_DAYS") or 0.05
local RELOADS = tonumber(os.getenv "LW_SOAK_RELOADS") or 30
local BATCH_S = 900
-- Of one run; its journal is read at each reload and grows by each.
local RELOADS_MAX = 100

-- In memory where there is such a folder: thousands of commits to a disk would take
-- hours and show nothing of what is looked for here.
local function folder()
  local file = os.tmpname()
  os.remove(file)
  local dir = sys.exists "/dev/shm" and "/dev/shm/" .. file:match "[^/]+$" or file
  assert(sys.mkdir(dir))
  return dir
end

local function remove(path) os.execute("rm -rf " .. path .. "*") end

local function bundle(line)
  return loader.bundle { recipe = RECIPE, line = line or LINE, params = { rounds = 120 }, sim = true }
end

local function pass(line, seconds) line:advance(line:now_ns() + seconds * 1e9) end

local function begin(line)
  line:command("reset", "soak")
  pass(line, 1)
  line:command("start", "soak")
end

-- One batch with a restart in it, records in a file that is thrown away.
local function batch(dir, i)
  local db = ("%s/%d.db"):format(dir, i)
  local line = inline.new { bundle = bundle(), seed = i, db = db, quiet = true }
  begin(line)
  pass(line, BATCH_S / 2)
  line:crash()
  line:reboot(1)
  line:command("unhold", "soak")
  pass(line, BATCH_S / 2)
  local state = line.run.state .. " " .. (line.run.reason or "")
  line:close()
  remove(db)
  return state
end

-- Two profiles that differ, to go from one to the other.
local function write_profiles(dir)
  local text = sys.read_file(LINE)
  sys.write_file(dir .. "/plant.lua", sys.read_file "tests/fault/trial/plant.lua")
  for i = 1, 2 do
    sys.write_file(("%s/%d.lua"):format(dir, i), (text:gsub("0%.5 K/s", "0." .. i .. " K/s")))
  end
end

-- A run that is held, its profile exchanged n times.
local function reloads(dir, n)
  local db = dir .. "/a.db"
  local line = inline.new { bundle = bundle(dir .. "/1.lua"), seed = 1, db = db, quiet = true }
  begin(line)
  pass(line, 60)
  line:command("hold", "soak")
  pass(line, 60)
  local base
  for i = 1, n do
    local ok, why = line:reload(("%s/%d.lua"):format(dir, 1 + i % 2), "soak")
    assert.is_true(ok, why)
    pass(line, 2)
    local now = held.look()
    base = base or now
    assert.is_nil(held.difference(base, now))
  end
  line:close()
  remove(db)
end

local function reconnect(line, signal, gas)
  line.sim:fault(signal, "crash", 0)
  pass(line, 5)
  assert.equal("bad", (select(2, line.port:read(gas))))
  line.sim:fault(signal, "none", 0)
  pass(line, 40)
  assert.equal("good", (select(2, line.port:read(gas))))
end

describe("a host that goes on for days", function()
  local dir
  before_each(function() dir = folder() end)
  after_each(function() remove(dir) end)

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
    local n = math.max(5, math.ceil(DAYS * 86400 / BATCH_S))
    local watch = held.watch(n)
    for i = 1, n do
      local state = batch(dir, i)
      assert.is_true(state:find "^Complete" ~= nil or state:find "^Execute" ~= nil, state)
      watch:round(i)
    end
    watch:judge(("%.3g simulated days, %d batches, %d restarts"):format(n * BATCH_S / 86400, n, n))
  end)

  it("stays as it is from reload to reload", function()
    write_profiles(dir)
    local n = math.max(3, math.ceil(RELOADS / RELOADS_MAX))
    local each = math.ceil(RELOADS / n)
    local watch = held.watch(n)
    for i = 1, n do
      reloads(dir, each)
      watch:round(i)
    end
    watch:judge(("%d reloads of the profile in %d runs"):format(n * each, n))
  end)

  it("stays as it is from reconnect to reconnect", function()
    local watch = held.watch(RELOADS)
    -- Records in a file: in memory they would grow, as they should.
    local line = inline.new { bundle = bundle(), seed = 1, db = dir .. "/a.db", quiet = true }
    local signal, gas = line.bundle.twin.index["gas.p"], line.bundle.channels["gas.pressure"].index
    pass(line, 5)
    for i = 1, RELOADS do
      reconnect(line, signal, gas)
      watch:round(i)
    end
    line:close()
    watch:judge(RELOADS .. " reconnects of the driver")
  end)
end)

-- `linewright forward` against a real PostgreSQL server: everything arrives, once,
-- whichever side is killed meanwhile.
--
-- LW_FORWARD_KILLS sets how often (3 by default, half a second each). The last line
-- says the number, the failures and the bound by the rule of three.

-- What is tested is the program's C: once, with one of the Lua engines, is enough.
if _VERSION ~= "Lua 5.1" then return end

local bound = require "tests.support.bound"
local history = require "linewright.history"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local store = require "linewright.store"
local sys = require "linewright.sys"

local KILLS = tonumber(os.getenv "LW_FORWARD_KILLS" or "3")
local TAGS, SAMPLES = 40, KILLS > 3 and 60000 or 12000
local SERVER = "tests/support/postgres.sh"

local project, db, conninfo, why_not
local random = 4711

local function uniform(n)
  random = (random * 16807) % 2147483647
  return random % n
end

local function server(what) return process.run(project.dir, { SERVER, what, project.dir }) end

local function linewright(...) return process.run(project.dir, { process.program(), ... }) end

local function query(sql)
  local code, out, err = process.run(project.dir, { "psql", conninfo, "-AtF", " ", "-c", sql })
  assert.equal(0, code, err)
  return (out:gsub("\n$", ""))
end

local function fill_history(samples)
  local code, _, err = process.run(project.dir, { process.beside "fill_history", db .. ".history", TAGS, samples })
  assert.equal(0, code, err)
end

local function run_batch(name)
  local code, _, err = linewright("run", project.dir .. "/soak.lua", "--line", project.dir .. "/shed.lua", "--sim",
    "--speed", "max", "--db", db, "--batch", name)
  assert.equal(0, code, err)
end

setup(function()
  project = projects.new()
  db = project.dir .. "/a.db"
  local code, out, err = server "start"
  why_not = code == 77 and out:gsub("\n$", "") or nil
  if not why_not then
    assert.equal(0, code, out .. err)
    conninfo = out:gsub("\n$", "")
    run_batch "0001"
  end
end)
teardown(function()
  if not why_not then server "stop" end
  project:remove()
end)

local function forward() return linewright("forward", "--db", db, "--to", conninfo, "--as", "press") end

local function count_records()
  local s = assert(store.open(db, "r"))
  local n = 0
  for id = 1, 99 do
    if not s:run_get(id, "batch") then break end
    for _ in s:records(id) do n = n + 1 end
  end
  s:close()
  return n
end

-- Each tag's figures in the history, as the query below prints them.
local function figures_here()
  local h, out = assert(history.open(db .. ".history")), {}
  local from, to = 1793491200e9, (1793491200 + SAMPLES) * 1e9
  for name in h:tags(from, to) do
    for _, n, min, max in h:buckets(name, from, to, 1) do
      out[#out + 1] = ("%s %d %.16g %.16g"):format(name, n, min, max)
    end
  end
  h:close()
  return table.concat(out, "\n")
end

local function figures_there()
  return query [[SELECT tag, count(*) FILTER (WHERE quality > 0),
    min(value) FILTER (WHERE quality > 0), max(value) FILTER (WHERE quality > 0)
    FROM linewright.sample WHERE tag LIKE 'line.tag%' GROUP BY tag ORDER BY tag COLLATE "C"]]
end

local function expect_all()
  local where = "WHERE tag LIKE 'line.tag%'"
  assert.equal(tostring(TAGS * SAMPLES), query("SELECT count(*) FROM linewright.sample " .. where))
  assert.equal(figures_here(), figures_there())
  local n = count_records()
  assert.equal(("%d %d %d"):format(n, n, n),
    query "SELECT count(*), count(DISTINCT id), max(id) FROM linewright.record")
end

-- Forward until it comes through, with a kill of one side or the other now and then.
local function forward_with_kills(most)
  local kills = 0
  while true do
    local p = process.start(project.dir, "forward", { process.program(), "forward", "--db", db, "--to", conninfo,
      "--as", "press" })
    if kills >= most then
      local code, _, err = p:finish()
      assert.equal(0, code, err)
      return kills
    end
    os.execute(("sleep %.3f"):format(uniform(300) / 1000))
    if p:code() == 0 then return kills end
    kills = kills + 1
    if uniform(2) == 0 then
      p:signal "KILL"
    else
      server "crash"
      server "restart"
    end
    p:finish()
  end
end

-- One campaign: the same data into a server that is empty again.
local function campaign()
  local kills, rounds = 0, 0
  while kills < KILLS do
    rounds = rounds + 1
    if rounds > 1 then query "DROP SCHEMA linewright CASCADE" end
    kills = kills + forward_with_kills(KILLS - kills)
    forward()
    expect_all()
  end
  return kills
end

describe("linewright forward", function()
  it("sends everything once, whichever side is killed", function()
    if why_not then return pending(why_not) end
    fill_history(SAMPLES)
    local kills = campaign()
    print(("\ngoal 1: %d kills of forwarder or server: %d samples, 0 lost, 0 twice (%s)")
      :format(kills, TAGS * SAMPLES, bound.of(kills)))
  end)

  it("is waited for by retention until all of a day is sent", function()
    if why_not then return pending(why_not) end
    assert.equal(0, (forward()))
    assert(sys.write_file(project.dir .. "/old.csv", "time,line.old\n2020-01-01T12:00:00Z,1\n2020-01-02T12:00:00Z,2\n"))
    local code, _, err = linewright("history", "import", project.dir .. "/old.csv", "--db", db)
    assert.equal(0, code, err)
    local function prune() return select(2, linewright("history", "prune", "--keep", "100d", "--db", db)) end
    assert.equal("0 days dropped; 2 more wait to be forwarded\n", (prune()))
    assert.equal(0, (forward()))
    assert.equal("2 days dropped\n", (prune()))
    assert.equal("2", query "SELECT count(*) FROM linewright.sample WHERE tag = 'line.old'")
    assert.equal(0, (linewright("forward", "--db", db, "--to", conninfo, "--as", "press", "--forget")))
    code, _, err = linewright("forward", "--db", db, "--to", conninfo, "--as", "press", "--forget")
    assert.equal(3, code)
    assert.is_truthy(err:find "^E%-NOTFOUND .* was never forwarded to this server")
  end)

  it("sends what came since, states a run's end, and says what it cannot do", function()
    if why_not then return pending(why_not) end
    assert.equal(0, (forward()))
    run_batch "0002"
    local code, out, err = forward()
    assert.equal(0, code, err)
    assert.equal("1", out:match "^sent (%d+) runs, %d+ records, %d+ seals, %d+ chunks", out)
    assert.equal("0001 Complete\n0002 Complete", query "SELECT batch, state FROM linewright.run ORDER BY id")
    assert.equal("press", query "SELECT DISTINCT source FROM linewright.event WHERE kind = 'state'")
    assert.is_truthy(tonumber(query "SELECT count(*) FROM linewright.sample WHERE tag = 'oven.zones[1].temp'") > 1)
    code, out, err = linewright("forward", "--db", db, "--to", "host=" .. project.dir .. " dbname=none")
    assert.same({ 3, "" }, { code, out })
    assert.is_truthy(err:find "^E%-IO PostgreSQL: ")
    code, out, err = linewright("forward", "--db", project.dir .. "/none.db", "--to", conninfo)
    assert.same({ 3, "" }, { code, out })
    assert.is_truthy(err:find "no such file")
    code, out, err = linewright("forward", "--db", db, "--to", "nonsense", "--follow")
    assert.same({ 3, "" }, { code, out })
    assert.is_truthy(err:find "^E%-SYNTAX PostgreSQL: ")
  end)

  it("waits for a server that starts after it", function()
    if why_not then return pending(why_not) end
    run_batch "0003"
    server "crash"
    local p = process.start(project.dir, "follow", { process.program(), "forward", "--db", db, "--to", conninfo,
      "--as", "press", "--follow" })
    process.wait(function() return p:err():find("again in 1 s", 1, true) end, "the first try")
    server "restart"
    process.wait(function() return p:out():find("sent 1 runs", 1, true) end, "the run in the server")
    p:signal "TERM"
    assert.equal(0, (p:finish()))
  end)
end)

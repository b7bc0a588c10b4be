-- A vendor's library behind a line, as the example binds it, and what a bad one
-- may cost.
local has = require "tests.support.has"
local json = require "linewright.json"
local loader = require "linewright.loader"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local store = require "linewright.store"
local sys = require "linewright.sys"

if _VERSION ~= "Lua 5.1" then
  describe("a native block", function()
    it("is refused by a program without LuaJIT", function()
      local _, findings = loader.check { recipe = "examples/native/recipe.lua",
        line = "examples/native/line.lua" }
      assert.truthy(findings:text():find("E-UNSUPPORTED native \"lab scale\" needs LuaJIT's FFI", 1,
        true))
    end)
  end)
  return
end

local project, host
local function path(name) return project.dir .. "/" .. name end

local function weigh(grams)
  local sql = "create table if not exists weighing(id integer primary key, grams real, area_cm2 real);"
  if grams then sql = sql .. ("insert into weighing(grams,area_cm2) values(%g,100);"):format(grams) end
  assert(os.execute(("python3 -c \"import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); "
    .. "c.executescript(sys.argv[2]); c.close()\" '%s' '%s'"):format(path "w.db", sql)))
end

local function start()
  host = process.start(project.dir, "host", { process.program(), "run", path "recipe.lua", "--line",
    path "line.lua", "--db", path "a.db", "--on-hold=wait" })
end

local function status() return process.status(project.dir, path "a.db") end

-- Write the bench with a file of our own behind it.
local function bench(text)
  project:write("scale.lua", text)
  start()
end

before_each(function()
  project = projects.new()
  for _, name in ipairs { "scale.lua", "recipe.lua", "line.lua" } do
    project:write(name, assert(sys.read_file("examples/native/" .. name)))
  end
  project:edit("line.lua", 'database = "weighings.db"', ('database = "%s"'):format(path "w.db"))
  host = nil
end)
after_each(function()
  if host then host:stop() end
  project:remove()
end)

-- The newest value that the recipe recorded.
local function recorded()
  local s = assert(store.open(path "a.db", "r"))
  local value
  for _, _, _, kind, _, data in s:records(1) do
    if kind == "data" then value = json.decode(data).v end
  end
  s:close()
  return value
end

local function driver_error()
  local s = status()
  return s and s.drivers[1] and s.drivers[1].error or ""
end

describe("the laboratory scale", function()
  it("is read through its vendor's library", function()
    weigh(1.0)
    start()
    process.wait(function()
      local s = status()
      return s and s.readings:find("gauge.mass 100", 1, true)
    end, "the first weighing")
    weigh(1.17)
    assert.equal(0, (host:finish()))
    assert.is_near(117, recorded(), 0.001)
  end)

  it("says why when it cannot be opened", function()
    start()
    local code, _, err = host:finish()
    assert.equal(3, code)
    has(err, "unable to open database file")
  end)
end)

local GOOD = [[
local n = 0
return { open = function() return {} end, read = function()
  n = n + 1
  if n == 40 then %s end
  return { mass = n > 40 and 118 or 50 }
end }
]]

describe("a library that", function()
  it("crashes costs its tags their quality, and comes back", function()
    bench(GOOD:format('local ffi = require "ffi"; ffi.cast("int *", 8)[0] = 1'))
    process.wait(function() return driver_error():find("the native process died", 1, true) end,
      "the crash")
    assert.equal("Execute", status().state)
    assert.equal(0, status().worker_deaths)
    -- The new process counts from 1 again and crashes again: never the run.
    process.wait(function() return status().drivers[1].failures >= 2 end, "a second crash")
    assert.equal("Execute", status().state)
  end)

  it("hangs is killed after its time-out", function()
    bench(GOOD:format "while true do end")
    process.wait(function() return driver_error():find("no answer from the library in 300 ms", 1,
      true) end, "the time-out")
    assert.equal("Execute", status().state)
  end)

  it("raises an error gives a bad reading and goes on", function()
    bench(GOOD:format 'error("lamp is cold")')
    assert.equal(0, (host:finish()))
  end)

  it("gives no number gives a bad reading; a cdata never leaves", function()
    bench([[
local ffi, n = require "ffi", 0
return { open = function() return {} end, read = function()
  n = n + 1
  if n < 10 then return { mass = ffi.new "int[2]" } end
  return { mass = ffi.new("int64_t", 118) }
end }
]])
    assert.equal(0, (host:finish()))
  end)
end)

describe("a native block", function()
  it("is checked with its line", function()
    project:write("scale.lua", "return {\n  open = function( end }")
    local _, findings = loader.check { recipe = path "recipe.lua", line = path "line.lua" }
    has(findings:text(), "E-SYNTAX")
    has(findings:text(), "scale.lua:2")
    os.remove(path "scale.lua")
    _, findings = loader.check { recipe = path "recipe.lua", line = path "line.lua" }
    has(findings:text(), 'native "lab scale": ')
  end)

  it("is pinned: another text makes another bundle", function()
    local before = loader.check { recipe = path "recipe.lua", line = path "line.lua" }
    project:write("scale.lua", assert(sys.read_file(path "scale.lua")) .. "\n-- changed\n")
    local after = loader.check { recipe = path "recipe.lua", line = path "line.lua" }
    assert.is_string(before.plan)
    assert.are_not.equal(before.hash, after.hash)
  end)
end)

describe("a recipe", function()
  it("reaches no FFI, by whatever name, and sees plain numbers", function()
    project:edit("recipe.lua", 'r.record("areal_mass", mass, "g/m2")', [[
    local reached = pcall(function() return require "ffi" end)
      or pcall(function() return require "linewright.sample_view" end)
    r.record("plain", type(mass) == "number" and not reached and 1 or 0, "1")]])
    weigh(1.18)
    start()
    assert.equal(0, (host:finish()))
    assert.equal(1, recorded())
  end)
end)

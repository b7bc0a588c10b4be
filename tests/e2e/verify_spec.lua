-- `linewright verify`: a database that was run is whole; one that somebody
-- edited names the records.
local json = require "linewright.json"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local sys = require "linewright.sys"

local project, db
before_each(function()
  project = projects.new()
  db = project.dir .. "/a.db"
end)
after_each(function() project:remove() end)

local function linewright(...) return process.run(project.dir, { process.program(), ... }) end

local function run_once()
  local code, _, err = linewright("run", project.dir .. "/soak.lua", "--line", project.dir .. "/shed.lua",
    "--sim", "--speed", "max", "--db", db)
  assert.equal(0, code, err)
end

-- Change the same number of bytes everywhere in the file.
local function edit(from, to)
  local text = assert(sys.read_file(db))
  local changed, n = text:gsub(from, to)
  assert.is_true(n > 0 and #from == #to)
  assert(sys.write_file(db, changed))
end

describe("linewright verify", function()
  it("finds a database whole after a run, and its end signed", function()
    run_once()
    local code, out = linewright("verify", "--db", db)
    assert.equal(0, code)
    assert.is_truthy(out:find("a.db: whole; %d+ records, 1 run, %d+ bundle texts, %d+ seals? %(%d+ signed"))
  end)

  it("names a record that somebody changed", function()
    run_once()
    edit("execute/heat#1", "execute/beat#1")
    local code, out = linewright("verify", "--db", db)
    assert.equal(1, code)
    assert.is_truthy(out:find "FAIL record %d+ was changed")
    code, out = linewright("verify", "--db", db, "--json")
    assert.equal(1, code)
    local found = assert(json.decode(out))
    assert.equal(#found.findings, found.finding_count)
    assert.is_truthy(found.findings[1].record > 0)
  end)

  it("refuses to go on writing behind changed records", function()
    run_once()
    edit("execute/heat#1", "execute/beat#1")
    local code, _, err = linewright("run", project.dir .. "/soak.lua", "--line", project.dir .. "/shed.lua",
      "--sim", "--speed", "max", "--db", db)
    assert.equal(3, code)
    assert.is_truthy(err:find("was changed; keep the file for `linewright verify`", 1, true))
  end)

  it("says which file is missing", function()
    local code, _, err = linewright("verify", "--db", db)
    assert.equal(3, code)
    assert.is_truthy(err:find("a.db: no such file", 1, true))
  end)
end)

-- `linewright history` and `linewright key` as their users call them.
local process = require "tests.support.process"
local projects = require "tests.support.project"

local project, db
setup(function()
  project = projects.new()
  project:edit("soak.lua", "  end,\n}", '    r.dwell "30 s"\n  end,\n}')
  db = project.dir .. "/a.db"
  local code, _, err = process.run(project.dir, { process.program(), "run", project.dir .. "/soak.lua", "--line",
    project.dir .. "/shed.lua", "--sim", "--speed", "max", "--db", db, "--batch", "0417" })
  assert.equal(0, code, err)
end)
teardown(function() project:remove() end)

local function history(...)
  return process.run(project.dir, { process.program(), "history", ... })
end

local function lines(text)
  local _, n = text:gsub("\n", "")
  return n
end

describe("linewright history", function()
  it("exports a batch with its phases, and takes the file in again", function()
    local code, csv, err = history("export", "--db", db, "--batch", "0417")
    assert.equal(0, code, err)
    assert.equal("time,t_ns,tag,unit,value,quality,batch,phase", csv:match "^[^\n]*")
    assert.is_truthy(csv:find("oven.zones[1].setpoint,degC,80,good,0417,", 1, true))
    local file = project:write("a.csv", csv)
    local imported = project.dir .. "/imported"
    local again, out, wrong = history("import", file, "--folder", imported)
    assert.equal(0, again, wrong)
    assert.equal(lines(csv) - 1, tonumber(out:match "^%d+"))
    local _, tags = history("tags", "--folder", imported)
    assert.same({ "oven.zones[1].setpoint", "oven.zones[1].temp" }, { tags:match "^(%S+)%s+degC\n(%S+)%s+degC\n$" })
    local _, wide = history("export", "--folder", imported, "--every", "10s", "--from", "2026-01-01T00:00:05Z",
      "--to", "2026-01-01T00:00:35Z")
    assert.equal(4, lines(wide))
  end)

  it("sums up, interpolates and looks at one instant", function()
    local file = project:write("ramp.csv", "time,a\n2026-01-01T00:00:00Z,0\n2026-01-01T00:00:04Z,4\n"
      .. "2026-01-01T00:00:10Z,10\n2026-01-01T00:00:14Z,14\n2026-01-01T00:00:30Z,30\n")
    local folder = project.dir .. "/ramp"
    assert.equal(0, (history("import", file, "--folder", folder)))
    local wanted = { held = "0 10", linear = "0 10", min = "0 10", max = "4 14", mean = "2 12", first = "0 10",
      last = "4 14", weighted = "2.3999999999999999 12.4" }
    for figure, cells in pairs(wanted) do
      local code, csv, err = history("export", "--folder", folder, "--every", "10s", "--as", figure, "--from",
        "2026-01-01T00:00:00Z", "--to", "2026-01-01T00:00:20Z")
      assert.equal(0, code, err)
      assert.equal(cells, table.concat({ csv:match "Z,%d+,([%d.]+)\n.-Z,%d+,([%d.]+)\n$" }, " "), figure)
    end
    local function at(...) return select(2, history("export", "--folder", folder, "--at", ...)):match "([%d.]*)\n$" end
    assert.equal("4", at "2026-01-01T00:00:05Z")
    assert.equal("5", at("2026-01-01T00:00:05Z", "--as", "linear"))
    assert.equal(2, (history("export", "--folder", folder, "--at", "2026-01-01", "--every", "1s")))
    assert.equal(2, (history("export", "--folder", folder, "--every", "1s", "--as", "median")))
  end)

  it("takes nothing of a file that is wrong anywhere", function()
    local file = project:write("bad.csv", "time,tag,value\n2026-01-01,a,1\n2026-01-02,a,one\n")
    local code, out, err = history("import", file, "--folder", project.dir .. "/none")
    assert.same({ 3, "" }, { code, out })
    assert.equal(("E-CORRUPT %s:3: no number: 'one'\n"):format(file), err)
    assert.equal(1, (history("tags", "--folder", project.dir .. "/none")))
  end)

  it("waits for no named pipe and reads no device", function()
    local pipe = project.dir .. "/pipe"
    os.execute("mkfifo '" .. pipe .. "'")
    for _, file in ipairs { pipe, "/dev/zero" } do
      local code, _, err = history("import", file, "--folder", project.dir .. "/none")
      assert.equal(3, code)
      assert.equal(("E-IO %s: must be a file that can be read twice\n"):format(file), err)
    end
  end)

  it("drops old days and says how many", function()
    local file = project:write("days.csv", "time,a\n2020-01-01,1\n2020-01-02,2\n2020-01-03,3\n")
    local folder = project.dir .. "/days"
    assert.equal(0, (history("import", file, "--folder", folder)))
    local code, out = history("prune", "--folder", folder, "--keep", "30d")
    assert.same({ 0, "2 days dropped\n" }, { code, out })
  end)

  it("returns 2 for wrong words, 1 for a tag without history", function()
    local code, _, err = history "exprt"
    assert.equal(2, code)
    assert.is_truthy(err:find "did you mean export")
    assert.equal(2, (history("prune", "--db", db)))
    assert.equal(2, (history("export", "--every", "soon")))
    code, _, err = history("export", "oven.tmp", "--db", db, "--batch", "0417")
    assert.equal(1, code)
    assert.is_truthy(err:find("no history of 'oven.tmp'", 1, true))
  end)
end)

describe("linewright key", function()
  it("prints the public half, with which verify knows whose seals they are", function()
    local function linewright(...) return process.run(project.dir, { process.program(), ... }) end
    local code, key, err = linewright "key"
    assert.equal(0, code, err)
    key = key:gsub("\n", "")
    assert.equal(64, #key)
    assert.equal(0, (linewright("verify", "--db", db, "--key", key)))
    local other, out = linewright("verify", "--db", db, "--key", ("0"):rep(64))
    assert.equal(1, other)
    assert.is_truthy(out:find "a seal is signed by another key")
    assert.equal(2, (linewright("verify", "--db", db, "--key", "mine")))
  end)
end)

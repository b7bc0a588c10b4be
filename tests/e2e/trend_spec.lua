-- `linewright trend`: what a run's readings were, as a plot and as a table.
local process = require "tests.support.process"
local projects = require "tests.support.project"
local sys = require "linewright.sys"

local project, db
before_each(function()
  project = projects.new()
  db = project.dir .. "/a.db"
  project:edit("soak.lua", "  end,\n}", '    r.dwell "20 s"\n  end,\n}')
end)
after_each(function() project:remove() end)

local function linewright(prefix, ...)
  return process.run(project.dir, { process.program(), ... }, prefix)
end

local function run_once(...)
  local code, _, err = linewright(nil, "run", project.dir .. "/soak.lua", "--line", project.dir .. "/shed.lua",
    "--sim", "--speed", "max", "--db", db, ...)
  assert.equal(0, code, err)
end

local function lines_of(text)
  local out = {}
  for line in text:gmatch "[^\n]+" do out[#out + 1] = line end
  return out
end

describe("linewright trend", function()
  it("lists the tags with their units", function()
    run_once()
    local code, out = linewright(nil, "trend", "--db", db)
    assert.equal(0, code)
    assert.is_truthy(out:find "oven%.zones%[1%]%.temp +degC\n")
    assert.is_truthy(out:find "oven%.zones%[1%]%.setpoint +degC\n")
  end)

  it("plots a set-point that steps up, with the run's last state under it", function()
    run_once()
    local code, out = linewright("LC_ALL=C", "trend", "oven.zones[1].setpoint", "--db", db, "--columns",
      "40", "--rows", "5")
    assert.equal(0, code)
    local lines = lines_of(out)
    assert.equal("oven.zones[1].setpoint [degC]", lines[1])
    assert.is_truthy(lines[2]:find "^ +80 |.*%*%*%*%*%*")
    assert.is_truthy(lines[#lines]:find "^states .*Complete")
    assert.equal(8, #lines)
  end)

  it("draws with finer dots where the terminal has them", function()
    run_once()
    local _, out = linewright("LC_ALL=C.UTF-8", "trend", "oven.zones[1].setpoint", "--db", db)
    assert.is_truthy(out:find("\226\160", 1, true) or out:find("\226\161", 1, true))
  end)

  it("draws several tags, on shared axes when asked, into SVG and PNG", function()
    run_once()
    local svg, png = project.dir .. "/t.svg", project.dir .. "/t.png"
    local tags = { "oven.zones[1].setpoint", "oven.zones[1].temp" }
    local code, out = linewright(nil, "trend", tags[1], tags[2], "--db", db, "--svg", svg)
    assert.equal(0, code)
    assert.equal("written: " .. svg .. "\n", out)
    local text = assert(sys.read_file(svg))
    assert.is_truthy(text:find('^<svg xmlns="http://www.w3.org/2000/svg" viewBox='))
    for _, part in ipairs { tags[1] .. " [degC]", tags[2] .. " [degC]", ">states</text>", "Complete" } do
      assert.is_truthy(text:find(part, 1, true), part)
    end
    assert.equal(2, select(2, text:gsub("<rect [^>]*fill=\"none\"", "")))
    linewright(nil, "trend", tags[1], tags[2], "--db", db, "--svg", svg, "--together")
    assert.equal(1, select(2, assert(sys.read_file(svg)):gsub("<rect [^>]*fill=\"none\"", "")))
    local drawn, _, why = linewright(nil, "trend", tags[1], "--db", db, "--png", png, "--width", "640")
    if drawn == 3 and why:find "install librsvg2%-2" then return print "skipped: no librsvg2-2 to draw PNG with" end
    assert.equal(0, drawn, why)
    local bytes = assert(sys.read_file(png))
    assert.equal("\137PNG\r\n\26\n", bytes:sub(1, 8))
    assert.same({ 2, 128 }, { bytes:byte(19, 20) }) -- 640 pixels wide
  end)

  it("prints every sample as a table", function()
    run_once()
    local code, out = linewright(nil, "trend", "oven.zones[1].setpoint", "--db", db, "--csv")
    assert.equal(0, code)
    local seen = {}
    for _, line in ipairs(lines_of(out)) do
      local time, value, quality = line:match "^(%d+%-%d+%-%d+T[%d:%.]+Z),oven%.zones%[1%]%.setpoint,(%S-),(%l+),degC$"
      assert.is_truthy(time, line)
      seen[#seen + 1] = { value, quality }
    end
    assert.is_true(#seen >= 3)
    assert.same({ "80", "good" }, seen[#seen])
  end)

  it("keeps simulated runs apart, though their clocks overlap", function()
    run_once("--batch", "one")
    run_once("--batch", "two", "--set", "hot=99")
    local _, one = linewright(nil, "trend", "oven.zones[1].setpoint", "--db", db, "--csv", "--batch", "one")
    local _, two = linewright(nil, "trend", "oven.zones[1].setpoint", "--db", db, "--csv")
    assert.is_nil(one:find ",99,")
    assert.is_truthy(two:find ",99,")
    assert.is_nil(two:find ",80,")
  end)

  it("says what it does not find", function()
    run_once()
    local code, _, err = linewright(nil, "trend", "oven.zones[9].temp", "--db", db)
    assert.equal(1, code)
    assert.is_truthy(err:find("nothing was recorded of 'oven.zones[9].temp'", 1, true))
    code, _, err = linewright(nil, "trend", "--batch", "nix", "--db", db)
    assert.equal(1, code)
    assert.is_truthy(err:find("has no batch 'nix'", 1, true))
    code, _, err = linewright(nil, "trend", "--last", "soon", "--db", db)
    assert.equal(2, code)
    assert.is_truthy(err:find("--last takes a time such as", 1, true))
    code = linewright(nil, "trend", "--db", db .. "x")
    assert.equal(3, code)
    code = linewright(nil, "trend", "oven.zones[1].temp", "--db", db, "--png", project.dir .. "/no/t.png")
    assert.equal(3, code)
    assert.equal(2, (linewright(nil, "trend", "--rows", "1", "--db", db)))
  end)
end)

-- The bearing watch: on a made-up recording beside the example line, and on recordings of Case Western
-- Reserve University's bearing rig, read from beside the repository by the program as a user starts it.

local inline = require "linewright.inline"
local loader = require "linewright.loader"
local process = require "tests.support.process"
local sys = require "linewright.sys"

local RECIPE, LINE = "recipes/bearing_watch.lua", "examples/lines/bearing_rig.lua"
local FOLDER = "../shared/data/cwru-12k-de/"

local function play(change, params)
  local line = loader.load(LINE)
  if change then change(line.units.point) end
  local bundle = loader.bundle { recipe = RECIPE, line = line, params = params, sim = false }
  local on = inline.new { bundle = bundle, quiet = true }
  assert(on:command("reset", "rig"))
  on:advance(60e9, function(run) return run.state == "Idle" end)
  assert(on:command("start", "rig"))
  on:advance(3600e9, function(run) return run.state == "Complete" end)
  assert.equal("Complete", on.run.state)
  return on.run.records.bearing_fault[1]
end

describe("bearing-watch", function()
  it("hears a spot on the outer race", function()
    assert.equal("outer", play(nil, { block = 4096 }))
  end)

  it("does not take it for another at another speed", function()
    assert.equal("none", play(function(point) point.props.speeds = { "1500 1/min" } end, { block = 4096 }))
  end)

  it("refuses what cannot be", function()
    local ok, message = pcall(play, nil, { block = 5000 })
    assert.is_false(ok)
    assert.truthy(tostring(message):find("block = 5000 is no power of two", 1, true))
    ok, message = pcall(play, function(point) point.props.speeds = { "1 Hz", "2 Hz" } end)
    assert.is_false(ok)
    assert.truthy(tostring(message):find("1 points, but 2 speeds", 1, true))
  end)

  it("says in one line which recording is missing", function()
    local dir = os.tmpname()
    os.remove(dir)
    assert(sys.mkdir(dir))
    local text = sys.read_file("examples/lines/cwru_bearings.lua"):gsub("local FOLDER, START = [^\n]*",
      'local FOLDER, START = "nowhere/", 0')
    assert(sys.write_file(dir .. "/line.lua", text))
    local code, _, err = process.run(dir, { process.program(), "run", RECIPE, "--line", dir .. "/line.lua", "--sim",
      "--speed", "max", "--db", dir .. "/run.db" })
    os.execute("rm -r " .. dir)
    assert.equal(3, code)
    assert.truthy(err:find "^E%-NOTFOUND replay %(line.lua:%d+%): [^\n]*nowhere/B007_1hp.f32: No such file or directory\n$")
  end)

  -- The settings were chosen on the first halves of the recordings, this reads the second ones. Not told are B007 and
  -- OR014: no line at a defect frequency stands out of their envelope.
  it("tells the faults of CWRU that can be told, and never a wrong one", function()
    if not sys.exists(FOLDER .. "MANIFEST.tsv") then
      pending "recordings of CWRU are not beside the repository"
      return
    end
    local dir = os.tmpname()
    os.remove(dir)
    assert(sys.mkdir(dir))
    local code, out, err = process.run(dir, { process.program(), "run", RECIPE, "--line",
      "examples/lines/cwru_bearings.lua", "--sim", "--speed", "max", "--db", dir .. "/run.db" })
    os.execute("rm -r " .. dir)
    assert.equal(0, code, err)
    for text in out:gmatch "[^\n]*known:[^\n]*" do print(text) end
    local all, right, wrong = out:match "(%d+) recordings: (%d+) right, (%d+) wrong"
    assert.equal(10, tonumber(all))
    assert.equal(0, tonumber(wrong))
    assert.is_true(tonumber(right) >= 8)
  end)
end)

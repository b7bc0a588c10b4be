-- The bearing watch: on a made-up recording beside the example line, and on recordings of Case Western
-- Reserve University's bearing rig, read from beside the repository.

local dsp = require "linewright.dsp"
local inline = require "linewright.inline"
local loader = require "linewright.loader"
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

-- A recording as the table that the line plays.
local function on_file(path, rpm)
  local csv = os.tmpname()
  local samples = dsp.unpack(sys.read_file(path), "f32"):slice(1, 2 * 32768 + 100)
  assert(sys.write_file(csv, "acceleration\n" .. samples:csv()))
  local fault = play(function(point)
    point.acceleration[1].options.file = csv
    point.props.speed = rpm .. " 1/min"
  end, { blocks = 2 })
  os.remove(csv)
  return fault
end

describe("bearing-watch", function()
  it("hears a spot on the outer race", function()
    assert.equal("outer", play(nil, { block = 8192, blocks = 1 }))
  end)

  it("does not take it for another at another speed", function()
    assert.equal("none", play(function(point) point.props.speed = "1500 1/min" end,
      { block = 8192, blocks = 1 }))
  end)

  it("refuses a band that the sampler does not reach", function()
    local ok, message = pcall(play, nil, { high = "7000 Hz" })
    assert.is_false(ok)
    assert.truthy(tostring(message):find("half the sample rate", 1, true))
  end)

  -- Not told are the ball faults and OR014: no line at a defect frequency stands out of their envelope.
  -- `least` 10 and the band are round figures; the healthy bearing reaches 7.
  it("tells the faults of CWRU that can be told, and never a wrong one", function()
    if not sys.exists(FOLDER .. "MANIFEST.tsv") then
      pending "recordings of CWRU are not beside the repository"
      return
    end
    local classes, right, wrong, text = { OR = "outer", IR = "inner", B = "ball" }, 0, 0, {}
    for name, class, rpm in sys.read_file(FOLDER .. "MANIFEST.tsv"):gmatch "(%S+%.f32)%s+(%a+)%S*%s+%d+%s+%d+%s+%[(%d+)" do
      local truth, fault = classes[class] or "none", on_file(FOLDER .. name, rpm)
      if fault == truth then right = right + 1 elseif fault ~= "none" then wrong = wrong + 1 end
      text[#text + 1] = ("%s %s"):format(name:match "^[^_.]+", fault)
    end
    print(("\nCWRU, 10 recordings: %d right, %d wrong, %d not told (%s)"):format(right, wrong,
      #text - right - wrong, table.concat(text, ", ")))
    assert.equal(10, #text)
    assert.equal(0, wrong)
    assert.is_true(right >= 6)
  end)
end)

-- Good lines of many kinds that sim-test accused once, each with the day that did it.
local history = require "linewright.simtest.history"
local loader = require "linewright.loader"
local projects = require "tests.support.project"

local SEED = 1

local function play(recipe, line, events)
  local result = history.play { seed = SEED, horizon_s = 200, events = events,
    bundle = loader.bundle { recipe = recipe, line = line, sim = true } }
  return result.broken and result.broken.text
end

-- What the day finds on a line with one zone, by what its output declares and its rules.
local function found(line, events)
  local p = projects.new()
  p:write("shed.lua", ([[
local io = driver "sim" {}
return line "shed" {
  api = 1, revision = 1, scan = "50 ms", tick = "100 ms", twin = { "coater" },
  units = {
    oven = equip "zoned_dryer@1" {
      props = { length = "2 m", temp_max = "130 degC" },
      zones = { { temp = tag { io, "oven.t1", unit = "degC" },
                  setpoint = tag { io, "oven.sp1", unit = "degC", range = { 20, 120 }, %s } } },
    },
  },
  interlocks = { %s },
}
]]):format(line.output, line.rules or ""))
  p:edit("soak.lua", "set(p.hot) end)", "set(p.hot) end) r.dwell '1 h'")
  local text = play(p.dir .. "/soak.lua", p.dir .. "/shed.lua", events)
  p:remove()
  return text
end

local KEEPS = 'safe = { hold = "keep", stop = "keep", abort = "keep" }'

describe("sim-test accuses no line", function()
  it("whose output is only written: nothing of it is read", function()
    assert.equal(nil, found({ output = 'access = "w", ' .. KEEPS }, {
      { at_s = 60, what = "fault", name = "oven.sp1", kind = "nan" },
      { at_s = 90, what = "clear", name = "oven.sp1" },
      { at_s = 100, what = "plc", name = "oven.sp1", kind = "retained" },
      { at_s = 120, what = "clear", name = "oven.sp1" },
    }))
  end)

  it("whose output stays where it is without its permit, as its safe value says", function()
    local line = { output = KEEPS, rules = 'permit { "oven.zones[1].setpoint", above = 50, '
      .. 'needs = { "oven.zones[1].temp", above = 10 } }' }
    assert.equal(nil, found(line, {
      { at_s = 60, what = "fault", name = "oven.t1", kind = "bad" },
      { at_s = 90, what = "clear", name = "oven.t1" },
    }))
  end)

  -- The scan writes what they read, in an order of its own.
  it("whose records have texts of devices among them", function()
    assert.equal(nil, play("recipes/visual_inspection.lua",
      "examples/lines/inspection_recorded.lua", {}))
  end)

  it("on which a permit comes in the scan that takes the request", function()
    local line = { output = KEEPS, rules = 'permit { "oven.zones[1].setpoint", above = 90, '
      .. 'needs = { "oven.zones[1].temp", above = 50 } }' }
    assert.equal(nil, found(line, {
      { at_s = 60, what = "fault", name = "oven.t1", kind = "force", argument = 40 },
      { at_s = 80, what = "fault", name = "oven.t1", kind = "force", argument = 60 },
      { at_s = 80, what = "wild", kind = "permit", argument = 0 },
    }))
  end)
end)

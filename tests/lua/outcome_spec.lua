-- What a run tells of its results, and who moved which output on which reading.
local json = require "linewright.json"
local shifts = require "linewright.shifts"
local small_run = dofile "tests/support/small_run.lua"

local function run(execute, parts)
  parts = parts or {}
  parts.execute = execute
  local t = small_run(parts)
  t:start()
  t:run_until(function(r) return r.state == "Complete" or r.state == "Held" end, { within = "1 h" })
  t.line:pump()
  return t
end

local function records(t, wanted)
  local out = {}
  for _, _, _, kind, key, data in t.line.store:records(t.line.run_id) do
    if kind == wanted then
      local record = json.decode(data)
      record.key = key
      out[#out + 1] = record
    end
  end
  return out
end

local function held_by(execute)
  local t = run(execute)
  assert.equal("Held", t:state())
  return t.run.reason
end

describe("r.record", function()
  it("keeps the limits of a result", function()
    local t = run(function(r)
      r.record("mass", 118.2, "g/m2", { target = 118, tolerance = 3 })
      r.record("width", 300, "mm", { hi = 302 })
      r.record("plain", 1)
    end)
    local data = records(t, "data")
    assert.same({ 115, 121, 118 }, { data[1].lo, data[1].hi, data[1].target })
    assert.same({ hi = 302, v = 300, unit = "mm", key = "execute/width#1" }, data[2])
    assert.same({ v = 1, key = "execute/plain#1" }, data[3])
    assert.same({ 118.2 }, t.run.records.mass)
  end)

  it("refuses limits that make no sense", function()
    assert.truthy(held_by(function(r) r.record("a", 1, "m", { lo = 3, hi = 2 }) end):find("lo 3 is above hi 2", 1, true))
    assert.truthy(held_by(function(r) r.record("a", 1, "m", { tolerance = 2 }) end):find("tolerance needs a target", 1, true))
    assert.truthy(held_by(function(r) r.record("a", 1, "m", { low = 2 }) end):find("unknown option 'low'", 1, true))
  end)
end)

describe("r.produced", function()
  it("tells total, good, scrap by class and the planned time", function()
    local t = run(function(r)
      r.produced { total = 60, scrap = { streak = 1.5, pinhole = 0.5 }, unit = "m", planned = "10 min" }
      r.produced { total = 4, scrap = 1 }
      r.produced { total = 4, good = 3 }
    end)
    local count = records(t, "count")
    assert.same({ 60, 58, 600, "m" }, { count[1].total, count[1].good, count[1].planned_s, count[1].unit })
    assert.same({ streak = 1.5, pinhole = 0.5 }, count[1].scrap)
    assert.same({ 3, "1", 1 }, { count[2].good, count[2].unit, count[2].scrap.scrap })
    assert.equal(3, count[3].good)
  end)

  it("refuses quantities that cannot be", function()
    assert.truthy(held_by(function(r) r.produced {} end):find("total is missing", 1, true))
    assert.truthy(held_by(function(r) r.produced { total = 1, good = 2 } end):find("good 2 must be within 0..total 1", 1, true))
    assert.truthy(held_by(function(r) r.produced { total = 0 / 0 } end):find("total must be a number", 1, true))
    assert.truthy(held_by(function(r) r.produced { total = 5, scrap = { a = -1 } } end):find("scrap 'a' must be", 1, true))
  end)
end)

describe("causes", function()
  it("name the step, loop or handler that sets a channel, once, with what it read", function()
    local t = run(function(r, eq)
      r.step("on", function() eq.web.speed:set(2) end)
      r.loop("trim", { every = "1 s", state = {}, run = function()
        eq.die.flow:set(10 * eq.web.speed:read())
      end })
      r.dwell "1 min"
    end, { completing = function(_, eq) eq.web.speed:set(0) end })
    local seen = {}
    for _, c in ipairs(records(t, "cause")) do
      seen[#seen + 1] = ("%s by %s from %s"):format(c.sets, c.by, table.concat(c.reads or {}, ","))
    end
    assert.same({ "web.speed by step 'on' from ", "die.flow by loop 'trim' from web.speed",
      "web.speed by handler completing from " }, seen)
  end)

  it("say what a guard, an alarm and a condition saw", function()
    local t = run(function(r, eq)
      r.step("on", function() eq.web.speed:set(3) end)
      r.wait_until("moving", function() return eq.web.speed:read() > 1 end, { within = "1 min" })
      r.dwell "1 min"
    end, {
      guards = { { text = "too fast", level = "hold", lasting = "20 s", when = function(eq) return eq.web.speed:read() > 2.5 end } },
      alarms = { { text = "quick", when = function(eq) return eq.web.speed:read() > 2 end } },
    })
    local function saw(kind, key)
      for _, item in ipairs(records(t, kind)) do
        if item.key == key and item.saw then return item.saw["web.speed"] end
      end
    end
    assert.is_true(saw("end", "execute/moving#1") > 1)
    assert.is_true(saw("state", "Holding") > 2.5)
    assert.is_true(saw("alarm", "alarm/quick#1") > 2)
  end)
end)

describe("the shift calendar", function()
  it("is read from names or a list, in the order of the day", function()
    assert.same({ { name = "early", minute = 360 }, { name = "night", minute = 1320 } },
      shifts.read { night = "22:00", early = "06:00" })
    assert.same({ { name = "06:00", minute = 360 }, { name = "18:00", minute = 1080 } }, shifts.parse "18:00,06:00")
    assert.same({ early = "06:00" }, shifts.plain(shifts.parse "early=06:00"))
  end)

  it("refuses what is no time of day", function()
    assert.equal("shifts: '25:00' is no time of day such as 06:00", select(2, shifts.read { "25:00" }))
    assert.equal("shifts: two begin at 06:00", select(2, shifts.read { "06:00", "06:00" }))
    assert.equal("shifts names none", select(2, shifts.parse ""))
  end)
end)

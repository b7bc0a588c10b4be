-- Bad days in virtual time through the program, and proof that the watch sees:
-- the same histories with something broken in the runtime must be found.
local faults = require "linewright.simtest.faults"
local history = require "linewright.simtest.history"
local ladder = require "linewright.ladder"
local loader = require "linewright.loader"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local shrink = require "linewright.simtest.shrink"
local sorted = require "linewright.sorted"
local twice = require "linewright.simtest.twice"

local RECIPE, LINE = "recipes/heat_treatment.lua", "examples/lines/hardening_shop.lua"
local HORIZON_S = 1800

local function bundle() return loader.bundle { recipe = RECIPE, line = LINE, sim = true } end

local function play(seed, events)
  local loaded = bundle()
  return history.play { bundle = loaded, seed = seed, horizon_s = HORIZON_S,
    events = events or faults.draw(loaded, seed, HORIZON_S) }
end

-- A given day on the line that has every kind of limit.
local function trial(seed, events)
  return history.play { seed = seed, horizon_s = HORIZON_S, events = events,
    bundle = loader.bundle { recipe = "tests/fault/trial/recipe.lua",
      line = "tests/fault/trial/line.lua", sim = true } }
end

-- What the same day at another date finds.
local function broken_twice(recipe, day)
  return twice.play(function(events, later_s)
    local result = history.play { seed = 1, horizon_s = 300, events = events,
      wall0_s = later_s and 1767225600 + later_s,
      bundle = loader.bundle { recipe = recipe, line = "tests/fault/trial/line.lua", sim = true } }
    result.events = events
    return result
  end, day).broken
end

-- The first of some seeds that finds something.
local function first_broken(seeds)
  for seed = 1, seeds do
    local result = play(seed)
    if result.broken then return result.broken end
  end
end

local function run(...)
  local p = projects.new()
  local code, out, err = process.run(p.dir, { process.program(), "sim-test", ... })
  p:remove()
  return code, out .. err
end

describe("sim-test", function()
  it("finds nothing in the furnace recipe", function()
    local code, out = run(RECIPE, "--line", LINE, "--seeds", "300",
      "--within", "3 s")
    assert.equal(0, code, out)
    assert.truthy(out:find("0 broken", 1, true), out)
  end)

  it("finds nothing on a line with every kind of limit", function()
    local code, out = run("tests/fault/trial/recipe.lua", "--line", "tests/fault/trial/line.lua",
      "--seeds", "300", "--within", "3 s")
    assert.equal(0, code, out)
    assert.truthy(out:find("0 broken", 1, true), out)
  end)

  it("blames no driver for another one that is down, nor for a signal that nobody reads", function()
    local p = projects.new()
    p:write("shed.lua", [[
local a, b = driver "sim" {}, driver "sim" {}
return line "shed" {
  api = 1, revision = 1, twin = { "coater", zones = 1 },
  units = {
    oven = equip "zoned_dryer@1" {
      props = { length = "2 m", temp_max = "130 degC" },
      zones = { { temp = tag { a, "oven.t1", unit = "degC" },
                  setpoint = tag { b, "oven.sp1", unit = "degC", range = { 20, 120 },
                                   safe = { hold = "keep", stop = 25, abort = 25 } } } },
    },
  },
}
]])
    local days = {}
    for i, signal in ipairs { "oven.t1", "oven.sp1", "web.v" } do
      days[2 * i - 1] = { at_s = 100 * i, what = "plc", name = signal, kind = "lost" }
      days[2 * i] = { at_s = 100 * i + 20, what = "clear", name = signal }
    end
    local broken = history.play { seed = 1, horizon_s = 400, events = days,
      bundle = loader.bundle { recipe = p.dir .. "/soak.lua", line = p.dir .. "/shed.lua",
        sim = true } }.broken
    p:remove()
    assert.is_nil(broken)
  end)

  it("has the guard refuse what a broken worker asks, and holds the run for it", function()
    for _, kind in ipairs { "NaN", "infinity", "above", "below", "step" } do
      local result = trial(1, { { at_s = 120, what = "wild", kind = kind, argument = 0.9 } })
      assert.equal(nil, result.broken, kind)
    end
    local result = trial(1, { { at_s = 600, what = "disk", kind = "full" } })
    assert.same({ nil, "Stopped" }, { result.broken, result.state })
  end)

  -- A run that does not care about trips goes on in Execute, and is found.
  it("sees a refusal and a trip that hold nobody", function()
    local fault = ladder.command
    function ladder.command(state, level) return level ~= "hold" and fault(state, level) or nil end
    local broken = trial(1, { { at_s = 120, what = "wild", kind = "NaN", argument = 0.1 } }).broken
    ladder.command = fault
    assert.equal("I19", broken and broken.invariant)
  end)

  it("goes on from a restart among results, quantities and once-steps", function()
    assert.equal(nil, trial(1, { { at_s = 900, what = "kill" }, { at_s = 1000, what = "cut",
      argument = 2 } }).broken)
    local journal = require "linewright.journal"
    local apply = journal.new {}.apply
    local class = getmetatable(journal.new {})
    function class.apply(self, kind, ...)
      if kind ~= "count" then return apply(self, kind, ...) end
    end
    local broken = trial(1, { { at_s = 900, what = "kill" } }).broken
    class.apply = apply
    assert.equal("I9", broken and broken.invariant)
  end)

  -- An answer that comes too late, or is no number, and that the recipe goes on with.
  it("sees answers of a model that must not count", function()
    local values = require "linewright.infer_values"
    local function broken_by(kind)
      return trial(1, { { at_s = 300, what = "model", name = "gauge.json", kind = kind, argument = 3 } }).broken
    end
    for _, kind in ipairs { "nan", "slow", "silent" } do assert.equal(nil, broken_by(kind)) end
    local results = values.results
    function values.results(_, get) return get(1):get(1) or 0 / 0 end
    local broken = broken_by "nan"
    values.results = results
    assert.equal("I13", broken and broken.invariant)
  end)

  it("plays the same history twice", function()
    local a, b = play(3), play(3)
    assert.same({ a.hash, a.records, a.state }, { b.hash, b.records, b.state })
    assert.truthy(play(4).hash ~= a.hash)
  end)

  -- Whoever insists looks every few seconds, from the last event on.
  it("has the operator look at the same instants when nobody sets the clock", function()
    local broken = broken_twice("tests/fault/trial/recipe.lua", {
      { at_s = 100, what = "insist" },
      { at_s = 103, what = "clock", argument = -3600 },
      { at_s = 104, what = "command", name = "stop" },
      { at_s = 111, what = "clock", argument = 9 },
    })
    assert.equal(nil, broken and broken.text)
  end)

  it("sees a recipe that goes by the wall clock", function()
    local p = projects.new()
    p:write("shop.lua", [[return recipe "shop" { api = 1, version = "1", needs = {},
      execute = function(r)
        local begun_s = time()
        r.dwell "4 min"
        if time() > begun_s + 3600 then r.step("late", function() end) end
      end }]])
    local broken = broken_twice(p.dir .. "/shop.lua",
      { { at_s = 100, what = "clock", argument = 7200 } })
    p:remove()
    assert.equal("I15", broken and broken.invariant)
  end)

  -- No scan falls between the two, as when both had to wait for a cut of a once-step.
  it("knows a device that lost its outputs between two scans", function()
    assert.same({}, { trial(4, { { at_s = 600, what = "command", name = "hold" },
      { at_s = 1000, what = "plc", name = "die.gap", kind = "lost" },
      { at_s = 1000, what = "clear", name = "die.gap" } }).broken })
  end)

  it("knows that an idle line believes a read-back that lies", function()
    assert.same({}, { trial(4, { { at_s = 600, what = "command", name = "stop" },
      { at_s = 630, what = "command", name = "reset" },
      { at_s = 645.4, what = "fault", name = "furnace.sp", kind = "force", argument = 697.8 },
      { at_s = 670, what = "command", name = "start" },
      { at_s = 1000, what = "clear", name = "furnace.sp" } }).broken })
  end)

  it("sees outputs that stay as they are in a stop", function()
    local kept = ladder.LEVEL.Stopping
    ladder.LEVEL.Stopping = "none"
    local broken = first_broken(5)
    ladder.LEVEL.Stopping = kept
    assert.equal("I3", broken and broken.invariant)
  end)

  it("sees a run that comes back running", function()
    local kept = ladder.after_restart
    function ladder.after_restart(state) return state == "Execute" and state or "Held", "hold" end
    local broken = play(1, { { at_s = 600, what = "kill" } }).broken
    ladder.after_restart = kept
    assert.equal("I5", broken and broken.invariant)
  end)

  -- Recipes of people: ends, holds and waits that they chose are no findings.
  it("lets a recipe complete, hold, stop, ask and take its time as it likes", function()
    local execute = {
      short = 'r.dwell "3 min"',
      chooses = 'r.dwell "2 min" r.hold "change the roll" r.step("over", function() end) r.stop "done"',
      asks = 'r.ask { prompt = "Loaded?", choices = { "yes" }, within = "5 min" } r.dwell "1 h"',
    }
    local p = projects.new()
    for name, text in sorted(execute) do
      p:write("shop.lua", ([[return recipe "shop" { api = 1, version = "1", needs = {},
        resetting = function(r) r.dwell "4 min" end,
        execute = function(r) %s end }]]):format(text))
      for seed = 3, 4 do -- with somebody who attends, and without
        local result = history.play { seed = seed, horizon_s = 1200, events = {},
          bundle = loader.bundle { recipe = p.dir .. "/shop.lua", sim = true,
            line = "tests/fault/trial/line.lua" } }
        assert.equal(nil, result.broken and result.broken.text, name)
      end
    end
    p:remove()
  end)

  it("tells each invariant in its page", function()
    local page = assert(require "linewright.sys".read_file "docs/sim-test.md")
    for name, text in sorted(require "linewright.simtest.watch".INVARIANTS) do
      local is_told = name == "host" or page:find("| " .. name .. " | " .. text .. " |", 1, true)
      assert.truthy(is_told, name)
    end
  end)

  it("survives disks that fail and power that goes while they work", function()
    for _, kind in ipairs { "full", "eio", "fsync" } do
      for _, way in ipairs { "anew", "place" } do
        local result = trial(1, { { at_s = 600, what = "disk", kind = kind },
          { at_s = 700, what = "mend", kind = way }, { at_s = 900, what = "cut", argument = 60 } })
        assert.equal(nil, result.broken and result.broken.text, kind)
      end
    end
  end)

  it("comes to a stop when the journal stops inside the stopping handler", function()
    local result = trial(4, { { at_s = 600, what = "command", name = "stop" },
      { at_s = 600.6, what = "disk", kind = "eio" } })
    assert.same({ nil, "Stopped" }, { result.broken and result.broken.text, result.state })
  end)

  it("completes no run whose journal has stopped", function()
    local result = trial(1, { { at_s = 600, what = "disk", kind = "fsync" },
      { at_s = 1500, what = "command", name = "complete" } })
    assert.equal(nil, result.broken and result.broken.text)
  end)

  -- Records that are acknowledged before they are on the disk are missed after a cut.
  it("sees a disk that lies", function()
    local disk = require "linewright.disk"
    local honest, broken = disk.new, nil
    function disk.new(seed) return honest(seed, true) end
    for seed = 1, 5 do
      broken = broken or trial(seed, { { at_s = 600, what = "cut", argument = 7 } }).broken
    end
    disk.new = honest
    assert.equal("I8", broken and broken.invariant)
  end)

  it("shrinks a history to what it needs", function()
    local events = {}
    for i = 1, 9 do events[i] = { i = i } end
    local function breaks(list)
      local has = {}
      for _, e in ipairs(list) do has[e.i] = true end
      return has[3] and has[8]
    end
    assert.same({ { i = 3 }, { i = 8 } }, (shrink.list(events, breaks, 60)))
  end)

  it("says the same with any number of processes", function()
    local function told(jobs)
      local code, out = run(RECIPE, "--line", LINE, "--seeds", "6", "--hours", "0.1",
        "--jobs", jobs)
      return { code, (out:gsub("[%d.]+ x real time", "")) }
    end
    assert.same(told "1", told "3")
  end)

  it("refuses what it cannot do", function()
    local code, out = run(RECIPE)
    assert.equal(2, code)
    assert.truthy(out:find("--line", 1, true), out)
    code, out = run(RECIPE, "--line", LINE, "--seeds", "many")
    assert.equal(2, code)
    assert.truthy(out:find("'many'", 1, true), out)
    code, out = run("recipes/pump_watch.lua", "--line",
      "examples/lines/pump_bench.lua")
    assert.equal(1, code)
    assert.truthy(out:find("no twin", 1, true), out)
  end)
end)

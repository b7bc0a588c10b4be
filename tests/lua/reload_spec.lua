-- Another profile under a run, in virtual time.
local has = require "tests.support.has"
local rig = require "linewright.rig"
local small_run = require "tests.support.small_run"

local LINE = "lines/pilot_a.lua"

-- A run that has set the web to 20 m/min and waits, Held.
local function held_run()
  local t = small_run { execute = function(r, eq)
    r.step("go", { once = true }, function() eq.web.speed:set "20 m/min" end)
    r.wait_until("the end", function() return eq.web.speed:read() > 24 end, { within = "9 h" })
  end }
  t:start()
  t:run_until("Execute")
  t:advance "10 s"
  return t
end

local function hold(t)
  t:command "hold"
  t:run_until("Held", { within = "1 min" })
end

local function changed(change)
  local line = rig.load(LINE)
  change(line.units, line)
  return line
end

describe("a reload of the line's profile", function()
  it("is taken up by a held run, which goes on where it was", function()
    local t = held_run()
    hold(t)
    local before = t.bundle.hash
    local ok, text = t:reload(changed(function(units)
      units.web.speed.range = { 0, 22 }
      units.web.props.speed_max = "22 m/min"
    end))
    assert(ok, text)
    has(text, "web.speed.range[2]: 25 -> 22")
    assert.equal("Held", t:state())
    assert.equal(22, t.bundle.channels["web.speed"].hi)
    assert.equal(1, t:count("reload", t.bundle.hash))
    assert.equal(before, t.bundle.hash) -- the text is the file's: only the table was changed
    assert.is_true(t:command "unhold")
    t:run_until("Execute", { within = "1 min" })
    t:advance "10 s"
    assert.is_near(20, t:value "web.speed", 0.1)
    assert.equal(1, t:count("end", "go"))
  end)

  it("waits for a hold, and says what it would change", function()
    local t = held_run()
    local ok, text = t:reload(changed(function(units) units.web.speed.range = { 0, 22 } end))
    assert.is_false(ok)
    has(text, "E-STATE a profile is exchanged while the run is Held; it is Execute")
    has(text, "web.speed.range[2]: 25 -> 22")
    assert.equal(25, t.bundle.channels["web.speed"].hi)
    assert.equal("Execute", t:state())
  end)

  it("is refused when a set-point could not be restored", function()
    local t = held_run()
    hold(t)
    local ok, text = t:reload(changed(function(units) units.web.speed.range = { 0, 15 } end))
    assert.is_false(ok)
    has(text, "E-RELOAD the profile cannot be exchanged under this run; nothing was changed")
    has(text, "web.speed was set to 20 m/min, which 0..15 no longer allows")
    assert.equal(25, t.bundle.channels["web.speed"].hi)
  end)

  it("is refused when the script has counted on more zones", function()
    local t = held_run()
    hold(t)
    local ok, text = t:reload(changed(function(units)
      units.oven.zones[4] = { temp = units.oven.zones[1].temp, setpoint = nil }
      units.oven.zones[4].setpoint = { kind = "tag", at = units.oven.at,
        units.oven.zones[1].setpoint[1], "oven.sp9", unit = "degC", range = { 20, 150 },
        safe = { hold = "keep", stop = 25, abort = 25 }, twin = "oven.sp1" }
    end))
    assert.is_false(ok)
    has(text, "oven.zones: 3 of them, then 4 of them; the script has counted on it")
  end)

  it("is refused with the findings when the profile has mistakes", function()
    local t = held_run()
    hold(t)
    local ok, text = t:reload(changed(function(units) units.web.speed.unit = "kg" end))
    assert.is_false(ok)
    has(text, "E-RELOAD the profile has mistakes; nothing was changed")
    has(text, "E-UNIT")
    assert.is_true(t:command "unhold")
  end)

  it("changes interlocks, which trip from the next scan on", function()
    local t = held_run()
    hold(t)
    assert(t:reload(changed(function(_, line)
      line.interlocks = { { kind = "interlock", at = line.at, "oven.zones[1].temp",
        above = "-10 degC", level = "abort", text = "too warm" } }
    end)))
    t:run_until("Aborted", { within = "10 s" })
    has(t.run.reason, "too warm")
  end)

  it("leaves a run alone when nothing of it has changed", function()
    local t = held_run()
    local ok, text = t:reload(changed(function(_, line) line.revision = 99 end))
    assert.is_false(ok)
    has(text, "nothing that this run uses has changed: it goes on as it is")
    ok, text = t:reload(LINE)
    assert.is_false(ok)
    has(text, "the profile is as it was: nothing to do")
    assert.equal("Execute", t:state())
  end)

  it("keeps what it was after a power cut", function()
    local t = held_run()
    hold(t)
    assert(t:reload(changed(function(units) units.web.speed.range = { 0, 22 } end)))
    t:crash()
    t:reboot()
    assert.equal("Held", t:state())
    assert.equal(22, t.bundle.channels["web.speed"].hi)
  end)
end)

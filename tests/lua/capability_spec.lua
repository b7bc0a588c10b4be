-- Contracts: their versions, their own mistakes, and a project's own library.
local Findings = require "linewright.findings"
local capability = require "linewright.capability"
local has = require "tests.support.has"
local projects = require "tests.support.project"
local words = require "linewright.words"

local project
before_each(function() project = projects.new() end)
after_each(function() project:remove() end)

local FAN = [[
return capability "fan@1" {
  speed = writable "rpm",
  props = { power = "kW" },
  methods = { is_on = function(u) return u.speed:read() > 0 end },
}
]]

local function contract(build)
  local f = Findings.new()
  local c = capability.check(f, build(words.of("capability", f)))
  return c, f
end

local function text_of(build)
  local _, f = contract(build)
  return f:text()
end

describe("a project's own contract", function()
  it("is found beside the recipe and pinned in the bundle", function()
    project:write("capabilities/fan.lua", FAN)
    project:edit("soak.lua", '"zoned_dryer@1" {}', '"zoned_dryer@1" {}, fan = cap "fan@1" {}')
    project:edit("shed.lua", "units = {", [[units = { fan = equip "fan@1" { props = { power = "3 kW" },
      speed = tag { io, "die.lips", unit = "rpm", range = { 0, 900 }, twin = "die.lips", equals = "30 rpm",
        safe = { hold = 0, stop = 0, abort = 0 } } },]])
    local text, bundle = project:check()
    has(text, "ok   needs fan: fan@1")
    local found
    for _, file in ipairs(bundle.files) do found = found or file.path:find("fan.lua", 1, true) end
    assert.is_truthy(found)
    assert.equal(27000, bundle.channels["fan.speed"].hi)
  end)

  it("may add optional channels under the same version", function()
    project:write("capabilities/web_transport.lua", [[
return capability "web_transport@1" {
  speed = writable "m/min", tension = writable { "N", optional = true },
  brake = writable { "1", optional = true },
  props = { speed_max = "m/min" },
}]])
    project:edit("soak.lua", "needs = {", 'needs = { web = cap "web_transport@1" {},')
    assert.is_nil((project:check()):find("new version", 1, true))
  end)

  it("that changes anything else is a new version", function()
    project:write("capabilities/web_transport.lua", [[
return capability "web_transport@1" {
  speed = writable "ft/min", brake = writable "1",
  props = { speed_max = "m/min" },
}]])
    project:edit("soak.lua", "needs = {", 'needs = { web = cap "web_transport@1" {},')
    local text = project:check()
    has(text, "web_transport@1.speed was writable m/min and is writable ft/min: that is a new version")
    has(text, "web_transport@1.brake is new and not optional: that is a new version")
    has(text, "web_transport@1.tension was writable N and is nothing: that is a new version")
  end)
end)

describe("a contract's own mistakes", function()
  it("are named", function()
    has(text_of(function(w) return w.capability "fan" {} end), "needs a name with a version")
    has(text_of(function(w) return w.capability "fan@1" { speed = "rpm" } end),
      "fan@1: speed must be readable \"unit\" or writable \"unit\"")
    has(text_of(function(w) return w.capability "fan@1" { speed = w.readable "rpn" } end),
      "fan@1: speed: unknown unit 'rpn'")
    has(text_of(function(w) return w.capability "fan@1" { speed = w.readable { "rpm", opt = true } } end),
      "unknown key 'opt' in fan@1: speed")
    has(text_of(function(w) return w.capability "fan@1" { methods = { is_on = 3 } } end),
      "fan@1: method is_on must be a function, got number")
    has(text_of(function(w) return w.capability "fan@1" { props = { power = "kWw" } } end),
      "fan@1: props.power: unknown unit 'kWw'")
  end)
  it("leave a sound contract alone", function()
    local c, f = contract(function(w)
      return w.capability "fan@1" { blades = w.list { angle = w.writable "degrees" },
        speed = w.readable { "rpm", key = true } }
    end)
    assert.equal("", f:text())
    assert.equal("list", c.members.blades.class)
    assert.is_true(c.members.speed.key)
  end)
end)

describe("the five contracts of the library", function()
  local loader = require "linewright.loader"
  it("read and hold what the coating recipe calls", function()
    local b = loader.bundle { recipe = "recipes/electrode_coating.lua", line = "lines/pilot_a.lua" }
    for role, methods in pairs { oven = { "profile", "settled", "hottest" }, vision = { "classify" } } do
      for _, name in ipairs(methods) do
        assert.is_function(b.eq[role].contract.methods[name])
      end
    end
  end)

  -- A unit as the runtime would hand it to a method.
  local function dryer(temps, setpoints, qualities)
    local set = {}
    local u = { zones = {} }
    for i, temp in ipairs(temps) do
      u.zones[i] = {
        temp = { read = function() return temp, qualities and qualities[i] or "good" end },
        setpoint = { read = function() return setpoints[i] end, set = function(_, x) set[i] = x end },
      }
    end
    return u, set
  end
  local function methods(role)
    return loader.bundle { recipe = "recipes/electrode_coating.lua",
      line = "lines/pilot_a.lua" }.eq[role].contract.methods
  end

  it("give every zone its share of a profile", function()
    local points = { { 0, "70 degC" }, { 0.5, "110 degC" }, { 1, "60 degC" } }
    local three, set3 = dryer({ 0, 0, 0 }, {})
    methods("oven").profile(three, points)
    assert.near(70 + 40 / 3, set3[1], 1e-9)
    assert.near(110, set3[2], 1e-9)
    assert.near(110 - 50 * 2 / 3, set3[3], 1e-9)
    local one, set1 = dryer({ 0 }, {})
    methods("oven").profile(one, { { 0, 80 }, { 1, 80 } })
    assert.equal(80, set1[1])
  end)

  it("say which zone is not settled, in words", function()
    local settled = methods("oven").settled
    assert.is_true((settled(dryer({ 100, 101 }, { 101, 101 }), "2 K")))
    local ok, text = settled(dryer({ 80, 90, 85, 96.4, 70 }, { 80, 90, 85, 101.7, 70 }), "2 K")
    assert.is_false(ok)
    assert.equal("zone 4 is 96.4 degC, wants 101.7 degC; the other four are within 2 K", text)
    ok, text = settled(dryer({ 20, 20 }, { 80, 90 }), 2)
    assert.is_false(ok)
    assert.equal("zone 2 is 20.0 degC, wants 90.0 degC; 2 of 2 are off", text)
    ok, text = settled(dryer({ 80, 90 }, { 80, 90 }, { "good", "bad" }), "2 K")
    assert.is_false(ok)
    assert.equal("zone 2 has no good reading; the other is within 2 K", text)
  end)

  it("refuse a tolerance in degC", function()
    local ok, message = pcall(methods("oven").settled, dryer({ 80 }, { 80 }), "2 degC")
    assert.is_false(ok)
    has(tostring(message), "a difference of temperatures is in K")
  end)

  it("know the hottest zone and the worst quality", function()
    local hottest, quality = methods("oven").hottest(dryer({ 80, 120, 90 }, {}, { "good", "good", "bad" }))
    assert.equal(120, hottest)
    assert.equal("bad", quality)
  end)

  it("take the class and its confidence out of a frame", function()
    local classify = methods("vision").classify
    local function see(value, quality)
      return classify { classes = { "ok", "streak", "pinhole" },
        frame = { read = function() return value, quality or "good" end } }
    end
    assert.equal("streak", see(2.5994).label)
    assert.near(0.6, see(2.5994).confidence, 1e-9)
    assert.near(1, see(1.999).confidence, 1e-9)
    assert.same({ label = "unknown", confidence = 0 }, see(7.5))
    assert.same({ label = "unknown", confidence = 0 }, see(1.9, "bad"))
    assert.same({ label = "unknown", confidence = 0 }, see(nil, "bad"))
  end)
end)

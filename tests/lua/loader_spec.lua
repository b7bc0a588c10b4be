-- The seam to the runtime: what a bundle holds.
local loader = require "linewright.loader"
local plan = require "linewright.plan"
local sys = require "linewright.sys"

local R = "recipes/electrode_coating.lua"

local function bundle(line, more)
  local options = { recipe = R, line = "lines/" .. line .. ".lua" }
  for k, v in pairs(more or {}) do options[k] = v end
  return loader.bundle(options)
end

describe("loader.bundle", function()
  it("binds the coating recipe to both lines, to the last number", function()
    local a, b = bundle "pilot_a", bundle "line_b"
    assert.equal(3, #a.eq.oven.members.zones)
    assert.equal(7, #b.eq.oven.members.zones)
    assert.equal(118, a.params.coat_weight)
    assert.equal(30, a.params.residence)
    assert.equal("110 degC", a.params.dry_profile[2][2])
    assert.near(0.55, b.eq.die.props.width, 1e-12)
    assert.near(0.3, a.eq.die.props.width, 1e-12)
  end)

  it("carries limits and safe values in the contract's unit", function()
    local b = bundle "line_b"
    local flow = b.channels["die.flow"]
    assert.equal("mL/min", flow.unit)
    assert.equal("rpm", flow.tag_unit)
    assert.near(3960, flow.hi, 1e-6)
    assert.equal(330, flow.line_hi)
    assert.equal(0, flow.safe.hold)
    assert.is_nil(b.channels["oven.zones[7].setpoint"].safe.hold)
    assert.near(25, b.channels["oven.zones[7].setpoint"].safe.stop, 1e-9)
    assert.near(36.576, b.channels["web.speed"].hi, 1e-9)
  end)

  it("makes a plan whose tags stand in the order of the channels", function()
    local b = bundle "line_b"
    local p = assert(plan.decode(b.plan))
    assert.equal(#b.channel_list, p:tag_count())
    for i, ch in ipairs(b.channel_list) do
      assert.equal(i, ch.index)
      assert.equal(i, p:find(ch.path))
    end
    assert.equal(b.plan_digest, p:digest())
  end)

  it("gives the same hash for the same files, another for another line", function()
    local a, again, b = bundle "pilot_a", bundle "pilot_a", bundle "line_b"
    assert.equal(a.hash, again.hash)
    assert.equal(a.plan_digest, again.plan_digest)
    assert.not_equal(a.hash, b.hash)
  end)

  it("gives the same hash and plan however the files are named", function()
    local here = bundle "line_b"
    local there = loader.bundle { recipe = sys.cwd() .. "/" .. R,
      line = sys.cwd() .. "/examples/lines/line_b.lua" }
    assert.equal(here.hash, there.hash)
    assert.equal(here.plan_digest, there.plan_digest)
  end)

  it("pins every file with its text", function()
    local roles = {}
    for _, file in ipairs(bundle("line_b").files) do
      roles[file.role] = (roles[file.role] or 0) + 1
      assert.is_true(#file.text > 0)
      assert.equal(64, #file.sha)
    end
    assert.same({ recipe = 1, line = 1, capability = 5, twin = 1, model = 1 }, roles)
  end)

  it("feeds channels from the twin only where the run asks for it", function()
    local real, sim = bundle "line_b", bundle("line_b", { sim = true })
    assert.equal("driver", real.channels["web.speed"].source)
    assert.equal("twin", sim.channels["web.speed"].source)
    assert.equal("twin", real.channels["vision.frame"].source)
    assert.same({ "vision" }, real.stubs)      -- its pictures are the twin's, even if a model judges them
    assert.same({}, sim.stubs)
    assert.equal(7, sim.twin.options.zones)
    assert.equal(1.06, sim.twin.options.slip)
  end)

  it("adds a tag for a channel that only an interlock watches", function()
    local path = os.tmpname()
    assert(sys.write_file(path, 'return recipe "w" { api = 1, version = "1", ' ..
      'needs = { web = cap "web_transport@1" {} }, execute = function() end }'))
    local b = loader.bundle { recipe = path, line = "lines/line_b.lua" }
    os.remove(path)
    assert.is_nil(b.eq.oven)
    assert.truthy(b.channels["oven.zones[7].temp"].index)
    assert.is_nil(b.channels["oven.zones[7].setpoint"])
  end)
end)

describe("modules that require each other", function()
  it("are told by name and line", function()
    local project = require("tests.support.project").new()
    project:write("first.lua", 'return require "second"\n')
    project:write("second.lua", '\nlocal first = require "first"\nreturn first\n')
    project:edit("soak.lua", 'return recipe "soak"', 'local _ = require "first"\nreturn recipe "soak"')
    local text = project:check()
    project:remove()
    assert.is_truthy(text:find("FAIL E-SCRIPT module 'first' requires itself\n     at second.lua:2", 1, true), text)
    assert.is_nil(text:find("stack overflow", 1, true), text)
  end)
end)

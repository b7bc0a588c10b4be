-- What a profile says about recording: `history` of a tag and of the line.

local loader = require "linewright.loader"

local function bundle(change)
  local line = loader.load "examples/lines/pump_bench.lua"
  change(line, line.units.bench)
  return loader.bundle { recipe = "recipes/pump_watch.lua", line = line, sim = false }
end

local function finding(change)
  local ok, e = pcall(bundle, change)
  assert.is_false(ok)
  return tostring(e)
end

describe("history", function()
  it("is taken at each scan, on changes or not at all, as a tag says", function()
    local plain = bundle(function() end).plan_digest
    for _, word in ipairs { "scan", "none" } do
      assert.are_not.equal(plain, bundle(function(_, bench) bench.pumps[1].flow.history = word end).plan_digest)
    end
    assert.equal(plain, bundle(function(_, bench) bench.pumps[1].flow.history = "change" end).plan_digest)
    assert.truthy(finding(function(_, bench) bench.pumps[1].flow.history = "scans" end):find("'scan'", 1, true))
  end)

  it("has no use for a dead band at each scan", function()
    local text = finding(function(_, bench) bench.pumps[1].flow.history, bench.pumps[1].flow.deadband = "scan", 1 end)
    assert.truthy(text:find('history = "scan" leaves none to it', 1, true))
  end)

  it("goes by age and by its share of the disk", function()
    local plain = bundle(function() end).plan_digest
    local kept = bundle(function(line) line.history = { keep = "400 d", share = "20 %" } end).plan_digest
    assert.are_not.equal(plain, kept)
    assert.equal(kept, bundle(function(line)
      line.history = { keep = 400 * 86400, share = 0.2 }
    end).plan_digest)
    assert.truthy(finding(function(line) line.history = { share = 2 } end):find(
      "line.history.share = 2 is not above 0 and at most 0.9", 1, true))
    assert.truthy(finding(function(line) line.history = { kep = 2 } end):find("'keep'", 1, true))
  end)
end)

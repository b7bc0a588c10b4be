-- `linewright infer`: what a person asks about models, and what they did.

local cli = require "linewright.cli.infer"
local hash = require "linewright.hash"
local json = require "linewright.json"
local meter = require "linewright.infer_meter"
local projects = require "tests.support.project"
local rerun = require "linewright.infer_rerun"
local rig = require "linewright.rig"
local store = require "linewright.store"
local sys = require "linewright.sys"

local DATA = "tests/data/infer/"

local RECIPE = [[
local trees = infer.load { "regression.json" }
local net = infer.load { "mlp.onnx", level = "portable" }
return recipe "soak" {
  api = 1, version = "1.0.0", needs = { oven = cap "zoned_dryer@1" {} },
  execute = function(r)
    for i = 1, 3 do
      local y = trees:run { i / 3, 2, 3, 4, 5, 6, 7, 0 / 0 }
      r.decision("part", { from = trees:evidence(), score = y, outcome = i == 3 and "reject" or "pass",
        avoided = i == 3 })
    end
    local y, by = net:call({ 1, 2, 3, 4 / 7 })
    r.decision("speed", { from = by, score = y, outcome = "slower" })
    r.dwell "2 min"
    net:run { 1, 2, 3, 4 }
  end,
}
]]

describe("linewright infer", function()
  local project, db
  before_each(function()
    project = projects.new()
    db = project.dir .. "/a.db"
    project:write("soak.lua", RECIPE)
    project:edit("shed.lua", "revision = 1,", 'revision = 1, customer = "ACME",')
    for _, name in ipairs { "mlp.onnx", "regression.json" } do project:write(name, (sys.read_file(DATA .. name))) end
    local t = rig { recipe = project.dir .. "/soak.lua", line = project.dir .. "/shed.lua", db = db }
    t:start()
    t:run_until("Complete", { within = "10 min" })
    t.line:pump()
  end)
  after_each(function() project:remove() end)

  local function opened(fn)
    local s = assert(store.open(db, "r"))
    local a, b = fn(s)
    s:close()
    return a, b
  end

  it("computes decisions again, equal to the bit", function()
    local result = opened(function(s) return rerun.run(s, s:run_find(), {}) end)
    assert.same({ 4, 0, 0 }, { result.equal, result.different, result.impossible }, table.concat(result.lines, "\n"))
  end)

  it("tells a model that was exchanged, and finds one that was moved", function()
    sys.mkdir(project.dir .. "/old")
    project:write("old/regression.json", (sys.read_file(DATA .. "regression.json")))
    project:write("regression.json", (sys.read_file(DATA .. "logistic.json")))
    local result = opened(function(s) return rerun.run(s, s:run_find(), {}) end)
    assert.same({ 1, 0, 3 }, { result.equal, result.different, result.impossible })
    assert.truthy(result.lines[1]:find("is another model now", 1, true))
    result = opened(function(s) return rerun.run(s, s:run_find(), { models = project.dir .. "/old" }) end)
    assert.equal(4, result.equal)
  end)

  it("exports what was counted, signed", function()
    local key = project.dir .. "/sign.key"
    local text = opened(function(s) return meter.export(s, nil, key) end)
    assert.is_true(meter.check(text))
    local rows = json.decode(text:match '"export": (.-),\n"key"').rows
    assert.equal(2, #rows)
    local by = {}
    for _, row in ipairs(rows) do by[row.model] = row end
    assert.same({ 3, 0, "ACME", "shed" }, { by["regression.json"].calls, by["regression.json"].fallbacks,
      by["regression.json"].customer, by["regression.json"].line })
    assert.same({ pass = 2, reject = 1 }, by["regression.json"].outcomes)
    assert.same({ 2, { slower = 1 } }, { by["mlp.onnx"].calls, by["mlp.onnx"].outcomes })
    local changed = text:gsub('"calls":3', '"calls":9')
    assert.not_equal(text, changed)
    assert.is_false((meter.check(changed)))
    assert.is_false((meter.check "{}"))
    assert.same({ 1, 0 }, { by["regression.json"].avoided, by["mlp.onnx"].avoided })
  end)

  it("proves an export by the records, and charges nothing by a broken chain", function()
    local key = project.dir .. "/sign.key"
    local text = opened(function(s) return meter.export(s, nil, key) end)
    assert.is_true(opened(function(s) return meter.prove(text, s) end) >= 2)
    -- Signed anew with other counts: the signature is sound, the records are not of that mind.
    local body = text:match '"export": (.*),\n"key"':gsub('"calls":3', '"calls":9')
    local forged = ('{\n"export": %s,\n"key": "%s",\n"signature": "%s"\n}\n'):format(body, hash.public(key),
      hash.sign(key, body))
    assert.is_true(meter.check(forged))
    local n, why = opened(function(s) return meter.prove(forged, s) end)
    assert.is_nil(n)
    assert.truthy(why:find("regression.json %x+: calls 9, the records say 3"), why)
    project:write("tamper.py", [[
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("update record set data = replace(data, '\"calls\":', '\"calls\":9') where kind = 'meter'")
db.commit()
]])
    assert.is_truthy(os.execute(("python3 %s/tamper.py %s"):format(project.dir, db)))
    n, why = opened(function(s) return meter.export(s, nil, key) end)
    assert.is_nil(n)
    assert.truthy(why:find("the audit chain is broken", 1, true) and why:find("record %d+"), why)
  end)

  it("knows the months of the calendar", function()
    for at, month in pairs { [0] = "1970-01", [951782399] = "2000-02", [951782400] = "2000-02", [951868800] = "2000-03",
      [1764547199] = "2025-11", [1764547200] = "2025-12", [4107542400] = "2100-03" } do
      assert.equal(month, meter.month_of(at * 1e9))
    end
  end)

  it("refuses what it does not know with code 2, what is not there with 3", function()
    local said = {}
    local kept_out, kept_err = sys.stdout, sys.stderr
    sys.stdout = function(t) said[#said + 1] = t end
    sys.stderr = sys.stdout
    local pipe = project.dir .. "/pipe.onnx"
    os.execute("mkfifo '" .. pipe .. "'") -- nobody writes to it
    local codes = { cli.main { "describe" }, cli.main { "describe", pipe }, cli.main { "meter", "--month", "2026-13" },
      cli.main { "meter", "--month", "2026-00" }, cli.main { "reru" }, cli.main { "describe", "nosuch.onnx" },
      cli.main { "meter", "--month", "x" }, cli.main { "rerun", "--db", project.dir .. "/no.db" },
      cli.main { "describe", DATA .. "mlp.onnx" }, cli.main { "backends" }, cli.main { "rerun", "--db", db } }
    sys.stdout, sys.stderr = kept_out, kept_err
    assert.same({ 2, 1, 2, 2, 2, 3, 2, 3, 0, 0, 0 }, codes)
    local text = table.concat(said)
    assert.truthy(text:find("in       'x' f32 [? x 4]", 1, true))
    assert.truthy(text:find("tiny", 1, true))
    assert.truthy(text:find("pipe.onnx is not a file", 1, true))
    assert.truthy(text:find("4 decisions: 4 equal to the bit", 1, true))
  end)
end)

-- Decisions computed again: what a judge knew and looked at, what a model was given; and one
-- changed byte of record, calibration or model is told by the decision it touches.

local json = require "linewright.json"
local projects = require "tests.support.project"
local rerun = require "linewright.infer_rerun"
local rig = require "linewright.rig"
local store = require "linewright.store"
local sys = require "linewright.sys"

local MODEL = "mlp.onnx"

local RECIPE = [[
local net = infer.load { "mlp.onnx", level = "LEVEL" }
return recipe "bake" {
  api = 1, version = "1.0.0", needs = { oven = cap "zoned_dryer@1" {} },
  judges = {
    crust = function(known)
      local strange = guard.strange { rows = known.rows, share = 0.1 }
      return function(x)
        local score = strange:score(x.row)
        local is_good = x.y and score <= 1 and x.y < known.limit
        return { outcome = is_good and "accept" or "abstain", score = score, limits = { limit = known.limit } }
      end
    end,
  },
  execute = function(r)
    local rows = {}
    for i = 1, 40 do rows[i] = { i % 7 / 3, i % 5 / 7 } end
    local judge = r.judge("crust", { rows = rows, limit = 10 })
    for i = 1, 4 do
      local y, model = net:call({ i / 3, 2, 3, 4 }, { within = i == 4 and "1 us" or "1 s", otherwise = false })
      local said, by = judge { row = { i / 2, 1 / 3 }, y = y }
      if i == 2 then r.dwell "10 s" end
      r.decision("loaf", { from = { model, by }, effect = said.outcome == "accept" and "kept" or "looked at" })
    end
  end,
}
]]

local TAMPER = [[
import sqlite3, sys
was, now, sql = sys.argv[1:4]
db = sqlite3.connect(now)
sqlite3.connect(was).backup(db)
for line in sql.split(";"):
    assert db.execute(line).rowcount == 1, line
db.commit()
]]

describe("decisions computed again", function()
  local project, db
  local function baked(level, is_cut)
    project:write("bake.lua", (RECIPE:gsub("LEVEL", level)))
    project:write(MODEL, (sys.read_file("tests/data/infer/" .. MODEL)))
    local t = rig { recipe = project.dir .. "/bake.lua", line = project.dir .. "/shed.lua", db = db }
    t:start()
    if is_cut then                                      -- by a power loss between the decisions
      t:advance "5 s"
      t:crash()
      t:reboot { after = "1 s" }
      t:command "unhold"
    end
    t:run_until("Complete", { within = "10 min" })
    t.line:pump()
  end

  before_each(function()
    project = projects.new()
    db = project.dir .. "/a.db"
    project:write("tamper.py", TAMPER)
  end)
  after_each(function() project:remove() end)

  local function again(path)
    local s = assert(store.open(path or db, "r"))
    local result = rerun.run(s, s:run_find(), {})
    s:close()
    return result
  end

  -- The database with one record changed, computed again.
  local function tampered(sql)
    local path = os.tmpname()
    assert.is_truthy(os.execute(("python3 %s/tamper.py %s %s \"%s\""):format(project.dir, db, path, sql)))
    local result = again(path)
    os.remove(path)
    return result, table.concat(result.lines, "\n")
  end

  local function counts(result) return { result.equal, result.different, result.impossible } end

  for _, level in ipairs { "portable", "avx2", "avx512" } do
    it("are equal to the bit when made with " .. level .. ", after a restart too", function()
      local made, why = pcall(baked, level, true)
      if not made and tostring(why):find "does not have" then return pending(tostring(why)) end
      assert(made, why)
      local result = again()
      assert.same({ 4, 0, 0 }, counts(result), table.concat(result.lines, "\n"))
      assert.same({ 0, 0, 0 }, { result.without, result.answers, result.fallback })
      assert.is_nil(result.broken)
    end)
  end

  it("keep what the judge knew once, in front of the first decision by it", function()
    baked "portable"
    local s = assert(store.open(db, "r"))
    local seen = {}
    for _, _, _, kind, key, data in s:records(s:run_find()) do
      if key:find "^calibration" then seen[#seen + 1] = "calibration" end
      if kind == "decision" then
        seen[#seen + 1] = json.decode(data).outcome
        assert.equal(json.decode(data).effect == "kept", json.decode(data).outcome == "accept")
      end
    end
    s:close()
    assert.same({ "calibration", "accept", "accept", "accept", "abstain" }, seen)
  end)

  it("name the decision and the word when one byte of it was changed", function()
    baked "portable"
    local function changed(was, now)
      return ("update record set data = replace(data, '%s', '%s') where kind = 'decision' and key like '%%loaf#2'")
        :format(was, now)
    end
    local result, text = tampered(changed("'||char(34)||'accept'||char(34)||'", "'||char(34)||'reject'||char(34)||'"))
    assert.same({ 3, 1, 0 }, counts(result))
    assert.truthy(text:find("differs    execute/loaf#2 (judge crust): it gave {", 1, true), text)
    assert.truthy(result.broken:find "record %d+")

    result, text = tampered(changed("'||char(34)||'row'||char(34)||':[1,", "'||char(34)||'row'||char(34)||':[2,"))
    assert.same({ 3, 1, 0 }, counts(result))
    assert.truthy(text:find("execute/loaf#2 (judge crust): what it looked at is not what its digest says", 1, true))

    result, text = tampered(changed("'||char(34)||'x'||char(34)||':[0.6", "'||char(34)||'x'||char(34)||':[0.7"))
    assert.same({ 3, 1, 0 }, counts(result))
    assert.truthy(text:find("execute/loaf#2 (model mlp.onnx): it gave ", 1, true), text)

    result = tampered(changed("kept", "shed"))          -- what was done cannot be computed, but it is chained
    assert.same({ 4, 0, 0 }, counts(result))
    assert.truthy(result.broken:find "record %d+")
  end)

  it("cannot be made by a calibration that was changed, and say so", function()
    baked "portable"
    local result, text = tampered("update record set data = replace(data, 'limit'||char(34)||':10', "
      .. "'limit'||char(34)||':11') where key like 'calibration%'")
    assert.same({ 0, 0, 4 }, counts(result))
    assert.truthy(text:find("execute/loaf#1 (judge crust): the calibration ", 1, true), text)
  end)

  it("cannot be made by a model with one other byte, and say so", function()
    baked "portable"
    local bytes = sys.read_file(project.dir .. "/" .. MODEL)
    local at = math.floor(#bytes / 2)                   -- in the weights
    project:write(MODEL, bytes:sub(1, at - 1) .. string.char((bytes:byte(at) + 1) % 256) .. bytes:sub(at + 1))
    local result = again()
    assert.same({ 1, 0, 3 }, counts(result))            -- the fourth took its fallback
    assert.truthy(result.lines[1]:find("is another model now", 1, true), result.lines[1])
  end)
end)

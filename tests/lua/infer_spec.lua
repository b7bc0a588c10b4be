-- Models in recipes: loaded and held against what the recipe expects, called on
-- the loop and off it, replayed, recorded.

local new_project = dofile "tests/support/project.lua"
local files = require "linewright.files"
local loader = require "linewright.loader"
local rig = require "linewright.rig"
local sys = require "linewright.sys"

local DATA = "tests/data/infer/"

local function rows(name)
  local out = {}
  for line in sys.read_file(DATA .. name .. ".rows"):gmatch "[^\n]+" do
    local row = {}
    for word in line:gmatch "%S+" do row[#row + 1] = word == "nan" and 0 / 0 or tonumber(word) end
    out[#out + 1] = row
  end
  return out
end

local function recipe(load, execute, more)
  return ([[
local m = infer.load { %s }
return recipe "soak" {
  api = 1, version = "1.0.0", needs = { oven = cap "zoned_dryer@1" {} },
  %s
  execute = function(r, eq, p) %s end,
}
]]):format(load, more or "", execute)
end

describe("a model of a recipe", function()
  local project
  before_each(function()
    project = new_project.new()
    for _, name in ipairs { "mlp.onnx", "regression.json" } do
      project:write("models/" .. name, (sys.read_file(DATA .. name)))
    end
  end)
  after_each(function() project:remove() end)

  local function start(load, execute, more)
    project:write("soak.lua", recipe(load, execute, more))
    local t = rig { recipe = project.dir .. "/soak.lua", line = project.dir .. "/shed.lua" }
    t:start()
    return t
  end

  local function complete(load, execute, more)
    local t = start(load, execute, more)
    t:run_until(function(run) return run.state == "Complete" or run.state == "Held" end, { within = "10 min" })
    assert.equal("Complete", t:state(), t.run.reason)
    return t
  end

  local function refused(load)
    project:write("soak.lua", recipe(load, ""))
    local ok, e = pcall(loader.bundle, { recipe = project.dir .. "/soak.lua", line = project.dir .. "/shed.lua",
      sim = true })
    assert.is_false(ok)
    return tostring(e)
  end

  local function decisions(t)
    local out = {}
    t.line:pump()
    for _, _, _, kind, key, data in t.line.store:records(t.line.run_id) do
      if kind == "decision" or kind == "meter" then
        out[#out + 1] = { kind = kind, key = key, data = require "linewright.json".decode(data) }
      end
    end
    return out
  end

  it("computes what the file says", function()
    for _, row in ipairs(rows "mlp") do
      local call = ("m:run { %.17g, %.17g, %.17g, %.17g }"):format(row[1], row[2], row[3], row[4])
      local t = complete('"models/mlp.onnx", input = {4}, output = {1}', "r.record('y', " .. call .. ")")
      assert.is_near(row[5], t.run.records.y[1], 3e-6 * (1 + math.abs(row[5])))
    end
  end)

  it("takes a row with missing numbers only where trees do", function()
    local t = complete('"models/regression.json"', [[
      r.record("tree", m:run { 0, nil, 0, 0, 0, 0, 0, 0 / 0 } and 1 or 0)]])
    assert.equal(1, t.run.records.tree[1])
    t = complete('"models/mlp.onnx"', [[
      local y, why = m:run { 1, 0 / 0, 0, 0 }
      r.record("y", y or -1)
      r.mark(why)]])
    assert.equal(-1, t.run.records.y[1])
    assert.equal(1, t:count("mark", "input number 2 is missing or not finite"))
  end)

  it("names a row of another size", function()
    local t = complete('"models/mlp.onnx"', "local y, why = m:run { 1, 2, 3 } r.mark(why)")
    assert.equal(1, t:count("mark", "the model takes 4 numbers a row, given are 3"))
  end)

  it("answers after a modelled time, from the journal after a power cut", function()
    local t = start('"models/mlp.onnx", latency = "30 s"', [[
      local y, by = m:call({ 1, 2, 3, 4 }, { within = "1 min" })
      r.record("y", y)
      r.record("x", by.x[2])
      r.dwell "1 h"
    ]])
    t:advance "20 s"
    assert.is_nil(t.run.records.y)
    t:advance "20 s"
    local y = t.run.records.y[1]
    t:crash()
    t:reboot()
    assert.is_true(t:command "unhold")
    t:run_until("Complete", { within = "3 h" })
    assert.same({ y }, t.run.records.y)
    assert.same({ 2 }, t.run.records.x)
    assert.equal(1, t:count("begin", "model mlp.onnx"))
  end)

  it("falls back when it is late, and says so", function()
    local t = complete('"models/mlp.onnx", latency = "2 s"', [[
      local y, by = m:call({ 1, 2, 3, 4 }, { within = "50 ms", otherwise = "manual" })
      r.mark(y .. ": " .. by.fallback)
    ]])
    assert.equal(1, t:count("mark", "manual: the deadline passed"))
  end)

  it("may be made slow by a spec", function()
    local t = start('"models/mlp.onnx"', [[
      for i = 1, 3 do
        local _, by = m:call({ 1, 2, 3, 4 }, { within = "1 s", otherwise = 0 })
        r.mark(by.fallback or "in time")
        r.dwell "1 min"
      end
    ]])
    t:advance "30 s"
    t:slow("mlp.onnx", "2 s")
    t:advance "1 min"
    t:slow("mlp.onnx", nil)
    t:run_until("Complete", { within = "10 min" })
    assert.same({ 2, 1 }, { t:count("mark", "in time"), t:count("mark", "the deadline passed") })
    assert.has_error(function() t:slow("mlq", 1) end, "slow: no model 'mlq' in this recipe")
  end)

  it("holds when it is late and nothing else is declared", function()
    local t = start('"models/mlp.onnx", latency = "2 s"', "m:call({ 1, 2, 3, 4 }, { within = '1 s' })")
    t:run_until("Held", { within = "1 min" })
    assert.truthy(t.run.reason:find("E-INFER model 'mlp.onnx' gave no answer within 1 s: the deadline passed", 1, true))
  end)

  it("may not wait in a loop", function()
    local t = start('"models/mlp.onnx"', [[
      r.loop("look", { every = "1 s", run = function() m:call({ 1, 2, 3, 4 }) end })
      r.dwell "1 min"
    ]])
    t:run_until("Held", { within = "1 min" })
    assert.truthy(t.run.reason:find("E-WAIT", 1, true), t.run.reason)
  end)

  it("is part of the bundle's hash", function()
    project:write("soak.lua", recipe('"models/mlp.onnx"', ""))
    local options = { recipe = project.dir .. "/soak.lua", line = project.dir .. "/shed.lua", sim = true }
    local before = loader.bundle(options).hash
    assert.equal(before, loader.bundle(options).hash)
    local text = sys.read_file(DATA .. "mlp.onnx")
    project:write("models/mlp.onnx", (text:gsub("linewright", "linewrighT"):gsub("mlp", "mlq")))
    assert.not_equal(before, loader.bundle(options).hash)
  end)

  it("is refused when it is not what the recipe expects", function()
    assert.truthy(refused('"models/mlp.onnx", input = {5}'):find(
      "model 'mlp.onnx': the recipe expects input [5], the file has 'x' f32 [? x 4]", 1, true))
    assert.truthy(refused('"models/mlp.onnx", inputs = { z = {4} }'):find("has no input 'z'", 1, true))
    assert.truthy(refused('"models/mlp.onnx", output = {"i64", 1}'):find("the file has 'y' f32 [? x 1]", 1, true))
    assert.truthy(refused('"models/mlq.onnx"'):find("model 'models/mlq.onnx' is not there. Did you mean 'mlp.onnx'?", 1,
      true))
    project:write("models/cut.onnx", (sys.read_file(DATA .. "mlp.onnx")):sub(1, 200))
    assert.truthy(refused('"models/cut.onnx"'):find("tiny: the ONNX file is damaged or cut off", 1, true))
    assert.truthy(refused('"models/mlp.onnx", latncy = 3'):find("unknown option 'latncy'. Did you mean 'latency'?", 1, true))
    assert.truthy(refused('"models/mlp.onnx", threads = 0'):find("threads must be a whole number from 1 to 64, not 0", 1,
      true))
    assert.truthy(refused('"models/mlp.onnx", level = "avx1024"'):find("level 'avx1024' is not to be had here", 1, true))
    assert.truthy(refused('"models/mlp.onnx", "two"'):find("unknown option '2'", 1, true))
    assert.truthy(refused('"a.onnx", role = "oven"'):find("give one of: a file, role =", 1, true))
    assert.truthy(refused('role = "eye"'):find("model of role 'eye': the recipe's needs have no such role", 1, true))
  end)

  it("must be the one that a pinned bundle was made with", function()
    project:write("soak.lua", recipe('"models/mlp.onnx"', ""))
    local options = { recipe = project.dir .. "/soak.lua", line = project.dir .. "/shed.lua", sim = true }
    local texts = {}
    for _, file in ipairs(loader.bundle(options).files) do texts[file.path] = file.text end
    options.sources = { other = files.pinned(texts) }
    assert.is_false((select(2, loader.check(options))):failed())
    project:write("models/mlp.onnx", (sys.read_file(DATA .. "mlp64.onnx")))
    local _, findings = loader.check(options)
    assert.truthy(findings:text():find("is not the one that this bundle was made with", 1, true))
  end)

  it("on a server that is away refuses a new run, not one that comes back", function()
    local remote = '"http://127.0.0.1:1/v2/models/eye", input = {4}, otherwise = 7'
    assert.truthy(refused(remote):find("model http://127.0.0.1:1/v2/models/eye: oip: ", 1, true))
    project:write("soak.lua", recipe(remote, ""))
    local texts = files.disk
    local bundle, findings = loader.check { recipe = project.dir .. "/soak.lua", line = project.dir .. "/shed.lua",
      sim = true, sources = { other = texts } }
    assert.is_false(findings:failed(), findings:text())
    assert.is_nil(bundle.models[1].model)
    assert.equal(64, #bundle.hash)
  end)

  it("is refused when the line's list of digests lacks it", function()
    project:edit("shed.lua", "revision = 1,", 'revision = 1, models_allowed = "allowed.txt",')
    project:write("allowed.txt", "# none yet\n")
    assert.truthy(refused('"models/mlp.onnx"'):find("is not on the allow-list", 1, true))
    local digest = require "linewright.hash".sha256((sys.read_file(DATA .. "mlp.onnx")))
    project:write("allowed.txt", digest .. "  mlp.onnx\n")
    complete('"models/mlp.onnx"', "m:run { 1, 2, 3, 4 }")
  end)

  it("leaves decisions that can be computed again, and counts", function()
    project:edit("shed.lua", "revision = 1,", 'revision = 1, customer = "ACME",')
    local t = complete('"models/regression.json"', [[
      for i = 1, 5 do
        local y = m:run { i, 2, 3, 4, 5, 6, 7, 8 }
        local o = r.decision("part " .. i, { from = m:evidence(), score = y, outcome = y > 1 and "reject" or "pass",
          limits = { reject = 1 }, effect = "none" })
        if i == 5 then r.mark(o) end
      end
    ]])
    local list = decisions(t)
    assert.equal(6, #list)
    local by = list[1].data.from[1]
    assert.equal(64, #by.digest)
    assert.same({ "tiny", "cpu", "any" }, { by.backend, by.provider, by.level })
    assert.same({ 1, 2, 3, 4, 5, 6, 7, 8 }, by.x)
    assert.equal(list[1].data.score, by.y)
    assert.same({ 5, 0, "ACME" }, { list[6].data.calls, list[6].data.fallbacks, list[6].data.customer })
    local o = list[6].data.outcomes
    assert.equal(5, (o.reject or 0) + (o.pass or 0))
  end)

  it("tells in the record why a fallback was taken", function()
    local t = complete('"models/mlp.onnx", latency = "2 s"', [[
      local y, by = m:call({ 1, 2, 3, 4 }, { within = "50 ms", otherwise = -1 })
      r.decision("d", { from = by, score = y, outcome = "manual" })
    ]])
    local text = require "linewright.decisions".text(decisions(t)[1].data)
    assert.truthy(text:find("mlp.onnx", 1, true) and text:find("gave no answer: the deadline passed", 1, true))
  end)

  it("tells which provider ran it, and which were passed over", function()
    local infer = require "linewright.infer"
    if not infer.open(DATA .. "mlp.onnx", "onnxruntime") then
      return pending "ONNX Runtime is not here: make onnxruntime"
    end
    local t = complete('"models/mlp.onnx", backend = "onnxruntime", providers = { "NoSuchThing", "cpu" }', [[
      local y, by = m:call { 1, 2, 3, 4 }
      r.decision("d", { from = by, score = y, outcome = "pass" })
    ]])
    local by = decisions(t)[1].data.from[1]
    assert.equal("cpu", by.provider)
    assert.truthy(by.passed_over:find("NoSuchThing", 1, true))
  end)

  it("gives two runs of one seed the same records", function()
    local function fold()
      local t = complete('"models/mlp.onnx"', [[
        local y, by = m:call({ math.random(), 2, 3, 4 })
        r.decision("d", { from = by, score = y, outcome = "pass" })
      ]])
      local out = {}
      t.line:pump()
      for _, t_ns, _, kind, key, data in t.line.store:records(t.line.run_id) do
        if kind ~= "run" then out[#out + 1] = ("%d %s %s %s"):format(t_ns, kind, key, data) end
      end
      return table.concat(out, "\n")
    end
    local first = fold()
    assert.truthy(first:find '"decision"' or first:find " decision ")
    assert.equal(first, fold())
  end)

  it("may run on a backend that the line brings along", function()
    local so = sys.dirname(assert(sys.realpath "/proc/self/exe")) .. "/backend_double.so"
    project:write("two.model", "double 2\n")
    project:edit("shed.lua", "revision = 1,", ('revision = 1, model_backends = { "%s" },'):format(so))
    local t = complete('"two.model", input = {2}', "r.record('y', m:run({ 3, 4 }):get(2))")
    assert.equal(8, t.run.records.y[1])
    project:edit("shed.lua", so, "nosuch.so")
    assert.truthy(refused('"two.model"'):find("line.model_backends[1]: 'nosuch.so' is not there", 1, true))
  end)

  it("may be the one that the line names for a role", function()
    project:write("capabilities/eye.lua", [[return capability "eye@1" {
      model = true, frame = readable "1", methods = {} }]])
    project:edit("shed.lua", "  units = {", [[  units = {
    lens = equip "eye@1" { frame = tag { io, "cam.f", unit = "1" }, model = "models/mlp.onnx" },]])
    local function needing(load)
      return (recipe(load, "r.record('y', m:run { 1, 2, 3, 4 })"):gsub("needs = {", 'needs = { eye = cap "eye@1" {},'))
    end
    project:write("soak.lua", needing 'role = "eye", input = {4}')
    local t = rig { recipe = project.dir .. "/soak.lua", line = project.dir .. "/shed.lua", root = project.dir }
    t:start()
    t:run_until("Complete", { within = "1 min" })
    assert.equal(1, #t.run.records.y)
    assert.same({}, t.bundle.stubs)
    project:edit("shed.lua", "models/mlp.onnx", "stub")
    local text = project:check()
    assert.truthy(text:find("unit 'lens' names no model, and the recipe needs one for role 'eye'", 1, true))
  end)
end)

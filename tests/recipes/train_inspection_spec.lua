-- From judged pictures to a model that may run: the same file each time, and only by two keys.

local hash = require "linewright.hash"
local json = require "linewright.json"
local projects = require "tests.support.project"
local rerun = require "linewright.infer_rerun"
local rig = require "linewright.rig"
local sys = require "linewright.sys"

local RECIPE, LINE = "recipes/train_inspection.lua", "examples/lines/training_cell.lua"
local SMALL = { teach = 60, lights = 0, shadow = 24, agreed = 0.5 }

describe("train-inspection", function()
  local project
  before_each(function() project = projects.new() end)
  after_each(function() project:remove() end)

  -- A run until it asks for its first key, or to its end.
  local function trained(edit, params)
    local text = assert(sys.read_file(LINE)):gsub('shelf = "models"', ("shelf = %q"):format(project.dir))
    project:write("line.lua", edit and edit(text) or text)
    local t = rig { recipe = RECIPE, line = project.dir .. "/line.lua", params = params or SMALL }
    t:start()
    t:run_until(function(run) return #run.prompts == 1 or run.state == "Complete" or run.state == "Held" end,
      { within = "2 min" })
    return t
  end

  local function decisions(t)
    local out = {}
    for _, _, _, kind, key, data in t.line.store:records(t.line.run_id) do
      if kind == "decision" then out[#out + 1] = { name = key:match "([^/]+)#%d+$", d = json.decode(data) } end
    end
    return out
  end

  -- The run's decisions computed again.
  local function again(t) return rerun.run(t.line.store, t.line.run_id, {}) end

  local function answer(t, who, what)
    assert.is_true(t.line:command("answer", who, what))
    t:advance "1 s"
  end

  local function allowed() return sys.read_file(project.dir .. "/allowed.sha256") end

  it("keeps a model with its card, judges live parts in shadow, promotes by two keys", function()
    local t = trained()
    local list = decisions(t)
    local kept = list[1].d
    assert.equal("kept", kept.outcome)
    local path = project.dir .. "/" .. kept.inputs.file
    assert.equal(kept.inputs.digest, hash.sha256(assert(sys.read_file(path))))
    local card = assert(sys.read_file(path .. ".card.md"))
    for _, words in ipairs { "60 rows of 60 parts", "data SHA-256 ", "AUROC on other parts", "calibrated by Platt",
      "file SHA-256 " .. kept.inputs.digest } do
      assert.truthy(card:find(words, 1, true), words)
    end
    assert.equal("calibrated", list[2].d.outcome)
    local said = { n = 0, wrong = 0 }
    for i = 3, 26 do
      local d = list[i].d
      assert.equal("none", d.effect)
      if d.outcome ~= "abstain" then
        said.n, said.wrong = said.n + 1, said.wrong + (d.outcome ~= d.inputs.operator and 1 or 0)
      end
    end
    assert.equal("agreement", list[27].name)
    assert.equal("ask", list[27].d.outcome)
    assert.equal(27, #list)
    assert.is_true(said.n >= 12 and said.wrong <= 2)
    assert.equal(0, t:count("out", "gate"))            -- the shadow moves nothing

    assert.is_nil(allowed())
    answer(t, "ana", "approve")
    answer(t, "ana", "approve")                        -- the same person is one key
    assert.is_nil(allowed())
    answer(t, "ben", "approve")
    t:run_until("Complete", { within = "1 min" })
    assert.equal(("%s  %s\n"):format(kept.inputs.digest, kept.inputs.file), allowed())
    list = decisions(t)
    assert.same({ "ana", "ben" }, list[#list].d.approved)

    local result = again(t)                            -- limits, shadow, agreement; file and card; both keys
    assert.same({ 28, 0, 0, 0 }, { result.equal, result.different, result.impossible, result.without },
      table.concat(result.lines, "\n"))
    assert(sys.write_file(path .. ".card.md", "better"))
    result = again(t)
    assert.same({ 27, 1, 0 }, { result.equal, result.different, result.impossible })
    assert.truthy(result.lines[1]:find("(file " .. path .. ".card.md): " .. path .. ".card.md is another file now", 1,
      true), result.lines[1])

    local other = decisions(trained())[1].d
    assert.same(kept.inputs, other.inputs)             -- bit for bit, card too
  end)

  it("promotes nothing when one refuses", function()
    local t = trained()
    answer(t, "ana", "approve")
    answer(t, "ben", "reject")
    t:run_until("Complete", { within = "1 min" })
    assert.is_nil(allowed())
    local list = decisions(t)
    assert.equal("refused", list[#list].d.outcome)
    assert.equal(28, again(t).equal)
  end)

  it("does not even ask for a model that the operator does not agree with", function()
    local t = trained(function(text)                   -- faint spots that nobody could see
      return (text:gsub("6, 70 }", "1, 1 }"))
    end)
    assert.equal("Complete", t.run.state)
    assert.is_nil(allowed())
    assert.equal(1, t:count("alarm"))
  end)

  it("keeps nothing on a line without a shelf", function()
    local t = trained(function(text) return (text:gsub("shelf = [^\n]*\n", "\n")) end)
    assert.truthy(t.run.reason:find("this line keeps no models", 1, true))
  end)
end)

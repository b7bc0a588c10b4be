-- The coating line's camera on a trained model: line B names one, pilot A is a stub.

local picture = require "picture"
local rerun = require "linewright.infer_rerun"
local rig = require "linewright.rig"

local RECIPE, LINE = "recipes/electrode_coating.lua", "examples/lines/line_b.lua"

-- Line B whose web has a defect in this share of its pictures.
local function line_with(defects)
  local line = rig.load(LINE)
  line.twin.defects = defects
  return line
end

local function coating(line)
  local t = rig { recipe = RECIPE, line = line }
  t:start()
  t:run_until(function(run) return run.loops[2] ~= nil end)
  return t
end

describe("vision of the coating line", function()
  it("is a trained model on line B, pinned in the bundle, and no stub any more", function()
    local t = rig { recipe = RECIPE, line = LINE }
    assert.same({}, t.bundle.stubs)
    local info = t.bundle.models[1].info
    assert.equal("tiny", info.backend)
    local pinned
    for _, file in ipairs(t.bundle.files) do
      pinned = pinned or file.role == "model" and file.text:find(info.digest, 1, true)
    end
    assert.is_truthy(pinned)
    assert.same({ "vision" }, rig({ recipe = RECIPE, line = "lines/pilot_a.lua" }).bundle.stubs)
  end)

  it("takes a clean web for clean", function()
    local t = coating(line_with(0))
    t:advance "4 min"
    local look = t.run.loops[2].st
    assert.same({ 0, 2 }, { look.defects, look.unsure })  -- two looks are too few for three votes
    assert.is_true(t.bundle.models[1].methods.run ~= nil and #t.run.prompts == 0)
  end)

  it("sees streaks and pinholes, and purges the lip for them", function()
    local t = coating(line_with(1))
    t:run_until(function() return t:count("end", "lip purge") > 0 end, { within = "5 min" })
    assert.is_true(t:count("mark") >= 3)
    t.line:pump()
    local again = rerun.run(t.line.store, t.line.run_id, {})
    -- One a second, for days: the run itself must not keep them.
    for key in pairs(t.run.rt.journal.memo) do assert.is_nil(key:find("web#", 1, true)) end
    assert.same({ t:count "decision", 0, 0, 0 }, { again.equal, again.different, again.impossible, again.answers })
  end)

  it("tells pictures apart that training has not seen", function()
    local t = rig { recipe = RECIPE, line = LINE }
    local model, classes, right = t.bundle.models[1].handle, t.bundle.eq.vision.props.classes, 0
    for i = 1, 200 do
      local truth = i % #classes + 1
      local y = model:run(picture.web_figures(picture.web(i, classes[truth])))
      local best = 1
      for k = 2, #classes do if y:get(k) > y:get(best) then best = k end end
      right = right + (best == truth and 1 or 0)
    end
    assert.is_true(right >= 190)                          -- 99 of 100 on other parts, says its card
  end)

  it("judges what a camera of the line gives, whatever the twin says", function()
    local folder = os.tmpname()
    os.remove(folder)
    assert(os.execute("mkdir " .. folder))
    local f = assert(io.open(folder .. "/web.pgm", "wb"))
    local x, bytes = picture.web(5, "streak"):get(), {}
    for i = 1, #x do bytes[i] = string.char(math.floor(x:get(i))) end
    f:write("P5 64 48 255\n", table.concat(bytes))
    f:close()
    local line = rig.load(LINE)
    local shot = rig.load("examples/lines/inspection_recorded.lua").units.cell.shot
    shot[1].options.folder, shot[1].options.loop = folder, 0
    line.units.vision.shot = shot
    local t = coating(line)                               -- of a twin whose web is clean
    t:run_until(function() return t:count("end", "lip purge") > 0 end, { within = "5 min" })
    os.execute("rm -r " .. folder)
  end)

  it("is a stub where the file is not there, and check says so", function()
    local line = rig.load(LINE)
    line.units.vision.model = "models/defect_v9.onnx"
    local t = rig { recipe = RECIPE, line = line }
    assert.same({ "vision" }, t.bundle.stubs)
  end)

  it("refuses a model of other shapes", function()
    local line = rig.load(LINE)
    line.units.vision.props.classes = { "ok", "streak", "pinhole" }
    local ok, why = pcall(rig, { recipe = RECIPE, line = line })
    assert.is_false(ok)
    assert.truthy(why:find("the recipe expects output [3], the file has 'y' f32 [? x 4]", 1, true))
  end)
end)

-- Inputs too large for a record, such as a picture's pixels: kept once beside the database when
-- a decision rests on them, so that it can be computed again; what is missing or changed is named.

local dsp = require "linewright.dsp"
local json = require "linewright.json"
local onnx_write = require "linewright.onnx_write"
local projects = require "tests.support.project"
local rerun = require "linewright.infer_rerun"
local rig = require "linewright.rig"
local store = require "linewright.store"
local sys = require "linewright.sys"

local WIDTH, HEIGHT = 24, 16

-- Looks at four pictures, decides on three; the third is the first one again.
local RECIPE = [[
local net = infer.load { "spots.onnx", level = "portable" }

local function shot(spot)
  local bytes = {}
  for i = 1, 96 * 64 do bytes[i] = string.char(100 + i * 7 % 31 + (i > spot and i < spot + 40 and 90 or 0)) end
  return picture.resize(picture.raw(table.concat(bytes), 64, 96, 1, 8), 24, 16):get()
end

return recipe "look" {
  api = 1, version = "1.0.0", needs = { oven = cap "zoned_dryer@1" {} },
  execute = function(r)
    for i, spot in ipairs { 100, 3000, 100, 5000 } do
      local score, by
      if i == 2 then
        score = net:run(shot(spot))
        by = net:evidence()
      else
        score, by = r.step("look", function()
          local y, seen = net:call(shot(spot), { within = "1 s", otherwise = false })
          return y, seen
        end)
      end
      if i < 4 then r.decision("spot", { from = by, outcome = score > 0.5 and "reject" or "accept" }) end
    end
  end,
}
]]

local function model()
  local weights = dsp.samples(WIDTH * HEIGHT + 1)
  for i = 1, #weights do weights:set(i, (i * 37 % 101 - 50) / 1000) end
  return onnx_write.linear(weights, true)
end

describe("inputs of decisions that are too large for a record", function()
  local project, db, folder
  before_each(function()
    project = projects.new()
    db = project.dir .. "/a.db"
    folder = db .. ".inputs"
    project:write("look.lua", RECIPE)
    project:write("spots.onnx", model())
  end)
  after_each(function() project:remove() end)

  local function looked()
    local t = rig { recipe = project.dir .. "/look.lua", line = project.dir .. "/shed.lua", db = db }
    t:start()
    t:run_until("Complete", { within = "1 min" })
    t.line:pump()
    return t
  end

  local function again()
    local s = assert(store.open(db, "r"))
    local result = rerun.run(s, s:run_find(), { db = db })
    s:close()
    return { result.equal, result.different, result.impossible }, table.concat(result.lines, "\n")
  end

  local function evidence()
    local s, out = assert(store.open(db, "r")), {}
    for _, _, _, kind, _, data in s:records(s:run_find()) do
      if kind == "decision" then out[#out + 1] = json.decode(data).from[1] end
    end
    s:close()
    return out
  end

  local function path(by) return ("%s/%s.zst"):format(folder, by.tensors[1].digest) end

  it("are kept once each, only if a decision names them, and it comes out equal to the bit", function()
    looked()
    local from = evidence()
    assert.is_nil(from[1].x)
    assert.same({ "f32", 1, WIDTH * HEIGHT }, from[1].tensors[1].shape)
    assert.equal(from[1].input, from[3].tensors[1].digest)
    assert.equal(2, #sys.list(folder))
    local counts, text = again()
    assert.same({ 3, 0, 0 }, counts, text)
  end)

  it("are told by decision and file when a file is missing", function()
    looked()
    local from = evidence()
    assert(sys.remove(path(from[2])))
    local counts, text = again()
    assert.same({ 2, 0, 1 }, counts)
    assert.equal(("impossible execute/spot#2 (model spots.onnx): cannot read %s: No such file or directory "
      .. "(the folder belongs to the database; limits.inputs of the profile says how much stays)"):format(path(from[2])), text)
  end)

  it("are told by decision and file when a file is another one or cut off", function()
    looked()
    local from = evidence()
    local bytes = assert(sys.read_file(path(from[1])))
    assert(sys.write_file(path(from[2]), bytes))
    local counts, text = again()
    assert.same({ 2, 0, 1 }, counts)
    assert.truthy(text:find(("execute/spot#2 (model spots.onnx): %s was changed: its digest should be its name, "
      .. "and is %.12s"):format(path(from[2]), from[1].input), 1, true), text)

    assert(sys.write_file(path(from[2]), bytes:sub(1, math.floor(#bytes / 2))))
    counts, text = again()
    assert.same({ 2, 0, 1 }, counts)
    assert.truthy(text:find(path(from[2]) .. " is damaged", 1, true), text)
  end)

  it("leave the line running when the disk does not take them: record, one alarm, rerun say why", function()
    assert(sys.write_file(folder, "in the way"))
    local t = looked()
    assert.equal(1, t:count("alarm"))
    for _, by in ipairs(evidence()) do assert.truthy(by.not_kept:find("cannot", 1, true)) end
    local counts, text = again()
    assert.same({ 0, 0, 3 }, counts)
    assert.truthy(text:find("execute/spot#1 (model spots.onnx): its inputs were not kept: cannot list " .. folder, 1, true), text)
  end)

  it("are the same records in two runs of one seed, with or without the files of the first", function()
    local t = looked()
    local first = evidence()
    t.line:close()
    t.line.store:close()
    looked()
    assert.same(first, evidence())
    assert.equal(2, #sys.list(folder))
  end)
end)

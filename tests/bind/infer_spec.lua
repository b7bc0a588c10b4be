-- The faces of models and tensors: misuse, use after close, and the collector
-- taking things in any order.

local dsp = require "linewright.dsp"
local infer = require "linewright.infer"
local infer_words = require "linewright.infer_words"

local MLP = "tests/data/infer/mlp.onnx"

local function open() return assert(infer.open(MLP, "tiny")) end

describe("a tensor", function()
  it("keeps numbers of its type, and names the first that does not fit", function()
    local t = infer.tensor("u8", 2, 2)
    assert.equal(4, #t)
    assert.same({ "u8", 2, 2 }, { t:shape() })
    t:set(dsp.of(0, 1, 254, 255))
    assert.equal(254, t:get():get(3))
    for place, bad in ipairs { dsp.of(-1, 0, 0, 0), dsp.of(0, 256, 0, 0), dsp.of(0, 0, 0 / 0, 0) } do
      local ok, e = pcall(t.set, t, bad)
      assert.is_false(ok)
      assert.truthy(tostring(e):find(("number %d does not fit into u8"):format(place), 1, true), e)
    end
    assert.has_error(function() t:set(dsp.of(1, 2, 3)) end)
  end)

  it("knows its digest, and whether all is finite", function()
    local a, b = infer.tensor("f32", 3), infer.tensor("f32", 3)
    assert.equal(a:digest(), b:digest())
    b:set(dsp.of(0, 1, 0))
    assert.not_equal(a:digest(), b:digest())
    assert.is_true(b:is_finite())
    b:set(dsp.of(0, nil, 1e39))
    assert.is_false(b:is_finite())
  end)

  for what, args in pairs {
    ["an unknown type"] = { "f33", 1 }, ["a negative size"] = { "f32", -1 }, ["half a size"] = { "f32", 1.5 },
    ["nine dimensions"] = { "f32", 1, 1, 1, 1, 1, 1, 1, 1, 1 }, ["more than memory"] = { "f64", 1e6, 1e6 },
    ["not a number"] = { "f32", 0 / 0 }, ["texts"] = { "text", 1 },
  } do
    it("is not made of " .. what, function()
      assert.has_error(function() infer.tensor((table.unpack or unpack)(args)) end)
    end)
  end
end)

describe("a model's face", function()
  it("refuses what is no model", function()
    local m, why, code = infer.open "README.md"
    assert.is_nil(m)
    assert.same({ "model README.md: no backend knows this content", "E-UNSUPPORTED" }, { why, code })
    m, why, code = infer.open(MLP, "nosuch")
    assert.is_nil(m)
    assert.same({ "model " .. MLP .. ": no backend 'nosuch'", "E-NOTFOUND" }, { why, code })
    assert.has_error(function() infer.open() end)
    assert.has_error(function() open().describe(io.stdout, "in", 1) end)
  end)

  it("may be closed twice, and says so when it is used then", function()
    local m = open()
    m:close()
    m:close()
    for _, method in ipairs { "used", "caller", "runner" } do
      assert.has_error(function() m[method](m, infer_words.flatten) end, "model: already closed")
    end
  end)

  it("gives callers and runners that outlive it", function()
    local m = open()
    local run, last = m:caller(infer_words.flatten)
    local r = assert(m:runner(2, 8, 4))
    m:close()
    collectgarbage()
    local y = run(nil, { 1, 2, 3, 4 })
    local x = infer.tensor("f32", 1, 4):set(dsp.of(1, 2, 3, 4))
    local job = assert(r:add(5e9, x))
    assert.is_true(job:wait())
    assert.equal(y, job:result(1):get(1))
    assert.is_nil(job:result(2))
    local _, _, digest, calls, failed = last()
    assert.same({ x:digest(), 1, 0 }, { digest, calls, failed })
    r:close()
    assert.equal(y, job:result(1):get(1)) -- a job outlives its runner
    assert.has_error(function() r:add(1, x) end, "model: already closed")
    job:drop()
    job:drop()
    assert.has_error(function() job:poll() end, "job: already dropped")
  end)

  it("takes rows of any number and no other shape", function()
    local run = open():caller(infer_words.flatten)
    local many = run(nil, dsp.samples(4 * 300, 0.5))
    assert.equal(300, #many)
    assert.equal(run(nil, { 0.5, 0.5, 0.5, 0.5 }), many:get(300))
    assert.is_nil((run(nil, dsp.samples(0))))
    assert.is_nil((run(nil, { 1, 2, 3 })))
    assert.has_error(function() run(nil, "text") end)
    assert.has_error(function() run(nil, io.stdout) end)
    assert.has_error(function() run(nil) end)
    -- What would keep the loop for long is refused, not begun.
    local heavy = assert(infer.open("tests/data/infer/mlp64.onnx", "tiny")):caller(infer_words.flatten)
    assert.has_error(function() heavy(nil, dsp.samples(32 * 20000)) end)
  end)

  it("refuses jobs of a wrong shape, type or count", function()
    local r = assert(open():runner())
    for _, bad in ipairs { infer.tensor("f32", 1, 5), infer.tensor("f64", 1, 4), infer.tensor("f32", 4) } do
      local job, why = r:add(1e9, bad)
      assert.is_nil(job)
      assert.truthy(why:find("'x' is f32 [? x 4], given is", 1, true), why)
    end
    local t = infer.tensor("f32", 1, 4)
    assert.is_nil((r:add(1e9, t, t)))
    assert.has_error(function() r:add(1e9) end)
    assert.has_error(function() r:add(0 / 0, t) end)
    assert.is_nil((open():runner(0)))
    assert.is_nil((open():runner(1, 1, 1e6)))
    assert.has_error(function() open():runner(-1) end)
    assert.has_error(function() open():runner(1, 0 / 0) end)
    assert.has_error(function() infer.open(MLP, "tiny", nil, nil, -1) end)
  end)

  it("leaves nothing behind", function()
    for i = 1, 300 do
      local m = open()
      local run = m:caller(infer_words.flatten)
      run(nil, { 1, 2, 3, 4 })
      if i % 20 == 0 then
        local r = m:runner()
        r:add(1e9, infer.tensor("f32", 1, 4))
      end
      if i % 50 == 0 then collectgarbage() end
    end
    collectgarbage()
    collectgarbage()
  end)
end)

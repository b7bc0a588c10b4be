-- The words `dsp`, `align` and `filter` inside a recipe's sandbox.

local sandbox = require "linewright.sandbox"
local stdlib = require "linewright.stdlib"

local function run(text)
  local env = sandbox.new(stdlib.words "recipe")
  return assert(sandbox.load(text, "@recipe", env))()
end

describe("sample arrays in a recipe", function()
  it("are made, filtered and read", function()
    local mean, kind, stored = run [[
      local s = dsp.ramp(100, 0, 1):rate(10)
      local f = filter.lowpass { cutoff = "1 Hz", every = "100 ms" }
      local y = f:run(s)
      local g = filter.lowpass { cutoff = "1 Hz", every = "100 ms" }
      for i = 1, #s do g:step(s:get(i)) end
      assert(g:step(50) == f:step(50))
      return y:mean(), f:kind(), (s:to "i16":layout())
    ]]
    assert.is_number(mean)
    assert.same({ "lowpass", "i16" }, { kind, stored })
  end)

  it("cannot be used to change the words, nor lead to memory", function()
    for _, text in ipairs {
      "dsp.samples = nil", "filter.ewma = nil", "dsp.samples(1).get = nil",
      "getmetatable(dsp).x = 1", "dsp.samples(1).__index.get = nil", "return dsp.samples(1).__index.x",
      "dsp.samples(2 ^ 40)", "dsp.samples(10):get(11)", "dsp.samples(10):set(0, 1)",
    } do
      assert.is_false((pcall(run, text)), text)
    end
    assert.is_nil(run "return rawget(dsp, 'sample_view') or dsp.sample_view or dsp.view")
  end)

  it("hand out no cdata and no light userdata", function()
    local kinds = run [[
      local out = {}
      local s = dsp.of(1, 2, 3, 4):rate(4)
      local made = { s, s + 1, s:slice(2), s:csv(), s:pack(), s:mask(), dsp.spectrum(s), filter.ewma { tau = "1 s" },
        filter.median {window = 3}, dsp.bank(2, "notch", 100, 5), dsp.monitor(2, 5), dsp.complementary(1, 1) }
      for i = 1, #made do out[i] = type(made[i]) end
      return table.concat(out, " ")
    ]]
    for kind in kinds:gmatch "%S+" do
      assert.truthy(kind == "userdata" or kind == "string" or kind == "table" or kind == "number", kind)
    end
  end)
end)

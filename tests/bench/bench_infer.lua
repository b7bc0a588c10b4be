-- One call of a small network from a recipe's handle, JIT off: the built-in
-- backend against ONNX Runtime with bound tensors, by the same face.

local dsp = require "linewright.dsp"
local infer = require "linewright.infer"
local infer_words = require "linewright.infer_words"
local sys = require "linewright.sys"
local vm = require "linewright.vm"

local PATH = "tests/data/infer/mlp64.onnx"
-- Short rounds, many of them: one between two turns of other programs counts.
local ROUNDS = 300

vm.jit(false)

-- Least and middle time of a call, in ns; inputs differ from call to call.
local function timed(handle, n)
  local inputs = {}
  for i = 1, 16 do
    inputs[i] = dsp.samples(32)
    for k = 1, 32 do inputs[i]:set(k, math.sin(i * k)) end
  end
  local times = {}
  for round = 1, ROUNDS do
    local start = sys.real_ns()
    for _ = 1, n do
      for i = 1, 16 do handle:run(inputs[i]) end
    end
    times[round] = (sys.real_ns() - start) / (16 * n)
  end
  table.sort(times)
  return times[1], times[math.ceil(ROUNDS / 2)]
end

-- As infer_model makes it: the method lies behind one look-up.
local function handle_of(backend)
  local m, why = infer.open(PATH, backend)
  if not m then return nil, why end
  local run = assert(m:caller(infer_words.flatten))
  return setmetatable({}, { __index = { run = run } })
end

local tiny, tiny_p50 = timed(assert(handle_of "tiny"), 60)
print(("MLP 32-64-64-1, one call from Lua, tiny          %7.0f ns, p50 %5.0f   (at most 250)  %s")
  :format(tiny, tiny_p50, tiny <= 250 and "ok" or "SHORT"))
local other, why = handle_of "onnxruntime"
if not other then
  print("  no comparison: " .. why)
  return 0
end
local ort, ort_p50 = timed(other, 8)
print(("  the same by ONNX Runtime, bound                %7.0f ns, p50 %5.0f"):format(ort, ort_p50))
print(("  ratio                                          %7.1f x            (at least 10)  %s"):format(
  ort / tiny, ort / tiny >= 10 and "ok" or "SHORT"))

-- One step of a filter from a recipe, JIT off, beside an empty call into C, over
-- noise: a signal that branch prediction cannot learn.

local dsp = require "linewright.dsp"
local rng = require "linewright.rng"
local sys = require "linewright.sys"
local vm = require "linewright.vm"

-- Rounds are short: the best of many is one that nothing came between.
local N, ROUNDS, NOISE = 10000, 100, 4096

vm.jit(false)

local noise = {}
local source = rng.new(1, 1)
for i = 1, NOISE do noise[i] = source:normal() end

-- Least time of a call of fn(self, x), in ns.
local function timed(fn, self)
  local least = math.huge
  for _ = 1, ROUNDS do
    local start = sys.real_ns()
    for i = 1, N do fn(self, noise[i % NOISE + 1]) end
    least = math.min(least, sys.real_ns() - start)
  end
  return least / N
end

local empty = timed(coroutine.running)

local line = "%-28s %8.1f ns  %6.1f over an empty call (at most 60)  %s"
for _, made in ipairs {
  { "ewma", 2 }, { "lowpass", 0.1, 4 }, { "highpass", 0.1, 4 }, { "notch", 0.1 },
  { "hampel", 7, 3 }, { "median", 7 }, { "average", 10 }, { "deviation", 10 }, { "savgol", 11, 3 },
  { "rate", 1 }, { "deadband", 1 }, { "hysteresis", 1, -1 }, { "debounce", 3 }, { "despike", 2 },
  { "stuck", 5 }, { "alphabeta", 0.5, 0.1 }, { "derivative", 2 }, { "integral" }, { "fill", 3 },
  { "cusum" }, { "ewma_chart" }, { "zscore", 20 },
} do
  local f = dsp.filter(made[1], 1, made[2], made[3])
  local ns = timed(f.step, f)
  print(line:format(made[1] .. ":step(x)", ns, ns - empty, ns - empty <= 60 and "ok" or "SHORT"))
end

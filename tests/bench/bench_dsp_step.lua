-- One step of a filter from a recipe, JIT off, beside an empty call into C.

local dsp = require "linewright.dsp"
local sys = require "linewright.sys"
local vm = require "linewright.vm"

local N, ROUNDS = 1000000, 5

vm.jit(false)

-- Least time of a call of fn(self, x), in ns.
local function timed(fn, self)
  local least = math.huge
  for _ = 1, ROUNDS do
    local start = sys.real_ns()
    for i = 1, N do fn(self, i) end
    least = math.min(least, sys.real_ns() - start)
  end
  return least / N
end

local empty = timed(dsp.filter("ewma", 1, 2).primed, dsp.filter("ewma", 1, 2))
local line = "%-28s %8.1f ns  %6.1f over an empty call (at most 60)  %s"
print(("%-28s %8.1f ns"):format("empty method of a filter", empty))
for _, made in ipairs {
  { "ewma", 2 }, { "lowpass", 0.1, 4 }, { "hampel", 7, 3 }, { "median", 7 }, { "deadband", 1 },
} do
  local f = dsp.filter(made[1], 1, made[2], made[3])
  local ns = timed(f.step, f)
  print(line:format(made[1] .. ":step(x)", ns, ns - empty, ns - empty <= 60 and "ok" or "SHORT"))
end

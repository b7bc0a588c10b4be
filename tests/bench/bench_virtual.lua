--- Virtual time: the coating recipe on pilot line A for eight hours at a scan and
--- tick of 100 ms, run twice. Prints how many times real time that is, over all and
--- in the best five minutes (what an idle machine gives), and whether both runs left
--- the very same records.
---   make bench NAME=virtual

local hash = require "linewright.hash"
local inline = require "linewright.inline"
local loader = require "linewright.loader"
local sys = require "linewright.sys"

local HOURS = 8
local SLICE_S = 300

local function shift()
  local line = loader.load "lines/pilot_a.lua"
  line.scan, line.tick = "100 ms", "100 ms"
  local bundle = loader.bundle {
    recipe = "recipes/electrode_coating.lua", line = line, sim = true, params = { run_length = 1e6 },
  }
  local rig = inline.new { bundle = bundle, seed = 42, quiet = true }
  rig:command("reset", "bench")
  rig:advance(1e9)
  rig:command("start", "bench")
  local took, best = 0, math.huge
  for i = 1, HOURS * 12 do
    local began = sys.real_ns()
    rig:advance(i * SLICE_S * 1e9)
    local slice = (sys.real_ns() - began) / 1e9
    took, best = took + slice, math.min(best, slice)
  end
  rig:pump()
  local digest, n = "", 0
  for _, t_ns, _, kind, key, data in rig.store:records(rig.run_id) do
    digest = hash.sha256(table.concat({ digest, t_ns, kind, key, data }, "\n"))
    n = n + 1
  end
  return took, best, digest, n, rig.run.state
end

local took_a, best_a, digest_a, n, state = shift()
local took_b, best_b, digest_b = shift()
local took, best = math.min(took_a, took_b), math.min(best_a, best_b)
sys.stdout(("virtual time  %d h in %.2f s = %.0f x real time; %d records, ended in %s\n"):format(
  HOURS, took, HOURS * 3600 / took, n, state))
sys.stdout(("best slice    %.0f x real time, %.2f us per tick\n"):format(SLICE_S / best,
  best / (SLICE_S * 10) * 1e6))
sys.stdout(("same seed     %s (%s...)\n"):format(
  digest_a == digest_b and "same records" or "DIFFERENT RECORDS", digest_a:sub(1, 16)))

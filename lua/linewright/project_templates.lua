-- What `linewright new project` writes beside the recipe and the line: a twin of
-- its own, a formula, a spec, and the files for editor and CI. NAME is replaced.

local project = {}

project.twin = [[
-- twins/NAME.lua -- what the plant does, roughly: the recipe is tried out on it.
return twin "NAME" {
  title = "two oven zones and a web",
  options = {
    zones = param { "1", default = 2, min = 1, max = 10 },
    tau   = param { "s", default = "4 min", min = 1, help = "time constant of a zone" },
  },
  signals = function(o)                       -- name -> unit; the line's tags name these
    local signals = { ["web.v"] = "m/min" }
    for i = 1, o.zones do signals["oven.t" .. i], signals["oven.sp" .. i] = "degC", "degC" end
    return signals
  end,
  start = function(o, at)
    local s = { tau = o.tau, n = o.zones, sp = {}, t = {}, temp = {}, fresh = true }
    s.web = at "web.v"
    for i = 1, o.zones do s.sp[i], s.t[i], s.temp[i] = at("oven.sp" .. i), at("oven.t" .. i), 25 end
    return s
  end,
  step = function(s, io, dt)                  -- once per tick; dt in seconds
    if s.fresh then
      s.fresh = false
      io:set(s.web, 0)
      for i = 1, s.n do io:set(s.sp[i], 25) end
    end
    for i = 1, s.n do
      s.temp[i] = s.temp[i] + (io:get(s.sp[i]) - s.temp[i]) * dt / s.tau
      io:set(s.t[i], s.temp[i])
    end
  end,
}
]]

project.formula = [[
-- formulas/NAME.lua -- the values of one product: linewright run ... --formula formulas/NAME.lua
return formula "NAME-standard" {
  recipe = "NAME",
  hot = "90 degC", soak = "10 min", speed = "3 m/min",
}
]]

project.spec = [[
-- tests/NAME_spec.lua -- the recipe in virtual time: linewright test
local rig = require "linewright.rig"

describe("NAME", function()
  local t
  before_each(function()
    t = rig { recipe = "recipes/NAME.lua", line = "lines/NAME.lua", formula = "formulas/NAME.lua" }
    t:start()
  end)

  it("soaks for as long as the formula says", function()
    t:run_until("Complete", { within = "2 h" })
    assert.equal(600, t.run.records.soaked[1])
  end)

  it("is held when a zone's sensor fails, and goes on after that", function()
    t:run_until(function() return t:count("begin", "all oven zones within 2 K") > 0 end)
    t:command("hold", "a look at the oven")
    t:run_until("Held", { within = "1 min" })
    assert.equal(0, t:value "web.speed")
    assert.is_true(t:command "unhold")
    t:run_until("Complete", { within = "2 h" })
  end)

  it("aborts when a zone is too hot", function()
    t:advance "1 min"
    t:force("oven.t1", 150)
    t:run_until("Aborted", { within = "10 s" })
  end)
end)
]]

project.ci = [[
# Checks on every push. The runner needs linewright in its PATH.
name: recipes
on: [push, pull_request]
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: linewright watch --once .
]]

project.luarc = [[
{
  "runtime.version": "LuaJIT",
  "workspace.library": ["DATADIR/lua/meta", "DATADIR/stdlib"],
  "workspace.checkThirdParty": false
}
]]

project.luacheckrc = [[
std = "min"
max_line_length = 120
-- Handlers get the same arguments whether they use them or not.
ignore = { "212" }
local words = { WORDS }
files["recipes"] = { read_globals = words }
files["lines"] = { read_globals = words }
files["twins"] = { read_globals = words }
files["formulas"] = { read_globals = words }
files["tests"] = { std = "min+busted" }
]]

-- luacheck: ignore 631
project.readme = [[
# NAME

- `recipes/` what is done, `lines/` on what, `formulas/` with which values, `twins/` the plant to try it on, `tests/` proofs.
- `linewright watch` checks and tests all of it whenever a file is saved.
- `linewright run recipes/NAME.lua --line lines/NAME.lua --formula formulas/NAME.lua --sim --speed max` runs a batch on the twin.
- `linewright draw recipes/NAME.lua --line lines/NAME.lua` shows the procedure.
]]

--- Path in the project -> text, NAME and the rest still to be replaced.
project.FILES = {
  ["twins/NAME.lua"] = project.twin, ["formulas/NAME.lua"] = project.formula,
  ["tests/NAME_spec.lua"] = project.spec, [".github/workflows/linewright.yml"] = project.ci,
  [".luarc.json"] = project.luarc, [".luacheckrc"] = project.luacheckrc,
  ["README.md"] = project.readme,
}

return project

-- The chart of a recipe: what runs, in its order; what no pass reaches is named.
local has = require "tests.support.has"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local sys = require "linewright.sys"

local project
before_each(function() project = projects.new() end)
after_each(function() project:remove() end)

local function draw(body, ...)
  project:edit("soak.lua", 'r.step("heat", function() eq.oven.zones[1].setpoint:set(p.hot) end)', body)
  local code, out, err = process.run(project.dir, { process.program(), "draw", project.dir .. "/soak.lua", ... })
  assert.equal(0, code, out .. err)
  return out
end

describe("linewright draw", function()
  it("draws the coating recipe as it is", function()
    local _, out = process.run(project.dir, { process.program(), "draw", sys.datadir() .. "/recipes/electrode_coating.lua",
      "--line", "lines/pilot_a.lua" })
    has(out, [[
execute
├─ operation "heat-up"  :56
│  ├─ step "oven set-points"  :57
│  └─ parallel  :58
│     ├─ branch "die"  :58
│     │  └─ step "prime the die"  :64
│     │     └─ dwell "30 s"  :65
│     └─ branch "oven"  :58
│        └─ wait "all oven zones within 2 K" (within 40 min)  :60
└─ operation "coat"  :71
]])
    has(out, 'first of "done | streak | unsure" [repeats]  :118')
    has(out, '│     └─ dwell "4 s"')
    assert.is_nil(out:find("not explored", 1, true), out)
  end)

  it("takes each answer of a question, and each end of a race", function()
    local out = draw [[
local a = r.ask { prompt = "which?", choices = { "x", "y", "z" } }
    if a == "x" then r.dwell "1 s" elseif a == "y" then r.dwell "2 s" else r.dwell "3 s" end]]
    for _, time in ipairs { "1 s", "2 s", "3 s" } do has(out, ('dwell "%s"  :'):format(time)) end
    assert.is_nil(out:find("not explored", 1, true), out)
  end)

  it("marks what hangs on a value that only the plant knows", function()
    local out = draw [[
local t = r.step("measure", function() return eq.oven:hottest() end)
    if t == 50 then r.operation("cool", function() r.dwell "9 s" end) end
    r.step("end", function() end)]]
    has(out, '├─ step "measure"  :6\n├─ operation "cool" [not explored]  :7\n├─ dwell "9 s" [not explored]  :7\n'
      .. '└─ step "end"  :8')
  end)

  it("does not stop at what it cannot work out, and does not hide it", function()
    local out = draw [[
local t = r.step("measure", function() return 1 end)
    if math.floor(t) > 3 then r.dwell "1 s" end
    r.step("end", function() end)]]
    has(out, 'dwell "1 s" [not explored]')
    has(out, 'step "end" [not explored]')
    has(out, "(a pass ended: ")
  end)

  it("ends, whatever the recipe does", function()
    has(draw 'while true do r.dwell "1 s" end', 'dwell "1 s" [repeats]')
  end)

  it("writes a drawing", function()
    draw('r.step("a <b>", function() end)', "--svg", project.dir .. "/x.svg")
    local svg = assert(sys.read_file(project.dir .. "/x.svg"))
    assert.truthy(svg:find "^<svg .*</svg>\n$")
    has(svg, "step &quot;a &lt;b&gt;&quot;</text>")
    assert.equal(select(2, svg:gsub("<rect", "")), 1 + select(2, svg:gsub("</text>", "")) - 1)
  end)
end)

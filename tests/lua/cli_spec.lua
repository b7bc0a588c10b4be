-- The commands check, port, new and the loader role: what they print and return.
local projects = require "tests.support.project"
local draft = require "linewright.draft"
local has = require "tests.support.has"
local sys = require "linewright.sys"
local templates = require "linewright.templates"

local project, out, err, stdout, stderr
before_each(function()
  project, out, err = projects.new(), "", ""
  stdout, stderr = sys.stdout, sys.stderr
  sys.stdout = function(text) out = out .. text end
  sys.stderr = function(text) err = err .. text end
end)
after_each(function()
  sys.stdout, sys.stderr = stdout, stderr
  project:remove()
end)

local function run(command, ...)
  return require("linewright.cli." .. command).main { ... }
end

local function path(name) return project.dir .. "/" .. name end

describe("linewright check", function()
  it("prints what DSL.md prints for the coating recipe on line B", function()
    assert.equal(0, run("check", "recipes/electrode_coating.lua", "--line", "examples/lines/line_b.lua"))
    assert.equal(table.concat({
      "ok   needs die: slot_die@1",
      "ok   needs gauge: areal_mass_gauge@1",
      "ok   oven.temp_max >= 120 degC (line offers 155 degC)",
      "ok   oven.zones >= 3 (line has 7)",
      "ok   vision.classes includes ok,streak,pinhole",
      "ok   web.speed_max >= 8 m/min (line offers 36.576 m/min)", "" }, "\n"), out)
  end)
  it("returns 1 for a mismatch and names the speed that would fit", function()
    assert.equal(1, run("check", "recipes/electrode_coating.lua", "--line", "lines/pilot_a.lua",
      "--set", "speed=15 m/min"))
    has(out, "FAIL dryer residence is 24 s at 15.0 m/min; recipe asks for 30 s -- lower 'speed' to 12.0 m/min or less")
  end)
  it("returns 3 for a file that is not there, with the nearest name", function()
    assert.equal(3, run("check", path "soka.lua", "--line", path "shed.lua"))
    has(out, "is not there. Did you mean 'soak.lua'?")
  end)
  it("returns 2 for a wrong command line", function()
    assert.equal(2, run("check", path "soak.lua", "--lnie", "x"))
    has(err, "unknown option '--lnie'. Did you mean '--line'?")
    assert.equal(2, run("check"))
    has(err, "missing RECIPE")
  end)
  it("gives findings as data", function()
    project:edit("shed.lua", "{ 20, 120 }", "{ 120, 20 }")
    assert.equal(1, run("check", path "soak.lua", "--line", path "shed.lua", "--json"))
    local t = require("linewright.json").decode((out:gsub("\n$", "")))
    assert.is_false(t.ok)
    local fail
    for _, f in ipairs(t.findings) do if f.kind == "fail" then fail = f end end
    assert.equal("E-RANGE", fail.code)
    assert.equal(8, fail.at[1].line)
  end)
  it("refuses a line where a recipe is wanted, in one line", function()
    assert.equal(1, run("check", path "shed.lua"))
    has(out, "the file holds a line; a recipe is wanted here")
  end)
end)

describe("linewright port", function()
  it("lists each channel with old and new tag, conversion, range and safe values", function()
    assert.equal(0, run("port", "recipes/electrode_coating.lua", "--from", "lines/pilot_a.lua",
      "--to", "lines/line_b.lua"))
    has(out, "die.flow  (output, mL/min)")
    has(out, "was    sim die.q [mL/min]")
    has(out, "is     modbus_tcp 40021 u16 x 0.1 [rpm]")
    has(out, "unit   1 rpm = 12 mL/min")
    has(out, "range  0..330 rpm = 0..3960 mL/min, raw 0..3300")
    has(out, "safe   hold 0 rpm, stop 0 rpm, abort 0 rpm, suspend keep")
    has(out, "gauge.distance       4 m -> 11 m")
    has(out, "[ ] interlock oven.zones[7].temp above 158 degC for 2 s -> abort")
    has(out, "nothing is missing")
  end)
  it("says what the new line lacks and returns 1", function()
    project:edit("shed.lua", 'temp = tag { io, "oven.t1", unit = "degC" },', "")
    assert.equal(1, run("port", path "soak.lua", "--from", "lines/pilot_a.lua", "--to", path "shed.lua"))
    has(out, "is     not on shed")
    has(out, "FAIL E-CONTRACT unit 'oven' lacks oven.zones[1].temp")
  end)
  it("has the address of the true reading on the sheet", function()
    local b = assert(io.open("examples/lines/line_b.lua")):read "*a"
    project:write("fed.lua", (b:gsub('"40011",', '"40011", feedback = "30011",')))
    assert.equal(0, run("port", "recipes/electrode_coating.lua", "--from", "lines/pilot_a.lua",
      "--to", path "fed.lua"))
    has(out, "read   modbus_tcp 30011, the true reading")
  end)
  it("gives the list as data", function()
    assert.equal(0, run("port", path "soak.lua", "--from", path "shed.lua", "--to",
      "lines/line_b.lua", "--json"))
    local t = require("linewright.json").decode((out:gsub("\n$", "")))
    assert.equal(16, #t.points) -- 14 of the oven, two of a permit
    assert.equal("oven.zones[1].setpoint", t.points[2].channel)
    assert.equal("40101", t.points[2].to.address)
    assert.same({ 200, 1600 }, t.points[2].to.raw)
    assert.equal("40900", t.devices[1].options["watchdog.register"])
  end)
  it("has every tag that a run touches: those of permits, and the watchdog", function()
    assert.equal(0, run("port", path "soak.lua", "--from", path "shed.lua", "--to",
      "lines/line_b.lua"))
    has(out, "web.speed  (output, m/min; for interlocks and permits only)")
    has(out, "is     modbus_tcp 40011 u16 x 0.1 [ft/min]")
    has(out, "[ ] modbus_tcp host 127.0.0.1, port 1502, timeout 0.3, unit_id 1, watchdog.every 0.25, "
      .. "watchdog.register 40900")
  end)
  it("needs both lines", function()
    assert.equal(2, run("port", path "soak.lua", "--to", path "shed.lua"))
  end)
end)

describe("linewright new", function()
  it("writes a recipe and a line that fit without a finding", function()
    for _, kind in ipairs { "recipe", "line" } do
      project:write("new_" .. kind .. ".lua", (templates[kind]:gsub("NAME", "fresh-" .. kind)))
    end
    local text, bundle, findings = project:check { recipe = path "new_recipe.lua",
      line = path "new_line.lua" }
    assert.is_false(findings:failed(), text)
    assert.is_nil(text:find("warn", 1, true))
    assert.equal("fresh-recipe", bundle.recipe.name)
    assert.equal(5, #bundle.channel_list)
  end)
  it("drafts a line with all that a recipe needs, each open point a finding", function()
    project:write("drafted.lua", draft.line("drafted", "recipes/electrode_coating.lua"))
    local text, bundle = project:check { recipe = "recipes/electrode_coating.lua",
      line = path "drafted.lua" }
    assert.is_nil(text:find("lacks", 1, true), text)
    assert.is_nil(text:find("unknown", 1, true), text)
    has(text, "die.width: '? m' is not a number")
    has(text, "oven.zones[1].temp: '?' is no Modbus address")
    assert.is_not_nil(bundle)
  end)
  it("refuses names that are none and kinds that are none", function()
    assert.equal(2, run("new", "recipe", "x", "--for", "recipes/electrode_coating.lua"))
    assert.equal(2, run("new", "recipe", "../evil"))
    assert.equal(2, run("new", "recipie", "x"))
    has(err, "Did you mean 'recipe'?")
  end)
  it("never touches a file that is there", function()
    assert.equal(3, run("new", "recipe", "electrode_coating"))
    has(err, "recipes/electrode_coating.lua is there already")
  end)
end)

describe("the loader role", function()
  it("hands the host a message with plan and files", function()
    local role = require "linewright.cli.loader"
    local _, bundle = project:check()
    local message = role.message(bundle)
    local head, body = message:match "^(LINEWRIGHT%-BUNDLE 1\n.-\n)\n(.*)$"
    has(head, "recipe=soak\n")
    has(head, "version=1.0.0\n")
    has(head, "line=shed\n")
    has(head, "bundle=" .. bundle.hash .. "\n")
    has(head, "twin=1\n")
    has(head, ("plan_bytes=%d\n"):format(#bundle.plan))
    local bytes, n = #bundle.plan, 0
    for size in head:gmatch "file=[^\t]+\t%x+\t(%d+)\t" do bytes, n = bytes + size, n + 1 end
    assert.equal(#bundle.files, n)
    assert.equal(bytes, #body)
    assert.equal(bundle.plan, body:sub(1, #bundle.plan))
  end)
  it("puts findings on stderr, nothing on the host's side, and returns 1", function()
    project:edit("shed.lua", "{ 20, 120 }", "{ 120, 20 }")
    assert.equal(1, run("loader", "--recipe", path "soak.lua", "--line", path "shed.lua", "--out-fd", "99"))
    has(err, "range 120..20 is empty")
  end)
end)

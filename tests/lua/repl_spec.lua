-- The REPL's session without a terminal: what is evaluated, shown, completed,
-- explained and saved.
local colon = require "linewright.repl.colon"
local complete = require "linewright.repl.complete"
local dsp = require "linewright.dsp"
local session_of = require "linewright.repl.session"
local show = require "linewright.repl.show"
local sys = require "linewright.sys"
local words = require "linewright.repl.words"

local s, out, err

-- Standard output and error of the session, caught.
local function catcher(into) return { write = function(_, ...) for _, t in ipairs { ... } do into[#into + 1] = t end end } end

local real_out, real_err = io.stdout, io.stderr
before_each(function()
  out, err = {}, {}
  io.stdout, io.stderr = catcher(out), catcher(err) -- luacheck: ignore 122
  s = session_of.new { columns = 80, rows = 24 }
  s.colon = colon.run
  words.install(s)
end)
after_each(function()
  io.stdout, io.stderr = real_out, real_err -- luacheck: ignore 122
end)

local function eval(text)
  local status = s:eval(text)
  local said, complained = table.concat(out), table.concat(err)
  for i = #out, 1, -1 do out[i] = nil end
  for i = #err, 1, -1 do err[i] = nil end
  return status, (said:gsub("\n$", "")), (complained:gsub("\n$", ""))
end

local function candidates(text)
  local list, n = complete.candidates(s, text)
  local names = {}
  for i, item in ipairs(list) do names[i] = item[1] end
  table.sort(names)
  return names, n
end

describe("evaluating", function()
  it("shows values, keeps names and the last value", function()
    assert.same({ "ok", "3", "" }, { eval "1 + 2" })
    assert.same({ "ok", "", "" }, { eval "x = 20" })
    assert.same({ "ok", "23", "" }, { eval "x + _" })
  end)

  it("takes a local of one line for a name of the session", function()
    eval "local a, b = 1, 2"
    eval "local function f(n) return n + a + b end"
    assert.same({ "ok", "13", "" }, { eval "f(10)" })
  end)

  it("asks for more while the text is not whole", function()
    assert.equal("more", (eval "for i = 1, 2 do"))
    assert.equal("more", (eval "f {"))
    assert.equal("ok", (eval "for i = 1, 2 do\nend"))
  end)

  it("says in one line what is wrong", function()
    assert.same({ "error", "", "E-NAME 'plto' is not defined. Did you mean 'plot'?" }, { eval "plto(1)" })
    local _, _, argument = eval 'dsp.filter("lowpas", 10)'
    assert.truthy(argument:find "^E%-SCRIPT bad argument #1 to 'filter' %(no filter 'lowpas'%)$", argument)
    local _, _, syntax = eval "x = = 1"
    assert.truthy(syntax:find "^E%-SYNTAX .*near '?='?$")
    local _, _, script = eval "x = 1\ny = x.z.w"
    assert.truthy(script:find "^E%-SCRIPT attempt to index .* %(line 2%)$", script)
  end)

  it("knows the words of recipes and of the library", function()
    local status, said = eval 'recipe "r" { api = 1 }.name'
    assert.equal("ok", status)
    assert.equal('"r"', said)
    assert.equal("ok", (eval "filter.ewma"))
  end)
end)

describe("a value", function()
  it("that is a list of rows is an aligned table", function()
    assert.equal(" a  b\n 1  x\n20  yy", show.value { { a = 1, b = "x" }, { a = 20, b = "yy" } })
  end)

  it("that is a map has its keys in order, tables below", function()
    assert.equal("list  { 1, 2 }\nmap\n  x  1", (show.value { map = { x = 1 }, list = { 1, 2 } }))
  end)

  it("that holds itself is shown once", function()
    local t = {}
    t.t = t
    assert.equal("t  { itself }", show.value(t))
  end)

  it("shows a value whose own text fails as what it is", function()
    local v = setmetatable({}, { __tostring = function() error("boo", 0) end })
    assert.equal("a table that cannot tell its text: boo", show.value(v))
  end)

  it("of samples is a sparkline with figures, missing ones counted", function()
    local text = show.value(dsp.of(0, 1, nil, 3):rate(2):unit "mm")
    assert.equal("samples [4] mm  at 2 Hz, 2 s from 0 s\n▁▃ █\n" ..
      "min 0  mean 1.33333  max 3  std 1.24722  median 1  missing 1", text)
    assert.truthy(show.value(dsp.of(1, 2), { is_ascii = true }):find("\n_@\n", 1, true))
  end)

  it("that is text keeps control characters to itself", function()
    assert.equal([["a\27[2J"]], show.value "a\27[2J")
  end)
end)

describe("completion", function()
  it("offers names with their documentation", function()
    local list, n = complete.candidates(s, "print(plo")
    assert.same({ 3, "plot" }, { n, list[1][1] })
    assert.truthy(list[1][2]:find("Draw", 1, true))
  end)

  it("reads the first column of numbers of a file with dates, and knows its columns", function()
    local _, text = eval 'x = csv("examples/lines/pump_bench.csv")'
    assert.equal("", text)
    _, text = eval "x:count()"
    assert.equal("700", text)
    local _, _, refusal = eval 'csv("examples/lines/pump_bench.csv", "Presure")'
    assert.truthy(refusal:find("pump_bench.csv: no column 'Presure' (datetime, ", 1, true), refusal)
    assert.truthy(refusal:find("Did you mean 'Pressure'?", 1, true), refusal)
  end)

  it("offers members of modules, methods of values, fields of tables", function()
    assert.same({ "decimate" }, (candidates "dsp.dec"))
    eval "x = dsp.of(1, 2); t = { first = { second = 1 } }"
    assert.same({ "mean", "median" }, (candidates "y = x:me"))
    assert.same({ "second" }, (candidates "t.first.s"))
  end)

  it("offers the fields of a table that a function takes, once each", function()
    local names = candidates "csv('a.csv', 1, { ra"
    assert.same({ "rate = " }, names)
    assert.same({ "unit = " }, (candidates "csv('a.csv', 1, { rate = 2, "))
  end)

  it("offers units behind a number, files where a file is wanted", function()
    assert.same({ "5 m", "5 m/min", "5 m/s", "5 m/s2", "5 mL", "5 mL/min", "5 mbar", "5 min", "5 mm", "5 mm/s",
      "5 ms" }, (candidates 'x = "5 m'))
    assert.same({ "recipes/electrode_coating.lua" }, (candidates 'rig { recipe = "recipes/elec'))
  end)

  it("offers the units that fit the parameter or channel", function()
    assert.same({ "5 m/min", "5 m/s", "5 mm/s" },
      (candidates 'rig { recipe = "recipes/electrode_coating.lua", params = { speed = "5 m'))
    s.sources[1] = function() return { ["oven.temp"] = "degC" } end
    assert.same({ "5 K", "5 degC", "5 degF" }, (candidates 'set("oven.temp", "5 '))
  end)

  it("offers parameters of the recipe that is named, with their units", function()
    local list = complete.candidates(s, 'rig { recipe = "recipes/electrode_coating.lua", params = { coat')
    assert.equal("coat_weight = ", list[1][1])
    assert.truthy(list[1][2]:find("[g/m2] 60..260", 1, true), list[1][2])
  end)

  it("offers nothing where nothing is known, and never fails", function()
    for _, text in ipairs { "", "x.y.z.", "))", '"', "a[", "%b", ":", "?", "({[", "x:", ("("):rep(1000) } do
      assert.truthy(complete.answer(s, text):find "^%d+")
    end
  end)
end)

describe("help", function()
  it("has signature, parameters and example of a word, either way round", function()
    local _, page = eval "?csv"
    for _, part in ipairs { "csv(path, column, options)", "takes", "rate   samples a second", 'csv("run.csv", "temp")' } do
      assert.truthy(page:find(part, 1, true), part)
    end
    local _, again = eval "csv?"
    assert.equal(page, again)
  end)

  it("finds the method of what a name is", function()
    eval "x = dsp.of(1)"
    local _, page = eval "?x:quantile"
    assert.truthy(page:find "^Samples:quantile%(p%)")
  end)

  it("every word of the REPL has a page with an example", function()
    for _, group in ipairs(s.groups) do
      for _, name in ipairs(group.names) do
        local entry = s.docs:entry(name)
        assert.truthy(entry, name .. " has no page")
        local needs_none = name == "help" or name == "quit"
        assert.truthy(needs_none or entry.example[1] or entry.class, name .. " has no example")
      end
    end
  end)
end)

describe("a word", function()
  it("is announced before its module is loaded, and nothing else is", function()
    for _, group in ipairs(words.GROUPS) do
      local real = {}
      for name in pairs(require("linewright.repl." .. group[1]).words(s)) do real[#real + 1] = name end
      table.sort(real)
      assert.equal(group[3], table.concat(real, " "))
    end
  end)

  it("works from its first use on", function()
    local _, text = eval "rig"
    assert.equal("rig(options)", text)
    assert.equal("ok", (eval 'x = rig.load "recipes/electrode_coating.lua"'))
    assert.equal("ok", (eval "search { x = { 0, 1 }, budget = 4, cost = function(p) return p.x end }"))
  end)
end)

describe(":save", function()
  local path
  after_each(function() os.remove(path) end)

  it("writes a script that gives the same values", function()
    path = os.tmpname() .. ".lua"
    eval "x = 2"
    eval "x * 21"
    eval "nonsense("
    assert.equal("ok", (eval(":save " .. path)))
    local text = sys.read_file(path)
    assert.truthy(text:find "^#!/usr/bin/env %-S linewright repl\n")
    assert.truthy(text:find("x = 2\nprint(x * 21)", 1, true))
  end)

  it("writes a spec whose assertions are the values that were shown", function()
    path = os.tmpname() .. "_spec.lua"
    eval "x = 2"
    eval "x * 21"
    eval "plot { 1, 2 }"
    eval(":save " .. path)
    local text = sys.read_file(path)
    assert.truthy(text:find("local x = 2\n    assert.equal(42, x * 21)\n    -- plot { 1, 2 }", 1, true))
    assert.truthy(load(text))
  end)

  it("writes plots as SVG and samples as CSV, and says what it cannot", function()
    path = os.tmpname() .. ".svg"
    local _, _, complaint = eval(":save " .. path)
    assert.truthy(complaint:find("there is no plot yet", 1, true))
    eval "plot(dsp.ramp(100, 0, 1))"
    eval(":save " .. path)
    assert.truthy(sys.read_file(path):find "^<svg")
    os.remove(path)
    path = path:gsub("svg$", "csv")
    eval "dsp.of(1, 2)"
    eval(":save " .. path)
    assert.equal("1\n2\n", sys.read_file(path))
    local _, _, unknown = eval ":save x.docx"
    assert.truthy(unknown:find "^E%-TYPE :save takes a file ending in")
  end)
end)

describe("plot", function()
  it("of a million samples shows the one that stands out", function()
    eval "x = dsp.samples(1e6, 1); x:set(500001, 9)"
    local _, text = eval "plot(x)"
    assert.truthy(text:find "\n +9 ")
    assert.truthy(text:find "sample")
  end)

  it("names its series and shares axes by unit", function()
    local _, text = eval [[plot { temp = dsp.of(1, 2):unit "degC", other = dsp.of(3, 4):unit "degC",
      speed = dsp.of(5, 6):unit "m/s", title = "two panels" }]]
    assert.truthy(text:find "^two panels\n")
    assert.truthy(text:find("other [degC]  temp [degC]", 1, true))
    assert.truthy(text:find("\nspeed [m/s]", 1, true))
  end)

  it("is a picture where the terminal shows them, text where it cannot be drawn", function()
    local has_libraries = require "linewright.raster".png '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>'
    for kind, begin in pairs { kitty = "\27_Ga=T,f=100,m=", sixel = "\27P0;1q" } do
      s.options.graphics = kind
      local _, text = eval "plot { 1, 2, 3 }"
      if has_libraries then
        assert.equal(begin, text:sub(1, #begin))
        assert.equal("\27\\", text:sub(-2))
      else
        assert.truthy(text:find("series 1", 1, true))
      end
    end
    s.options.graphics = "other"
    local _, text = eval "plot { 1, 2, 3 }"
    assert.truthy(text:find("series 1", 1, true))
  end)

  it("says what it cannot draw", function()
    local _, _, complaint = eval "plot(true)"
    assert.truthy(complaint:find("plot: samples, lists of numbers, channels or a table of them are wanted, got boolean",
      1, true))
  end)
end)

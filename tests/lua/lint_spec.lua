-- Classic mistakes: each is found on its line, and what is right is left alone.
local findings_of = require "linewright.findings"
local json = require "linewright.json"
local lint = require "linewright.lint"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local sys = require "linewright.sys"

local HEAD = 'return recipe "x" {\n  execute = function(r, eq, p)\n    '

local function found(body)
  local f = findings_of.new()
  lint.text(f, "x.lua", HEAD .. body .. "\n  end,\n}\n")
  return f
end

-- rule, body; the mistake stands on line 3
local WRONG = {
  { "no-within", 'r.wait_until("hot", function() return eq.oven:settled "2 K" end)' },
  { "no-within", 'r.wait_until("hot", function() return true end, { steady = "2 s" })' },
  { "long-dwell", 'r.step("soak", function() r.dwell "6 min" end)' },
  { "long-dwell", 'r.step("soak", function() r.dwell(301) end)' },
  { "called", 'r.wait_until("hot", is_hot(eq), { within = "1 min" })' },
  { "called", 'r.step("heat", heat(eq))' },
  { "no-return", 'r.wait_until("hot", function() eq.oven:settled "2 K" end, { within = "1 min" })' },
  { "no-return", 'r.wait_first({ a = function() is_hot(eq) end }, { within = "1 min" })' },
  { "outside-step", 'eq.web.speed:set(3)' },
  { "outside-step", 'r.operation("a", function() local x = eq.oven.zones[1].temp:read() return x end)' },
  { "outside-step", 'r.parallel { a = function() eq.web.speed:set "3 m/min" end }' },
  { "wait-inside", 'r.wait_until("x", function() r.dwell "1 s" return true end, { within = "1 min" })' },
  { "wait-inside", 'r.loop("x", { every = "1 s", run = function() r.dwell "1 s" end })' },
  { "step-inside", 'r.step("a", function() r.step("b", function() end) end)' },
  { "spins", 'r.step("a", function() while eq.oven:hottest() < 50 do end end)' },
}

local RIGHT = {
  'r.wait_until("hot", function() return eq.oven:settled "2 K" end, { within = "40 min" })',
  'r.wait_until("hot", function() return true end, options)',
  'r.wait_until("hot", function() return true end) -- lint: meant',
  'r.step("soak", function() r.dwell "5 min" end)', 'r.dwell "2 h"',
  'r.step("heat", heat)', 'r.step("heat", heater.start)',
  'r.step("a", function() eq.web.speed:set(3) local x = eq.web.speed:read() return x end)',
  'r.loop("x", { every = "1 s", run = function(st) st.x = eq.web.speed:read() end })',
  'r.wait_first { a = function() return eq.web.speed:read() > 3 end }',
  'local function heat() eq.web.speed:set(3) end\n    r.step("heat", heat)',
  'while p.n > 3 do r.step("a", function() end) end',
  'repeat local why = r.wait_first { a = function() return true end } until why == "a"',
  'r.operation("a", function() r.phase("b", function() r.step("c", function() end) end) end)',
}

describe("lint finds", function()
  for _, case in ipairs(WRONG) do
    it(case[1] .. ": " .. case[2], function()
      local f = found(case[2])
      assert.equal(1, #f, f:text())
      assert.same({ case[1], 3 }, { f[1].code, f[1].at[1].line })
    end)
  end
  it("an output without safe values", function()
    local f = findings_of.new()
    lint.text(f, "l.lua", 'return line "x" { units = {\n  a = tag { io, "a", unit = "1", range = { 0, 1 } },\n'
      .. '  b = tag { io, "b", unit = "1", range = { 0, 1 }, safe = S }, c = tag { io, "c", unit = "1" } } }')
    assert.same({ 1, "no-safe", 2 }, { #f, f[1].code, f[1].at[1].line })
  end)
  it("what cannot be read", function()
    local f = findings_of.new()
    lint.text(f, "l.lua", "return recipe {")
    assert.equal("E-SYNTAX", f[1].code)
  end)
  it("something for every rule", function()
    local seen = { ["no-safe"] = true }
    for _, case in ipairs(WRONG) do seen[case[1]] = true end
    for rule in pairs(lint.RULES) do assert.is_true(seen[rule], rule) end
    for rule in pairs(seen) do assert.is_string(lint.RULES[rule], rule) end
  end)
end)

describe("lint leaves alone", function()
  for _, body in ipairs(RIGHT) do
    it(body, function() assert.equal("", found(body):text()) end)
  end
  it("our own recipes, lines and twins", function()
    local f = findings_of.new()
    for _, dir in ipairs { "recipes", "examples/lines", "examples/twins" } do
      for _, name in ipairs(assert(sys.list(dir))) do
        if name:find "%.lua$" then lint.text(f, name, assert(sys.read_file(dir .. "/" .. name))) end
      end
    end
    assert.equal("", f:text())
  end)
end)

describe("for editors", function()
  local project
  before_each(function() project = projects.new() end)
  after_each(function() project:remove() end)
  local function run(...)
    return process.run(project.dir, { process.program(), ... }, "cd " .. project.dir .. ";")
  end

  it("check prints file:line:column: kind: text", function()
    project:edit("shed.lua", "stop = 25", "sotp = 25")
    local code, out = run("check", "soak.lua", "--line", "shed.lua", "--format=vim")
    assert.equal(1, code)
    assert.truthy(out:find("shed.lua:9:60: error: E-KEY unknown key 'sotp' in oven.zones[1].setpoint: safe. "
      .. "Did you mean 'stop'?\n", 1, true), out)
    for line in out:gmatch "[^\n]+" do assert.truthy(line:find "^[^:]+:%d+:%d+: %a+: ", line) end
  end)
  it("lint does, too, and both as data", function()
    project:edit("soak.lua", "end,\n}", 'r.step("x", function() r.dwell "1 h" end) end,\n}')
    local code, out = run("lint", "soak.lua", "--format", "vim")
    assert.same({ 1, "soak.lua:7:28: warning: long-dwell " }, { code, out:match "^.-long%-dwell " })
    code, out = run("lint", "soak.lua", "--format=json")
    assert.equal(1, code)
    assert.equal("long-dwell", json.decode((out:gsub("\n$", ""))).findings[1].code)
    code, out = run("check", "soak.lua", "--format=json")
    assert.equal(0, code, out)
    assert.is_true(json.decode((out:gsub("\n$", ""))).ok)
  end)
  it("says what a format may be", function()
    local code, _, err = run("lint", "soak.lua", "--format=emacs")
    assert.equal(2, code)
    assert.truthy(err:find("--format takes text, vim or json, not 'emacs'", 1, true), err)
  end)
end)

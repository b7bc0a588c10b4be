-- Experiments of the REPL on a twin in virtual time: recipes stepped, branches
-- looked at, loops tried, numbers searched.
local colon = require "linewright.repl.colon"
local complete = require "linewright.repl.complete"
local session_of = require "linewright.repl.session"
local show = require "linewright.repl.show"
local sys = require "linewright.sys"
local words = require "linewright.repl.words"

local s

before_each(function()
  s = session_of.new { columns = 80, rows = 24 }
  s.colon = colon.run
  words.install(s)
end)
after_each(function() s:close() end)

local function new_rig(options)
  options = options or {}
  return s.words.rig { recipe = options.recipe or "recipes/electrode_coating.lua", line = "lines/pilot_a.lua",
    on_note = options.on_note, quiet = options.on_note == nil }
end

describe("a rig at the prompt", function()
  it("tells what each branch waits for, and how long still", function()
    local t = new_rig()
    t:start()
    t:advance "10 min"
    local list = t:branches()
    local last = list[#list]
    assert.equal("execute > heat-up > oven", last.branch)
    assert.equal("all oven zones within 2 K", last.waits)
    assert.truthy(last.now:find "^zone %d is")
    assert.equal("30 min", last.left)
    local text = show.value(t)
    assert.truthy(text:find("electrode-coating on pilot-A: Execute at 0:10:00", 1, true))
    assert.truthy(text:find("execute > heat-up waits for: branches oven", 1, true))
  end)

  it("keeps what its channels were, thinned when it gets long", function()
    local t = new_rig()
    t:start()
    t:advance "2 min"
    local early = t:samples "oven.zones[1].temp"
    assert.equal("degC", early:unit())
    assert.is_near(10, early:rate(), 1e-6)
    t:advance "12 min"
    local late = t:samples "oven.zones[1].temp"
    assert.is_true(#late <= 2048 and #late > 1000, #late)
    assert.is_near(840, #late / late:rate(), 10)
    assert.is_near(25, late:min(), 2)
    assert.has_error(function() t:samples "oven.zone" end)
  end)

  it("says its changes of state with their time", function()
    local notes = {}
    local t = new_rig { on_note = function(text) notes[#notes + 1] = text end }
    t:start()
    t:advance "1 s"
    t:command "stop"
    t:advance "1 min"
    assert.truthy(table.concat(notes, "\n"):find("Execute -> Stopping", 1, true))
  end)

  it("goes on at a speed while nothing is typed, until it is halted", function()
    local t = new_rig()
    t:start()
    t:go(1000)
    local before = t.line:now_ns()
    local turns = 0
    while t.line:now_ns() - before < 20e9 and turns < 1000 do
      local until_ns = sys.real_ns() + s:idle_s() * 1e9
      while sys.real_ns() < until_ns do end
      s:tick()
      turns = turns + 1
    end
    assert.is_true(turns < 1000)
    t:halt()
    assert.is_nil(s:idle_s())
    assert.has_error(function() t:go(0) end)
  end)

  it("pauses and resumes, completes its own names", function()
    local t = new_rig()
    rawset(s.env.globals, "t", t)
    t:start()
    t:advance "1 s"
    t:pause()
    assert.is_true(t.run.rt.gate.paused)
    t:resume()
    assert.is_falsy(t.run.rt.gate.paused)
    local list = complete.candidates(s, "t:bran")
    assert.equal("branches", list[1][1])
    list = complete.candidates(s, 'plot("oven.zones[1].t')
    assert.same({ "oven.zones[1].temp", "degC" }, list[1])
  end)

  it("is plotted by its channels", function()
    local t = new_rig()
    t:start()
    t:advance "1 min"
    local text = show.value(s.words.plot("oven.zones[1].temp"))
    assert.truthy(text:find("oven.zones[1].temp [degC]", 1, true))
    assert.truthy(show.value(s.words.plot(t)):find("web.speed [m/min]", 1, true))
  end)
end)

describe("reasons", function()
  it("of an output lead back to the step that set it", function()
    local t = new_rig()
    t:start()
    t:advance "1 min"
    local text = show.value(s.words.why("oven.zones[1].setpoint", t))
    assert.truthy(text:find("oven.zones[1].setpoint", 1, true))
    assert.truthy(text:find("step", 1, true), text)
    assert.has_error(function() s.words.why("no.such", t) end)
  end)

  it("of decisions are told with score, limits and what they came from", function()
    local r = s.words.rig.load "recipes/electrode_coating.lua"
    r.execute = function(run)
      run.decision("part 1", { score = 1.25, outcome = "reject", limits = { reject = 1 }, effect = "none",
        from = { name = "gauge", y = 1.25 } })
    end
    local t = new_rig { recipe = r }
    t:start()
    t:run_until "Complete"
    local list = s.words.decisions(t)
    assert.same({ 1, "reject", "part 1" }, { #list, list[1].outcome, list[1].name })
    local text = show.value(list)
    for _, part in ipairs { "reject at 1", "gauge said 1.25", "none" } do
      assert.truthy(text:find(part, 1, true), text)
    end
  end)
end)

describe("a model", function()
  it("is run by hand and says what it is", function()
    local m = s.words.model "tests/data/infer/regression.json"
    assert.is_number(m { 1, 2, 3, 4, 5, 6, 7, 8 })
    local text = show.value(m)
    assert.truthy(text:find("regression.json: tiny on cpu", 1, true), text)
    assert.truthy(text:find("sha256 %x+"))
  end)

  it("that is not there is told in one line", function()
    local ok, message = pcall(s.words.model, "tests/data/none.json")
    assert.is_false(ok)
    assert.truthy(message:find("none.json", 1, true))
  end)
end)

describe("what the historian recorded", function()
  it("is listed and read as samples with their time and unit", function()
    local db = os.tmpname()
    os.remove(db)
    local t = s.words.rig { recipe = "recipes/electrode_coating.lua", line = "lines/pilot_a.lua", quiet = true, db = db }
    t:start()
    t:advance "2 min"
    t:close()
    local units = {}
    for _, tag in ipairs(s.words.tags { db = db }) do units[tag.name] = tag.unit end
    assert.equal("degC", units["oven.zones[1].temp"])
    local temp = s.words.span("oven.zones[1].temp", { db = db, every = "1 s" })
    assert.equal("degC", temp:unit())
    assert.is_near(120, #temp, 2)
    assert.is_near(1, temp:rate(), 1e-9)
    assert.is_true(temp:get(110) > temp:get(10) + 5)
    assert.is_near(60, #s.words.span("oven.zones[1].temp", "1 min", { db = db, every = "1 s" }), 1)
    local ok, message = pcall(s.words.span, "oven.zones[1].tmp", { db = db })
    assert.is_false(ok)
    assert.truthy(message:find("Did you mean 'oven.zones[1].temp'", 1, true), message)
    os.execute("rm -rf " .. db .. "*")
  end)
end)

describe("search", function()
  it("finds the least within its bounds", function()
    local f = s.words.search { x = { -5, 5 }, y = { 0, 10 }, budget = 150,
      cost = function(p) return (p.x - 1) ^ 2 + 3 * (p.y - 2) ^ 2 end }
    assert.is_near(1, f.x, 0.01)
    assert.is_near(2, f.y, 0.01)
    f = s.words.search { x = { 2, 5 }, cost = function(p) return p.x ^ 2 end }
    assert.is_near(2, f.x, 1e-3)
    assert.truthy(show.value(f):find "^%d+ trials; first and best:\n")
  end)

  it("takes a cost that is no number for the worst", function()
    local f = s.words.search { x = { 0, 1 }, budget = 30, cost = function(p)
      if p.x > 0.5 then return 0 / 0 end
      return (p.x - 0.4) ^ 2
    end }
    assert.is_near(0.4, f.x, 0.02)
  end)

  it("refuses bounds that are none", function()
    assert.has_error(function() s.words.search { x = { 1, 1 }, cost = function() return 0 end } end)
    assert.has_error(function() s.words.search { x = { 0, 1 } } end)
  end)
end)

describe("loop_test", function()
  local function try(kp, ti)
    return s.words.loop_test { line = "lines/pilot_a.lua", output = "oven.zones[1].setpoint",
      reading = "oven.zones[1].temp", target = 80, kp = kp, ti = ti, bias = 80, within = "20 min" }
  end

  it("tells a calm loop from one that swings", function()
    local calm, wild = try(5, "600 s"), try(2, "60 s")
    assert.is_true(calm.overshoot < 5, calm.overshoot)
    assert.is_true(wild.overshoot > 15, wild.overshoot)
    assert.is_true(calm.settled_s < (wild.settled_s or math.huge))
    assert.equal("degC", calm.x:unit())
    assert.truthy(show.value(calm):find("oven.zones[1].temp to 80 degC: overshoot", 1, true))
  end)

  it("names what is missing", function()
    local ok, message = pcall(s.words.loop_test, { output = "a", reading = "b", target = 1 })
    assert.is_false(ok)
    assert.truthy(message:find("loop_test needs kp", 1, true))
  end)
end)

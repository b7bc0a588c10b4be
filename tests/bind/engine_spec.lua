-- engine, port, sim, store: a whole line in virtual time, seen from Lua.

local engine = require "linewright.engine"
local plan = require "linewright.plan"
local store = require "linewright.store"

-- One reading and one set-point, both simulated, with an interlock.
local function oven()
  local p = plan.new("line-x", "x.lua")
  p:driver("sim", "sim (x.lua:1)")
  for i, name in ipairs { "temp", "sp" } do
    p:signal("oven." .. name, "degC")
    p:tag("oven." .. name)
    for field, value in pairs { driver = 1, signal = i, address = "oven." .. name, unit = "degC",
                                process_unit = "degC" } do
      p:tag_set(i, field, value)
    end
  end
  for field, value in pairs { access = "rw", lo = 0, hi = 150, step_max = 100, safe_hold = 25,
                              safe_stop = 20, safe_abort = 20 } do
    p:tag_set(2, field, value)
  end
  p:rule("interlock", 1, "above", 158, "abort", 2e9, "too hot")
  assert(p:check())
  return p:encode()
end

local function run_in(s)
  for field, value in pairs { recipe = "r", version = "1.0.0", line = "line-x", bundle = ("a"):rep(64), seed = 7 } do
    s:run_set(field, value)
  end
  return assert(s:run_begin())
end

-- Step to a time, calling on.tick and so on.
local function go(e, until_s, on)
  while true do
    local what, id = e:step(until_s * 1e9)
    if not what then return end
    if on and on[what] then on[what](id) end
  end
end

describe("linewright.engine", function()
  local e, port, sim
  before_each(function()
    e = assert(engine.new(oven(), 7, 1.7e9))
    port, sim = e:port(), e:sim()
    sim:set(1, 20)
    port:level "none"
  end)
  after_each(function() e:close() end)

  it("steps twin and tick at their period and stops at the limit", function()
    local n = { twin = 0, tick = 0 }
    go(e, 1, { twin = function() n.twin = n.twin + 1 end, tick = function() n.tick = n.tick + 1 end })
    assert.equal(1e9, e:now_ns())
    assert.equal(11, n.tick)
    assert.equal(11, n.twin)
    assert.equal(1e9, port:now_ns())
    assert.equal(1.7e18 + 1e9, (port:wall_ns()))
  end)

  it("reads what the plant does and carries what is asked to it", function()
    go(e, 0.2)
    assert.is_true(port:request(2, 99))
    go(e, 0.5)
    local value, quality, age_s = port:read(1)
    assert.equal(20, value)
    assert.equal("good", quality)
    assert.is_near(0, age_s, 0.02)
    assert.equal(99, sim:get(2))
    assert.equal(99, e:value(2))
  end)

  it("refuses requests with the channel's name, number and unit", function()
    go(e, 0.2)
    assert.same({ nil, "oven.sp: 151 degC is outside 0..150 degC", "E-RANGE" }, { port:request(2, 151) })
    assert.same({ nil, "oven.temp is a reading, it cannot be set", "E-DENIED" }, { port:request(1, 1) })
    assert.is_nil((port:request(2, 0 / 0)))
    assert.is_true(port:request(2, 10))
    local ok, message = port:request(2, 120)
    assert.is_nil(ok)
    assert.matches("step", message)
  end)

  it("shows faults as quality, and none once cleared", function()
    go(e, 0.2)
    sim:fault(1, "bad")
    go(e, 0.4)
    assert.equal("bad", select(2, port:read(1)))
    sim:fault(1, nil)
    go(e, 0.6)
    assert.equal("good", select(2, port:read(1)))
    sim:fault(1, "force", 77)
    go(e, 0.8)
    assert.equal(77, (port:read(1)))
  end)

  it("reports a trip once, with the rule's own words, and applies safe values", function()
    go(e, 0.2)
    port:request(2, 90)
    go(e, 0.5)
    sim:set(1, 170)
    local trips = {}
    go(e, 4, { tick = function()
      local trip = { port:trip() }
      if trip[1] then
        trips[#trips + 1] = trip
        port:trip_ack(trip[1])
      end
    end })
    assert.same({ { 1, "abort", "interlock", 1, "too hot" } }, trips)
    assert.equal(20, sim:get(2))
  end)

  it("fires timers in order of time, then of asking", function()
    local fired = {}
    e:timer(3e8, 30)
    e:timer(1e8, 11)
    e:timer(1e8, 12)
    go(e, 1, { timer = function(id) fired[#fired + 1] = id end })
    assert.same({ 11, 12, 30 }, fired)
  end)

  it("passes commands through", function()
    assert.is_nil((port:command()))
    assert.is_true(e:command("hold", "ope", "inspection"))
    assert.is_true(e:command "stop")
    assert.same({ "hold", "ope", "inspection" }, { port:command() })
    assert.same({ "stop", "", "" }, { port:command() })
    assert.is_nil((port:command()))
  end)

  it("gives equal numbers for equal seeds only", function()
    local function noise(seed)
      local other = assert(engine.new(oven(), seed, 0))
      local s, p, sum = other:sim(), other:port(), 0
      s:set(1, 20)
      s:fault(1, "noise", 1)
      go(other, 5, { tick = function() sum = sum + (p:read(1) or 0) end })
      other:close()
      return sum
    end
    assert.equal(noise(3), noise(3))
    assert.not_equal(noise(3), noise(4))
  end)

  it("goes on with clock and plant after a power cut, whoever is freed first", function()
    go(e, 2)
    sim:set(1, 55)
    local second = assert(engine.new(oven(), 7, 1.7e9, nil, nil, e))
    e:close()
    assert.equal(2e9, second:now_ns())
    go(second, 3)
    assert.equal(55, (second:port():read(1)))
    second:close()
  end)

  it("raises for wrong use", function()
    for _, wrong in ipairs {
      function() port:read(0) end,
      function() port:read(3) end,
      function() port:read(0 / 0) end,
      function() port:read(1 / 0) end,
      function() port:read "1x" end,
      function() port.read(sim, 1) end,
      function() port:request(2) end,
      function() port:level "panic" end,
      function() port:emit("poem", "k", "{}") end,
      function() port:state "Sleeping" end,
      function() port:status("mood", "fine") end,
      function() port:trip_ack(-1) end,
      function() port:trip_ack(1e10) end,
      function() sim:get(9) end,
      function() sim:set(1, {}) end,
      function() sim:fault(1, "gremlin") end,
      function() sim:fault(1, "force", 0 / 0) end,
      function() e:timer(1e8, -1) end,
      function() e:timer(0 / 0, 1) end,
      function() e:step(0 / 0) end,
      function() e:step() end,
      function() engine.new(oven(), 7, 0, {}) end,
      function() engine.new(oven(), 7, 0, nil, nil, port) end,
      function() engine.new(nil, 7, 0) end,
    } do
      assert.has_error(wrong)
    end
    local other, message, code = engine.new("garbage", 7, 0)
    assert.same({ nil, "E-CORRUPT" }, { other, code })
    assert.is_string(message)
  end)

  it("leaves nothing usable after close", function()
    e:close()
    e:close()
    assert.has_error(function() e:step(1e9) end, "engine: already closed")
    assert.has_error(function() port:read(1) end, "port: its line is closed")
    assert.has_error(function() port:status_flush(0) end, "port: its line is closed")
    assert.has_error(function() sim:get(1) end, "sim: its line is closed")
  end)

  it("is collected with everything that hangs on it, in any order", function()
    for i = 1, 300 do
      local s = assert(store.open(":memory:", "w"))
      local other = assert(engine.new(oven(), i, 0, s, run_in(s)))
      local p = other:port()
      p:emit("note", "k", "{}")
      if i % 3 == 0 then other:close() end
      if i % 50 == 0 then collectgarbage() end
    end
    collectgarbage()
    collectgarbage() -- the first one only finalizes some of it
    local before = collectgarbage "count" -- [kB], of all specs so far
    for _ = 1, 100000 do e:port() end
    collectgarbage()
    collectgarbage()
    assert.is_true(collectgarbage "count" < before + 2000)
  end)
end)

describe("linewright.store", function()
  local s
  before_each(function() s = assert(store.open(":memory:", "w")) end)

  it("keeps a run and its records in order", function()
    local run = run_in(s)
    local e = assert(engine.new(oven(), 7, 1.7e9, s, run))
    local port = e:port()
    port:level "none"
    local seq = port:emit("begin", "execute/a#1", '{"once":true}', true)
    assert.equal(1, seq)
    assert.equal(2, port:emit("end", "execute/a#1", "{}"))
    assert.equal(0, port:committed())
    assert.is_true(e:pump())
    assert.equal(2, port:committed())
    local found = {}
    for _, t_ns, wall_ns, kind, key, data, n in s:records(run) do
      found[#found + 1] = { t_ns, wall_ns, kind, key, data, n }
    end
    assert.same({
      { 0, 1.7e18, "begin", "execute/a#1", '{"once":true}', 1 },
      { 0, 1.7e18, "end", "execute/a#1", "{}", 2 },
    }, found)
    assert.has_error(function() s:close() end, "store: an engine or a walk still uses it")
    e:close()
    assert.is_true(s:run_end(run, "Complete"))
    assert.equal("Complete", s:run_get(run, "state"))
    assert.equal(7, s:run_get(run, "seed"))
    assert.equal(run, s:run_find())
    s:close()
    s:close()
    assert.has_error(function() s:run_find() end, "store: already closed")
  end)

  it("keeps bytes as they are", function()
    local run = run_in(s)
    local e = assert(engine.new(oven(), 7, 0, s, run))
    e:port():emit("note", "k\0é", "\1\0\255")
    e:pump()
    for _, _, _, _, key, data in s:records(run) do
      assert.equal("k\0é", key)
      assert.equal("\1\0\255", data)
    end
    e:close()
  end)

  it("keeps files of a bundle by their digest", function()
    local hash = require "linewright.hash"
    local text = "return recipe\0 'x' {}"
    local bundle = ("b"):rep(64)
    assert.is_true(s:bundle_put(bundle, "recipe", "r.lua", hash.sha256(text), text))
    assert.equal(text, s:bundle_text(bundle, "recipe", "r.lua"))
    assert.equal("E-CORRUPT", select(3, s:bundle_put(bundle, "line", "l.lua", hash.sha256 "other", text)))
    assert.equal("E-NOTFOUND", select(3, s:bundle_text(bundle, "recipe", "none.lua")))
  end)

  it("says no in words", function()
    assert.equal("E-NOTFOUND", select(3, store.open("no/such/file.db", "r")))
    assert.equal("E-NOTFOUND", select(3, s:run_find "no-such-batch"))
    assert.equal("E-NOTFOUND", select(3, s:run_get(99, "state")))
  end)

  it("raises for wrong use", function()
    for _, wrong in ipairs {
      function() store.open("x.db", "rw") end,
      function() s:run_set("colour", "red") end,
      function() s:run_set("batch", ("x"):rep(64)) end,
      function() s:run_set("batch", "a\0b") end,
      function() s:run_set("seed", "seven") end,
      function() s:run_get(-1, "state") end,
      function() s:run_get(run_in(s), "colour") end,
      function() s:records "one" end,
      function() s:run_end(0 / 0, "Complete") end,
    } do
      assert.has_error(wrong)
    end
  end)

  it("may be dropped in the middle of a walk", function()
    local run = run_in(s)
    local e = assert(engine.new(oven(), 7, 0, s, run))
    for i = 1, 10 do e:port():emit("note", "k" .. i, "{}") end
    e:pump()
    e:close()
    for _ = 1, 200 do
      local step = s:records(run)
      assert.is_number((step()))
    end
    collectgarbage()
    collectgarbage()
    s:close()
  end)
end)

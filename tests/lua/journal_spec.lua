-- The run's memory by itself: keys, what each kind of record leaves in it, what a
-- replay finds there.
local journal = require "linewright.journal"

-- A port that takes every record, until it is told to stop.
local function a_port()
  local port = { records = {} }
  function port:emit(...)
    if self.is_stopped then return nil, self.why end
    self.records[#self.records + 1] = { n = select("#", ...), ... }
    return 100 + #self.records
  end
  return port
end

local function a_journal()
  local port = a_port()
  return journal.new(port), port
end

local function with(records)
  local j = a_journal()
  for _, r in ipairs(records) do j:apply(r[1], r[2], r[3] or {}) end
  return j
end

describe("a key", function()
  it("holds a label whatever is in it", function()
    local label = "a/b#1 50%25"
    local key = "execute/" .. journal.escape(label) .. "#3"
    assert.equal("execute/a%2Fb%231 50%2525#3", key)
    assert.equal(label, journal.label(key))
    assert.equal("plain", journal.label "execute/plain")
    assert.equal("plain", journal.label "plain")
  end)

  it("is a path that people can read", function()
    assert.equal("execute > heat/up > oven", journal.path_text "execute/heat%2Fup/oven")
  end)

  it("is counted afresh by each execution on a path that replays", function()
    local j, counts = a_journal(), {}
    assert.equal("execute/a#1", j:replay_key(counts, "execute", "a"))
    assert.equal("execute/a#2", j:replay_key(counts, "execute", "a"))
    assert.equal("execute/b#1", j:replay_key(counts, "execute", "b"))
    assert.equal("execute/a#1", j:replay_key({}, "execute", "a"))
    assert.same({ ["execute/a"] = 2, ["execute/b"] = 1 }, counts)
  end)

  it("goes on from the highest on a path that does not", function()
    local j = with { { "begin", "holding/a#1" }, { "begin", "holding/a#7" }, { "begin", "holding/a#3" } }
    assert.equal("holding/a#8", j:fresh_key("holding", "a"))
    assert.equal("holding/b#1", j:fresh_key("holding", "b"))
    j:apply("begin", "holding/b#1", {})
    assert.equal("holding/b#2", j:fresh_key("holding", "b"))
    j:apply("begin", "holding/a#8", {})
    assert.equal("holding/a#9", j:fresh_key("holding", "a"))
  end)
end)

describe("a step", function()
  it("that has ended is done, one that has only begun is not", function()
    local begun, done = { t = 1 }, { value = 5 }
    local j = with { { "begin", "execute/a#1", begun } }
    assert.is_nil(j:done "execute/a#1")
    assert.is_true(j:has_begun "execute/a#1")
    j:apply("end", "execute/a#1", done)
    assert.equal(done, j:done "execute/a#1")
    j:apply("begin", "execute/a#1", begun)
    assert.is_nil(j:done "execute/a#1")
    assert.is_nil(j:done "execute/b#1")
    assert.is_false(j:has_begun "execute/b#1")
    j:apply("data", "execute/c#1", done)
    assert.is_false(j:has_begun "execute/c#1")
  end)

  it("that failed is done only once the script has caught it", function()
    local failed = { error = "broke" }
    local j = with { { "begin", "execute/a#1" }, { "end", "execute/a#1", failed }, { "note", "execute/a#1", {} } }
    assert.is_nil(j:done "execute/a#1")
    j:apply("note", "execute/a#1", { caught = true })
    assert.equal(failed, j:done "execute/a#1")
  end)

  it("of kind `once` is cut until it has ended well or was judged", function()
    local once = { once = true }
    local j = with { { "begin", "a#1", once }, { "begin", "b#1" }, { "data", "c#1" } }
    assert.is_true(j:is_cut "a#1")
    assert.is_false(j:is_cut "b#1")
    assert.is_false(j:is_cut "c#1")
    assert.is_false(j:is_cut "d#1")
    j:apply("end", "a#1", { error = "broke" })
    assert.is_true(j:is_cut "a#1")
    j:apply("note", "a#1", { caught = true })
    assert.is_false(j:is_cut "a#1")
    j:apply("begin", "a#2", once)
    j:apply("end", "a#2", { value = 1 })
    assert.is_false(j:is_cut "a#2")
  end)

  it("that a person wants again was never begun", function()
    local j = with { { "begin", "a#1", { once = true } }, { "end", "a#1" }, { "answer", "a#1", { redo = true } } }
    assert.is_false(j:has_begun "a#1")
    assert.is_nil(j:done "a#1")
    assert.is_nil(j.memo["a#1"].answer)
  end)
end)

describe("each kind of record", function()
  it("leaves what its verb asks for", function()
    local j, v = a_journal(), { value = 1, outcome = "pass" }
    for _, kind in ipairs { "data", "mark", "count", "alarm" } do
      j:apply(kind, "execute/" .. kind .. "#1", v)
      assert.equal(v, j:done("execute/" .. kind .. "#1"), kind)
    end
    j:apply("decision", "execute/d#1", v)
    assert.equal("pass", j:done("execute/d#1").outcome)
    j:apply("alarm", "execute/x#1", { change = "cleared" })
    assert.is_nil(j:done "execute/x#1")
  end)

  it("keeps question, answer, checkpoint and image", function()
    local j = a_journal()
    local question, answer, checkpoint, image = {}, { v = 1 }, { i = 2 }, { ["web.speed"] = 6 }
    j:apply("prompt", "execute/ask#1", question)
    assert.equal(question, j.memo["execute/ask#1"].prompt)
    assert.is_nil(j.memo["execute/ask#1"].answer)
    j:apply("answer", "execute/ask#1", answer)
    assert.equal(answer, j.memo["execute/ask#1"].answer)
    j:apply("ckpt", "execute/pi", checkpoint)
    assert.equal(checkpoint, j.ckpt["execute/pi"])
    j:apply("image", "image", image)
    assert.equal(image, j.image)
    assert.is_nil(j:done "execute/never#1")
  end)

  it("keeps a parameter that was changed, if the change was taken", function()
    local j = with { { "cmd", "set", { ok = true, param = "speed", v = 30 } },
      { "cmd", "set", { ok = false, param = "gap", v = 5 } }, { "cmd", "hold", { ok = true } } }
    assert.same({ speed = 30 }, j.changed)
    j:apply("state", "Stopped", {})
    assert.same({ speed = 30 }, j.changed)
    j:apply("state", "Resetting", {})
    assert.same({}, j.changed)
  end)

  it("keeps what the run was at its first begin", function()
    local first = { version = "1" }
    local j = with { { "run", "run", first }, { "run", "run", { version = "2" } } }
    assert.equal(first, j.run)
  end)

  it("is counted by label over the whole run", function()
    local j = with { { "mark", "execute/splice#1" }, { "mark", "execute/zone/splice#2" },
      { "mark", "execute/scrap#1" }, { "data", "execute/splice#1" }, { "state", "Execute" } }
    assert.equal(3, j:count "mark")
    assert.equal(2, j:count("mark", "splice"))
    assert.equal(0, j:count("mark", "roll"))
    assert.equal(0, j:count "alarm")
    assert.equal(1, j:count("state", "Execute"))
  end)
end)

describe("a new state", function()
  local RECORDS = { { "begin", "execute/a#4" }, { "ckpt", "execute/l" }, { "image", "image" } }

  it("is the newest, with its reason", function()
    local j = with { { "state", "Held", { reason = "too hot" } } }
    assert.same({ "Held", "too hot" }, { j.state, j.reason })
    j:apply("state", "Unholding", {})
    assert.same({ "Unholding" }, { j.state, j.reason })
  end)

  it("makes history of what an earlier start did, and counts on", function()
    local j = with(RECORDS)
    j:apply("state", "Execute", {})
    assert.is_true(j:has_begun "execute/a#4")
    assert.equal(1, #j.order)
    j:apply("state", "Starting", {})
    assert.is_false(j:has_begun "execute/a#4")
    assert.same({ {}, {} }, { j.order, j.ckpt })
    assert.is_nil(j.image)
    assert.equal("execute/a#5", j:fresh_key("execute", "a"))
  end)

  it("forgets the once-steps of an Unholding that came through", function()
    local done = { value = 1 }
    local function unheld()
      return with { { "begin", "unholding/a#3", { once = true, nth = 2 } }, { "end", "unholding/a#3", done } }
    end
    local j = unheld()
    assert.equal(done, j.unheld["unholding/a"][2])
    j:apply("begin", "unholding/a#4", { once = true, nth = 1 })
    j:apply("end", "unholding/a#4", done)
    assert.same({ done, done }, j.unheld["unholding/a"])
    for state, n in pairs { Unholding = 1, Held = 1, Execute = 0, Holding = 0 } do
      j = unheld()
      j:apply("state", state, {})
      assert.equal(n, next(j.unheld) and 1 or 0, state)
    end
  end)

  it("keeps no once-step that failed, was not `once`, or has no place", function()
    local j = with { { "begin", "u/a#1", { once = true, nth = 1 } }, { "end", "u/a#1", { error = "broke" } },
      { "begin", "u/b#1", { nth = 1 } }, { "end", "u/b#1" }, { "begin", "u/c#1", { once = true } }, { "end", "u/c#1" },
      { "end", "u/d#1" } }
    assert.same({}, j.unheld)
  end)
end)

describe("a record that leaves", function()
  it("goes out as JSON and into the memory", function()
    local j, port = a_journal()
    assert.equal(101, j:emit("end", "execute/a#1", { value = 5 }))
    assert.same({ n = 3, "end", "execute/a#1", '{"value":5}' }, port.records[1])
    assert.same({ value = 5 }, j:done "execute/a#1")
    assert.same({ 101, 101 }, { j.newest, j.newest_durable })
  end)

  it("is waited for by its kind, or as the caller says", function()
    local waits = { state = true, ["end"] = true, cmd = true, image = true, prompt = true, answer = true, alarm = true,
      run = true, begin = false, data = false, mark = false, note = false, ckpt = false }
    for kind, is_durable in pairs(waits) do
      local j = a_journal()
      j:emit(kind, "k#1", {})
      assert.equal(is_durable and 101 or 0, j.newest_durable, kind)
      assert.equal(101, j.newest)
    end
    local j, port = a_journal()
    j:emit("begin", "k#1", {}, true)
    assert.same({ 101, 4, true }, { j.newest_durable, port.records[1].n, port.records[1][4] })
    j:emit("end", "k#1", {}, false)
    assert.same({ 101, 102, false }, { j.newest_durable, j.newest, port.records[2][4] })
  end)

  it("is refused by name when it holds what cannot be written", function()
    local j, port = a_journal()
    local ok, message = pcall(j.emit, j, "data", "execute/a%2Fb#1", { f = print })
    assert.is_false(ok)
    assert.equal("E-JOURNAL data 'a/b' holds ", message:sub(1, 27))
    assert.equal(0, #port.records)
  end)

  it("fails for the first reason once the journal has stopped", function()
    local j, port = a_journal()
    port.is_stopped, port.why = true, "disk full"
    assert.is_nil(j:emit("end", "k#1", {}))
    assert.equal("disk full", j.failed)
    port.why = "later"
    j:emit("end", "k#1", {})
    assert.equal("disk full", j.failed)
    assert.is_nil(j:done "k#1")
    assert.same({ 0, 0 }, { j.newest, j.newest_durable })
    local mute = a_journal()
    mute.port.is_stopped = true
    mute:emit("end", "k#1", {})
    assert.equal("the host takes no records", mute.failed)
  end)
end)

describe("a replay", function()
  local function finished(...)
    local records = {}
    for _, key in ipairs { ... } do
      records[#records + 1] = { "begin", key }
      records[#records + 1] = { "end", key }
    end
    return records
  end

  it("that misses a finished verb is found out by the first of them", function()
    local j = with(finished("execute/a#1", "execute/b#1", "holding/c#1"))
    assert.equal("execute/a#1", j:unreached "execute")
    j:done "execute/a#1"
    assert.equal("execute/b#1", j:unreached "execute")
    j:done "execute/b#1"
    assert.is_nil(j:unreached "execute")
    assert.equal("holding/c#1", j:unreached "holding")
    j:rewind()
    assert.equal("execute/a#1", j:unreached "execute")
  end)

  it("need not reach what only began, or never did", function()
    local j = with { { "begin", "execute/a#1" }, { "data", "execute/b#1" } }
    assert.is_nil(j:unreached "execute")
  end)

  it("need not reach what lies below a verb that failed", function()
    local records = finished("execute/zone/a#1", "execute/zone2/a#1")
    records[#records + 1] = { "begin", "execute/zone#1" }
    records[#records + 1] = { "end", "execute/zone#1", { error = "broke" } }
    assert.equal("execute/zone2/a#1", with(records):unreached "execute")
  end)

  it("need not reach the branches beside one that failed", function()
    local records = finished("execute/left/a#1")
    records[#records + 1] = { "end", "execute/parallel#1", { error = "broke" } }
    assert.is_nil(with(records):unreached "execute")
    records[#records] = { "end", "execute/parallel#1", {} }
    assert.equal("execute/left/a#1", with(records):unreached "execute")
  end)
end)

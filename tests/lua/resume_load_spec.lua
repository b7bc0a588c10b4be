-- Taking up a run from its records, with doubles for what it drives: what is commanded
-- of the outputs, what is asked, what is said and what is on record then.
local journal = require "linewright.journal"
local resume = require "linewright.resume"

local unpack = table.unpack or unpack

local HERE, THERE = ("71aa"):rep(16), ("9f3c"):rep(16)

-- A run before its `load`, and what is asked of its parts.
local function a_run()
  local said, records = {}, {}
  local function note(...) said[#said + 1] = table.concat({ ... }, " ") end
  local port = {}
  function port:emit(kind, key, text, durable)
    records[#records + 1] = { kind = kind, key = key, text = text, durable = durable }
    return #records
  end
  function port:level(level) note("level", level) end
  function port:read(index) return self[index], self[index] and "good" or "bad" end
  local scheduler = { live = {}, loops = {} }
  function scheduler:context(name)
    note("context", name)
    return { name = name, active = true }
  end
  function scheduler:run() note "run" end
  function scheduler:activate(ctx, is_on) note("activate", ctx.name, tostring(is_on)) end
  function scheduler:drop(ctx) note("drop", ctx.name) end
  local rt = { journal = journal.new(port), port = port, scheduler = scheduler, gate = {}, prompts = {}, prompt_n = 0,
    loops = { 1 }, records = { mass = { 5 } } }
  local run = { rt = rt, port = port, bundle = { hash = HERE, channels = {} }, recipe = { version = "2.0" },
    unknown = {}, settled = true }
  return run, said, records
end

local function iterator(rows)
  local i = 0
  return function()
    i = i + 1
    if rows[i] then return rows[i][1], rows[i][2], rows[i][3] end
  end
end

-- A run that has come back from rows of kind, key and JSON.
local function loaded(rows, bundle_then, death)
  local run, said, records = a_run()
  resume.load(run, iterator(rows), bundle_then, death)
  return run, said, records
end

local function state(name, reason)
  return { "state", name, reason and ('{"reason":"%s"}'):format(reason) or "{}" }
end

local function begun(key, is_once) return { "begin", key, is_once and '{"once":true}' or "{}" } end

describe("the reason of a run that came back", function()
  local function reason_of(rows, death) return loaded(rows, nil, death).reason end

  it("is its own where it rests as before", function()
    assert.equal("too hot", reason_of { state("Held", "too hot") })
    assert.equal("too hot", reason_of({ state("Held", "too hot") }, "worker killed"))
    assert.equal("commanded", reason_of { begun("completing/purge#1", true), state("Stopped", "commanded") })
  end)

  it("says in which state it was cut, and why it was there", function()
    assert.equal("restarted; the run was cut in Execute", reason_of { state "Execute" })
    assert.equal("restarted; the run was cut in Holding (too hot)", reason_of { state("Holding", "too hot") })
    assert.equal("restarted; the run was cut in Held", reason_of { state "Held" })
    assert.equal("restarted; the run was cut in Stopped", reason_of {})
  end)

  it("says how the worker before ended", function()
    assert.equal("worker killed; restarted", reason_of({ state "Execute" }, "worker killed"))
    assert.equal("worker killed; restarted (too hot)", reason_of({ state("Holding", "too hot") }, "worker killed"))
  end)

  it("names what is in doubt at an end, and only there", function()
    local cut = begun("completing/purge#1", true)
    assert.equal("restarted; the run was cut in Completing", reason_of { state "Completing" })
    assert.equal("restarted; the run was cut in Completing; begun and not confirmed: once-step 'purge', 'rinse'",
      reason_of { cut, begun("completing/rinse#1", true), begun("completing/look#1"), state "Completing" })
    assert.equal("restarted; the run was cut in Execute", reason_of { begun("execute/dose#1", true), state "Execute" })
  end)
end)

describe("a run that came back", function()
  it("puts its outputs where its state wants them, and waits for that", function()
    for was, want in pairs { Execute = { "Held", "hold" }, Aborting = { "Aborted", "abort" }, Complete = { "Complete",
      "stop" }, Idle = { "Stopped", "stop" } } do
      local run, said = loaded { state(was) }
      assert.same({ want[1], "level " .. want[2], false }, { run.state, said[1], run.settled }, was)
    end
  end)

  it("has a record of where it came from", function()
    local run, _, records = loaded { state("Holding", "too hot") }
    local last = records[#records]
    assert.same({ "state", "Held", #records }, { last.kind, last.key, run.state_seq })
    local data = assert(require("linewright.json").decode(last.text))
    assert.same({ from = "Holding", who = "restart", reason = "restarted; the run was cut in Holding (too hot)" }, data)
  end)

  it("has the set-points of the journal as its own, or none", function()
    local run = loaded { state "Execute", { "image", "setpoints", '{"a":1}' } }
    assert.same({ a = 1 }, run.rt.image)
    run.rt.image.a = 2
    assert.same({ a = 1 }, run.rt.journal.image)
    assert.same({}, loaded({ state "Execute" }).rt.image)
  end)

  it("walks execute again where it is Held, and leaves that standing", function()
    local run, said = loaded { state "Execute" }
    assert.same({ "level hold", "context execute", "run", "activate execute false" }, said)
    assert.is_true(run.execute.replaying)
    assert.same({ {}, {} }, { run.rt.loops, run.rt.records })
    assert.same({ "level stop" }, select(2, loaded { state "Idle" }))
  end)

  it("asks each step, or none, as was commanded last", function()
    local function is_semi(rows) return loaded(rows).rt.gate.semi end
    local on = { "cmd", "mode", '{"ok":true,"arg":"Semi-Automatic"}' }
    local off = { "cmd", "mode", '{"ok":true,"arg":"automatic"}' }
    assert.is_false(is_semi {})
    assert.is_true(is_semi { on })
    assert.is_false(is_semi { on, off })
    assert.is_true(is_semi { off, on })
    for _, other in ipairs { { "cmd", "mode", '{"ok":false,"arg":"automatic"}' }, { "cmd", "mode", '{"ok":true}' },
      { "cmd", "mode", '{"ok":true,"arg":"production"}' }, { "cmd", "set", '{"ok":true,"arg":"automatic"}' },
      { "note", "mode", '{"ok":true,"arg":"automatic"}' }, { "cmd", "reset", "" }, { "note", "x", "7" } } do
      assert.is_true(is_semi { on, other }, other[3])
    end
  end)

  it("is not walked again with another bundle, and says which two", function()
    local run, said = loaded({ { "run", "run", '{"version":"1.0"}' }, begun("execute/dose#1", true), state "Execute" },
      THERE)
    assert.equal("REPLAY  refused: journal was made with bundle 9f3c..., this is 71aa... (recipe 1.0 -> 2.0). "
      .. "Run the old bundle or stop the batch.", run.refused)
    assert.equal(run.refused, run.reason)
    assert.same({ "level hold" }, said)
    assert.same({}, run.rt.prompts)
    assert.truthy(loaded({ state "Execute" }, THERE).refused:find("(recipe ? -> 2.0)", 1, true))
    assert.is_nil(loaded({ state "Execute" }, HERE).refused)
  end)

  it("is refused where its script ends before what the journal has finished", function()
    local run = loaded { begun "execute/mix#1", { "end", "execute/mix#1", "{}" }, state "Execute" }
    assert.equal("REPLAY  refused: the journal has finished 'mix' (execute/mix#1), the script never reaches it; "
      .. "it waits at its end. Run the recipe the batch was begun with, or stop the batch.", run.reason)
  end)
end)

describe("a step in doubt", function()
  local TWO = { begun("execute/dose#1", true), begun("execute/holding/seal#1", true), begun("holding/purge#1", true),
    begun "execute/look#1", state "Execute" }

  it("is asked about once, each with its own signature", function()
    local run, _, records = loaded(TWO)
    local labels = {}
    for i, item in ipairs(run.unknown) do labels[i] = item.label end
    assert.same({ "dose", "seal", "purge" }, labels)
    assert.same({ { "done", "redo", "abort" }, "performed", true },
      { run.rt.prompts[1].choices, run.rt.prompts[1].sign, run.rt.prompts[1].redo_of })
    assert.truthy(records[1].text:find('"sign":"performed"', 1, true))
    resume.ask_cut(run, true)
    assert.equal(3, #run.unknown)
    assert.equal(3, #run.rt.prompts)
  end)

  it("of execute is none while that only stands", function()
    local run = a_run()
    for _, row in ipairs(TWO) do run.rt.journal:apply(row[1], row[2], { once = row[3]:find "once" and true }) end
    resume.ask_cut(run, false, true)
    assert.same({ "purge", true }, { run.unknown[1].label, run.unknown[1].is_failure })
    assert.equal(1, #run.unknown)
  end)

  it("is forgotten with its question where the run ends, other questions stay", function()
    local run = loaded(TWO)
    local other = { prompt = "colour?" }
    table.insert(run.rt.prompts, 2, other)
    resume.forget(run)
    assert.equal(1, #run.rt.prompts)
    assert.equal(other, run.rt.prompts[1])
    assert.same({}, run.unknown)
  end)
end)

describe("what a device says of a step in doubt", function()
  local ASKED = "Once-step 'dose' was begun and not confirmed. Did it happen?"

  local function asked()
    local run, _, records = loaded { begun("execute/dose#1", true), { "intent", "execute/dose/valve#1",
      '{"v":1,"id":2}' }, state "Execute" }
    run.bundle.channels = { valve = { path = "valve", echo = { index = 1 } } }
    return run, records
  end

  local function texts(records)
    local out = {}
    for _, record in ipairs(records) do
      if record.kind == "note" then out[#out + 1] = record.text end
      assert.is_true(record.kind ~= "note" or record.durable)
    end
    return out
  end

  it("stands behind the question and on record, once for each word", function()
    local run, records = asked()
    local first = "valve: its device says nothing of command 2, its newest is 1."
    local second = "valve: its device says that it carried out command 2."
    resume.hear(run)
    assert.same({ ASKED, {} }, { run.rt.prompts[1].prompt, texts(records) })
    for shown, said in ipairs { first, second } do
      run.port[1] = shown
      for _ = 1, 2 do resume.hear(run) end
      assert.equal(ASKED .. " " .. said, run.rt.prompts[1].prompt)
    end
    run.port[1] = nil
    resume.hear(run)
    assert.equal(ASKED .. " " .. second, run.rt.prompts[1].prompt)
    assert.same({ ('{"text":"%s"}'):format(first), ('{"text":"%s"}'):format(second) }, texts(records))
  end)
end)

describe("a script that is begun again", function()
  it("is one that has failed, its old life is dropped, once", function()
    local run, said = loaded { state "Execute" }
    local first = run.execute
    assert.is_false(resume.rebuild(run))
    assert.equal(first, run.execute)
    run.execute_broken = true
    assert.is_true(resume.rebuild(run))
    assert.is_false(resume.rebuild(run))
    assert.same({ "drop execute", "context execute", "run", "activate execute false" },
      { unpack(said, 5) })
    assert.is_false(run.execute_broken)
    assert.not_equal(first, run.execute)
  end)

  it("must reach this time, too, what the journal has finished", function()
    local run = loaded { begun "execute/mix#1", state "Execute" }
    run.rt.journal:apply("end", "execute/mix#1", {})
    run.rt.journal:done "execute/mix#1" -- met by an earlier life
    run.execute_broken = true
    resume.rebuild(run)
    assert.truthy(run.refused:find("the journal has finished 'mix'", 1, true))
  end)

  it("has its loops as their newest checkpoint says", function()
    local run = loaded { { "ckpt", "execute/pid#1", '{"n":7}' }, state "Execute" }
    local restored = {}
    local function loop(ctx, name)
      return { ctx = ctx, key = "execute/" .. name .. "#1", restore = function(_, saved) restored[name] = saved end }
    end
    local scheduler = run.rt.scheduler
    function scheduler:context()
      local ctx = { name = "execute" }
      self.loops = { loop(ctx, "pid"), loop({}, "other") }
      return ctx
    end
    run.execute_broken = true
    resume.rebuild(run)
    assert.same({ pid = { n = 7 } }, restored)
  end)
end)

describe("a long walk", function()
  -- Begin a script again whose journal knows so many keys and which takes so many passes;
  -- returns how often the host heard of it, and what was asked of the collector.
  local function walked(keys, passes)
    local run = loaded { state "Execute" }
    for i = 1, keys do run.rt.journal:apply("begin", "execute/s#" .. i, {}) end
    local left, beats, asked = passes, 0, {}
    function run.rt.scheduler:run()
      left = left - 1
      return left >= 0
    end
    function run.port:beat() beats = beats + 1 end
    run.execute_broken = true
    local collect = collectgarbage
    _G.collectgarbage = function(...) asked[#asked + 1] = { ... } end -- luacheck: ignore 122
    local ok, message = pcall(resume.rebuild, run)
    _G.collectgarbage = collect -- luacheck: ignore 122
    assert.is_true(ok, message)
    return beats, asked
  end

  it("is heard of by the host after each pass", function()
    assert.equal(3, (walked(1, 3)))
    assert.equal(0, (walked(1, 0)))
  end)

  it("has what it leaves behind collected between the passes, a short one does not", function()
    local function asked(keys) return select(2, walked(keys, 2)) end
    assert.same({}, asked(1000))
    assert.same({ { "step", 1000 }, { "step", 1000 } }, asked(1001))
  end)

  it("of a run that comes back is not heard of: the host waits for its first tick", function()
    local run = a_run()
    local left = 2
    function run.rt.scheduler:run()
      left = left - 1
      return left >= 0
    end
    function run.port:beat() error "heard" end
    resume.load(run, iterator { state "Execute" })
    assert.equal(-1, left)
  end)
end)

describe("a recipe without handlers of its own", function()
  it("sets again what it had set, and proves again after a hold", function()
    local function said_by(handler)
      local said = {}
      local r = {}
      for _, verb in ipairs { "restore_setpoints", "reprove" } do
        r[verb] = function() said[#said + 1] = verb end
      end
      handler(r)
      return said
    end
    assert.same({ "restore_setpoints", "reprove" }, said_by(resume.DEFAULTS.unholding))
    assert.same({ "restore_setpoints" }, said_by(resume.DEFAULTS.unsuspending))
  end)
end)

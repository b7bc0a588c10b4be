-- The ladder's tables typed out by hand, and what happens on the way from state to
-- state, in its order, with doubles for all that a run consists of.
local ladder = require "linewright.ladder"
local transitions = require "linewright.transitions"

describe("the ladder", function()
  it("has a level for each state that moves outputs", function()
    assert.same({ Holding = "hold", Stopping = "stop", Aborting = "abort", Suspending = "suspend", Clearing = "stop",
      Resetting = "none", Starting = "none", Unholding = "none", Unsuspending = "none" }, ladder.LEVEL)
  end)

  it("has a way on from each state whose handler failed", function()
    assert.same({ Execute = "hold", Unholding = "hold", Unsuspending = "hold", Holding = "stop", Starting = "stop",
      Completing = "stop", Suspending = "stop", Resetting = "stop", Stopping = "abort", Clearing = "abort" },
      ladder.ON_ERROR)
  end)

  it("names the handler of each acting state", function()
    assert.same({ Resetting = "resetting", Starting = "starting", Completing = "completing", Holding = "holding",
      Unholding = "unholding", Suspending = "suspending", Unsuspending = "unsuspending", Stopping = "stopping",
      Aborting = "aborting", Clearing = "clearing" }, ladder.HANDLER)
  end)

  local HOLDS = { Execute = true, Suspending = true, Suspended = true, Unsuspending = true, Unholding = true }
  local STOPS_INSTEAD = { Starting = true, Completing = true, Resetting = true }

  it("holds where a hold can be reached, stops where it cannot, and is content with the rest", function()
    for _, state in ipairs { "Stopped", "Idle", "Execute", "Held", "Suspended", "Complete", "Aborted", "Starting",
      "Completing", "Resetting", "Holding", "Unholding", "Suspending", "Unsuspending", "Stopping", "Aborting",
      "Clearing" } do
      local want = HOLDS[state] and "hold" or STOPS_INSTEAD[state] and "stop" or nil
      assert.equal(want, ladder.command(state, "hold"), state)
      assert.equal(state == "Execute" and "suspend" or nil, ladder.command(state, "suspend"), state)
    end
    assert.equal("stop", ladder.command("Held", "stop"))
    assert.equal("abort", ladder.command("Stopping", "abort"))
    assert.is_nil(ladder.command("Stopping", "stop"))
    assert.is_nil(ladder.command("Aborted", "abort"))
  end)

  it("holds for a trip that suspends where what is at work cannot be suspended", function()
    for _, state in ipairs { "Stopped", "Idle", "Execute", "Held", "Suspended", "Complete", "Aborted", "Holding",
      "Suspending", "Stopping", "Aborting", "Clearing" } do
      assert.equal("suspend", ladder.of_trip(state, "suspend"), state)
    end
    for _, state in ipairs { "Resetting", "Starting", "Completing", "Unholding", "Unsuspending" } do
      assert.equal("hold", ladder.of_trip(state, "suspend"), state)
      for _, level in ipairs { "hold", "stop", "abort" } do assert.equal(level, ladder.of_trip(state, level), state) end
    end
  end)

  it("brings a run back to where a person goes on, with its level", function()
    local after = { Held = "hold", Aborted = "abort", Complete = "stop", Stopped = "stop" }
    local back = { Execute = "Held", Suspending = "Held", Suspended = "Held", Unsuspending = "Held",
      Unholding = "Held", Holding = "Held", Held = "Held", Aborting = "Aborted", Aborted = "Aborted",
      Complete = "Complete", Completing = "Stopped", Starting = "Stopped", Stopped = "Stopped", Idle = "Stopped",
      Resetting = "Stopped", Stopping = "Stopped", Clearing = "Stopped" }
    for was, to in pairs(back) do assert.same({ to, after[to] }, { ladder.after_restart(was) }, was) end
    assert.same({ "Stopped", "stop" }, { ladder.after_restart(nil) })
  end)
end)

-- A run whose parts note what is asked of them.
local function a_run(state)
  local said = {}
  local function note(...) said[#said + 1] = table.concat({ ... }, " ") end
  local scheduler = { loops = {}, live = {} }
  function scheduler:context(name, fn) return { path = name, fn = fn, waits = {} } end
  function scheduler:activate(ctx, is_active) note("activate", ctx.path, tostring(is_active)) end
  function scheduler:drop(ctx) note("drop", ctx.path) end
  local journal = { order = {} }
  function journal:emit(kind, key, data)
    note("record", kind, key)
    self.newest = data
    return 77
  end
  local rt = { scheduler = scheduler, journal = journal, records = { 1, 2 }, loops = { 1 }, image = { a = 1 },
    image_dirty = true, prompts = {}, meter = {}, guards = { rearm = function() note "rearm" end },
    gate = {}, checkpoint_loops = function(ctx) note("checkpoint", ctx.path) end }
  local port = { level = function(_, level) note("level", level) end,
    state = function(_, to) note("state", to) end, now_ns = function() return 0 end }
  rt.port = port
  local run = { rt = rt, state = state, port = port, settled = true, status_at = 5, unknown = {},
    recipe = { execute = print }, execute = nil, handler = nil,
    announce = function(_, from, reason) note("announce", from, tostring(reason)) end }
  return run, said
end

describe("on the way to a state", function()
  it("outputs come first, then the record, then the word to others", function()
    local run, said = a_run "Execute"
    run.execute = { path = "execute" }
    transitions.enter(run, "Holding", "ope", "too hot")
    assert.same({ "level hold", "checkpoint execute", "activate execute false", "record state Holding", "state Holding",
      "announce Execute too hot" }, said)
    assert.same({ "Holding", false, 77 }, { run.state, run.settled, run.state_seq })
    assert.is_nil(run.status_at)
    assert.same({ from = "Execute", who = "ope", reason = "too hot" }, run.rt.journal.newest)
  end)

  it("the handler of the old state leaves", function()
    local run, said = a_run "Holding"
    run.handler = { path = "holding" }
    transitions.enter(run, "Held", "run", nil)
    assert.equal("drop holding", said[1])
    assert.is_nil(run.handler)
  end)

  it("execute is put aside, and given up where the batch ends", function()
    for to, is_given_up in pairs { Completing = true, Stopping = true, Aborting = true, Resetting = true,
      Holding = false, Suspending = false, Held = false } do
      local run, said = a_run "Execute"
      run.execute = { path = "execute" }
      transitions.enter(run, to, "ope", nil)
      local text = table.concat(said, "; ")
      assert.truthy(text:find("activate execute false", 1, true), to)
      assert.equal(is_given_up, text:find("drop execute", 1, true) ~= nil, to)
      assert.equal(is_given_up, run.execute == nil, to)
    end
  end)

  it("a doubt goes with its question where the batch ends, whoever ends it", function()
    for to, is_over in pairs { Completing = true, Stopping = true, Aborting = true, Resetting = true,
      Holding = false, Held = false } do
      local run = a_run "Unholding"
      local question = { id = 1, settle = print }
      run.rt.prompts, run.unknown = { question }, { { key = "execute/dose#1", question = question } }
      transitions.enter(run, to, "run", "a guard")
      local left = is_over and 0 or 1
      assert.same({ left, left }, { #run.rt.prompts, #run.unknown }, to)
    end
  end)

  it("loops are kept only from Execute itself", function()
    local run, said = a_run "Held"
    run.execute = { path = "execute" }
    transitions.enter(run, "Stopping", "ope", nil)
    assert.falsy(table.concat(said, "; "):find("checkpoint", 1, true))
  end)

  it("guards are armed again where outputs are let go", function()
    for to, level in pairs { Starting = "none", Unsuspending = "none", Clearing = "stop", Aborting = "abort" } do
      local run, said = a_run "Stopped"
      transitions.enter(run, to, "ope", nil)
      assert.equal("level " .. level, said[1])
      assert.equal(level == "none" and "rearm" or "record state " .. to, said[2])
    end
    local run, said = a_run "Idle"
    transitions.enter(run, "Held", "run", nil)
    assert.equal("record state Held", said[1])
  end)

  it("a batch completed from elsewhere than Execute lets its outputs go", function()
    local run, said = a_run "Held"
    transitions.enter(run, "Completing", "ope", nil)
    assert.same({ "level none", "rearm" }, { said[1], said[2] })
    run, said = a_run "Execute"
    transitions.enter(run, "Completing", "ope", nil)
    assert.equal("record state Completing", said[1])
  end)

  it("a start begins with nothing of an earlier one", function()
    local run = a_run "Idle"
    local records, loops = run.rt.records, run.rt.loops
    transitions.enter(run, "Starting", "ope", nil)
    assert.same({ {}, {}, {}, false }, { run.rt.records, run.rt.loops, run.rt.image, run.rt.image_dirty })
    assert.equal(records, run.rt.records)
    assert.equal(loops, run.rt.loops)
  end)

  it("execute is made once, and goes on where it was", function()
    local run, said = a_run "Starting"
    transitions.enter(run, "Execute", "run", nil)
    local first = run.execute
    assert.same({ "execute", print, false }, { first.path, first.fn, first.replaying })
    assert.truthy(table.concat(said, "; "):find("activate execute true", 1, true))
    run.state, first.replaying = "Unholding", true
    transitions.enter(run, "Execute", "run", nil)
    assert.equal(first, run.execute)
    assert.is_false(first.replaying)
  end)

  it("waits begin again after an unhold, and only those that ran out after a suspend", function()
    local function waited_from(state)
      local run = a_run(state)
      run.execute = { path = "execute", now = 100 }
      local runs_on, ran_out = { ctx = run.execute, within = 7, deadline = 104 }, { ctx = run.execute, within = 7 }
      run.rt.scheduler.live = { runs_on, ran_out }
      transitions.enter(run, "Execute", "run", nil)
      return { runs_on.deadline, ran_out.deadline }
    end
    assert.same({ 107, 107 }, waited_from "Unholding")
    assert.same({ 104, 107 }, waited_from "Unsuspending")
  end)

  it("questions of branches that are gone are not asked any more", function()
    local run = a_run "Execute"
    local kept = { id = 2, settle = print }
    run.rt.prompts = { { id = 1 }, kept }
    transitions.enter(run, "Holding", "ope", nil)
    assert.same({ kept }, run.rt.prompts)
  end)

  it("a reason lasts while the run rests, and goes when it runs again", function()
    local run = a_run "Execute"
    transitions.enter(run, "Holding", "run", "too hot")
    assert.equal("too hot", run.reason)
    transitions.enter(run, "Held", "run", nil)
    assert.same({ "too hot", "too hot" }, { run.reason, run.rt.journal.newest.reason })
    transitions.enter(run, "Unholding", "ope", nil)
    assert.is_nil(run.rt.journal.newest.reason)
    assert.equal("too hot", run.reason)
    transitions.enter(run, "Execute", "run", nil)
    assert.is_nil(run.reason)
    for _, state in ipairs { "Suspended", "Stopped", "Aborted" } do
      run = a_run "Execute"
      run.reason = "why"
      transitions.enter(run, state, "run", nil)
      assert.equal("why", run.rt.journal.newest.reason, state)
    end
    run.reason = "why"
    transitions.enter(run, "Resetting", "ope", nil)
    assert.is_nil(run.reason)
  end)

  it("what models did is counted to the end where the run rests", function()
    for to, is_counted in pairs { Held = true, Suspended = true, Stopped = true, Aborted = true, Complete = true,
      Holding = false, Idle = false } do
      local run, said = a_run "Execute"
      run.rt.metered_ns = 0 -- less than a minute ago
      run.rt.meter.m = { name = "m", calls = 3, fallbacks = 0, told = 1, told_fallbacks = 0, states = {}, outcomes = {} }
      transitions.enter(run, to, "run", nil)
      assert.equal(is_counted, table.concat(said, "; "):find("record meter m", 1, true) ~= nil, to)
    end
  end)

  it("where it happened and what was seen goes on record with a reason, once", function()
    local run = a_run "Execute"
    run.where, run.saw = { step = "coat" }, { flow = 3 }
    transitions.enter(run, "Holding", "run", "too hot")
    assert.same({ { step = "coat" }, { flow = 3 } }, { run.rt.journal.newest.where, run.rt.journal.newest.saw })
    assert.is_nil(run.saw)
    run.saw = { flow = 4 }
    transitions.enter(run, "Held", "run", nil)
    assert.is_nil(run.rt.journal.newest.where)
    assert.is_nil(run.rt.journal.newest.saw)
    assert.is_nil(run.saw)
  end)
end)

local small_run = dofile "tests/support/small_run.lua"

local function asking(opts, more)
  local got = {}
  local parts = more or {}
  parts.execute = parts.execute or function(r) got.answer = r.ask(opts) end
  local t = small_run(parts)
  t:start()
  t:run_until("Execute", { within = "1 min" })
  t:advance "1 s"
  return t, got
end

local QUESTION = { prompt = "Seal intact?", choices = { "yes", "no" } }

describe("r.ask", function()
  it("waits for a person's answer", function()
    local t, got = asking(QUESTION)
    t:advance "10 h"
    assert.equal("Seal intact?", t.run.prompts[1].prompt)
    assert.is_true(t:answer "no")
    t:run_until("Complete", { within = "1 min" })
    assert.equal("no", got.answer)
    assert.equal(0, #t.run.prompts)
    assert.equal(1, t:count("prompt", "Seal intact?"))
    assert.equal(1, t:count("answer", "Seal intact?"))
  end)

  it("refuses what is no choice, and an answer when nothing is asked", function()
    local t = asking(QUESTION)
    assert.same({ false, "'maybe' is no answer to 'Seal intact?'; choose yes or no" }, { t:answer "maybe" })
    t:answer "yes"
    assert.same({ false, "no question is open" }, { t:answer "yes" })
  end)

  it("takes the default when the time is up", function()
    local t, got = asking { prompt = "Go?", choices = { "a", "b" }, within = "2 min", default = "b" }
    t:run_until("Complete", { within = "125 s" })
    assert.equal("b", got.answer)
  end)

  it("holds without a default, keeps the question open, and takes the answer while Held", function()
    local t, got = asking { prompt = "Go?", choices = { "a", "b" }, within = "1 min" }
    t:run_until("Held", { within = "2 min" })
    assert.equal("no answer in time to: Go?", t.run.reason)
    assert.is_true(t:answer "a")
    t:command "unhold"
    t:run_until("Complete", { within = "1 min" })
    assert.equal("a", got.answer)
  end)

  it("wants the number of the question when several are open", function()
    local got = {}
    local t = asking(nil, { execute = function(r)
      r.parallel {
        a = function() got.a = r.ask { prompt = "A?" } end,
        b = function() got.b = r.ask { prompt = "B?" } end,
      }
    end })
    assert.same({ false, "2 questions are open; put the number of one before the answer" }, { t:answer "x" })
    assert.is_true(t:answer "2 for b")
    assert.is_true(t:answer "for a")
    t:run_until("Complete", { within = "1 min" })
    assert.same({ a = "for a", b = "for b" }, got)
  end)

  it("asks again after a power loss only what was not answered", function()
    local got = {}
    local t = asking(nil, { execute = function(r)
      got[#got + 1] = r.ask { prompt = "First?" }
      got[#got + 1] = r.ask { prompt = "Second?" }
    end })
    t:answer "1st"
    t:advance "1 s"
    t:crash()
    t:reboot()
    t:command "unhold"
    t:run_until(function(run) return #run.prompts == 1 end, { within = "1 min" })
    assert.equal("Second?", t.run.prompts[1].prompt)
    assert.equal(1, t:count("prompt", "First?"))
    assert.equal(1, t:count("prompt", "Second?"))
    t:answer "2nd"
    t:run_until("Complete", { within = "1 min" })
    assert.same({ "1st", "1st", "2nd" }, got)
  end)

  it("drops its question with the run", function()
    local t = asking(QUESTION)
    t:command "abort"
    t:run_until("Aborted", { within = "1 min" })
    assert.equal(0, #t.run.prompts)
  end)

  it("refuses a default that is no choice, or that never counts", function()
    for reason, opts in pairs {
      ["default 'c' is not among the choices (a, b)"] =
        { prompt = "?", choices = { "a", "b" }, default = "c", within = 1 },
      ["a default needs `within`"] = { prompt = "?", choices = { "a" }, default = "a" },
      ["E-ARG r.ask: prompt must be a string"] = { choices = { "a" } },
    } do
      local t = small_run { execute = function(r) r.ask(opts) end }
      t:start()
      t:run_until("Held", { within = "1 min" })
      assert.truthy(t.run.reason:find(reason, 1, true), t.run.reason)
    end
  end)
end)

local small_run = dofile "tests/support/small_run.lua"

local function complete(execute)
  local t = small_run { execute = execute }
  t:start()
  t:run_until("Complete", { within = "10 min" })
  return t
end

local function held(execute)
  local t = small_run { execute = execute }
  t:start()
  t:run_until("Held", { within = "10 min" })
  return t
end

describe("r.step", function()
  it("returns what its function returns, all of it", function()
    local a, b, c, n
    complete(function(r)
      a, b, c = r.step("three", function() return 1.5, nil, { x = { "deep" } } end)
      n = select("#", r.step("none", function() end))
    end)
    assert.same({ 1.5, "deep" }, { a, c.x[1] })
    assert.is_nil(b)
    assert.is_true(n <= 1)
  end)

  it("numbers its occurrences on one path", function()
    local t = complete(function(r)
      for _ = 1, 3 do r.operation("batch", function() r.step("fill", function() end) end) end
      r.step("fill", function() end)
    end)
    local memo = t.run.rt.journal.memo
    for _, key in ipairs { "execute/batch/fill#1", "execute/batch/fill#3", "execute/fill#1", "execute/batch#3" } do
      assert.is_table(memo[key] and memo[key].done, key)
    end
    assert.equal(4, t:count("end", "fill"))
  end)

  it("escapes names that would break a key", function()
    local t = complete(function(r) r.step("a/b#1 100%", function() end) end)
    assert.is_table(t.run.rt.journal.memo["execute/a%2Fb%231 100%25#1"])
    assert.equal(1, t:count("end", "a/b#1 100%"))
  end)

  for what, value in pairs {
    ["a function"] = function() return print end,
    ["a table that contains itself"] = function() local t = {} t.t = t return t end,
    ["tables nested deeper than 16 levels"] = function()
      local t = {}
      for _ = 1, 20 do t = { t } end
      return t
    end,
    ["100.0 KiB of data (at most 64 KiB)"] = function() return ("x"):rep(100 * 1024 - 8) end,
  } do
    it("refuses to store " .. what, function()
      local t = held(function(r) r.step("x", value) end)
      assert.equal("E-JOURNAL step 'x' returned " .. what .. "; only numbers, strings, booleans and plain "
        .. "tables can be stored", t.run.reason)
    end)
  end

  it("does not try again nan times, which would never end", function()
    local t = held(function(r)
      r.step("flaky", { retries = 0 / 0, backoff = "5 s" }, function() error "no" end)
    end)
    assert.matches("^E%-ARG r.step 'flaky': retries must be a count, not %-?nan$", t.run.reason)
  end)

  it("tries again as often as `retries` says, with a pause", function()
    local at = {}
    local t
    t = small_run { execute = function(r)
      r.step("flaky", { retries = 2, backoff = "5 s" }, function()
        at[#at + 1] = t.line:now_ns() / 1e9
        if #at < 3 then error "not yet" end
      end)
    end }
    t:start()
    t:run_until("Complete", { within = "1 min" })
    assert.equal(3, #at)
    assert.is_near(5, at[2] - at[1], 0.15)
    assert.is_near(5, at[3] - at[2], 0.15)
    assert.equal(1, t:count("begin", "flaky"))
  end)

  it("holds when it fails for good, and is tried again after unhold", function()
    local n, reached = 0, nil
    local t = small_run { execute = function(r)
      r.operation("make", function()
        r.step("before", function() reached = true end)
        r.step("works at the second go", function()
          n = n + 1
          if n == 1 then error("valve stuck", 0) end
        end)
      end)
    end }
    t:start()
    t:run_until("Held", { within = "1 min" })
    assert.equal("valve stuck", t.run.reason)
    assert.truthy(t.run.where:find("execute > make", 1, true))
    assert.is_true(reached)
    reached = nil
    assert.is_true(t:command "unhold")
    t:run_until("Complete", { within = "1 min" })
    assert.is_nil(reached)
    assert.equal(1, t:count("end", "before"))
  end)

  it("cannot hold another step", function()
    local t = held(function(r) r.step("a", function() r.step("b", function() end) end) end)
    assert.truthy(t.run.reason:find("E-STEP step 'b' is inside step 'a'", 1, true))
  end)

  it("names a misspelt option", function()
    local t = held(function(r) r.step("a", { onec = true }, function() end) end)
    assert.truthy(t.run.reason:find("E-KEY r.step 'a': unknown option 'onec' (known: backoff, once, retries, sign)"
      .. ". Did you mean 'once'?", 1, true))
  end)

  it("is finished only when it is signed", function()
    local t = small_run { execute = function(r) r.step("clean", { sign = "performed" }, function() end) end }
    t:start()
    t:run_until(function(run) return #run.prompts == 1 end, { within = "1 min" })
    t:advance "1 min"
    assert.equal(0, t:count("end", "clean"))
    assert.is_true(t:answer "performed")
    t:run_until("Complete", { within = "1 min" })
    assert.equal(1, t:count("end", "clean"))
  end)

  it("has its begin on disk before a `once` body runs, and its intents before outputs", function()
    local order = {}
    local t
    t = small_run { execute = function(r, eq)
      r.step("prime", { once = true }, function()
        order.committed = t.run.port:committed() >= t.run.rt.journal.newest
        eq.die.flow:set(20)
        order.intent = t:count("intent", "die.flow")
      end)
    end }
    t:start()
    t:run_until("Complete", { within = "1 min" })
    assert.same({ committed = true, intent = 1 }, order)
  end)
end)

describe("an error that the script catches", function()
  it("goes the same way after a power loss", function()
    local way = {}
    local t = small_run { execute = function(r)
      local ok, err = pcall(function() r.step("risky", function() error("no", 0) end) end)
      way[#way + 1] = tostring(ok) .. tostring(err)
      if not ok then r.step("plan b", function() end) end
      r.dwell "10 min"
    end }
    t:start()
    t:advance "1 min"
    t:crash()
    t:reboot()
    assert.equal("Held", t:state())
    assert.same({ "falseno", "falseno" }, way)
    assert.equal(1, t:count("begin", "risky"))
    assert.equal(1, t:count("end", "plan b"))
    assert.is_true(t:command "unhold")
    t:run_until("Complete", { within = "1 h" })
  end)
end)

describe("r", function()
  it("names a misspelt verb", function()
    local t = held(function(r) r.waituntil("x", function() return true end) end)
    assert.truthy(t.run.reason:find("E-NAME r.waituntil is not a verb. Did you mean 'wait_until'?", 1, true))
  end)
end)

describe("eq and p", function()
  it("name a misspelt role, channel and parameter", function()
    for text, fn in pairs {
      ["E-NAME eq.dye is not in `needs` (die, gauge, oven, vision, web). Did you mean 'die'?"] =
        function(eq) return eq.dye end,
      ["E-NAME eq.die has no 'flwo'"] = function(eq) return eq.die.flwo end,
      ["E-NAME p.sped is not a parameter"] = function(_, p) return p.sped end,
    } do
      local t = held(function(r, eq, p) r.step("x", function() return fn(eq, p) end) end)
      assert.truthy(t.run.reason:find(text, 1, true), t.run.reason)
    end
  end)
end)

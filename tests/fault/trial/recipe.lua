-- tests/fault/trial/recipe.lua -- each verb and each kind of output, over and over, for `linewright sim-test`.
local gauge = infer.load { "gauge.json", input = { 2 }, output = { 1 }, within = "1 s", otherwise = 0 }

return recipe "trial" {
  api = 1, version = "1.0.0",
  title = "Everything that a recipe may do",

  needs = {
    web     = cap "web_transport@1"   {},
    die     = cap "slot_die@1"        {},
    furnace = cap "chamber_furnace@1" {},
    gas     = cap "gas_supply@1"      {},
  },

  params = {
    hot    = param { "degC",   default = 200, min = 50, max = 320 },
    speed  = param { "m/min",  default = 10, min = 2, max = 25 },
    flow   = param { "mL/min", default = 400, min = 10, max = 1500, changeable = true },
    rounds = param { "1",      default = 300, min = 1 },
  },

  guards = {
    { text = "furnace runs away", level = "abort", lasting = "10 s",
      when = function(eq) return eq.furnace.temp:read() > 340 end },
    { text = "gas reading is lost", level = "hold", lasting = "5 s", active = during "Execute",
      when = function(eq) return eq.gas.pressure:read() == nil end },
  },
  alarms = {
    { text = "gas pressure is high", priority = "low", when = function(eq) return eq.gas.pressure:read() > 3.15 end },
  },
  suspend_when = { signal = "gas.pressure", below = "1.5 bar", resume_above = "2 bar", settle = "5 s",
                   text = "gas is low" },

  starting = function(_, eq) eq.die.gap:set(200) end,

  execute = function(r, eq, p)
    local function pull_to(newtons)
      return function()
        for step = 1, 10 do
          local there = r.step("pull " .. step, { retries = 3, backoff = "2 s" }, function()
            local now = eq.web.tension:read()
            if not now then error "the tension cannot be read" end
            local next_pull = math.max(now - 15, math.min(now + 15, newtons))
            eq.web.tension:set(next_pull)
            return next_pull == newtons
          end)
          if there then return end
          r.dwell "1 s"
        end
      end
    end

    local function purge(i)
      return function()
        r.step("open the lips", { once = true }, function()
          eq.die.lips:set(1)
          r.dwell "3 s"
        end)
        r.step("close the lips", { once = true, retries = 1 }, function() eq.die.lips:set(0) end)
        r.record("purges", i, "1")
      end
    end

    r.step("gap", function() eq.die.gap:set(250) end)
    r.operation("warm up", function()
      r.step("heat", function() eq.furnace.setpoint:set(p.hot) end)
      r.wait_until("furnace is warm", function() return eq.furnace.temp:read() > p.hot - 20 end,
        { within = "20 min", steady = "5 s", keep = true, otherwise = "hold" })
    end)
    r.step("run the web", function() eq.web.speed:set(p.speed) end)
    r.wait_until("web runs", function() return eq.web.speed:read() > 1.8 end, { within = "2 min", otherwise = "stop" })

    for round = 1, p.rounds do
      r.phase("round " .. round, function()
        local st = r.loop("meter", { every = "1 s", checkpoint = "5 s", state = { n = 0, litres = 0 },
          run = function(s, dt)
            s.n = s.n + 1
            s.litres = s.litres + p.flow / 60000 * dt
            if eq.web.speed:read() > 1.8 then eq.die.flow:set(p.flow + 5 * math.sin(s.n)) end
          end })
        r.parallel { pull = pull_to(round % 2 == 0 and 60 or 100), purge = purge(round) }
        local first = r.wait_first {
          metered = function() return st.litres > 0.2 end,
          long = function() return st.n > 60 end,
        }
        r.mark("round over", { why = first })
        if round % 8 == 0 then
          r.ask { prompt = "Go on?", choices = { "yes", "no" }, default = "yes", within = "1 min" }
        end
        local seen = r.step("look", function() return { eq.web.tension:read() or 60, eq.furnace.temp:read() or p.hot } end)
        local trim, by = gauge:call(seen)
        r.decision("trim", { from = by, score = trim, effect = "gap", outcome = by.fallback and "abstain" or "trim" })
        r.step("gap of the round", function()
          local more = gauge:run(seen)
          eq.die.gap:set(250 + round % 5 + trim + (more or 0))
        end)
        r.dwell("5 s", { clock = round % 3 == 0 and "restart" or "active" })
      end)
      r.produced { total = 1, unit = "rounds" }
    end
  end,

  completing = function(r, eq)
    eq.die.flow:set(0)
    r.dwell "2 s"
    eq.web.speed:set(0)
  end,

  holding = function(r, eq)
    eq.web.speed:set(1.2)
    r.dwell "2 s"
  end,

  unholding = function(r, eq)
    r.restore_setpoints "^furnace"
    r.restore_setpoints "^web%.speed"
    r.reprove()
    r.wait_until("web runs again", function() return eq.web.speed:read() > 1.8 end,
      { within = "1 min", otherwise = "stop" })
    r.restore_setpoints "^die%.gap"
  end,

  unsuspending = function(r, eq)
    r.restore_setpoints "^web%.speed"
    r.wait_until("web runs again", function() return eq.web.speed:read() > 1.8 end,
      { within = "1 min", otherwise = "stop" })
  end,

  stopping = function(r)
    r.dwell "1 s"
  end,
}

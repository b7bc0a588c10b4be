-- recipes/pump_watch.lua -- watches pumps: does the flow sink, do their signals drift apart, and which one leads?
--
-- The flow is what a pump is for, so it is held to its own mean, downwards only. The electrical and mechanical signals
-- are held together by Hotelling's T^2. Temperatures follow the room and the day and are left out.
local TOGETHER = { "vibration_1", "vibration_2", "current", "pressure", "voltage" }

return recipe "pump-watch" {
  api = 1, version = "2.0.0",
  title = "Condition watch of motor pumps",

  needs = { bench = cap "pump_bench@1" {} },

  params = {
    train  = param { "1", default = 400, min = 20, max = 100000, help = "readings of the good pump to learn from" },
    low    = param { "1", default = 4, min = 0.1, max = 100, help = "sinking of the flow that is an alarm, in sigma" },
    factor = param { "1", default = 3, min = 0.1, max = 1000, help = "limit over the largest distance while learning" },
    every  = param { "s", default = "1 s", help = "time between readings" },
    patience = param { "1", default = 10, min = 1, help = "bad readings in a row that end the watch of a pump" },
  },

  execute = function(r, eq, p)
    local pumps, watches, fresh = eq.bench.pumps, {}, {}
    for i = 1, #pumps do
      watches[i] = { flow = watch.level { train = p.train, limit = p.low, side = "low" },
                     together = watch.together { signals = TOGETHER, train = p.train, factor = p.factor } }
      fresh[i] = { rows = 0, bad = 0, alarms = 0, first = 0, why = "", pt = 0, pf = 0, nt = 0, nf = 0 }
    end

    -- The readings of a pump in the order of TOGETHER, then its flow; nil when one is not good.
    local function readings(pump)
      local row = {}
      for i = 1, #TOGETHER + 1 do
        local value, quality = pump[TOGETHER[i] or "flow"]:read()
        if quality ~= "good" then return nil end
        row[i] = value
      end
      return row
    end

    -- Is it an alarm, and why? nil while learning.
    local function judge(w, row)
      local flow, together = w.flow(row[6]), w.together(row[1], row[2], row[3], row[4], row[5])
      if not flow or not together then return nil end
      if flow >= 1 then return true, "flow is " .. w.flow:why() end
      return together >= 1, (w.together:why())
    end

    -- What was learnt lies in the loop's state, so that a restart does not learn from a pump that may be bad by now.
    local is_known = {}
    local function remember(i, st)
      if not st.learnt then
        st.learnt = { flow = watches[i].flow:save(), together = watches[i].together:save() }
      elseif not is_known[i] then
        watches[i].flow:load(st.learnt.flow)
        assert(watches[i].together:load(st.learnt.together))
      end
      is_known[i] = true
    end

    local function look(i, st)
      if st.learnt and not is_known[i] then remember(i, st) end
      local row = readings(pumps[i])
      if not row then st.bad = st.bad + 1 return end
      st.rows, st.bad = st.rows + 1, 0
      local alarm, why = judge(watches[i], row)
      if alarm == nil then return end                     -- still learning
      if not st.learnt then remember(i, st) end
      if alarm then
        st.alarms = st.alarms + 1
        if st.first == 0 then
          st.first, st.why = st.rows, why
          r.mark("pump drifts", { pump = i, why = why, reading = st.rows })
        end
      end
      if pumps[i].truth then                              -- a recording with labels: keep the score
        local score = watch.score(st)
        score:add(alarm, pumps[i].truth:read() == 1)
        st.pt, st.pf, st.nt, st.nf = score.pt, score.pf, score.nt, score.nf
      end
    end

    local seen = r.loop("watch", { every = p.every, checkpoint = "60 s", state = { pumps = fresh },
      run = function(st)
        for i = 1, #pumps do look(i, st.pumps[i]) end
      end })

    r.wait_until("all signals have gone", function()
      for i = 1, #pumps do if seen.pumps[i].bad < p.patience then return false end end
      return true
    end, { within = "24 h" })

    local rows, alarms, total = 0, 0, { pt = 0, pf = 0, nt = 0, nf = 0 }
    for i = 1, #pumps do
      local st = seen.pumps[i]
      rows, alarms = rows + st.rows, alarms + st.alarms
      for key in pairs(total) do total[key] = total[key] + st[key] end
    end
    r.record("readings", rows)
    r.record("alarms", alarms)
    if total.pt + total.nt > 0 then
      local f1, far, mar = watch.score(total):figures()
      r.record("f1", f1); r.record("false_alarm_rate", far); r.record("missed_alarm_rate", mar)
      print(("%d recordings, %d readings judged: F1 %.2f  FAR %.1f %%  MAR %.1f %%"):format(#pumps,
        total.pt + total.pf + total.nt + total.nf, f1, 100 * far, 100 * mar))
      for _, text in ipairs(eq.bench.published or {}) do print(text) end
    end
  end,
}

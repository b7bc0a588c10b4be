-- recipes/pump_watch.lua -- watches a pump's signals together and says which one leads when they drift apart.
local SIGNALS = { "vibration_1", "vibration_2", "current", "pressure", "temperature", "fluid", "voltage", "flow" }

return recipe "pump-watch" {
  api = 1, version = "1.0.0",
  title = "Condition watch of a motor pump",

  needs = { bench = cap "pump_bench@1" {} },

  params = {
    train  = param { "1", default = 400, min = 20, max = 100000, help = "readings of the good pump to learn from" },
    factor = param { "1", default = 3, min = 0.1, max = 1000, help = "limit over the largest distance while learning" },
    every  = param { "s", default = "1 s", help = "time between readings" },
    patience = param { "1", default = 10, min = 1, help = "bad readings in a row that end the watch" },
  },

  execute = function(r, eq, p)
    local together = watch.together { signals = SIGNALS, train = p.train, factor = p.factor }

    local function readings()
      local row = {}
      for i, name in ipairs(SIGNALS) do
        local value, quality = eq.bench[name]:read()
        if quality ~= "good" then return nil end
        row[i] = value
      end
      return row
    end

    local seen = r.loop("watch", { every = p.every, checkpoint = "60 s",
      state = { rows = 0, bad = 0, alarms = 0, first = 0, why = "", pt = 0, pf = 0, nt = 0, nf = 0 },
      run = function(st)
        local row = readings()
        if not row then st.bad = st.bad + 1 return end
        st.rows, st.bad = st.rows + 1, 0
        local severity = together(row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8])
        if st.rows <= p.train then return end               -- still learning
        local alarm = severity ~= nil and severity >= 1
        if alarm then
          st.alarms = st.alarms + 1
          if st.first == 0 then
            st.first, st.why = st.rows, together:why()
            r.mark("pump drifts", { why = st.why, reading = st.rows })
          end
        end
        if eq.bench.truth then                              -- a recording with labels: keep the score
          local score = watch.score(st)
          score:add(alarm, eq.bench.truth:read() == 1)
          st.pt, st.pf, st.nt, st.nf = score.pt, score.pf, score.nt, score.nf
        end
      end })

    r.wait_until("the signals have gone", function() return seen.bad >= p.patience end, { within = "24 h" })
    r.record("readings", seen.rows)
    r.record("alarms", seen.alarms)
    if seen.pt + seen.nt > 0 then
      local f1, far, mar = watch.score(seen):figures()
      r.record("f1", f1); r.record("false_alarm_rate", far); r.record("missed_alarm_rate", mar)
    end
  end,
}

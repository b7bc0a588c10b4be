-- recipes/predictive_maintenance.lua -- when will this machine reach its limit, and how sure is that?
--
-- The sound machine is learnt first. A drift of any signal is told with its reason; from then on the vibration's trend
-- over the last blocks is drawn out to the machine's limit, with the interval that its scatter leaves.
local SIGNALS = { "vibration", "current", "temperature" }

-- Least squares through points {x, y}: value at the last x, slope, standard error of the slope.
local function trend(points)
  local n, mx, my = #points, 0, 0
  for _, q in ipairs(points) do mx, my = mx + q[1] / n, my + q[2] / n end
  local sxx, sxy, rest = 0, 0, 0
  for _, q in ipairs(points) do sxx, sxy = sxx + (q[1] - mx) ^ 2, sxy + (q[1] - mx) * (q[2] - my) end
  local slope = sxy / sxx
  for _, q in ipairs(points) do rest = rest + (q[2] - my - slope * (q[1] - mx)) ^ 2 end
  return my + slope * (points[n][1] - mx), slope, math.sqrt(rest / (n - 2) / sxx)
end

-- Hours until the limit: likely, earliest, latest; nil when nothing rises beyond chance.
local function remaining(points, limit)
  local now, slope, se = trend(points)
  if slope <= 3 * se then return nil end
  return (limit - now) / slope, (limit - now) / (slope + 2 * se), (limit - now) / (slope - 2 * se)
end

return recipe "predictive-maintenance" {
  api = 1, version = "1.0.0",
  title = "Remaining life of a machine",

  needs = { machine = cap "machine_health@1" {} },

  params = {
    learn  = param { "1", default = 300, min = 30, max = 500, help = "readings of the sound machine" },
    every  = param { "s", default = "1 min", help = "time between readings" },
    block  = param { "1", default = 30, min = 2, max = 1000, help = "readings averaged to one point of the trend" },
    points = param { "1", default = 24, min = 6, max = 500, help = "points of the trend" },
    notice = param { "1", default = 48, min = 1, help = "hours before the earliest end at which maintenance is called for" },
  },

  judges = {
    -- Has the machine changed? What the guard had seen before comes with the reading.
    drift = function(known)
      local drift = guard.drift { signals = SIGNALS, rows = known.sound, windows = { 30 } }
      return function(x)
        drift:restore(x.before)
        local why = drift:add(x.row)
        return { outcome = why and "changed" or "sound", why = why, after = drift:state() }
      end
    end,

    -- Is its end so near that a person must be told?
    maintenance = function(known)
      return function(x)
        local likely, earliest, latest = remaining(x.trend, known.vibration_max)
        local is_due = likely ~= nil and earliest <= known.notice
        return { outcome = is_due and "due" or "later", score = likely, earliest = earliest, latest = latest,
                 limits = { notice_h = known.notice, vibration_max = known.vibration_max } }
      end
    end,
  },

  execute = function(r, eq, p)
    local machine, hours = eq.machine, p.every / 3600

    local function reading()
      local row = {}
      for i, name in ipairs(SIGNALS) do
        local value, quality = machine[name]:read()
        if quality ~= "good" then return nil end
        row[i] = value
      end
      return row
    end

    -- The reference is the loop's state, so that a restart finds it again.
    local judge_drift
    local function watch_drift(st, row)
      judge_drift = judge_drift or r.judge("drift", { sound = st.sound })
      local said, by = judge_drift { before = st.before, row = row }
      st.before = said.after
      if said.outcome == "changed" and not st.drift then
        st.drift = said.why
        r.mark("machine changes", { why = said.why, hour = st.n * hours })
        r.decision("machine", { from = by, effect = "its trend is watched" })
      end
    end

    local judge_end = r.judge("maintenance", { notice = p.notice, vibration_max = machine.vibration_max })
    local function take_point(st)
      table.insert(st.trend, { st.n * hours, st.sum / p.block })
      if #st.trend > p.points then table.remove(st.trend, 1) end
      st.sum, st.held = 0, 0
      if not st.drift or #st.trend < p.points then return end
      local said, by = judge_end { trend = st.trend }
      local is_due = said.outcome == "due"
      if is_due then
        st.due = { at = st.n * hours, likely = said.score, earliest = said.earliest, latest = said.latest }
      end
      r.decision("maintenance", { from = by, inputs = st.due, effect = is_due and "a person is told" or "none" })
    end

    local seen = r.loop("watch", { every = p.every, checkpoint = "10 min",
      state = { n = 0, sum = 0, held = 0, sound = {}, trend = {} },
      run = function(st)
        local row = not st.due and reading()
        if not row then return end
        st.n = st.n + 1
        if #st.sound < p.learn then
          st.sound[#st.sound + 1] = row
          return
        end
        watch_drift(st, row)
        st.sum, st.held = st.sum + row[1], st.held + 1
        if st.held == p.block then take_point(st) end
      end })
    r.wait_until("maintenance is due", function() return seen.due ~= nil end, { within = "8760 h" })

    r.record("remaining_likely", seen.due.likely * 3600, "s")
    r.record("remaining_earliest", seen.due.earliest * 3600, "s")
    r.record("remaining_latest", seen.due.latest * 3600, "s")
    print(("maintenance is due: %.0f h are left, %.0f h at the earliest, %.0f h at the latest"):format(
      seen.due.likely, seen.due.earliest, seen.due.latest))
  end,
}

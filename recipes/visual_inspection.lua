-- recipes/visual_inspection.lua -- inspects many points of each part in one picture; what it is not sure of is a person's.
--
-- The first parts are known to be good: every point learns its own figures from them, and the limit that they share is
-- conformal, so at most `false_reject` of good parts leave the good lane. Bad light asks for another picture, it never
-- rejects; five rejects in a row are the camera's fault until a person says otherwise.
local FIGURES = { "sd", "p1", "p50", "p99" }
local PATIENCE = 5                                      -- looks for the picture of a part that was counted

-- Five digits are plenty for a figure, and what was learnt must fit into one record.
local function short(x) return tonumber(("%.5g"):format(x)) end

-- A part's score is that of its worst point.
local function score_of(m, row)
  local worst, at = 0, 1
  for i = 1, #row do
    local z = math.abs(row[i] - m.mean[i]) / m.sd[i]
    if z > worst then worst, at = z, math.floor((i - 1) / #FIGURES) + 1 end
  end
  return worst, at
end

local function source_of(cell)
  if cell.shot then return { read = function() return cell.shot:open() end } end
  return assert(picture.source(cell))
end

return recipe "visual-inspection" {
  api = 1, version = "1.0.0",
  title = "Inspection of the points of a part",

  needs = { cell = cap "inspection_cell@1" {} },

  params = {
    columns      = param { "1", default = 20, min = 1, max = 100, help = "points in a row of the picture" },
    rows         = param { "1", default = 15, min = 1, max = 100, help = "rows of points" },
    learn        = param { "1", default = 50, min = 30, max = 10000, help = "first parts, known to be good" },
    false_reject = param { "1", default = 0.03, min = 0.001, max = 0.2, help = "good parts that may leave the good lane" },
    sure         = param { "1", default = 2, min = 1, max = 100, help = "score over the limit from which a part is rejected" },
    stop_after   = param { "1", default = 5, min = 2, max = 100, help = "rejects in a row that hold the line" },
    parts        = param { "1", default = 80, min = 1, help = "parts of the batch" },
  },

  -- Light first: a picture in bad light says nothing of its part.
  judges = {
    part = function(known)
      local light = guard.light { rows = known.light }
      local limit = guard.limit(known.scores, math.max(known.false_reject, 1 / (#known.scores + 1)))
      return function(x)
        if not x.figures then return { outcome = "retake", why = x.lacks } end
        local lit, why = light:check(x.light)
        if lit ~= "ok" then return { outcome = "retake", why = why } end
        local score, at = score_of(known, x.figures)
        local limits = { limit = limit, sure = known.sure }
        if score <= limit then return { outcome = "accept", score = score, limits = limits } end
        return { outcome = score > known.sure * limit and "reject" or "review", score = score, limits = limits,
                 why = ("point %d"):format(at) }
      end
    end,
  },

  execute = function(r, eq, p)
    local cell, source = eq.cell, source_of(eq.cell)
    local place = {}
    for i, name in ipairs(guard.LIGHT) do place[name] = i end
    local n = p.columns * p.rows

    -- The figures of each point of a picture whose slow light was taken away.
    local function figures_of(shot)
      local _, height, width = shot:shape()
      local flat, out = picture.normalise(picture.level(shot), 110, 25), {}
      local w, h = math.floor(width / p.columns), math.floor(height / p.rows)
      for k = 0, n - 1 do
        local point = picture.region(flat, k % p.columns * w + 1, math.floor(k / p.columns) * h + 1, w, h)
        local light = guard.light_of(point)
        for i = 1, #FIGURES do out[k * #FIGURES + i] = short(light:get(place[FIGURES[i]])) end
      end
      return out
    end

    local function light_of(shot)
      local out = { guard.light_of(shot):unpack() }
      for i = 1, #out do out[i] = short(out[i]) end
      return out
    end

    -- Each point's own mean and spread, from rows of figures.
    local function learn(k)
      local m = { mean = {}, sd = {} }
      for i = 1, n * #FIGURES do
        local mean, m2 = k.sum[i] / k.n, k.squares[i] / k.n
        m.mean[i], m.sd[i] = short(mean), short(math.max(math.sqrt(math.max(0, m2 - mean * mean)), 0.2))
      end
      return m
    end

    -- The number of a part that was not seen before; parts that passed unseen are counted.
    local function new_part(st)
      local part, quality = cell.part:read()
      if quality == "good" and part < st.part then st.part = part - 1 end   -- the counter began anew
      if quality ~= "good" or part <= st.part then return nil end
      local name = cell.shot and cell.shot:read()
      if name and name == st.shot and st.waited < PATIENCE then       -- counted, its picture is on the way
        st.waited = st.waited + 1
        return nil
      end
      st.missed, st.part = st.missed + part - st.part - 1, part
      st.is_stale, st.shot, st.waited = (name and name == st.shot) == true, name, 0
      return part
    end

    -- The first half of the known parts gives means, the second the limit: a part must not judge itself.
    local half = math.floor(p.learn / 2)
    local known = { n = 0, sum = {}, squares = {}, scores = {}, light = {} }
    local function take_known(shot)
      local row = figures_of(shot)
      known.light[#known.light + 1] = light_of(shot)
      if known.n == half then
        known.model = known.model or learn(known)
        known.scores[#known.scores + 1] = (score_of(known.model, row))
        return
      end
      known.n = known.n + 1
      for i = 1, #row do
        known.sum[i], known.squares[i] = (known.sum[i] or 0) + row[i], (known.squares[i] or 0) + row[i] ^ 2
      end
    end

    -- Learning that a power loss cut off does not go on with parts that nobody knows.
    local learning = r.loop("learn", { every = "100 ms", checkpoint = "1 s", state = { part = 0, missed = 0, waited = 0, learnt = 0 },
      run = function(st)
        if st.learnt == p.learn then return end
        local part = new_part(st)
        local shot = part and not st.is_stale and source:read(part)
        if not shot then return end
        if st.learnt ~= #known.light then
          return r.stop("learning was cut off; begin again with parts that are known to be good")
        end
        take_known(shot)
        st.learnt = #known.light
      end })
    r.wait_until("the known parts have passed", function() return learning.learnt == p.learn end, { within = "24 h" })
    -- Journaled: after a restart it is what it was.
    local learnt = r.step("what was learnt", function()
      return { mean = known.model.mean, sd = known.model.sd, scores = known.scores, light = known.light,
               false_reject = p.false_reject, sure = p.sure, part = learning.part }
    end)
    local judge = r.judge("part", learnt)

    local GATE = { accept = 0, review = 1, retake = 1, reject = 2 }
    -- What there is to see of a part; a picture that cannot be read is never a good part.
    local function look(part, st)
      if st.is_stale then return { part = part, lacks = "no picture of this part" } end
      local shot, said = source:read(part)
      if not shot then return { part = part, lacks = said } end
      return { part = part, picture = shot:digest(), light = light_of(shot), figures = figures_of(shot) }
    end

    local seen = r.loop("inspect", { every = "100 ms", checkpoint = "1 s",
      state = { part = learnt.part, missed = 0, waited = 0, rejects = 0, counts = { accept = 0, review = 0, reject = 0, retake = 0 } },
      run = function(st)
        local part = new_part(st)
        if not part then return end
        local said, by = judge(look(part, st))
        local outcome = said.outcome
        st.counts[outcome] = st.counts[outcome] + 1
        cell.gate:set(GATE[outcome])
        if outcome ~= "accept" then r.mark(outcome, { part = part, at = part, why = said.why }) end
        r.decision("part", { from = by, inputs = { part = part }, effect = ("gate %d"):format(GATE[outcome]) })
        st.rejects = outcome == "reject" and st.rejects + 1 or 0
        if st.rejects == p.stop_after then
          st.rejects = 0                                -- a person has looked once it runs again
          r.hold(("%d parts in a row were rejected: look at camera and light"):format(p.stop_after))
        end
      end })

    r.wait_until("all parts have passed", function() return seen.part >= p.parts end, { within = "24 h" })
    local judged = 0
    for _, outcome in ipairs { "accept", "review", "reject", "retake" } do
      r.record(outcome, seen.counts[outcome])
      judged = judged + seen.counts[outcome]
    end
    r.produced { total = judged, scrap = { reject = seen.counts.reject }, unit = "parts" }
    r.record("missed", seen.missed)
    for _, name in ipairs { "late", "lost" } do
      local count = cell[name] and r.step(name .. " pictures", function() return (cell[name]:read()) end)
      if count then r.record(name, count) end
    end
  end,
}

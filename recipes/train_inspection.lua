-- recipes/train_inspection.lua -- from judged pictures to a model that may run: curate, train, calibrate, shadow, promote.
--
-- The pictures are judged by people: a folder of PART_VIEW_good.png and PART_VIEW_bad.png, or rendered ones. The first
-- ones teach, by part; the later ones come live and are judged in shadow, without effect, against what the operator said.
-- The same pictures give the same file to the bit.
local NAME = "inspection"
local WIDTH, HEIGHT = 16, 12                              -- what the model sees of a picture
local CALIBRATE = 2000                                    -- pictures whose scores stand in the record of the limits

-- The model's input: the picture without its slow light, at one brightness and contrast, small.
local function look(shot)
  return picture.resize(picture.normalise(picture.level(shot), 110, 25), WIDTH, HEIGHT):get()
end

-- Part and verdict of a picture by its name.
local function judged_name(name)
  local part, verdict = name:match "^([^_]+)_.*_?(good)%.%w+$"
  if not part then part, verdict = name:match "^([^_]+)_.*_?(bad)%.%w+$" end
  if part then return part, verdict end
  return nil, name .. ": a picture is named PART_VIEW_good or PART_VIEW_bad"
end

-- All judged pictures in order: { part, verdict, name, read }.
local function judged(cell)
  local source, out = assert(picture.source(cell)), {}
  for i = 1, source.names and #source.names or cell.judged do
    local name = source.names and source.names[i]
    local part, verdict
    if name then
      part, verdict = judged_name(name)
    else
      part, verdict = "part " .. i, source.defects[i] and "bad" or "good"
    end
    if not part then return nil, verdict end
    out[i] = { part = part, verdict = verdict, name = name or part, read = function() return (source:read(i)) end }
  end
  return out
end

-- The first pictures teach, those that cannot be read do not.
local function curate(shots, n)
  local out = { lights = {}, is_taught = {}, dropped = 0 }
  for i = 1, n do
    local shot = shots[i].read()
    if shot then
      out[#out + 1] = { shot = shot, is_bad = shots[i].verdict == "bad", part = shots[i].part }
      out.lights[#out.lights + 1] = guard.light_of(shot)
      out.is_taught[shots[i].part] = true
    else
      out.dropped = out.dropped + 1
    end
  end
  return out
end

-- Learns the pictures, and the same under other lights.
local function teach(taught, lights, lambda)
  local x, y, groups = {}, {}, {}
  for turn = 0, lights do
    for i, t in ipairs(taught) do
      local shot = turn == 0 and t.shot or train.other_light(t.shot, turn * 1000000 + i)
      x[#x + 1], y[#y + 1], groups[#groups + 1] = look(shot), t.is_bad and 1 or 0, t.part
    end
  end
  return train.linear { x = x, d = WIDTH * HEIGHT, y = y, groups = groups, lambda = lambda, title = NAME }
end

-- Scores by models that had not seen the part; only the pictures as they were count.
local function scores_of(taught, model)
  local scores = { good = {}, bad = {} }
  for i = 1, math.min(#taught, CALIBRATE) do
    local into = taught[i].is_bad and scores.bad or scores.good
    into[#into + 1] = model.said[i]
  end
  return scores
end

local function score_of(weights, figures)
  local score = weights[#weights]
  for i, x in ipairs(figures) do score = score + weights[i] * x end
  return score
end

local SAID = { good = "accept", bad = "reject" }

return recipe "train-inspection" {
  api = 1, version = "1.0.0",
  title = "Training of an inspection model",

  needs = { cell = cap "inspection_cell@1" {} },

  params = {
    teach        = param { "1", default = 120, min = 30, max = 100000, help = "pictures that teach" },
    lights       = param { "1", default = 1, min = 0, max = 10, help = "other lights for each of them" },
    lambda       = param { "1", default = 100, min = 0.0001, max = 1000000, help = "how much weights are held back" },
    false_reject = param { "1", default = 0.05, min = 0.001, max = 0.5, help = "good parts that may be rejected" },
    missed       = param { "1", default = 0.2, min = 0.001, max = 0.5, help = "bad parts that may be accepted" },
    shadow       = param { "1", default = 60, min = 1, max = 100000, help = "parts that are judged in shadow" },
    agreed       = param { "1", default = 0.8, min = 0, max = 1, help = "share that must agree with the operator, surely" },
  },

  judges = {
    limits = function(known)
      return function(scores)
        local verdict = guard.verdict { good = scores.good, bad = scores.bad, false_reject = known.false_reject,
          missed = known.missed }
        return { outcome = "calibrated", limits = { high = verdict.high, low = verdict.low } }
      end
    end,

    -- Only what agrees surely enough with the operator is asked about at all.
    agreement = function(known)
      return function(shadow)
        local surely = shadow.n > 0 and guard.bounds(shadow.agreed, shadow.n) or 0
        return { outcome = surely >= known.agreed and "ask" or "not promoted", score = surely, limits = known }
      end
    end,

    -- Light first: a picture in bad light says nothing of its part.
    part = function(known)
      local light, verdict = guard.light { limits = known.light }, guard.verdict { limits = known.verdict }
      return function(x)
        if not x.figures then return { outcome = "retake", why = "no picture" } end
        local lit, why = light:check(x.light)
        if lit ~= "ok" then return { outcome = "retake", why = why } end
        local score = score_of(known.weights, x.figures)
        return { outcome = verdict(score), score = score, limits = known.verdict }
      end
    end,
  },

  execute = function(r, eq, p)
    local shots, message = judged(eq.cell)
    if not shots then return r.stop(message) end
    if #shots <= p.teach then
      return r.stop(("%d judged pictures: %d teach, and none is left to judge in shadow"):format(#shots, p.teach))
    end

    local taught = curate(shots, p.teach)
    r.mark("curated", { pictures = #taught, dropped = taught.dropped })
    local light, model = guard.light { rows = taught.lights }, teach(taught, p.lights, p.lambda)
    local kept = r.keep(NAME, model)
    r.record("auroc", model.auroc)
    local found, by_scores = r.judge("limits", { false_reject = p.false_reject, missed = p.missed })(
      scores_of(taught, model))
    r.decision("limits", { from = by_scores, inputs = { model = kept.digest, light = light.digest } })

    local judge = r.judge("part", { weights = { model.weights:unpack() }, light = light.limits, verdict = found.limits })

    -- Shadow: live parts, no effect, scored against the operator.
    local tally, held = decide.shadow { ok = "accept" }, 0
    local function is_over(st) return tally.n + held >= p.shadow or st.at >= #shots end
    local function watch_one(shot)
      local seen, operator = shot.read(), SAID[shot.verdict]
      local said, by = judge(seen and { light = { guard.light_of(seen):unpack() }, figures = { look(seen):unpack() } } or {})
      if SAID.good == said.outcome or SAID.bad == said.outcome then tally:add(said.outcome, operator)
      else held = held + 1 end
      r.decision("shadow", { from = by, effect = "none", shadow = true,
        inputs = { picture = shot.name, model = kept.digest, operator = operator } })
    end
    local seen = r.loop("shadow", { every = "100 ms", state = { part = 0, at = p.teach },
      run = function(st)
        local part, quality = eq.cell.part:read()
        if quality ~= "good" or part <= st.part or is_over(st) then return end
        st.part, st.at = part, st.at + 1
        -- A part teaches or is judged, never both.
        if not taught.is_taught[shots[st.at].part] then watch_one(shots[st.at]) end
      end })
    r.wait_until("the model was judged in shadow", function() return is_over(seen) end, { within = "24 h" })
    local report = tally:report()
    for _, name in ipairs { "n", "agreed", "missed", "false_alarms" } do r.record("shadow_" .. name, report[name]) end
    r.record("shadow_left_to_people", held)

    local said, by_shadow = r.judge("agreement", { agreed = p.agreed }) { n = report.n, agreed = report.agreed }
    r.decision("agreement", { from = by_shadow, inputs = { model = kept.digest }, effect = "none" })
    local text = ("%d of %d agree with the operator"):format(report.agreed, report.n)
    if said.outcome ~= "ask" then return r.alarm(("not promoted: %s, surely %.0f %%"):format(text, 100 * said.score)) end
    local is_promoted = r.promote(kept, { prompt = ("promote %s? %s"):format(kept.file, text), within = "10 min" })
    print(is_promoted and "promoted " .. kept.file or kept.file .. " is kept, nobody has approved it")
  end,
}

-- What bench_points times: 300 points of each part through a model, light health, drift, and one conformal limit for
-- each point, before the part has its gate.
local POINTS, HALF, BATCH = 300, 150, 30
local m = infer.load { "../../../build/bench/points.onnx", backend = "onnxruntime", contexts = 2, within = "5 s" }

return recipe "points" {
  api = 1, version = "1.0.0",
  needs = { cell = cap "inspection_cell@1" {} },
  params = {
    learn = param { "1", default = 30, min = 30, help = "looks that give the limits" },
    parts = param { "1", default = 30, min = 1, help = "parts that are timed" },
  },

  execute = function(r, eq, p)
    local cell = eq.cell
    local shot, light, scores = nil, nil, {}

    local function half(name, from)
      return function()
        r.step(name, function()
          for first = from, from + HALF - 1, BATCH do
            local y = m:call(picture.points(shot, 20, 15, first, BATCH, 1, 1 / 64))
            for i = 1, BATCH do scores[first + i - 1] = y[2 * i] - y[2 * i - 1] end
          end
        end)
      end
    end

    -- Both cores at once: each half of the points waits for its own context.
    local function look()
      local part, taken = r.step("picture", function()
        local _, _, age = cell.shot:read()
        local at = time() - age
        shot = assert(cell.shot:open())
        light = { guard.light_of(picture.resize(shot, 320, 240)):unpack() }
        return cell.part:read(), at
      end)
      r.parallel { left = half("left", 1), right = half("right", HALF + 1) }
      return part, taken
    end

    local rows, each, limits, last = {}, {}, {}, 0
    for i = 1, p.learn do
      last = look()
      rows[i] = light
      for k = 1, POINTS do
        each[k] = each[k] or {}
        each[k][i] = scores[k]
      end
    end
    for k = 1, POINTS do limits[k] = guard.verdict { good = each[k], false_reject = 0.05 } end
    local lit = guard.light { rows = rows }
    local drift = guard.drift { signals = guard.LIGHT, rows = rows }

    local function outcome_of()
      local bad = 0
      for k = 1, POINTS do
        if limits[k](scores[k]) ~= "accept" then bad = bad + 1 end
      end
      drift:add(light)
      return lit:check(light) ~= "ok" and "retake" or bad > 0 and "review" or "accept", bad
    end

    for _ = 1, p.parts do
      r.wait_until("the next part", function() return cell.part:read() > last end, { within = "10 s" })
      local part, taken = look()
      local done = r.step("gate", function()
        local outcome, bad = outcome_of()
        cell.gate:set(outcome == "accept" and 0 or 1)
        return { outcome = outcome, bad = bad, latency = time() - taken }
      end)
      r.decision("part", { outcome = done.outcome, score = done.bad, inputs = { part = part } })
      r.record("latency", done.latency, "s")
      r.record("missed", part - last - 1)
      last = part
    end
  end,
}

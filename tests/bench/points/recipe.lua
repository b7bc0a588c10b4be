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

  judges = {
    part = function(known)
      local lit, limits = guard.light { limits = known.light }, {}
      for k, high in ipairs(known.high) do limits[k] = guard.verdict { limits = { high = high } } end
      return function(x)
        local bad = 0
        for k, limit in ipairs(limits) do
          if limit(x.scores[k]) ~= "accept" then bad = bad + 1 end
        end
        local is_lit = lit:check(x.light) == "ok"
        return { outcome = not is_lit and "retake" or bad > 0 and "review" or "accept", score = bad }
      end
    end,
  },

  execute = function(r, eq, p)
    local cell = eq.cell
    local shot, light, model, scores = nil, nil, nil, {}

    local function half(name, from)
      return function()
        r.step(name, function()
          for first = from, from + HALF - 1, BATCH do
            local y, by = m:call(picture.points(shot, 20, 15, first, BATCH, 1, 1 / 64))
            model = by.digest
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
    for k = 1, POINTS do limits[k] = guard.verdict { good = each[k], false_reject = 0.05 }.high end
    local judge = r.judge("part", { high = limits, light = guard.light { rows = rows }.limits })
    local drift = guard.drift { signals = guard.LIGHT, rows = rows }

    for _ = 1, p.parts do
      r.wait_until("the next part", function() return cell.part:read() > last end, { within = "10 s" })
      local part, taken = look()
      local said, by = judge { light = light, scores = scores }
      local latency = r.step("gate", function()
        drift:add(light)
        cell.gate:set(said.outcome == "accept" and 0 or 1)
        return time() - taken
      end)
      r.decision("part", { from = by, inputs = { part = part, model = model },
        effect = said.outcome == "accept" and "passed" or "review bin" })
      r.record("latency", latency, "s")
      r.record("missed", part - last - 1)
      last = part
    end
  end,
}

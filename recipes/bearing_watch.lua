-- recipes/bearing_watch.lua -- tells which part of a rolling bearing is damaged from how its housing rings.
local STAGGER = 32

return recipe "bearing-watch" {
  api = 1, version = "2.0.0",
  title = "Bearing watch by envelope spectrum",

  needs = { point = cap "vibration_point@1" {} },

  params = {
    block   = param { "1", default = 32768, min = 1024, max = 1048576, help = "samples of a spectrum, a power of two" },
    average = param { "1", default = 4, min = 1, max = 100, help = "spectra of a verdict, overlapping by three quarters" },
    least   = param { "1", default = 2, min = 1, help = "height over the floor that is called a fault" },
    tick    = param { "s", default = "1 ms", help = "time between two readings of the sampler" },
  },

  validate = function(p, eq)
    local points, speeds = #eq.point.points, #eq.point.speeds
    if points ~= speeds then return { ("%d points, but %d speeds"):format(points, speeds) } end
    if math.log(p.block) / math.log(2) % 1 > 1e-9 then
      return { ("block = %d is no power of two"):format(p.block) }
    end
  end,

  execute = function(r, eq, p)
    local unit, bearings, verdicts = eq.point, {}, {}
    for i = 1, #unit.points do
      verdicts[i] = { fault = "", strength = 0 }
      bearings[i] = vibration.bearing { rate = unit.rate, block = p.block, average = p.average, least = p.least,
        orders = { outer = unit.outer, inner = unit.inner, ball = { unit.ball, unit.ball / 2, unit.cage } } }
    end

    -- Bearings start one after the other, so that no two are judged in one tick.
    local seen = r.loop("listen", { every = p.tick, checkpoint = "60 s", state = { ticks = 0, left = #bearings, verdicts = verdicts },
      run = function(st)
        st.ticks = st.ticks + 1
        for i = 1, math.min(#bearings, math.ceil(st.ticks / STAGGER)) do
          if st.verdicts[i].fault == "" then
            local value, quality = unit.points[i].acceleration:read()
            local verdict = bearings[i](quality == "good" and value or nil, unit.speeds[i] / 60)
            if verdict then
              st.verdicts[i] = { fault = verdict.fault, strength = verdict.strength }
              st.left = st.left - 1
            end
          end
        end
      end })
    r.wait_until("a verdict on each", function() return seen.left == 0 end, { within = "24 h" })

    local right, wrong, known = 0, 0, unit.known
    for i = 1, #bearings do
      local fault, strength = seen.verdicts[i].fault, seen.verdicts[i].strength
      r.record("bearing_fault", fault)
      r.record("strength", strength)
      if known[i] then
        if fault == known[i] then right = right + 1 elseif fault ~= "none" then wrong = wrong + 1 end
        print(("bearing %d: %s (%.1f), known: %s"):format(i, fault, strength, known[i]))
      end
    end
    if #known > 0 then
      print(("%d recordings: %d right, %d wrong, %d not told"):format(#known, right, wrong, #known - right - wrong))
    end
  end,
}

-- recipes/bearing_watch.lua -- tells which part of a rolling bearing is damaged from how its housing rings.
return recipe "bearing-watch" {
  api = 1, version = "1.0.0",
  title = "Bearing watch by envelope spectrum",

  needs = { point = cap "vibration_point@1" {} },

  params = {
    low    = param { "Hz", default = "2000 Hz", help = "band in which the housing rings" },
    high   = param { "Hz", default = "5500 Hz" },
    block  = param { "1", default = 32768, min = 1024, max = 1048576, help = "samples of a judgement, a power of two" },
    least  = param { "1", default = 10, min = 2, help = "height over the floor that is called a fault" },
    blocks = param { "1", default = 3, min = 1, help = "judgements until the verdict" },
    tick   = param { "s", default = "1 ms", help = "time between two readings of the sampler" },
  },

  validate = function(p, eq)
    if p.high > eq.point.rate / 2 then
      return { ("high = %g Hz lies above half the sample rate of %g Hz"):format(p.high, eq.point.rate) }
    end
  end,

  execute = function(r, eq, p)
    local point = eq.point
    local bearing = vibration.bearing { rate = point.rate, low = p.low, high = p.high, block = p.block, least = p.least,
      orders = { outer = point.outer, inner = point.inner, ball = point.ball } }
    local seen = r.loop("listen", { every = p.tick, checkpoint = "60 s",
      state = { blocks = 0, votes = { outer = 0, inner = 0, ball = 0, none = 0 }, strength = 0 },
      run = function(st)
        if st.blocks >= p.blocks then return end
        local value, quality = point.acceleration:read()
        local verdict = bearing(quality == "good" and value or nil, point.speed / 60)
        if not verdict then return end
        st.blocks, st.strength = st.blocks + 1, verdict.strength
        st.votes[verdict.fault] = st.votes[verdict.fault] + 1
      end })
    r.wait_until("enough judgements", function() return seen.blocks >= p.blocks end, { within = "24 h" })
    local fault = "none"
    for _, name in ipairs { "outer", "inner", "ball" } do
      if seen.votes[name] > seen.votes[fault] then fault = name end
    end
    r.record("bearing_fault", fault)
    r.record("strength", seen.strength)
  end,
}

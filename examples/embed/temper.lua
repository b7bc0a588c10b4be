-- Temper a charge: heat up, soak, and say how hard it will be. host.hardness is a
-- function of the C program that this recipe runs in.
return recipe "temper" {
  api = 1, version = "1.0.0",
  title = "Tempering in a batch furnace",
  needs = { furnace = cap "batch_furnace@1" { temp_max = at_least "600 degC" } },
  params = {
    temperature = param { "degC", default = 500, min = 150, max = 650 },
    soak        = param { "s", default = "1 h", help = "time at temperature" },
  },
  execute = function(r, eq, p)
    r.loop("temperature", { every = "1 s", state = { heat = 0 },
      run = function(st)
        local temp, quality = eq.furnace.temp:read()
        if quality ~= "good" then return end
        st.heat = math.max(0, math.min(100, (p.temperature - 20) / 10 + (p.temperature - temp) * 0.5))
        eq.furnace.heat:set(st.heat)
      end })
    r.wait_until("at temperature",
      function() return math.abs(eq.furnace.temp:read() - p.temperature) < 5 end,
      { within = "1 h", steady = "30 s", keep = true })
    r.dwell(p.soak)
    r.record("hardness", host.hardness(p.temperature, p.soak / 60), "1")
  end,
  completing = function(r, eq) eq.furnace.heat:set(0) end,
}

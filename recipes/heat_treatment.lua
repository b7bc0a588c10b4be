-- recipes/heat_treatment.lua -- ramp and soak in two furnaces at once, under protective gas.
return recipe "heat-treatment" {
  api = 1, version = "1.0.0",
  title = "Ramp and soak, two furnaces",

  needs = {
    left  = cap "chamber_furnace@1" { temp_max = at_least "900 degC" },
    right = cap "chamber_furnace@1" { temp_max = at_least "900 degC" },
    gas   = cap "gas_supply@1"      {},
  },

  params = {
    soak_temp = param { "degC",  default = 850, min = 100, max = 1100, help = "both furnaces" },
    soak_time = param { "s",     default = "2 h", min = "1 min" },
    ramp      = param { "K/min", default = 5, min = 0.5, max = 20, help = "of the set-point" },
    unload    = param { "degC",  default = 80, min = 30, max = 200, help = "cool enough to open" },
  },

  validate = function(p, eq)
    for _, furnace in ipairs { eq.left, eq.right } do
      if p.ramp > furnace.ramp_max then
        return { ("ramp of %g K/min is more than the furnace follows (%g K/min)"):format(p.ramp, furnace.ramp_max) }
      end
    end
  end,

  guards = {
    { text = "left furnace too hot", level = "abort", lasting = "5 s",
      when = function(eq) return eq.left.temp:read() > eq.left.temp_max end },
    { text = "right furnace too hot", level = "abort", lasting = "5 s",
      when = function(eq) return eq.right.temp:read() > eq.right.temp_max end },
  },

  -- Starved of gas from outside: wait with the set-points as they are.
  suspend_when = { signal = "gas.pressure", below = "1.5 bar", resume_above = "2 bar", settle = "30 s",
                   text = "protective gas is low" },

  execute = function(r, eq, p)
    r.ask { prompt = "Both furnaces loaded and closed?", choices = { "yes" }, role = "operator" }

    local function treat(name, furnace)
      return function()
        r.unit(name, function()
          r.operation("heat", function()
            local start = r.step("where it starts", function() return furnace.temp:read() end)
            r.loop("ramp", { every = "2 s", state = { sp = start }, run = function(st, dt)
              st.sp = math.min(p.soak_temp, st.sp + p.ramp / 60 * dt)
              furnace.setpoint:set(st.sp)
            end })
            r.wait_until(name .. " at soak temperature",
              function() return furnace:at_temperature(p.soak_temp, "5 K") end,
              { within = "10 h", steady = "2 min", keep = true })
          end)
          r.operation("soak", function()
            r.step("hold the temperature", function() furnace.setpoint:set(p.soak_temp) end)
            r.dwell(p.soak_time)
            r.record(name .. "_soak", r.step("measure", function() return furnace.temp:read() end), "degC")
            r.release(name .. " at soak temperature")
          end)
          r.operation("cool", function()
            r.step("heating off", function() furnace.setpoint:set(20) end)
            r.wait_until(name .. " cool enough to open", function() return furnace.temp:read() < p.unload end,
              { within = "24 h" })
            r.produced { total = 1, unit = "charges" }
          end)
        end)
      end
    end

    r.parallel { left = treat("left", eq.left), right = treat("right", eq.right) }
  end,

  stopping = function(_, eq)
    eq.left.setpoint:set(20); eq.right.setpoint:set(20)
  end,
}

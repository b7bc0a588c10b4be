-- recipes/electrode_coating.lua -- line-independent: no tag, address or line name may appear here.

-- What a look rests on: the model's answer, if there is one, and the judge's word.
local function evidence(model, judge) return { model or judge, model and judge } end

return recipe "electrode-coating" {
  api = 1, version = "2.3.0",
  title = "Slot-die coating and drying, one side",

  needs = {                                   -- equipment requirements: roles -> capability contracts
    web    = cap "web_transport@1"    { speed_max = at_least "8 m/min" },
    die    = cap "slot_die@1"         {},
    oven   = cap "zoned_dryer@1"      { zones = at_least(3), temp_max = at_least "120 degC" },
    gauge  = cap "areal_mass_gauge@1" {},
    vision = cap "defect_vision@1"    { classes = includes { "ok", "streak", "pinhole" } },
  },

  params = {                                  -- formula: unit, default, range; strings carry their own unit
    coat_weight = param { "g/m2",  default = 118, min = 60,  max = 260, help = "dry areal mass, one side" },
    tolerance   = param { "g/m2",  default = 3,   min = 0.5, max = 10 },
    speed       = param { "m/min", default = 6,   min = 0.5, max = 60 },
    run_length  = param { "m",     default = 60,  min = 5 },
    solids      = param { "1",     default = 0.9, min = 0.3, max = 2.0, help = "g of dry film per mL of slurry" },
    residence   = param { "s",     default = "30 s", help = "least time the web must spend in the dryer" },
    min_conf    = param { "1",     default = 0.85, min = 0.5, max = 0.999 },
    dry_profile = param { default = { {0, "70 degC"}, {0.5, "110 degC"}, {1, "60 degC"} },
                          help = "{fraction of dryer length, temperature}; any number of zones" },
  },

  validate = function(p, eq)                  -- cross-checks at load, before anything moves
    local t = eq.oven.length / p.speed * 60
    if t < p.residence then
      return { ("dryer residence is %.0f s at %.1f m/min; recipe asks for %.0f s -- lower 'speed' to %.1f m/min or less")
               :format(t, p.speed, p.residence, eq.oven.length / p.residence * 60) }
    end
  end,

  guards = {                                  -- watched each tick in every state, whatever the script is doing
    { text = "oven zone above its limit", level = "abort", lasting = "2 s",
      when = function(eq) return eq.oven:hottest() > eq.oven.temp_max end },
    { text = "coat-weight gauge signal is bad", level = "hold", lasting = "5 s", active = during "Execute",
      when = function(eq) local _, quality = eq.gauge.mass:read() return quality ~= "good" end },
  },

  judges = {                                  -- what can be judged again from its record: only from what it is given
    web = function(known)
      return function(x)
        local verdict, outcome = decide.gate { min = known.min_conf, votes = 3, of = 5 }, nil
        for _, look in ipairs(x.looks) do outcome = verdict(look.label, look.confidence) end
        return { outcome = outcome, score = x.looks[#x.looks].confidence, limits = { min_conf = known.min_conf } }
      end
    end,
  },

  execute = function(r, eq, p)
    r.operation("heat-up", function()
      r.step("oven set-points", function() eq.oven:profile(p.dry_profile) end)
      r.parallel {
        oven = function()
          r.wait_until("all oven zones within 2 K", function() return eq.oven:settled "2 K" end,
                       { within = "40 min", steady = "60 s", keep = true })
        end,
        die = function()
          r.step("prime the die", { once = true }, function()
            eq.die.flow:set "20 mL/min"; r.dwell "30 s"; eq.die.flow:set(0)
          end)
        end,
      }
    end)

    r.operation("coat", function()
      local flow0 = p.coat_weight * p.speed * eq.die.width / p.solids       -- mL/min, from the mass balance
      r.step("web and slurry on", function()
        eq.web.speed:set(p.speed)
        r.wait_until("web at speed", function() return math.abs(eq.web.speed:read() - p.speed) < 0.05 * p.speed end,
                     { within = "60 s" })
        eq.die.flow:set(flow0)
      end)

      local clean, smooth = filter.hampel { window = 7, k = 3 }, filter.ewma { tau = "6 s" }
      local trim = control.dead_time_i { target = p.coat_weight, gain = 0.6, delay = eq.gauge.distance / p.speed * 60 + 12,
                                         out_min = 0.7 * flow0, out_max = 1.3 * flow0 }
      local cw = r.loop("coat-weight", { every = "2 s", checkpoint = "10 s", state = { metres = 0, flow = flow0, mass = 0, scrap = {} },
        run = function(st, dt)
          local moved = eq.web.speed:read() * dt / 60
          st.metres = st.metres + moved
          local mass, quality = eq.gauge.mass:read()
          if quality ~= "good" or st.metres < eq.gauge.distance then return end   -- freeze, do not wind up
          st.mass = smooth(clean(mass), dt)
          if st.mass and math.abs(st.mass - p.coat_weight) > p.tolerance then
            st.scrap["off weight"] = (st.scrap["off weight"] or 0) + moved
          end
          st.flow = trim(st.mass, dt, st.flow)
          eq.die.flow:set(st.flow)
        end })

      local judge = r.judge("web", { min_conf = p.min_conf })
      local look = r.loop("inspect", { every = "1 s", state = { defects = 0, unsure = 0, looks = {}, scrap = {} },
        run = function(st, dt)
          local v = eq.vision:classify()                      -- { label, confidence, by }; C inference call
          table.insert(st.looks, { label = v.label, confidence = v.confidence })
          if #st.looks > 5 then table.remove(st.looks, 1) end
          local said, by = judge { looks = st.looks }
          local d = said.outcome
          if d ~= "ok" or d ~= st.said then                   -- ok after ok decides nothing new
            r.decision("web", { from = evidence(v.by, by), inputs = { at = cw.metres },
                                effect = d == "ok" and "none" or "marked on the roll map" })
          end
          st.said = d
          if d == "defect" then
            st.defects = st.defects + 1; r.mark(v.label, { at = cw.metres, conf = v.confidence })
            st.scrap[v.label] = (st.scrap[v.label] or 0) + eq.web.speed:read() * dt / 60
          end
          if d == "unsure" then st.unsure = st.unsure + 1; r.mark("suspect", { at = cw.metres, conf = v.confidence }) end
        end })

      repeat
        local why = r.wait_first {                            -- journaled: which one fired
          done   = function() return cw.metres >= p.run_length end,
          streak = function() return look.defects >= 3 end,
          unsure = function() return look.unsure >= 5 end,
        }
        if why == "unsure" then                               -- low confidence never acts alone
          look.unsure = 0
          local a = r.ask { prompt = "Classifier is unsure. Is there a defect on the web?", choices = { "defect", "ok" },
                            within = "2 min", default = "defect" }
          if a == "defect" then look.defects = 3 end
        elseif why == "streak" then
          look.defects = 0
          r.phase("lip purge", function()
            r.step("purge", function()
              eq.die.lips:set(1); r.dwell "4 s"; eq.die.lips:set(0)
            end)
          end)
        end
      until why == "done"
      r.record("coat_weight", cw.mass, "g/m2", { target = p.coat_weight, tolerance = p.tolerance })
      for class, metres in pairs(cw.scrap) do look.scrap[class] = metres end
      r.produced { total = cw.metres, scrap = look.scrap, unit = "m", planned = p.run_length / p.speed * 60 }
    end)
  end,

  completing = function(r, eq)
    eq.die.flow:set(0); r.dwell "10 s"; eq.web.speed:set(0)
    for _, z in ipairs(eq.oven.zones) do z.setpoint:set "25 degC" end
  end,

  -- state logic (host has already written every channel's safe.hold / safe.stop / safe.abort value)
  holding = function(r, eq)
    eq.die.flow:set(0)
    eq.web.speed:set "0.5 m/min"                              -- creep: a stopped film cooks in the dryer
    r.wait_until("web at creep speed", function() return eq.web.speed:read() < 0.7 end, { within = "30 s", otherwise = "stop" })
  end,

  unholding = function(r, eq)
    r.restore_setpoints "^oven"; r.reprove()                  -- heat first, prove again, then move
    r.restore_setpoints "^web";  r.dwell "10 s"
    r.restore_setpoints "^die"
  end,
}

-- examples/twins/worn_machine.lua -- a machine whose bearing wears; what a twin file is stands in coater.lua.

local function start(o, at, rng)
  return { t = 0, onset = o.onset, life = o.life, noise = o.noise, rng = rng,
    vibration = at "vibration", current = at "current", temperature = at "temperature" }
end

-- From the onset on, vibration rises from 2 to 7.1 mm/s at the end of life.
local function step(s, io, dt)
  s.t = s.t + dt
  local wear = math.max(0, (s.t - s.onset) / (s.life - s.onset))
  io:set(s.vibration, 2 + 5.1 * wear + 0.12 * s.noise * s.rng:normal())
  io:set(s.current, 14 + 0.8 * wear + 0.3 * s.noise * s.rng:normal())
  io:set(s.temperature, 25 + 9 * wear + 0.8 * s.noise * s.rng:normal())
end

return twin "worn_machine" {
  title = "a machine whose bearing wears",
  options = {
    onset = param { "s", default = "30 h", min = 0, help = "running time until the wear begins" },
    life  = param { "s", default = "130 h", min = 1, help = "running time until the bearing is at its limit" },
    noise = param { "1", default = 1, min = 0 },
  },
  signals = { vibration = "mm/s", current = "A", temperature = "K" },
  start = start,
  step = step,
}

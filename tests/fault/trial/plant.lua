-- tests/fault/trial/plant.lua -- a web, a pump, a furnace and a gas main: simple physics, all that a line can refuse.

local AMBIENT = 20 -- degC

local function start(_, at, rng)
  return { rng = rng, speed = at "web.v", pull = at "web.pull", true_speed = at "web.true", flow = at "die.q",
    lips = at "die.lips", gap = at "die.gap", sp = at "furnace.sp", temp = at "furnace.t", gas = at "gas.p",
    v = 0, t = AMBIENT, clock = 0, fresh = true }
end

local function first_values(s, io)
  io:set(s.gas, 3)
  for _, signal in ipairs { s.speed, s.pull, s.flow, s.lips, s.gap } do io:set(signal, 0) end
  io:set(s.sp, AMBIENT)
end

-- The web follows its drive within seconds; the furnace heats by 2 K/s at most.
local function step(s, io, dt)
  if s.fresh then
    s.fresh = false
    first_values(s, io)
  end
  s.clock = s.clock + dt
  s.v = s.v + (io:get(s.speed) - s.v) * math.min(1, dt / 2)
  local power = math.max(-0.3, math.min(2, 0.05 * (io:get(s.sp) - s.t)))
  s.t = s.t + dt * power
  io:set(s.true_speed, s.v)
  io:set(s.temp, s.t + 0.2 * s.rng:normal())
  io:set(s.gas, 3 + 0.2 * math.sin(s.clock / 60))
end

return twin "trial-plant" {
  title = "what a trial needs of a plant",
  options = {},
  signals = function()
    return { ["web.v"] = "m/min", ["web.pull"] = "N", ["web.true"] = "m/min", ["die.q"] = "mL/min", ["die.lips"] = "1",
      ["die.gap"] = "um", ["furnace.sp"] = "degC", ["furnace.t"] = "degC", ["gas.p"] = "bar" }
  end,
  start = start,
  step = step,
}

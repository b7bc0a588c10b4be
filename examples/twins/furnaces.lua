-- examples/twins/furnaces.lua -- chamber furnaces on one gas main; what a twin file is stands in coater.lua.

local AMBIENT = 20 -- degC

local function start(o, at, rng)
  local s = { n = o.furnaces, rng = rng, gas = at "gas.p", noise = o.noise, sp = {}, t = {}, temp = {}, sum = {},
    tau = o.cooling_time, fresh = true }
  for i = 1, s.n do
    s.sp[i], s.t[i], s.temp[i], s.sum[i] = at("sp" .. i), at("t" .. i), AMBIENT, 0
  end
  return s
end

local function first_values(s, io)
  io:set(s.gas, 3)
  for i = 1, s.n do
    -- In real time the line may have set an output before the twin was loaded: it stays.
    local now = io:get(s.sp[i])
    io:set(s.sp[i], now ~= 0 and now or AMBIENT)
  end
end

-- Heating is limited to 25 K/min; cooling is what the walls lose.
local function step(s, io, dt)
  if s.fresh then
    s.fresh = false
    first_values(s, io)
  end
  for i = 1, s.n do
    local x = s.temp[i]
    local err = io:get(s.sp[i]) - x
    local power = 0.08 * err + s.sum[i]
    if power > 1 then power = 1 elseif power < 0 then power = 0 else s.sum[i] = s.sum[i] + err * dt * 2e-4 end
    s.temp[i] = x + dt * (power * 25 / 60 - (x - AMBIENT) / s.tau)
    io:set(s.t[i], s.temp[i] + 0.3 * s.noise * s.rng:normal())
  end
end

return twin "furnaces" {
  title = "chamber furnaces on one gas main",
  options = {
    furnaces     = param { "1", default = 2, min = 1, max = 20 },
    cooling_time = param { "s", default = "1.5 h", min = 60, help = "time constant of the walls" },
    noise        = param { "1", default = 1, min = 0 },
  },
  signals = function(o)
    local signals = { ["gas.p"] = "bar" }
    for i = 1, o.furnaces do signals["t" .. i], signals["sp" .. i] = "degC", "degC" end
    return signals
  end,
  start = start,
  step = step,
}

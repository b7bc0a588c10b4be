-- examples/twins/coater.lua -- a slot-die coater with a zoned dryer, for virtual time and dry runs.
--
-- What a twin file is
--   options  what a profile may set in `twin = { "coater", zones = 3, ... }`; a param each
--   signals  function(o): signal name -> its unit; the profile's tags name these signals
--   start    function(o, at, rng): the state; at "web.v" is the number by which io knows a signal,
--            rng:uniform() and rng:normal() are the twin's own chance, seeded by the run
--   step     function(s, io, dt): move on by dt seconds; io:get(n) what the line last wrote (or the
--            twin itself), io:set(n, x) what the line reads next. Called once per tick; keep it lean:
--            no tables, no strings.
-- A signal reads as bad until the twin or the line has set it once.

local AMBIENT = 25          -- degC
local BIN = 0.05            -- m of web per cell of the way to the gauge
local GAUGE_PERIOD = 0.5    -- s between readings of the gauge head

local function zone_start(s, at, i)
  s.sp[i], s.t[i] = at("oven.sp" .. i), at("oven.t" .. i)
  s.temp[i], s.sum[i] = AMBIENT, 0
end

local function start(o, at, rng)
  local s = {
    o = o, rng = rng, zones = o.zones, web = at "web.v", pump = at "die.q", lips = at "die.lips",
    gauge = at "gauge.m", camera = at "cam.f", sp = {}, t = {}, temp = {}, sum = {},
    flow = 0, part = 0, shot = 0, cells = {}, head = 1, gauge_in = 0, fresh = true,
  }
  for i = 1, o.zones do zone_start(s, at, i) end
  s.n = math.max(1, math.floor(o.gauge_distance / BIN + 0.5))
  for i = 1, s.n do s.cells[i] = 0 end
  return s
end

-- In real time the line may have set an output before the twin was loaded: it stays.
local function rest(io, signal, value)
  local now = io:get(signal)
  io:set(signal, now ~= 0 and now or value)
end

-- Everything stands and is cold before the first step.
local function first_values(s, io)
  for _, signal in ipairs { s.web, s.pump, s.lips } do rest(io, signal, 0) end
  io:set(s.gauge, 0)
  for i = 1, s.zones do
    rest(io, s.sp[i], AMBIENT)
    io:set(s.t[i], AMBIENT)
  end
  io:set(s.camera, 1.989)
end

-- Zones: electric heaters under PI control, losses to the hall, heat that leaks
-- to the neighbours through the web slots, and the load of the web.
local function dry(s, io, dt, v)
  local temp, sum, n = s.temp, s.sum, s.zones
  local before = temp[1]
  for i = 1, n do
    local x = temp[i]
    local after = temp[i + 1] or x
    local err = io:get(s.sp[i]) - x
    local power = 4 * err + sum[i]
    if power > 100 then power = 100 elseif power < 0 then power = 0 else sum[i] = sum[i] + err * dt * 0.02 end
    temp[i] = x + dt * (power * 0.0022 - (x - AMBIENT) / 900 + (before + after - 2 * x) / 1500 - v * 0.0004)
    before = x
  end
end

-- The pump slips and lags; the film travels with the web to the gauge.
local function coat(s, io, dt, v)
  local o = s.o
  s.flow = s.flow + (io:get(s.pump) * o.slip - s.flow) * (dt < 2 and dt / 2 or 1)
  local mass = v > 0.05 and s.flow * o.solids / (v * o.width) or 0
  local part = s.part + v * dt / 60
  while part >= BIN do
    part = part - BIN
    local head = s.head
    s.under_gauge = s.cells[head]
    s.cells[head] = mass
    s.head = head < s.n and head + 1 or 1
  end
  s.part = part
end

-- The gauge head reports every half second; so do the camera and the zones.
local function measure(s, io)
  local rng, noise = s.rng, s.o.noise
  local mass = s.under_gauge or 0
  if mass > 0 then mass = mass + 0.4 * noise * rng:normal() end
  io:set(s.gauge, mass > 0 and mass or 0)
  s.shot = s.shot + 1
  local seen = s.o.defects > 0 and rng:uniform() < s.o.defects and rng:integer(2, 3) or 1
  io:set(s.camera, 100 * s.shot + seen + 0.97 + 0.025 * rng:uniform())
  for i = 1, s.zones do io:set(s.t[i], s.temp[i] + 0.05 * noise * rng:normal()) end
end

local function step(s, io, dt)
  if s.fresh then
    s.fresh = false
    first_values(s, io)
  end
  local v = io:get(s.web)
  dry(s, io, dt, v)
  coat(s, io, dt, v)
  s.gauge_in = s.gauge_in - dt
  if s.gauge_in <= 1e-9 then
    s.gauge_in = GAUGE_PERIOD
    measure(s, io)
  end
end

return twin "coater" {
  title = "slot-die coater, zoned dryer, areal mass gauge, camera",

  options = {
    zones          = param { "1", default = 3, min = 1, max = 20, help = "dryer zones" },
    gauge_distance = param { "m", default = 4, min = 0.1, help = "web from die to gauge" },
    width          = param { "m", default = 0.30, min = 0.01, help = "coated width" },
    solids         = param { "1", default = 0.9, min = 0.1, help = "g of dry film per mL of slurry" },
    slip           = param { "1", default = 0.95, min = 0.5, max = 1.5, help = "true flow / asked flow of the pump" },
    defects        = param { "1", default = 0, min = 0, max = 1, help = "share of pictures with a streak or pinhole" },
    noise          = param { "1", default = 1, min = 0, help = "0 = quiet instruments" },
  },

  signals = function(o)
    local signals = { ["web.v"] = "m/min", ["die.q"] = "mL/min", ["die.lips"] = "1",
                      ["gauge.m"] = "g/m2", ["cam.f"] = "1" }
    for i = 1, o.zones do
      signals["oven.t" .. i], signals["oven.sp" .. i] = "degC", "degC"
    end
    return signals
  end,

  start = start,
  step = step,
}

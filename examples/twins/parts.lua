-- examples/twins/parts.lua -- parts that come under a camera one after the other; what a twin file is stands in coater.lua.

local function start(o, at)
  return { part = at "part", gate = at "gate", period = o.period, parts = o.parts, t = 0, n = 0 }
end

local function step(s, io, dt)
  s.t = s.t + dt
  if s.t >= s.period and s.n < s.parts then
    s.t = s.t - s.period
    s.n = s.n + 1
  end
  io:set(s.part, s.n)
end

return twin "parts" {
  title = "parts under a camera, one a period",
  options = {
    period = param { "s", default = "1 s", min = 0.05 },
    parts  = param { "1", default = 100, min = 1, help = "then none come any more" },
  },
  signals = { part = "1", gate = "1" },
  start = start,
  step = step,
}

-- The batch record of a ten-hour batch with 200 tags: text, HTML with plots, JSON.
-- Goal: at most 2 s each.
--   make bench NAME=report
local inline = require "linewright.inline"
local loader = require "linewright.loader"
local report = require "linewright.report"
local report_html = require "linewright.report_html"
local report_json = require "linewright.report_json"
local store = require "linewright.store"
local sys = require "linewright.sys"

local ZONES = 100 -- each a reading and a set-point

local RECIPE = [[
return recipe "long-soak" {
  api = 1, version = "1.0.0",
  needs = { oven = cap "zoned_dryer@1" {} },
  execute = function(r, eq)
    r.operation("warm up", { oee = "setup" }, function()
      r.step("on", function() for _, z in ipairs(eq.oven.zones) do z.setpoint:set(60) end end)
      r.dwell "30 min"
    end)
    r.operation("soak", function()
      r.loop("trim", { every = "1 min", state = { k = 0 }, run = function(st)
        st.k = st.k + 1
        for i, z in ipairs(eq.oven.zones) do z.setpoint:set(60 + (st.k + i) % 20) end
      end })
      for i = 1, 19 do
        r.dwell "30 min"
        r.record("peak", r.step("measure", function() return (eq.oven.zones[1].temp:read()) end), "degC", { lo = 40, hi = 90 })
        r.mark("spot", { at = i, conf = 0.9 })
      end
    end)
    r.produced { total = 19, scrap = 1, unit = "m", planned = "9 h" }
  end,
}
]]

local TWIN = [[
return twin "bank" {
  title = "zones that follow their set-points",
  options = { zones = param { "1", default = 100, min = 1, max = 500 } },
  signals = function(o)
    local signals = {}
    for i = 1, o.zones do signals["t" .. i], signals["sp" .. i] = "degC", "degC" end
    return signals
  end,
  start = function(o, at, rng)
    local s = { n = o.zones, rng = rng, t = {}, sp = {}, x = {} }
    for i = 1, s.n do s.t[i], s.sp[i], s.x[i] = at("t" .. i), at("sp" .. i), 20 end
    return s
  end,
  step = function(s, io, dt)
    for i = 1, s.n do
      s.x[i] = s.x[i] + (io:get(s.sp[i]) - s.x[i]) * dt / 300
      io:set(s.t[i], s.x[i] + 0.2 * s.rng:normal())
    end
  end,
}
]]

local LINE = [[
local io = driver "sim" {}
local zones = {}
for i = 1, %d do
  zones[i] = { temp = tag { io, "t" .. i, unit = "degC" },
               setpoint = tag { io, "sp" .. i, unit = "degC", range = { 20, 120 },
                                safe = { hold = "keep", stop = 25, abort = 25 } } }
end
return line "bench" {
  api = 1, revision = 1, scan = "1 s", tick = "1 s", twin = { "bank.lua", zones = %d },
  units = { oven = equip "zoned_dryer@1" { props = { length = "200 m", temp_max = "130 degC" }, zones = zones } },
}
]]

local function seconds(fn)
  local t = sys.real_ns()
  local result = fn()
  return (sys.real_ns() - t) / 1e9, result
end

local function timed(what, bare_s, fn)
  local took_s, text = seconds(fn)
  sys.stdout(("  %-24s %7.2f s  %8.2f MB  ratio %.1f\n"):format(what, took_s, #text / 1e6, took_s / bare_s))
end

-- The run's records read by SQLite and forgotten.
local function read_bare(s, id)
  local q = s:sql("SELECT t_ns, kind, key, data FROM record WHERE run = ?1", id)
  while q:row() do end
  q:close()
end

local function prepare(dir, db)
  sys.mkdir(dir)
  assert(sys.write_file(dir .. "/long.lua", RECIPE))
  assert(sys.write_file(dir .. "/bank.lua", TWIN))
  assert(sys.write_file(dir .. "/bench.lua", LINE:format(ZONES, ZONES)))
  local t = sys.real_ns()
  local bundle = loader.bundle { recipe = dir .. "/long.lua", line = dir .. "/bench.lua", sim = true }
  local line = inline.new { bundle = bundle, db = db, seed = 1, quiet = true }
  line:command("reset", "bench")
  line:advance(5e9)
  line:command("start", "bench")
  line:advance(36100e9)
  assert(line.run.state == "Complete", line.run.state .. " " .. tostring(line.run.reason))
  line:close()
  sys.stdout(("  %-24s %7.2f s\n"):format("(simulating the batch)", (sys.real_ns() - t) / 1e9))
end

local dir = ... or "build/bench-report"
local db = dir .. "/report.db"
sys.stdout(("batch record of 10 h, %d tags; goal 2 s\n"):format(2 * ZONES))
if not sys.exists(db) then prepare(dir, db) end
local s = assert(store.open(db, "r"))
local id = assert(s:run_find())
local q = s:sql("SELECT count(*) FROM record WHERE run = ?1", id)
sys.stdout(("  %-24s %7.0f\n"):format("records", select(2, q:row())))
q:close()
local bare_s = seconds(function() read_bare(s, id) end)
sys.stdout(("  %-24s %7.2f s\n"):format("(records by SQLite)", bare_s))
timed("text", bare_s, function() return report.text(s, id) end)
timed("HTML with 200 plots", bare_s, function() return report_html.text(s, id, db) end)
timed("JSON with BatchML", bare_s, function() return report_json.text(s, id) end)
s:close()

-- A database with a few batches of known figures, for specs that ask it.
--
-- Virtual time begins at 2026-01-01 00:00 UTC. Line "press-3" makes a1 and a2,
-- line "press-4" makes b1 four hours later.
--   a1  100 m, 8 m scrap (streak 6, pinhole 2), planned 10 min, width 300.0 300.2 299.8
--   a2   50 m, none,                             planned 5 min,  width 300.4 300.6
--   b1   10 charges, 4 scrap, no planned time, after 4 h
local process = require "tests.support.process"
local projects = require "tests.support.project"

local RECIPE = [[
return recipe "soak" {
  api = 1, version = "1.0.0",
  needs = { oven = cap "zoned_dryer@1" {} },
  params = { hot = param { "degC", default = 80, min = 20, max = 120 }, kind = param { "1", default = 1 } },
  execute = function(r, eq, p)
    r.operation("warm up", { oee = "setup" }, function()
      r.step("heat", function() eq.oven.zones[1].setpoint:set(p.hot) end)
      r.dwell "2 min"
    end)
    r.operation("make", function()
      local width = function(x) r.record("width", x, "mm", { target = 300, tolerance = 1 }) end
      if p.kind == 1 then
        r.dwell "8 min"
        width(300.0); width(300.2); width(299.8)
        r.mark("streak", { at = 3, conf = 0.9 }); r.mark("streak", { at = 5, conf = 0.95 })
        r.produced { total = 100, scrap = { streak = 6, pinhole = 2 }, unit = "m", planned = "10 min" }
      elseif p.kind == 2 then
        r.dwell "4 min"
        width(300.4); width(300.6)
        r.produced { total = 50, unit = "m", planned = "5 min" }
        r.record("energy", 1.5, "kWh")
      else
        r.dwell "4 h"
        r.alarm("filter is old", { priority = "low" })
        r.ask { prompt = "Go on?", choices = { "yes" }, within = "2 min", default = "yes" }
        r.produced { total = 10, good = 6, unit = "charges" }
      end
    end)
  end,
}
]]

local batches = {}

local function run(project, db, batch, kind, line, hot)
  local code, out, err = process.run(project.dir, { process.program(), "run", project.dir .. "/soak.lua", "--line",
    project.dir .. "/" .. line, "--sim", "--speed", "max", "--db", db, "--batch", batch, "--set", "kind=" .. kind,
    "--set", "hot=" .. hot })
  assert(code == 0, out .. err)
end

--- A folder with the database.
---@return table project with dir and db; remove it after
function batches.new()
  local project = projects.new()
  project:write("soak.lua", RECIPE)
  project:edit("shed.lua", 'line "shed" {', 'line "press-3" {')
  project:edit("shed.lua", "revision = 1,", 'revision = 1, shifts = { early = "06:00", late = "14:00", night = "22:00" },')
  project:write("four.lua", (require("linewright.sys").read_file(project.dir .. "/shed.lua"):gsub("press%-3", "press-4")))
  project.db = project.dir .. "/q.db"
  run(project, project.db, "a1", 1, "shed.lua", 80)
  run(project, project.db, "a2", 2, "shed.lua", 90)
  run(project, project.db, "b1", 3, "four.lua", 60)
  return project
end

return batches

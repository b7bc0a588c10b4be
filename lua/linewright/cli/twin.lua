--- Role `twin`: steps a line's twin in real time, in a process of its own that
--- can write only the terminal strip it shares with the host.

local arguments = require "linewright.cli.arguments"
local bare = require "linewright.bare"
local files = require "linewright.files"
local loader = require "linewright.loader"
local report = require "linewright.cli.findings"
local store = require "linewright.store"
local twin = require "linewright.twin"
local worker = require "linewright.worker"

---@class linewright.cli.twin
local role = {}

local SPEC = { words = {}, options = { recipe = "text", line = "text", formula = "text",
  set = "pairs", sim = "flag", json = "flag", seed = "text", verbose = "flag",
  db = "text", bundle = "text", ["sim-fd"] = "text" } }

local function refuse(message, o)
  arguments.complain("linewright twin:", tostring(message), o.json)
  return 3
end

-- The texts that a run was begun with; a line without a recipe is the REPL's.
local function load(o)
  if not o.recipe then return bare.check(o.line, { sim = o.sim }) end
  local s, problem = store.open(o.db, "r")
  if not s then return nil, nil, problem end
  local bundle, findings = loader.check { recipe = o.recipe, line = o.line, formula = o.formula,
    set = o.set, sim = o.sim, sources = { other = (files.stored(s, o.bundle)) } }
  s:close()
  return bundle, findings
end

--- Step until the host ends this process.
---@param args string[]
---@return integer code
function role.main(args)
  local o, message = arguments.read(args, SPEC)
  if not o then return arguments.refuse("--role twin", message) end
  local bundle, findings, problem = load(o)
  if not bundle then return refuse(problem, o) end
  if findings:failed() or not bundle.twin then
    report.complain(bundle, findings, o.json)
    return report.code(findings)
  end
  local sim, why = worker.sim(tonumber(o["sim-fd"]))
  if not sim then return refuse(why, o) end
  local plant = twin.new(bundle.twin, tonumber(o.seed) or 1)
  worker.run_twin(bundle.line.tick_ns, function(dt_s) plant:step(sim, dt_s) end)
  return 0
end

return role

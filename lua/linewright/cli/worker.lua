--- Role `worker`: runs a recipe against the image that the host shares. It holds
--- the script and nothing else: it may hang or die, the host's scan goes on.
--- The arguments are described in host/worker/bundle.h.

local arguments = require "linewright.cli.arguments"
local explain = require "linewright.explain"
local files = require "linewright.files"
local loader = require "linewright.loader"
local release = require "linewright.release"
local report = require "linewright.cli.findings"
local run = require "linewright.run"
local store = require "linewright.store"
local worker = require "linewright.worker"

---@class linewright.cli.worker
local role = {}

local SPEC = { words = {}, options = {
  recipe = "text", line = "text", formula = "text", set = "pairs", sim = "flag", json = "flag",
  db = "text", run = "text", seed = "text", bundle = "text", resume = "flag", verbose = "flag",
  standby = "flag",
  ["image-fd"] = "text", ["desk-fd"] = "text", ["bell-fd"] = "text",
} }

local ENDS = { Complete = true, Stopped = true, Aborted = true }

local function refuse(message, o)
  arguments.complain("linewright worker:", tostring(message), o.json)
  return 3
end

-- Records that the host's writer has on disk already, as the run wants them.
local function earlier_records(s, o)
  local batch, following = s:run_get(tonumber(o.run), "batch"), s:records(tonumber(o.run))
  return function()
    local id, _, _, kind, key, data = following()
    if id then return kind, key, data end
  end, batch
end

-- A run has ended once it was started and is where nothing more will happen; its
-- last records are on disk, and the inputs of its decisions.
local function is_over(r, port)
  if r.state ~= "Stopped" then r.was_started = true end
  if not (ENDS[r.state] and (r.was_started or r.is_resumed)) then return false end
  return not r:wants_commit() and not r.keeps_inputs and (r.settled or port:applied())
end

local function serve(w, r)
  local port = w:port()
  local function ended()
    if not is_over(r, port) then return false end
    r.finished, r.status_at = true, nil
    explain.status(r, port:now_ns()) -- the last word: why it ended
    port:flags(false, true)
    return true
  end
  return w:run(function()
    r:tick()
    return ended()
  end, function()
    r:bell()
    return ended()
  end)
end

local function new_run(s, o, bundle, w)
  local port = w:port()
  local options = { bundle = bundle, port = port, seed = tonumber(o.seed), batch = o.run,
    budget_ns = w:tick_cpu_ns(), db = o.db }
  if o.resume then
    options.records, options.batch = earlier_records(s, o)
    options.bundle_then, options.death = o.bundle, w:death()
  end
  local r = run.new(options)
  r.is_resumed = o.resume == true
  return r
end

-- The run's own texts, as the store keeps them: what is edited on disk meanwhile
-- reaches other runs.
local function load_pinned(s, o)
  local texts = files.stored(s, o.bundle)
  local bundle, findings = loader.check { recipe = o.recipe, line = o.line, formula = o.formula,
    set = o.set, sim = o.sim, sources = { other = texts } }
  bundle.release = release.of(texts.read "pack", s:run_get(tonumber(o.run), "policy"))
  if not findings:failed() then return bundle end
  report.complain(bundle, findings, o.json)
  return nil, report.code(findings)
end

local function work(s, o, bundle)
  local w, why = worker.open(bundle.plan, tonumber(o["image-fd"]), tonumber(o["desk-fd"]),
    tonumber(o["bell-fd"]))
  if not w then return refuse(why, o) end
  local r = new_run(s, o, bundle, w)
  for _, fd in ipairs(r.wake_fds) do w:watch(fd) end
  local ok, _, code = serve(w, r)
  return (ok or code == "E-CLOSED") and 0 or 3
end

--- Run until the recipe has ended or the host is gone.
---@param args string[]
---@return integer code 0 ended, 1 findings, 2 wrong usage, 3 the host's memory does not fit
function role.main(args)
  local o, message = arguments.read(args, SPEC)
  if not o then return arguments.refuse("--role worker", message) end
  local s, why = store.open(o.db, "r")
  if not s then return refuse(why, o) end
  local bundle, code = load_pinned(s, o)
  if not bundle then return code end
  if bundle.hash ~= o.bundle then
    return refuse("the texts in the database are not those that the host began with", o)
  end
  if o.standby and not worker.await(tonumber(o["bell-fd"])) then return 0 end
  return work(s, o, bundle)
end

return role

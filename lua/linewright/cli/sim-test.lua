--- `linewright sim-test RECIPE --line LINE --seeds N [--hours H]`

local arguments = require "linewright.cli.arguments"
local child = require "linewright.child"
local crew = require "linewright.simtest.crew"
local faults = require "linewright.simtest.faults"
local findings_of = require "linewright.cli.findings"
local history = require "linewright.simtest.history"
local json = require "linewright.json"
local loader = require "linewright.loader"
local printable = require "linewright.printable"
local shrink = require "linewright.simtest.shrink"
local sorted = require "linewright.sorted"
local sys = require "linewright.sys"
local twice = require "linewright.simtest.twice"
local units = require "linewright.units"
local watch = require "linewright.simtest.watch"

local format = string.format

---@class linewright.cli.sim_test
local command = {}

local SPEC = { words = { "recipe" }, options = { line = "text", formula = "text", set = "pairs",
  seeds = "text", seed = "text", hours = "text", within = "text", shrink = "text",
  ["stop-after"] = "text", jobs = "text", json = "flag", stride = "text" } }

local SHRINKS = 60      -- histories that a search for the shortest one may play
local ENOUGH = 5        -- broken seeds: more tell the same story
local TWICE = 16        -- every so many seeds are played twice, at different dates

local BOUND_FROM = 30   -- histories; the rule of three means nothing for fewer

local function say(text) sys.stdout(printable(text, "") .. "\n") end

local function number(o, name, lowest, default)
  local text = o[name]
  if not text then return default end
  local value = tonumber(text)
  if value and value >= lowest and value < math.huge then return value end
  return nil, format("--%s takes a number of at least %g, not '%s'", name, lowest, text)
end

-- Numbers of the command line: least value and default.
local NUMBERS = { seeds = { 1, 100 }, seed = { 0, 1 }, hours = { 0.01, 1 },
  shrink = { 0, SHRINKS }, ["stop-after"] = { 1, ENOUGH }, jobs = { 1, child.cores() },
  stride = { 1 } }

local function read_settings(o)
  local s, message = {}
  if not o.line then return nil, "needs --line LINE" end
  for name, range in sorted(NUMBERS) do
    s[name], message = number(o, name, range[1], range[2])
    if message then return nil, message end
  end
  if o.seed and not o.seeds then s.seeds = 1 end
  if o.within then
    s.within_ns, message = units.duration(o.within)
    if not s.within_ns then return nil, "--within: " .. message end
  end
  return s
end

local function player(o, s, seed)
  local function bundle()
    return loader.bundle { recipe = o.recipe, line = o.line, formula = o.formula, set = o.set,
      sim = true }
  end
  return function(events, later_s)
    -- Each history begins with an empty heap: what an earlier one left behind must
    -- not bring the run of this one nearer to its budget of memory.
    collectgarbage()
    local loaded = bundle()
    events = events or faults.draw(loaded, seed, s.hours * 3600)
    local result = history.play { bundle = loaded, seed = seed, events = events,
      horizon_s = s.hours * 3600, wall0_s = later_s and 1767225600 + later_s }
    result.events = events
    return result
  end
end

local function player_of(o, s, seed)
  local play = player(o, s, seed)
  if seed % TWICE ~= 0 then return play end
  return function(events) return twice.play(play, events) end
end

local function shortest(play, result, shrinks)
  local function breaks(events)
    local other = play(events)
    local same = other.broken and other.broken.invariant == result.broken.invariant
    if same then result = other end
    return same
  end
  local events = shrink.list(result.events, breaks, shrinks)
  return events, result
end

local function told(o, seed, events, result)
  local broken = result.broken
  if o.json then
    return json.encode { seed = seed, invariant = broken.invariant, at_s = broken.at_s,
      text = broken.text, rule = watch.INVARIANTS[broken.invariant], events = events }
  end
  local lines = {
    format("seed %d breaks %s after %s: %s", seed, broken.invariant,
      units.time_text(broken.at_s * 1e9), broken.text),
    format("  %s: %s", broken.invariant, watch.INVARIANTS[broken.invariant]),
    "  the shortest history found:",
  }
  for _, event in ipairs(events) do
    lines[#lines + 1] = format("    %12s  %s", units.time_text(event.at_s * 1e9),
      faults.text(event))
  end
  if #events == 0 then lines[4] = "    nothing goes wrong but the run itself" end
  lines[#lines + 1] = format("  again: linewright sim-test %s --line %s --seed %d%s", o.recipe,
    o.line, seed, o.hours and " --hours " .. o.hours or "")
  return table.concat(lines, "\n")
end

-- What there is to say of a seed.
local function outcome(o, s, seed)
  local play = player_of(o, s, seed)
  local result = play()
  return { virtual_s = result.virtual_s, records = result.records,
    told = result.broken and told(o, seed, shortest(play, result, s.shrink)) }
end

local function progress(total, s)
  if not sys.isatty(2) then return end
  sys.stderr(format("\r\27[2K%d of %d seeds, %d broken", total.n, s.seeds, total.broken))
end

local function add(total, result)
  total.n, total.virtual_s = total.n + 1, total.virtual_s + result.virtual_s
  total.records = total.records + result.records
  if not result.told then return end
  total.broken = total.broken + 1
  say(result.told)
end

local function campaign(s, outcome_of)
  local total = { n = 0, broken = 0, virtual_s = 0, records = 0 }
  local began_ns = sys.real_ns()
  for seed = s.seed, s.seed + s.seeds - 1 do
    local is_late = s.within_ns and sys.real_ns() - began_ns > s.within_ns
    if is_late or total.broken >= s["stop-after"] then break end
    add(total, outcome_of(seed))
    progress(total, s)
  end
  if sys.isatty(2) then sys.stderr "\r\27[2K" end
  total.real_s = (sys.real_ns() - began_ns) / 1e9
  return total
end

-- As one of a crew: each outcome as a line of data.
local function work(o, s)
  local broken = 0
  for seed = s.seed, s.seed + (s.seeds - 1) * s.stride, s.stride do
    local result = outcome(o, s, seed)
    say(json.encode(result))
    broken = broken + (result.told and 1 or 0)
    if broken >= s["stop-after"] then break end
  end
  return 0
end

local function summary(o, total)
  total.speed = total.virtual_s / total.real_s
  if o.json then return say(json.encode(total)) end
  local bound = total.broken == 0 and total.n >= BOUND_FROM
    and format(", so at most %.2g %% at 95 %% confidence", 300 / total.n) or ""
  say(format("%d histories, %.1f virtual hours, %d records, %.0f x real time: %d broken%s",
    total.n, total.virtual_s / 3600, total.records, total.speed, total.broken, bound))
end

-- The exit code when these files cannot be played.
local function refusal(o)
  local bundle, findings = loader.check { recipe = o.recipe, line = o.line, formula = o.formula,
    set = o.set, sim = true }
  if findings:failed() then
    findings_of.complain(bundle, findings, o.json)
    return findings_of.code(findings)
  end
  if bundle.twin then return nil end
  arguments.complain("linewright sim-test:", o.line .. " has no twin to try the recipe on", o.json)
  return 1
end

--- Play histories in which things go wrong, and watch the invariants.
---@param args string[]
---@return integer code 0 none broken, 1 broken or findings, 2 wrong usage, 3 a file cannot be read
function command.main(args)
  local o, message = arguments.read(args, SPEC)
  if not o then return arguments.refuse("sim-test", message, args) end
  local s, why = read_settings(o)
  if not s then return arguments.refuse("sim-test", why, args) end
  if s.stride then return work(o, s) end
  local code = refusal(o)
  if code then return code end
  local workers = crew.new(args, s)
  local total = campaign(s, workers and function(seed) return workers:outcome(seed) end
    or function(seed) return outcome(o, s, seed) end)
  if workers then workers:close() end
  summary(o, total)
  return total.broken > 0 and 1 or 0
end

return command

--- Words for searching: the best numbers of anything that can be computed, and a
--- control loop tried on a line's twin.

local bare = require "linewright.bare"
local loader = require "linewright.loader"
local show = require "linewright.repl.show"
local sorted = require "linewright.sorted"
local units = require "linewright.units"

local tune = {}

local BUDGET = 120        -- evaluations of a search
local SPREAD_MIN = 1e-4   -- of the whole range: nearer together is the end
local BAND = 0.02         -- of the step: a loop has settled within it

-- -------------------------------------------------------------------- search --

local function point_of(names, box, u)
  local x = {}
  for i, name in ipairs(names) do
    x[name] = box[i][1] + (box[i][2] - box[i][1]) * math.min(1, math.max(0, u[i]))
  end
  return x
end

local function mix(a, b, t)
  local out = {}
  for i = 1, #a do out[i] = math.min(1, math.max(0, a[i] + (b[i] - a[i]) * t)) end
  return out
end

local function by_cost(a, b) return a.cost < b.cost end

local function first_simplex(n, try)
  local simplex = {}
  for k = 0, n do
    local u = {}
    for i = 1, n do u[i] = i == k and 0.8 or 0.3 end
    simplex[k + 1] = try(u)
  end
  return simplex
end

local function spread(simplex)
  local widest = 0
  for i = 1, #simplex[1].u do
    local lo, hi = 1, 0
    for _, v in ipairs(simplex) do lo, hi = math.min(lo, v.u[i]), math.max(hi, v.u[i]) end
    widest = math.max(widest, hi - lo)
  end
  return widest
end

local function centre_of(simplex)
  local out, n = {}, #simplex - 1
  for i = 1, n do
    out[i] = 0
    for k = 1, n do out[i] = out[i] + simplex[k].u[i] / n end
  end
  return out
end

-- One turn of the simplex. Source: Nelder, Mead, Computer Journal 7(4), 1965;
-- points outside of the box are moved to its edge.
local function turn(simplex, try)
  table.sort(simplex, by_cost)
  local n = #simplex
  local centre, worst = centre_of(simplex), simplex[n]
  local mirrored = try(mix(centre, worst.u, -1))
  if mirrored.cost < simplex[1].cost then
    local far = try(mix(centre, worst.u, -2))
    simplex[n] = far.cost < mirrored.cost and far or mirrored
  elseif mirrored.cost < simplex[n - 1].cost then
    simplex[n] = mirrored
  else
    local near = try(mix(centre, mirrored.cost < worst.cost and mirrored.u or worst.u, 0.5))
    if near.cost < math.min(worst.cost, mirrored.cost) then simplex[n] = near
    else
      for k = 2, n do simplex[k] = try(mix(simplex[1].u, simplex[k].u, 0.5)) end
    end
  end
end

local function trials_text(self)
  local head, rows, numeric = {}, {}, {}
  for i, name in ipairs(self.names) do head[i], numeric[i] = name, true end
  head[#head + 1], numeric[#head + 1] = "cost", true
  local function row(t)
    local cells = {}
    for i, name in ipairs(self.names) do cells[i] = ("%.5g"):format(t[name]) end
    cells[#cells + 1] = ("%.6g"):format(t.cost)
    return cells
  end
  rows[1], rows[2] = row(self.trials[1]), row(self)
  return ("%d trials; first and best:\n%s"):format(#self.trials, show.grid(head, rows, numeric))
end

local Found = { __show = trials_text, __plot = function(self)
  local costs = {}
  for i, t in ipairs(self.trials) do costs[i] = t.cost end
  return { cost = costs, title = "cost of each trial" }
end }

local function boxes_of(options)
  local names, box = {}, {}
  for name, range in sorted(options) do
    if type(range) == "table" then
      local lo, hi = tonumber(range[1]), tonumber(range[2])
      if not (lo and hi and lo < hi) then
        error(("search: %s = { least, most } is wanted"):format(name), 3)
      end
      names[#names + 1], box[#box + 1] = name, range
    end
  end
  if #names == 0 or type(options.cost) ~= "function" then
    error("search { kp = { 0, 10 }, cost = function(x) return ... end } is wanted", 3)
  end
  return names, box
end

local function search(options)
  local names, box = boxes_of(options)
  local found = setmetatable({ names = names, trials = {} }, Found)
  local budget = options.budget or BUDGET
  local function try(u)
    local x = point_of(names, box, u)
    local cost = options.cost(x)
    if type(cost) ~= "number" or cost ~= cost then cost = math.huge end
    x.cost = cost
    found.trials[#found.trials + 1] = x
    return { u = u, cost = cost, x = x }
  end
  local simplex = first_simplex(#names, try)
  while #found.trials < budget and spread(simplex) > SPREAD_MIN do turn(simplex, try) end
  table.sort(simplex, by_cost)
  for name, value in pairs(simplex[1].x) do found[name] = value end
  return found
end

-- ---------------------------------------------------------------- a loop tried --

-- "oven.zones[1].temp" as steps from eq.
local function channel_at(eq, path)
  local at = eq
  for name, index in path:gmatch "([%a_][%w_]*)%[?(%d*)%]?" do
    at = at[name]
    if index ~= "" then at = at[tonumber(index)] end
  end
  return at
end

local function recipe_of(line, o, log)
  local control = require "control"
  local recipe = bare.recipe(line)
  recipe.execute = function(r, eq)
    local output, reading = channel_at(eq, o.output), channel_at(eq, o.reading)
    r.step("set what stays", function()
      for path, value in sorted(o.set or {}) do channel_at(eq, path):set(value) end
    end)
    local pid = control.pid { kp = o.kp, ti = o.ti, td = o.td, target = o.target, bias = o.bias,
      out_min = o.out_min or output.lo, out_max = o.out_max or output.hi }
    r.loop("loop", { every = o.every, state = {}, run = function(_, dt)
      local x = reading:read()
      local y = pid(x, dt)
      output:set(y)
      log.x[#log.x + 1], log.y[#log.y + 1] = x or 0 / 0, y
    end })
    r.dwell(o.within)
  end
  return recipe
end

local function figures_of(x, o, every_s)
  local start, iae, peak, settled = x[1], 0, 0, nil
  local height = o.target - start
  for i = 1, #x do
    local e = o.target - x[i]
    iae = iae + math.abs(e) * every_s
    peak = math.max(peak, -e * (height < 0 and -1 or 1))
    if math.abs(e) > math.abs(height) * BAND then settled = nil
    else settled = settled or i * every_s end
  end
  return { iae = iae, settled_s = settled,
    overshoot = height ~= 0 and peak / math.abs(height) * 100 or 0 }
end

-- "kp 8.2, ti 370: best of 24" above what the best try did.
local function chosen_text(found)
  if not found then return "" end
  local parts = {}
  for i, name in ipairs(found.names) do parts[i] = ("%s %.4g"):format(name, found[name]) end
  return ("%s: best of %d\n"):format(table.concat(parts, ", "), #found.trials)
end

local Tried = { __show = function(t, _, is_ascii)
  local text = "%s%s to %s: overshoot %.1f %%, %s, IAE %.6g\n%s\n%s"
  return text:format(chosen_text(t.found), t.reading, units.text(t.target, t.x:unit()), t.overshoot,
    t.settled_s and "settled after " .. units.time_text(t.settled_s * 1e9) or "not settled",
    t.iae, show.sparkline(t.x, is_ascii), show.sparkline(t.y, is_ascii))
end, __plot = function(t) return { [t.reading] = t.x, [t.output] = t.y } end }

local NEEDED = { "output", "reading", "target", "kp" }

local function as_samples(list, every_s, unit)
  local s = require("linewright.dsp").samples(#list)
  for i, v in ipairs(list) do s:set(i, v) end
  return s:rate(1 / every_s):unit(unit)
end

local function loop_test(s, options)
  if not s.new_rig then require("linewright.repl.bench").words(s) end
  local o = { every = "1 s", within = "10 min" }
  for k, v in pairs(options) do o[k] = v end
  for _, name in ipairs(NEEDED) do
    if o[name] == nil then error(("loop_test needs %s"):format(name), 3) end
  end
  local path = o.line or s.line.path or s.options.line
  if not path then error("loop_test needs a line", 3) end
  local line, log = loader.load(path, { role = "line" }), { x = {}, y = {} }
  local t = s.new_rig(s, { recipe = recipe_of(line, o, log), line = line, quiet = true,
    seed = o.seed })
  t:start()
  t:run_until("Complete", { within = units.duration(o.within) / 1e9 + 60 })
  local every_s, channels = units.duration(o.every) / 1e9, t.bundle.channels
  local out = figures_of(log.x, o, every_s)
  out.x = as_samples(log.x, every_s, channels[o.reading].unit)
  out.y = as_samples(log.y, every_s, channels[o.output].unit)
  out.reading, out.output, out.target = o.reading, o.output, o.target
  t:close()
  return setmetatable(out, Tried)
end

local TUNABLE = { "kp", "ti", "td", "bias" }
local TUNE_BUDGET = 24

local function with(options, x)
  local out = {}
  for key, value in pairs(options) do out[key] = value end
  for key, value in pairs(x) do out[key] = value end
  return out
end

-- Gains given as { least, most } are searched for; the best try is the answer.
local function tuned(s, options)
  local ranges = {}
  for _, name in ipairs(TUNABLE) do
    if type(options[name]) == "table" then ranges[name] = options[name] end
  end
  if not next(ranges) then return loop_test(s, options) end
  ranges.budget = options.budget or TUNE_BUDGET
  ranges.cost = function(x) return loop_test(s, with(options, x)).iae end
  local found = search(ranges)
  local best = {}
  for _, name in ipairs(found.names) do best[name] = found[name] end
  local out = loop_test(s, with(options, best))
  out.found = found
  return out
end

--- The words of this group.
---@param s table session
---@return table
function tune.words(s)
  return { search = search, loop_test = function(options) return tuned(s, options) end }
end

return tune

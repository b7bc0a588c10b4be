--- What a recipe may use beside time and memory: branches, loops, conditions, open
--- questions, records, notes and alarms. Nothing waits for a time but these, each for one,
--- so that they bound the timers, too. The profile declares it (`limits = { alarms = 20 }`).
--- Whoever asks for more gets an error that no pcall of a recipe catches, with the line to
--- blame, and the run is held.

local check = require "linewright.check"
local json = require "linewright.json"
local verb = require "linewright.verb"
local vm = require "linewright.vm"

local format, min, floor = string.format, math.min, math.floor

local budgets = {}

-- name, default, most, what it counts. Those with `window_s` fill up again:
-- so many in that time, whenever they come. `s` is the second that is named.
local KINDS = {
  { name = "branches", default = 10000, most = 100000, text = "branches at once" },
  { name = "loops", default = 200, most = 10000, text = "loops at once" },
  { name = "conditions", default = 10000, most = 100000, text = "conditions waited for or kept" },
  { name = "questions", default = 100, most = 10000, text = "open questions" },
  { name = "records", default = 500, most = 100000, text = "records a second", window_s = 10,
    per_s = 1 },
  { name = "notes", default = 50, most = 10000, text = "printed lines a second", window_s = 10,
    per_s = 1 },
  { name = "alarms", default = 60, most = 6000, text = "alarms a minute", window_s = 60,
    per_s = 60 },
  { name = "text", default = 1000, most = 10000, text = "bytes in a label, alarm or note" },
  { name = "record", default = json.max_bytes, most = json.max_bytes, text = "bytes in a record" },
  { name = "inputs", default = 4096, most = 0x100000, text = "MiB of kept inputs", unit = "MiB" },
}

-- Records whose data is the recipe's own, as large as it makes it.
local OWN = { data = true, mark = true, decision = true, ckpt = true, ["end"] = true }

local IS_KEY = {}
for _, kind in ipairs(KINDS) do IS_KEY[kind.name] = kind end

local function read_one(f, kind, given, at, out)
  local what = format("line.limits.%s [%s]", kind.name, kind.text)
  local n = check.number(f, given, what, at)
  if n and n >= 1 and n <= kind.most and n == floor(n) then
    out[kind.name] = n
  elseif n then
    f:fail(format("%s = %.14g is no whole number from 1 to %d", what, n, kind.most), at, "E-RANGE")
  end
end

--- Read `limits` of a profile.
---@param f table findings
---@param t table the profile as written
---@return table<string, integer>
function budgets.read(f, t)
  local out, given = {}, t.limits
  for _, kind in ipairs(KINDS) do out[kind.name] = kind.default end
  local at = check.place(t.at, "limits")
  if given == nil or not check.type(f, given, "table", "line.limits", at) then return out end
  check.keys(f, given, IS_KEY, "line.limits", at)
  for _, kind in ipairs(KINDS) do
    if given[kind.name] ~= nil then read_one(f, kind, given[kind.name], at, out) end
  end
  return out
end

--- How many times are waited for: the ends of dwells and time limits, the turns of loops.
---@param scheduler table
---@return integer
function budgets.timers(scheduler)
  local n = #scheduler.loops
  for _, b in ipairs(scheduler.live) do
    if b.deadline or b.question and b.question.due then n = n + 1 end
  end
  return n
end

local Budgets = {}
Budgets.__index = Budgets

--- The counters of a run.
---@param limits table|nil of budgets.read; nil = the defaults
---@param port table the line's clock
---@param line_name string
function budgets.new(limits, port, line_name)
  local self = setmetatable({ port = port, line_name = line_name, limit = {}, left = {}, at = {} },
    Budgets)
  for _, kind in ipairs(KINDS) do
    self.limit[kind.name] = limits and limits[kind.name] or kind.default
  end
  return self
end

local function exceeded(self, kind)
  verb.raise("E-BUDGET more than %d %s (limits.%s of line '%s')", self.limit[kind.name], kind.text,
    kind.name, self.line_name)
end

-- What is left of a window right now.
local function refill(self, kind)
  local name, now = kind.name, self.port:now_ns()
  local full = self.limit[name] * kind.window_s / kind.per_s
  local left = self.left[name] or full
  left = min(full, left + (now - (self.at[name] or now)) * 1e-9 * self.limit[name] / kind.per_s)
  self.left[name], self.at[name] = left, now
  return left, full
end

--- One more of a kind that fills up again.
---@param name string "records", "notes" or "alarms"
function Budgets:take(name)
  local kind = IS_KEY[name]
  local left = refill(self, kind)
  if left < 1 then exceeded(self, kind) end
  self.left[name] = left - 1
end

--- There are n of a kind now.
---@param name string "branches", "loops", "conditions", "questions" or "text"
---@param n integer
function Budgets:hold(name, n)
  if n > self.limit[name] then exceeded(self, IS_KEY[name]) end
end

--- A record of so many bytes is written.
---@param kind string
---@param bytes integer
function Budgets:record(kind, bytes)
  if OWN[kind] then self:hold("record", bytes) end
end

--- How much is used, for the status.
---@param held table<string, integer> how many branches, loops, conditions, questions and
---  timers there are
---@param cpu_ns number CPU time that a tick may take
---@return string
function Budgets:text(held, cpu_ns)
  local used, cap = vm.memory()
  local out = { format("CPU %.14g ms a tick", cpu_ns / 1e6),
    format("memory %.0f of %.0f MiB", used / 0x100000, cap / 0x100000) }
  local limit = self.limit
  out[#out + 1] = format("timers %.0f of %.0f", held.timers,
    limit.branches + limit.loops)
  for _, kind in ipairs(KINDS) do
    local n = held[kind.name]
    if kind.window_s then
      local left, full = refill(self, kind)
      out[#out + 1] = format("%s %.0f of %.0f", kind.name, full - left, full)
    elseif n then
      out[#out + 1] = format("%s %.0f of %.0f", kind.name, n, self.limit[kind.name])
    else
      out[#out + 1] = format("%s to %.0f %s", kind.name, self.limit[kind.name], kind.unit or "B")
    end
  end
  return table.concat(out, ", ")
end

return budgets

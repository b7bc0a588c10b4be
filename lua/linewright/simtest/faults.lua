--- What may go wrong on a bad day, drawn from a seed: faults of signals, people's
--- commands, deaths of the worker, power cuts, errors inside the recipe. The same
--- seed, recipe and line give the same list on every machine.

local rng = require "linewright.rng"
local sorted = require "linewright.sorted"

local format = string.format

local faults = {}

-- A stream of its own, so that the plant's noise does not shift the faults.
local STREAM = 7

---@class linewright.simtest.Event
---@field at_s number virtual time since the start
---@field what "fault"|"clear"|"command"|"answer"|"kill"|"cut"|"disk"|"error"|"wild"|"insist"
---@field name string|nil signal of the twin, command
---@field kind string|nil of fault, of wild request
---@field argument number|nil of fault; seconds without power; which choice or output, 0..1

-- How the argument of a fault is drawn, from the size of what the signal carries.
local ARGUMENTS = {
  force = function(r, size) return (2 * r:uniform() - 0.5) * 2 * size end,
  drift = function(r, size) return (r:uniform() - 0.5) * size / 60 end,
  spike = function(r, size) return (r:uniform() - 0.5) * 4 * size end,
  delay = function(r) return 0.1 + 10 * r:uniform() end,
  noise = function(r, size) return 0.1 * size * r:uniform() end,
}
local KINDS = { "bad", "uncertain", "force", "stuck", "drift", "spike", "delay", "noise", "lost",
  "crash" }
local WILD = { "NaN", "infinity", "above", "below", "step", "step", "stale",
  "stale", "permit", "reading", "during" }
local COMMANDS = { "hold", "hold", "unhold", "unhold", "suspend", "unsuspend", "pause", "resume",
  "stop", "abort", "clear", "reset", "start", "complete" }

local function pick(r, list) return list[r:integer(1, #list)] end

-- A fault lasts from a blink to many minutes: both ends find different mistakes.
local function lasting_s(r) return 10 ^ (-1 + 3.5 * r:uniform()) end

local function signal_fault(r, signals, at_s)
  local signal = pick(r, signals)
  local kind = pick(r, KINDS)
  local draw = ARGUMENTS[kind]
  return { at_s = at_s, what = "fault", name = signal.name, kind = kind,
    argument = draw and draw(r, signal.size) or nil },
    { at_s = at_s + lasting_s(r), what = "clear", name = signal.name }
end

local function wild(r, _, at_s)
  return { at_s = at_s, what = "wild", kind = pick(r, WILD), argument = r:uniform() }
end

-- Draws of one event; weights by repetition. The second value ends the first.
local DRAW = {
  signal_fault, signal_fault, signal_fault, signal_fault, signal_fault, signal_fault,
  function(r, _, at_s) return { at_s = at_s, what = "command", name = pick(r, COMMANDS) } end,
  function(r, _, at_s) return { at_s = at_s, what = "command", name = pick(r, COMMANDS) } end,
  function(r, _, at_s) return { at_s = at_s, what = "command", name = pick(r, COMMANDS) } end,
  function(r, _, at_s) return { at_s = at_s, what = "answer", argument = r:uniform() } end,
  function(_, _, at_s) return { at_s = at_s, what = "kill" } end,
  function(r, _, at_s)
    return { at_s = at_s, what = "cut", argument = 10 ^ (6 * r:uniform()) }
  end,
  function(_, _, at_s) return { at_s = at_s, what = "error" } end,
  wild,
  function(_, _, at_s) return { at_s = at_s, what = "insist" } end,
  wild, wild,
  function(r, _, at_s)
    -- Rare: nothing is taken up again after it.
    return { at_s = at_s, what = r:uniform() < 0.2 and "disk" or "kill" }
  end,
}

-- Signals in the order of their names, each with the size of what it carries.
local function signals_of(bundle)
  local size = {}
  for _, channel in sorted(bundle.channels) do
    if channel.signal then
      local widest = math.max(math.abs(channel.line_lo or 0), math.abs(channel.line_hi or 0), 1)
      size[channel.signal] = widest / math.abs(channel.signal_gain or 1)
    end
  end
  local list = {}
  for name, index in sorted(bundle.twin.index) do
    list[#list + 1] = { name = name, size = size[index] or 100 }
  end
  return list
end

local function is_earlier(a, b) return a.at_s < b.at_s end

--- The bad day of a seed.
---@param bundle table of linewright.loader, with a twin
---@param seed integer
---@param horizon_s number events begin before this
---@return linewright.simtest.Event[] in order of time
function faults.draw(bundle, seed, horizon_s)
  local r, signals, list = rng.new(seed, STREAM), signals_of(bundle), {}
  for _ = 1, r:integer(0, 16) do
    local event, its_end = pick(r, DRAW)(r, signals, r:uniform() * horizon_s)
    list[#list + 1] = event
    list[#list + 1] = its_end
  end
  for i, event in ipairs(list) do event.order = i end
  table.sort(list, function(a, b)
    if a.at_s == b.at_s then return a.order < b.order end
    return is_earlier(a, b)
  end)
  return list
end

local TEXT_OF = { NaN = "NaN", infinity = "infinity", above = "more than the range",
  below = "less than the range", step = "too large a step", permit = "what is not permitted",
  reading = "a reading to be set", during = "NaN, and for more in the same scan" }

local TEXTS = {
  fault = function(e)
    return format("%s is %s%s", e.name, e.kind, e.argument and format(" (%.4g)", e.argument) or "")
  end,
  clear = function(e) return e.name .. " works again" end,
  command = function(e) return "somebody commands " .. e.name end,
  answer = function() return "somebody answers the open question" end,
  kill = function() return "the worker is killed and started again" end,
  cut = function(e) return format("power cut for %.3g s", e.argument) end,
  disk = function() return "the disk is full from here on" end,
  insist = function() return "somebody takes the run up again and again for two minutes" end,
  wild = function(e)
    return e.kind == "stale" and "the worker asks for something in an epoch that is over"
      or format("the worker asks for %s", TEXT_OF[e.kind])
  end,
  error = function() return "the next reading raises an error inside the recipe" end,
}

--- One event in words.
---@param event linewright.simtest.Event
---@return string
function faults.text(event) return TEXTS[event.what](event) end

return faults

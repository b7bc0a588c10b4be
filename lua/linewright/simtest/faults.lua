--- What may go wrong on a bad day, drawn from a seed: faults of signals, people's
--- commands, deaths of the worker, power cuts, failing and slow disks, devices that
--- restart, models that fail, steps of the clock, errors inside the recipe. The same
--- seed, recipe and line give the same list on every machine.

local rng = require "linewright.rng"
local sorted = require "linewright.sorted"
local stations = require "linewright.simtest.stations"

local format = string.format

local faults = {}

-- A stream of its own, so that the plant's noise does not shift the faults.
local STREAM = 7

---@class linewright.simtest.Event
---@field at_s number virtual time since the start
---@field what string a name of linewright.simtest.acts
---@field name string|nil signal of the twin, command
---@field kind string|nil of fault, of wild request, of a disk's failure
---@field argument number|nil of fault; seconds; which choice, output or place, 0..1

-- How the argument of a fault is drawn, from the size of what the signal carries.
local ARGUMENTS = {
  force = function(r, size) return (2 * r:uniform() - 0.5) * 2 * size end,
  drift = function(r, size) return (r:uniform() - 0.5) * size / 60 end,
  spike = function(r, size) return (r:uniform() - 0.5) * 4 * size end,
  delay = function(r) return 0.1 + 10 * r:uniform() end,
  noise = function(r, size) return 0.1 * size * r:uniform() end,
}
local KINDS = { "bad", "uncertain", "nan", "force", "stuck", "drift", "spike", "delay",
  "noise", "lost", "crash" }
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

-- A value beyond a limit by some share of what the signal carries, in its unit.
local function beyond(r, channel, op, limit)
  local span = math.abs((channel.hi or limit + 100) - (channel.lo or limit - 100))
  local by = span * 0.2 * r:uniform() + 1e-3 * span
  local value = (op == "above" or op == "is_not") and limit + by or limit - by
  return ((value - channel.bias) / channel.gain - channel.signal_bias) / channel.signal_gain
end

local NOT = { above = "below", below = "above", is = "is_not", is_not = "is" }

-- What a rule forbids: of an interlock too much or too little, of a permit that what it
-- needs is there.
local function forbidden(r, entry)
  local need = entry.need and entry.need.channel and entry.need
  if need then return need.channel, beyond(r, need.channel, NOT[need.op], need.limit) end
  return entry.channel, beyond(r, entry.channel, entry.rule.op, entry.limit)
end

-- So often the line cannot see what its rule is about.
local UNSEEN, NO_READING = 0.3, { "bad", "uncertain", "lost" }

-- Somewhat less or more than it may last; or so long that a person takes the run up
-- against it.
local function rule_lasts_s(r, may_last_s)
  if r:uniform() < 0.25 then return 60 + 240 * r:uniform() end
  return (0.5 + 1.5 * r:uniform()) * may_last_s + 2 * r:uniform()
end

local function rule_fault(r, day, at_s)
  local entry = #day.rules > 0 and pick(r, day.rules)
  local channel, argument
  if entry then channel, argument = forbidden(r, entry) end
  local name = channel and ((channel.spec or {}).feedback or day.name_of[channel.signal])
  if not name then return signal_fault(r, day.signals, at_s) end
  local may_last_s = (entry.rule.lasting_ns or 0) / 1e9
  local kind = r:uniform() < UNSEEN and pick(r, NO_READING) or "force"
  return { at_s = at_s, what = "fault", name = name, kind = kind, argument = argument },
    { at_s = at_s + rule_lasts_s(r, may_last_s), what = "clear", name = name }
end

local function plc(r, day, at_s)
  local name = pick(r, day.signals).name
  return { at_s = at_s, what = "plc", name = name, kind = pick(r, { "retained", "lost" }) },
    { at_s = at_s + 1 + 30 * r:uniform(), what = "clear", name = name }
end

local function failing_disk(r, _, at_s)
  local event = { at_s = at_s, what = "disk", kind = pick(r, { "full", "eio", "fsync" }) }
  -- Now and then nobody mends it.
  if r:uniform() < 0.2 then return event end
  local mend = { at_s = at_s + 10 + lasting_s(r), what = "mend",
    kind = pick(r, { "anew", "place" }) }
  if mend.kind == "anew" then return event, mend end
  -- What a journal that was opened in place stands on shows with the next cut.
  return event, mend, { at_s = mend.at_s + lasting_s(r), what = "cut", argument = 10 * r:uniform() }
end

local function slow_disk(r, _, at_s)
  return { at_s = at_s, what = "slow", argument = 10 ^ (-1 + 1.7 * r:uniform()) },
    { at_s = at_s + lasting_s(r), what = "slow" }
end

local function of_model(r, day, at_s)
  if #day.models == 0 then return signal_fault(r, day.signals, at_s) end
  local name, kind = pick(r, day.models).spec.name, pick(r, { "slow", "nan", "silent" })
  return { at_s = at_s, what = "model", name = name, kind = kind,
    argument = kind == "slow" and 10 ^ (-2 + 3.5 * r:uniform()) or nil },
    { at_s = at_s + lasting_s(r), what = "heal", name = name }
end

local function command(r, _, at_s)
  return { at_s = at_s, what = "command", name = pick(r, COMMANDS) }
end
local function kill(_, _, at_s) return { at_s = at_s, what = "kill" } end
local function cut_step(r, _, at_s)
  return { at_s = at_s, what = "cut_step", argument = r:uniform(),
    kind = pick(r, { "answer", "unhold" }) }
end
local function of_signal(r, day, at_s) return signal_fault(r, day.signals, at_s) end
local function share(what)
  return function(r, _, at_s) return { at_s = at_s, what = what, argument = r:uniform() } end
end

-- Draws of one event; weights by repetition. The second value ends the first.
local DRAW = {
  of_signal, of_signal, of_signal, of_signal, of_signal, rule_fault, rule_fault, rule_fault,
  command, command, command, share "answer", share "error", wild, wild, wild, kill, cut_step,
  function(r, _, at_s)
    return { at_s = at_s, what = "cut", argument = 10 ^ (6 * r:uniform()) }
  end,
  function(_, _, at_s) return { at_s = at_s, what = "insist" } end,
  function(_, _, at_s) return { at_s = at_s, what = "buttons" } end,
  function(r, _, at_s)
    return { at_s = at_s, what = "clock", argument = (r:uniform() - 0.5) * 10 ^ (9 * r:uniform()) }
  end,
  plc, slow_disk, failing_disk, of_model, of_model,
}

-- What a channel's signal carries at most.
local function size_of(channel)
  local widest = math.max(math.abs(channel.line_lo or 0), math.abs(channel.line_hi or 0), 1)
  return widest / math.abs(channel.signal_gain or 1)
end

-- The signals that the line reads or drives, in the order of their names, each with its
-- size. One that only the plant has is nobody's to lose.
local function signals_of(bundle)
  local size, carried = {}, stations.by_signal(bundle)
  for _, channel in sorted(bundle.channels) do
    if channel.signal then size[channel.signal] = size_of(channel) end
  end
  local list = {}
  for name, index in sorted(bundle.twin.index) do
    if carried[index] then list[#list + 1] = { name = name, size = size[index] or 100 } end
  end
  return list
end

--- The bad day of a seed.
---@param bundle table of linewright.loader, with a twin
---@param seed integer
---@param horizon_s number events begin before this
---@return linewright.simtest.Event[] in order of time
function faults.draw(bundle, seed, horizon_s)
  local r, list = rng.new(seed, STREAM), {}
  local day = { signals = signals_of(bundle), rules = bundle.rules or {}, name_of = {},
    models = bundle.models or {} }
  for name, index in sorted(bundle.twin.index) do day.name_of[index] = name end
  for _ = 1, r:integer(0, 16) do
    for _, event in ipairs { pick(r, DRAW)(r, day, r:uniform() * horizon_s) } do
      list[#list + 1] = event
    end
  end
  for i, event in ipairs(list) do event.order = i end
  table.sort(list, function(a, b)
    if a.at_s == b.at_s then return a.order < b.order end
    return a.at_s < b.at_s
  end)
  return list
end

local TEXT_OF = { NaN = "NaN", infinity = "infinity", above = "more than the range",
  below = "less than the range", step = "too large a step", permit = "what is not permitted",
  reading = "a reading to be set", during = "NaN, and for more in the same scan" }

local FAULT_TEXT = { bad = "%s gives bad readings", uncertain = "%s gives uncertain readings",
  nan = "%s gives NaN", force = "%s shows %.4g, whatever is there", stuck = "%s is stuck",
  drift = "%s drifts by %.3g a second", spike = "%s jumps by %.4g now and then",
  delay = "%s comes %.3g s late", noise = "%s has noise of %.3g", lost = "%s sends nothing more",
  crash = "the driver of %s is down" }
local MODEL_TEXT = { slow = "model %s takes %.3g s to answer", nan = "model %s answers NaN",
  silent = "model %s gives no answer" }
local DISK_TEXT = { full = "the disk is full from here on", eio = "the disk fails from here on",
  fsync = "the disk fails to keep what it was given, once" }

local TEXTS = {
  fault = function(e) return format(FAULT_TEXT[e.kind], e.name, e.argument) end,
  clear = function(e) return e.name .. " works again" end,
  command = function(e) return "somebody commands " .. e.name end,
  answer = function() return "somebody answers the open question" end,
  kill = function() return "the worker is killed and started again" end,
  cut_step = function(e)
    return "the worker is killed in the next once-step, and somebody "
      .. (e.kind == "unhold" and "commands unhold at once" or "answers at once")
  end,
  cut = function(e)
    return format("the power goes while the disk works, for %.3g s", e.argument)
  end,
  model = function(e) return format(MODEL_TEXT[e.kind], e.name, e.argument) end,
  heal = function(e) return "model " .. e.name .. " works again" end,
  disk = function(e) return DISK_TEXT[e.kind] end,
  mend = function(e)
    return "the disk is mended and the " .. (e.kind == "place" and "journal opened again"
      or "machine started again")
  end,
  slow = function(e)
    return e.argument and format("the disk takes %.3g s for a commit", e.argument)
      or "the disk is fast again"
  end,
  plc = function(e)
    return format("the device of %s is away; it comes back with its outputs %s", e.name,
      e.kind == "lost" and "at zero" or "as they were")
  end,
  clock = function(e) return format("somebody sets the wall clock %+.6g s", e.argument) end,
  buttons = function() return "somebody commands all that has no place in this state" end,
  insist = function() return "somebody takes the run up again and again for two minutes" end,
  wild = function(e)
    return e.kind == "stale" and "the worker asks for something in an epoch that is over"
      or format("the worker asks for %s", TEXT_OF[e.kind])
  end,
  error = function() return "the recipe raises an error where it is now" end,
}

--- One event in words.
---@param event linewright.simtest.Event
---@return string
function faults.text(event) return TEXTS[event.what](event) end

return faults

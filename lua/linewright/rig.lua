--- The rig: a recipe on a line's twin in virtual time, for specs. Faults are
--- injected by signal name of the twin ("gauge.m") or by channel ("gauge.mass").
---
---   local rig = require "linewright.rig"
---   local t = rig { recipe = "recipes/x.lua", line = "lines/y.lua", params = { speed = 5 } }
---   t:start(); t:run_until("Complete", { within = "3 h" })

local inline = require "linewright.inline"
local loader = require "linewright.loader"
local suggest = require "linewright.suggest"
local units = require "linewright.units"
local words = require "linewright.words"

local format = string.format

local Rig = {}

local IS_STATE, IS_RECORD, VERBS = {}, {}, {}
for _, state in ipairs(words.STATES) do IS_STATE[state] = true end
for _, kind in ipairs(words.RECORDS) do IS_RECORD[kind] = true end

-- What needs a running process; `crash` took it away.
local POWERED = { start = true, command = true, answer = true, advance = true, run_until = true,
  reload = true }

-- A verb with a slip of the pen says which one was meant.
function Rig.__index(self, name)
  local verb = rawget(Rig, name)
  if POWERED[name] and rawget(self, "is_dark") then
    error(format("%s: the power is cut since crash(); reboot() brings it back", name), 2)
  end
  if verb ~= nil or not VERBS[1] then return verb end
  if type(name) == "string" and suggest.nearest(name, VERBS) then
    error(format("rig has no '%s'%s", name, suggest.text(name, VERBS)), 2)
  end
end

local rig = {}

local HORIZON = "24 h"   -- of a run_until without `within`
local OUTAGE = "30 min"  -- of a reboot without `after`

local function ns_of(v, what)
  local ns, message = units.duration(v)
  if not ns then error(format("%s: %s", what, message), 3) end
  return ns
end

-- Findings as one text, so that a spec can search them.
local function bundle_of(options)
  local ok, result = pcall(loader.bundle, {
    recipe = options.recipe, line = options.line, formula = options.formula,
    params = options.params, set = options.set, root = options.root, sim = options.sim ~= false,
  })
  if ok then return result end
  return error(type(result) == "string" and result or tostring(result), 0)
end

--- Put a recipe on a line's twin.
---@param options linewright.rig_options
---@return linewright.Rig
local function new(_, options)
  local bundle = bundle_of(options)
  local line = inline.new {
    bundle = bundle, seed = options.seed, quiet = options.quiet ~= false, db = options.db,
    on_note = options.on_note, batch = options.batch,
  }
  return setmetatable({ line = line, run = line.run, p = bundle.params, bundle = bundle }, Rig)
end

--- Load a recipe or profile as a table, to change it before a rig takes it.
---@param path string
---@return table
function rig.load(path) return loader.load(path) end

--- The PackML state.
---@return string
function Rig:state() return self.run.state end

--- Command the run: "hold", "unhold", "stop", ...
---@param command string
---@param argument string|nil
---@return boolean ok
---@return string|nil message
function Rig:command(command, argument) return self.line:command(command, "ope", argument) end

--- Let a time pass.
---@param time number|string
function Rig:advance(time)
  self.line:advance(self.line:now_ns() + ns_of(time, "advance"))
end

local function reaching(state)
  if not IS_STATE[state] then
    error(format("run_until: '%s' is no state%s", state, suggest.text(state, words.STATES)), 3)
  end
  return function(run) return run.state == state end
end

--- Let time pass until a state is reached or a function of the run is true.
---@param what string|function
---@param options table|nil within (default 24 h)
function Rig:run_until(what, options)
  local within = options and options.within or HORIZON
  local wanted = type(what) == "string" and what or "the condition was"
  local stop = wanted == what and reaching(what) or what
  if stop(self.run) then return end
  local limit = self.line:now_ns() + ns_of(within, "run_until")
  if self.line:advance(limit, stop) then return end
  error(format("run_until: %s not reached within %s; the run is %s", wanted, within,
    table.concat({ self.run.state, self.run.reason }, ": ")), 2)
end

--- Reset and start.
function Rig:start()
  local function must(command)
    local ok, message = self.line:command(command, "rig")
    if not ok then error(message, 3) end
  end
  if self.run.state == "Stopped" or self.run.state == "Complete" then
    must "reset"
    self:run_until("Idle", { within = "10 min" })
  end
  must "start"
end

-- A signal by its name in the twin, or by the channel it feeds.
local function signal_of(self, name)
  local twin = self.bundle.twin
  local index = twin and twin.index[name]
  local channel = not index and self.bundle.channels[name]
  if channel and channel.signal then return channel.signal, channel end
  if index then return index end
  local known = {}
  for signal in pairs(twin and twin.index or {}) do known[#known + 1] = signal end
  table.sort(known)
  error(format("'%s' is no signal of the twin (%s) and no channel that it feeds%s", name,
    table.concat(known, ", "), suggest.text(name, known)), 3)
end

-- What a signal carries, in the twin's unit or the channel's.
local function unit_of(self, name)
  local twin, channel = self.bundle.twin, self.bundle.channels[name]
  local signal = twin.signals[twin.index[name] or channel.signal]
  return signal.unit
end

-- The others bend numbers.
local TEXT_FAULTS = { none = true, bad = true, uncertain = true, lost = true, crash = true }

--- Give a signal a fault, or nil to clear it: bad, uncertain, stuck, drift, spike,
--- delay, noise, lost, crash.
---@param name string
---@param kind string|nil
---@param argument number|nil drift per second, height, seconds, standard deviation
function Rig:fault(name, kind, argument)
  local index, unit = signal_of(self, name), unit_of(self, name)
  if unit == "text" and kind and not TEXT_FAULTS[kind] then
    error(format("fault: '%s' is a text, it cannot have '%s'", name, kind), 2)
  end
  self.line.sim:fault(index, kind or "none", argument or 0)
end

--- Make the line see a value, whatever the twin says; nil lets go. By signal name
--- in the twin's unit, by channel in the channel's.
---@param name string
---@param value number|string|nil a string for a text
function Rig:force(name, value)
  local index, channel = signal_of(self, name)
  if value == nil then return self.line.sim:fault(index, "none", 0) end
  local is_text = unit_of(self, name) == "text"
  if is_text ~= (type(value) == "string") then
    error(format("force: '%s' is a %s", name, is_text and "text" or "number"), 2)
  end
  if channel and not is_text then
    local tag = (value - channel.bias) / channel.gain
    value = (tag - channel.signal_bias) / channel.signal_gain
  end
  self.line.sim:fault(index, "force", value)
end

--- How long calls of a model take from now on; nil: as it says itself.
---@param name string of the model, its file's name unless `infer.load` gives one
---@param time number|string|nil
function Rig:slow(name, time)
  for _, state in ipairs(self.bundle.models or {}) do
    if state.spec.name == name then
      state.slow_ns = time and ns_of(time, "slow")
      return
    end
  end
  error(format("slow: no model '%s' in this recipe", name), 2)
end

--- What the camera's stub says from now on.
---@param label string one of the line's classes
---@param confidence number 0..1
function Rig:see(label, confidence)
  for role, unit in pairs(self.bundle.eq) do
    if unit.contract.name:find "^defect_vision@" then
      for place, class in ipairs(unit.props.classes) do
        if class == label then
          local index = signal_of(self, role .. ".frame")
          return self.line.sim:fault(index, "force", place + confidence * 0.999)
        end
      end
      error(format("see: '%s' is no class of %s (%s)", label, role,
        table.concat(unit.props.classes, ", ")), 2)
    end
  end
  error("see: this line has no defect_vision", 2)
end

--- Answer the open question.
---@param choice string
---@return boolean ok
---@return string|nil message
function Rig:answer(choice) return self.line:command("answer", "ope", choice) end

--- Cut the power, as if by kill -9; only `reboot` goes on from here.
function Rig:crash()
  self.line:crash()
  self.is_dark = true
end

--- Power back: a new process resumes the run from its journal.
---@param options table|nil after: length of the outage (default 30 min); recipe: another file
---  to resume with
function Rig:reboot(options)
  options = options or {}
  local bundle
  if options.recipe then
    bundle = bundle_of { recipe = options.recipe, line = self.bundle.line, params = self.p }
  end
  self.line:reboot(ns_of(options.after or OUTAGE, "reboot") / 1e9, bundle)
  self.bundle = self.line.bundle
  self.run, self.is_dark = self.line.run, nil
  -- The first scans put the safe values out and read the plant.
  self:advance(self.line.tick_s * 2)
end

--- Read the line's profile again, or take another, as `linewright command reload`
--- does.
---@param line string|table path or loaded profile
---@return boolean taken_up
---@return string text
function Rig:reload(line)
  local ok, text = self.line:reload(line, "ope")
  self.bundle, self.run = self.line.bundle, self.line.run
  if ok then self:advance(self.line.tick_s * 2) end
  return ok, text
end

--- Records of a kind with a label, over the whole run.
---@param kind string "begin", "end", "mark", "prompt", ...
---@param label string|nil of a step, a wait, a mark ...; nil: all of the kind
---@return integer
function Rig:count(kind, label)
  if not IS_RECORD[kind] then
    error(format("count: '%s' is no kind of record (%s)%s", tostring(kind),
      table.concat(words.RECORDS, ", "), suggest.text(kind, words.RECORDS)), 2)
  end
  return self.run.rt.journal:count(kind, label)
end

--- A channel's newest value in the channel's unit, or a twin signal's in its own.
---@param name string
---@return number|string
function Rig:value(name)
  local channel = self.bundle.channels[name]
  if channel and channel.index then return self.line.engine:value(channel.index) end
  return self.line.sim:get((signal_of(self, name)))
end

for name in pairs(Rig) do
  if name:sub(1, 2) ~= "__" then VERBS[#VERBS + 1] = name end
end
table.sort(VERBS)

return setmetatable(rig, { __call = new })

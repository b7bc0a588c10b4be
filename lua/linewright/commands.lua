--- What people and the host may command: the PackML commands, answers, pause,
--- modes, acknowledgement, and set-points by hand in mode Manual. Each one is a
--- record, refused or not.

local packml = require "linewright.packml"
local params = require "linewright.params"
local prompt = require "linewright.prompt"
local resume = require "linewright.resume"
local suggest = require "linewright.suggest"

local format = string.format

local commands = {}

-- PackML's unit modes, and ISA-88's two ways to go through a procedure. Manual is
-- a mode of both.
local UNIT_MODES = { production = "Production", maintenance = "Maintenance", manual = "Manual" }
local MODE_STATES = { Stopped = true, Idle = true, Aborted = true }

local own = {}

function own.answer(self, who, argument) return prompt.answer(self.rt, argument, who) end

function own.approve(self, who, argument) return prompt.approve(self.rt, argument, who) end

local function refused(command, state)
  return false, format("command '%s' is not allowed in state %s", command, state)
end

function own.pause(self)
  if self.state ~= "Execute" then return refused("pause", self.state) end
  self.rt.gate.paused = true
  return true
end

local function is_anyone_waiting(self)
  for _, b in ipairs(self.rt.scheduler.live) do
    if b.gate and not b.dead then return true end
  end
end

function own.resume(self)
  local gate = self.rt.gate
  if not gate.paused and not is_anyone_waiting(self) then
    local _, message = refused("resume", self.state)
    return false, message .. ": nothing is paused"
  end
  gate.paused, gate.opened = false, gate.opened + 1
  return true
end

local function set_unit_mode(self, mode)
  if mode ~= self.mode and not MODE_STATES[self.state] then
    local named = mode == "Production" and self.mode or mode
    return false, format("mode %s can be %s in Stopped, Idle or Aborted, not in %s", named,
      named == mode and "chosen" or "left", self.state)
  end
  self.mode = mode
  return true
end

local function mode_text(self)
  return self.mode .. (self.rt.gate.semi and ", semi-automatic" or ", automatic")
end

local function change_mode(self, argument)
  local word = argument:lower()
  if UNIT_MODES[word] then return set_unit_mode(self, UNIT_MODES[word]) end
  if word ~= "automatic" and word ~= "semi-automatic" then
    return false, format("mode '%s' is not known; use production, maintenance or manual, and "
      .. "automatic or semi-automatic", argument)
  end
  if self.mode == "Manual" then
    local ok, message = set_unit_mode(self, "Production")
    if not ok then return false, message end
  end
  self.rt.gate.semi = word == "semi-automatic"
  return true
end

function own.mode(self, _, argument)
  local was = mode_text(self)
  local ok, message = change_mode(self, argument)
  return ok, message, nil, { was = was }
end

function own.ack(self, who, argument)
  local n = self.alarms:ack(argument, who)
  if n == 0 then return false, "no alarm waits for acknowledgement" end
  return true
end

-- LOCAL: a person moves one output; limits and interlocks hold as ever.
local function set_channel(self, name, channel, value)
  if self.mode ~= "Manual" then
    return false, format("command 'set %s' needs mode Manual; the mode is %s", name,
      self.mode)
  end
  local rt = self.rt
  rt.touch, rt.branch = 2, { name = "local", ctx = { execute = false, active = true } }
  local has_read, was = pcall(channel.read, channel)
  local ok, err = pcall(channel.set, channel, tonumber(value) or value)
  rt.touch, rt.branch = 0, nil
  if not ok then return false, tostring(err) end
  return true, nil, nil, { was = has_read and was or nil }
end

-- The new value is a part of the command's record: a replay finds it there.
local function set_parameter(self, info, name, text)
  if not info.changeable then
    return false, format("parameter '%s' is fixed for this batch; the recipe does not declare it "
      .. "changeable = true", name)
  end
  local value, message = params.change(info, text)
  if not value then return false, message end
  local was = self.rt.journal.changed[name]
  if was == nil then was = self.bundle.params[name] end
  return true, nil, nil, { param = name, v = value, was = was }
end

local function names_to_set(self)
  local names = {}
  for name, info in pairs(self.bundle.param_info or {}) do
    if info.changeable then names[#names + 1] = name end
  end
  for path in pairs(self.rt.channels) do names[#names + 1] = path end
  table.sort(names)
  return names
end

local function set(self, argument)
  local name, value = argument:match "^(%S+)%s+(.+)$"
  if not name then
    return false, format("write: set NAME VALUE, a parameter or, in mode Manual, a channel; "
      .. "not '%s'", argument)
  end
  local info = (self.bundle.param_info or {})[name]
  if info then return set_parameter(self, info, name, value) end
  local channel = self.rt.channels[name]
  if channel then return set_channel(self, name, channel, value) end
  return false, format("'%s' is no parameter and no channel%s", name,
    suggest.text(name, names_to_set(self)))
end

-- "speed 5 m/min because the film is wet"
function own.set(self, _, argument)
  local what, reason = argument:match "^(.-)%s+because%s+(.+)$"
  local ok, message, act, more = set(self, what or argument)
  more = more or {}
  more.reason = reason
  return ok, message, act, more
end

local NEEDS_AUTOMATIC = { start = true, unhold = true, unsuspend = true }
local NEEDS_JOURNAL = { reset = true, start = true, unhold = true, unsuspend = true,
  complete = true }

-- Why a PackML command that the table allows must still wait.
local function not_yet(self, command)
  if NEEDS_AUTOMATIC[command] and self.mode == "Manual" then
    return format("command '%s' is not allowed in mode Manual", command)
  end
  if NEEDS_JOURNAL[command] and self.rt.journal.failed then
    return format("command '%s' has to wait: the journal stopped: %s", command,
      self.rt.journal.failed)
  end
  if command ~= "unhold" then return nil end
  local item = not self.refused and self.unknown[1]
  if item then
    return format("command 'unhold' has to wait: did once-step '%s' happen? "
      .. "answer done, redo or abort", item.label)
  end
  -- A script that failed is walked again while its outputs are still held: one that
  -- has taken another way must not go on.
  -- That a long one took its time is no reason to hold it again.
  if resume.rebuild(self) then self:take_trip() end
  return self.refused
end

local GIVES_REASON = { hold = true, stop = true, abort = true, suspend = true }

local function packml_command(self, command, who, argument)
  if not packml.is_command(command) then
    return false, format("command '%s' is not known; %s can be commanded in state %s", command,
      packml.legal(self.state), self.state)
  end
  if not packml.command(self.state, command) then return refused(command, self.state) end
  local why = not_yet(self, command)
  if why then return false, why end
  -- Before an unhold a script may be walked again: a trip meanwhile has the last word.
  local to = packml.command(self.state, command)
  if not to then return refused(command, self.state) end
  return true, nil, function()
    self.where, self.now_text = nil, nil
    local reason = argument ~= "" and argument or GIVES_REASON[command] and "commanded by " .. who
    self:enter(to, who, reason or nil)
  end
end

--- Is this the name of a command, whatever the state allows?
---@param word string
---@return boolean
function commands.is_known(word) return own[word] ~= nil or packml.is_command(word) end

--- Carry out a command, or refuse it with a sentence that says why.
---@param self table run
---@param command string
---@param who string
---@param argument string
---@return boolean ok
---@return string|nil message
function commands.run(self, command, who, argument)
  local fn = own[command]
  local ok, message, act, more
  if fn then
    ok, message, act, more = fn(self, who, argument)
  else
    ok, message, act = packml_command(self, command, who, argument)
  end
  more = more or {}
  self.rt.journal:emit("cmd", command, {
    who = who, arg = argument ~= "" and argument or nil, ok = ok, why = message,
    state = self.state, param = more.param, v = more.v, was = more.was, reason = more.reason,
  })
  if act then act() end
  if ok then return true end
  return false, message
end

return commands

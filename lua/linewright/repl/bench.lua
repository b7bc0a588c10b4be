--- Words about recipes on a twin: the rig of the specs, with what a person wants
--- beside it: what each branch waits for, running on while one types, plots.

local printable = require "linewright.printable"
local recorder_of = require "linewright.repl.recorder"
local rig_of = require "linewright.rig"
local show = require "linewright.repl.show"
local sys = require "linewright.sys"
local units = require "linewright.units"

local bench = {}

local PERIOD_S = 0.02   -- at most so often a rig that goes on is stepped
local SLICE_NS = 15e6   -- real time of one such step: the prompt comes first

-- ----------------------------------------------------------------- branches --

local Branches = { __show = function(list)
  local rows = {}
  for i, b in ipairs(list) do
    rows[i] = { b.branch, b.step or "", b.waits or "", b.now or "", b.left or "" }
  end
  if #rows == 0 then return "no branch is alive" end
  return show.grid({ "branch", "step", "waits for", "now", "left" }, rows)
end }

local function time_left(b)
  return b.deadline and units.time_text(math.max(0, b.deadline - b.ctx.now)) or nil
end

-- A branch that waits for its children says so.
local function waits_of(b, live)
  if b.waits then return b.waits end
  local children = {}
  for _, other in ipairs(live) do
    if other.parent == b and not other.dead then children[#children + 1] = other.name end
  end
  if #children > 0 then return "branches " .. table.concat(children, ", ") end
  return b.deadline and "time" or nil
end

local function branches(self)
  local out, live = setmetatable({}, Branches), self.run.rt.scheduler.live
  for _, b in ipairs(live) do
    if not b.dead then
      local place = require("linewright.journal").path_text(b.path or b.name or "")
      out[#out + 1] = { branch = place, step = b.step, waits = waits_of(b, live),
        now = type(b.now) == "string" and b.now or nil, left = time_left(b),
        standing = not b.ctx.active or nil }
    end
  end
  return out
end

-- ---------------------------------------------------------------- recording --

local function channel_paths(self)
  local out = {}
  for path, channel in pairs(self.bundle.channels) do
    if channel.index then out[#out + 1] = path end
  end
  table.sort(out)
  return out
end

-- Every advance of the line passes here.
local function record(self)
  local line, paths = self.line, channel_paths(self)
  local step, recorder = line.advance, recorder_of.new(line.tick_s)
  self.recorder = recorder
  local function take()
    local now_s = line:now_ns() / 1e9
    if not recorder:is_due(now_s) then return end
    recorder:take(now_s, function(path)
      return line.engine:value(self.bundle.channels[path].index)
    end, paths)
  end
  rawset(line, "advance", function(same, limit_ns, stop)
    return step(same, limit_ns, function(run)
      take()
      return stop and stop(run)
    end)
  end)
end

local function samples(self, path)
  local channel = self.bundle.channels[path]
  return channel and self.recorder and self.recorder:samples(path, channel.unit)
end

-- ------------------------------------------------------------------ running --

-- Tick by tick until it has caught up or its slice of real time is over.
local function catch_up(self, goal_ns)
  local began, tick_ns = sys.real_ns(), self.line.tick_s * 1e9
  repeat
    local now_ns = self.line:now_ns()
    if now_ns >= goal_ns then return true end
    self.line:advance(math.min(goal_ns, now_ns + tick_ns))
  until sys.real_ns() - began > SLICE_NS
  return false
end

local function go(self, speed)
  speed = speed or 1
  if type(speed) ~= "number" or not (speed > 0) then
    error("go(speed): a number above 0 is wanted, 1 is real time", 3)
  end
  local from_ns, at_ns = self.line:now_ns(), sys.real_ns()
  self.session:every(self.job, math.max(PERIOD_S, math.min(self.line.tick_s / speed, 1)), function()
    if not catch_up(self, from_ns + (sys.real_ns() - at_ns) * speed) then
      from_ns, at_ns = self.line:now_ns(), sys.real_ns()
    end
  end)
end

-- ------------------------------------------------------------------- showing --

local function time_text(ns)
  local t = math.floor(ns / 1e9)
  return ("%d:%02d:%02d"):format(math.floor(t / 3600), math.floor(t / 60) % 60, t % 60)
end

local function rig_text(self)
  local run = self.run
  if not run then return "a rig without power; reboot() goes on" end
  local lines = { ("%s on %s: %s at %s%s"):format(run.recipe.name, self.bundle.line.name,
    run.state, time_text(self.line:now_ns()), run.reason and " (" .. run.reason .. ")" or "") }
  for _, b in ipairs(branches(self)) do
    if b.waits then
      lines[#lines + 1] = ("  %s waits for: %s%s%s"):format(b.branch, b.waits,
        b.now and ", now " .. b.now or "", b.left and " (" .. b.left .. " left)" or "")
    end
  end
  return table.concat(lines, "\n")
end

local function extend(class)
  class.branches = branches
  class.samples = function(self, path)
    local found = samples(self, path)
    if found then return found end
    error(("samples: '%s' is no channel of this recipe, or nothing was recorded"):format(
      tostring(path)), 2)
  end
  class.pause = function(self) return self:command "pause" end
  class.resume = function(self) return self:command "resume" end
  class.go = function(self, speed) go(self, speed) end
  class.halt = function(self) self.session.jobs[self.job] = nil end
  class.close = function(self)
    self:halt()
    self.line:close()
  end
  class.__show, class.__class = rig_text, "Rig"
  class.__members = function()
    local out = {}
    for name in pairs(class) do
      if type(name) == "string" and not name:find "^__" then out[#out + 1] = name end
    end
    return out
  end
end

local function key_channels(self)
  local out = {}
  for _, channel in ipairs(self.bundle.channel_list) do
    if channel.key then out[channel.path] = samples(self, channel.path) end
  end
  return out
end

-- ---------------------------------------------------------------------- words --

local function tell(line_of)
  return function(text, is_block)
    local line = line_of()
    io.stdout:write(line and time_text(line:now_ns()) .. "  " or "",
      printable(text, is_block and "" or "  "), "\n")
  end
end

local function options_of(s, options)
  if type(options) ~= "table" then error("rig { recipe = ..., line = ... }", 4) end
  local own = {}
  for k, v in pairs(options) do own[k] = v end
  own.line = own.line or s.line.path or s.options.line
  for _, name in ipairs { "recipe", "line" } do
    if not own[name] then
      error(("rig { recipe = ..., line = ... }: the %s is missing"):format(name), 4)
    end
  end
  return own
end

local function new_rig(s, options)
  local own, t = options_of(s, options), nil
  if own.on_note == nil and own.quiet ~= true then
    own.on_note = tell(function() return t and t.line end)
  end
  own.quiet = nil
  t = rig_of(own)
  local class = getmetatable(t)
  if not class.branches then extend(class) end
  class.__plot = key_channels
  s.rig_count = (s.rig_count or 0) + 1
  t.job, t.session = "rig" .. s.rig_count, s
  record(t)
  s.rigs[#s.rigs + 1] = t
  return t
end

--- The words of this group.
---@param s table session
---@return table
function bench.words(s)
  s.rigs = setmetatable({}, { __mode = "v" })
  s.new_rig = new_rig
  table.insert(s.recorded, function(path)
    local newest = s.rigs[#s.rigs]
    return newest and samples(newest, path)
  end)
  s.sources[#s.sources + 1] = function()
    local out, newest = {}, s.rigs[#s.rigs]
    local channels = newest and newest.bundle.channels or {}
    for path, channel in pairs(channels) do out[path] = channel.unit end
    return out
  end
  return {
    rig = setmetatable({ load = rig_of.load }, {
      __call = function(_, options) return new_rig(s, options) end,
    }),
  }
end

return bench

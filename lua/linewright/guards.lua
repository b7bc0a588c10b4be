--- What a recipe wants watched each tick, whatever its script is doing: guards
--- (they climb the ladder), alarms (they tell), and suspend_when (starved or
--- blocked from outside, resumes by itself with hysteresis).

local causes = require "linewright.causes"
local options_of = require "linewright.driver_options"
local own_place = require "linewright.own_place"
local sorted = require "linewright.sorted"
local units = require "linewright.units"
local vm = require "linewright.vm"

local format, plain = string.format, require("linewright.safe").plain

local Watch = {}
Watch.__index = Watch

local guards = {}

-- After a start of the runtime the drivers have not all read yet; a bad input
-- counts as tripped only after this.
local GRACE_NS = 2e9

local function duration(v, what)
  if v == nil then return 0 end
  local ns, message = units.duration(v)
  if not ns then error(format("E-TIME %s: %s", what, message), 0) end
  return ns
end

local function states_of(active)
  if active == nil then return nil end
  if type(active) == "string" then return { [active] = true } end
  return active.states or active
end

local function watched(item, i, kind)
  local what = format("%s %d%s", kind, i, item.text and format(" '%s'", item.text) or "")
  return {
    kind = kind, text = item.text or what, when = item.when, level = item.level or "hold",
    priority = item.priority, lasting = duration(item.lasting, what .. ": lasting"),
    states = states_of(item.active), since = nil, fired = false, seen = {},
    what = format("%s '%s'", kind, item.text or i),
  }
end

-- The loader has resolved channel, limits and units.
local function suspend_rule(spec, channels)
  local path = spec.channel.path
  return {
    kind = "suspend", what = "suspend_when", channel = channels[path], settle = spec.settle_ns,
    seen = {},
    sign = spec.op == "below" and 1 or -1, limit = spec.limit, resume = spec.resume,
    text = spec.text
      or format("%s is %s %s", path, spec.op, units.text(spec.limit, spec.channel.unit)),
  }
end

--- Everything a recipe declares, ready to be evaluated.
---@param rt table
---@param bundle table
---@return table watch
function guards.new(rt, bundle)
  local recipe, suspend = bundle.recipe, bundle.suspend
  local self = setmetatable({ rt = rt, items = {}, cursor = 0, now = 0,
    channels = bundle.channels, missed = {}, was_missed = {} }, Watch)
  for _, kind in ipairs { "guard", "alarm" } do
    for i, item in ipairs(recipe[kind .. "s"] or {}) do
      self.items[#self.items + 1] = watched(item, i, kind)
    end
  end
  if suspend then self.items[#self.items + 1] = suspend_rule(suspend, rt.channels) end
  self.body = function() self:evaluate() end
  return self
end

local act = {}

-- `blind` names the reading that is not good, when nothing else is known.
function act.guard(self, item, on, blind)
  if not on then
    item.since, item.fired = nil, false
    return
  end
  item.since = item.since or self.now
  if not item.fired and self.now - item.since >= item.lasting then
    -- Only what changed the state has fired: a guard that could do nothing
    -- here must still act in the next state.
    local text = blind and format("%s (%s has no good reading)", item.text, blind) or item.text
    item.fired = self.rt.fault(item.level, text, item) or item.fired
  end
end

function act.alarm(self, item, on)
  if on then
    item.since = item.since or self.now
    if not item.fired and self.now - item.since >= item.lasting then
      item.fired = true
      self.rt.alarms:raise(item.text, item.priority, nil, causes.saw(self.rt, item.seen))
    end
  elseif item.since then
    item.since = nil
    if item.fired then self.rt.alarms:clear(item.text) end
    item.fired = false
  end
end

-- Alarms that cannot see have one cause, their device: it is told once, and each of
-- them stays as it was.
local function miss(self, path)
  local channel = self.channels[path]
  local driver = channel and channel.spec.driver
  local text = "no good readings from " .. (driver and options_of.name(driver) or path)
  self.missed[text] = path
end

local function tell_missed(self)
  if not (next(self.missed) or next(self.was_missed)) then return end
  for text, path in sorted(self.missed) do
    if not self.was_missed[text] then
      self.rt.alarms:raise(text, "medium", nil, { [path] = "bad" })
    end
  end
  for text in sorted(self.was_missed) do
    if not self.missed[text] then self.rt.alarms:clear(text) end
  end
  self.missed, self.was_missed = {}, self.missed
end

-- Starved at once, going on only after the signal was good for `settle`. A bad
-- reading is no news: it neither suspends nor resumes.
function act.suspend(self, item)
  local state, x = self.rt.state(), item.channel:read()
  if x == nil then
    item.since = nil
  elseif state == "Execute" then
    local is_starved = (x - item.limit) * item.sign < 0
    if is_starved then item.fired = self.rt.fault("suspend", item.text, item) end
    item.since = nil
  elseif state == "Suspended" and item.fired and (x - item.resume) * item.sign >= 0 then
    item.since = item.since or self.now
    if self.now - item.since >= item.settle then
      item.since, item.fired = nil, false
      self.rt.unsuspend("no longer: " .. item.text)
    end
  else
    item.since = nil
  end
end

function Watch:evaluate()
  local items, rt = self.items, self.rt
  while self.cursor < #items do
    local i = self.cursor + 1
    self.cursor = i
    local item = items[i]
    local states = item.states
    if states == nil or states[self.state] then
      rt.callback, rt.bad, rt.seen = item, nil, item.seen
      act[item.kind](self, item, item.when and item.when(rt.eq, rt.p))
    elseif item.since then
      act[item.kind](self, item, false)
    end
  end
end

-- A guard that cannot see counts as tripped; a guard that is wrong too, at its
-- own level: neither may leave the line unwatched. An alarm does nothing by itself.
function Watch:failed(item, err, kind)
  local rt = self.rt
  if item.kind == "suspend" then
    item.since = nil
  elseif kind == "error" and rt.bad then
    if self.now - rt.began_ns < GRACE_NS then return end
    if item.kind == "alarm" then miss(self, rt.bad) else act.guard(self, item, true, rt.bad) end
  elseif not item.fired then
    item.fired = true
    rt.fault(item.level, format("%s failed: %s", item.what, own_place.strip(plain(err))), item)
  end
end

--- Evaluate all, once per tick.
---@param now_ns number
---@param state string
function Watch:step(now_ns, state)
  if #self.items == 0 then return end
  local rt = self.rt
  self.now, self.state, self.cursor, rt.touch = now_ns, state, 0, 1
  repeat
    local ok, err, kind = vm.call(self.body, rt.budget_ns)
    local item = rt.callback
    rt.callback, rt.seen = nil, nil
    if not ok and item then self:failed(item, err, kind) end
  until ok
  rt.touch = 0
  tell_missed(self)
end

--- A new level of outputs was opened: what is still active may fire again.
function Watch:rearm()
  for _, item in ipairs(self.items) do
    if item.kind == "guard" then item.fired = false end
  end
end

-- ------------------------------------------------------------------ alarms ---

local Alarms = {}
Alarms.__index = Alarms

--- Alarms after ISA-18.2 in its smallest form: active or not, acknowledged or
--- not; one entry for each text, however often it comes.
---@param rt table
---@return table alarms list of { text, priority, active, acked, n }
function guards.alarms(rt) return setmetatable({ rt = rt, by_text = {} }, Alarms) end

local function tell(self, alarm, change, key, more)
  more = more or {}
  self.rt.journal:emit("alarm", key or self.rt.journal:fresh_key("alarm", alarm.text),
    { priority = alarm.priority, change = change, who = more.who, saw = more.saw, at = more.at })
end

--- Raise an alarm.
---@param text string
---@param priority string|nil "high", "medium", "low"
---@param key string|nil journal key, when the script itself raised it
---@param saw table|nil readings that raised it, path -> value
---@param at string|nil the script's line
function Alarms:raise(text, priority, key, saw, at)
  local alarm = self.by_text[text]
  if not alarm then
    alarm = { text = text, n = 0 }
    self.by_text[text] = alarm
    self[#self + 1] = alarm
  end
  alarm.priority, alarm.active, alarm.acked = priority or alarm.priority or "medium", true, false
  alarm.n = alarm.n + 1
  tell(self, alarm, key == nil and "raised" or nil, key, { saw = saw, at = at })
end

--- Its cause is gone.
---@param text string
function Alarms:clear(text)
  local alarm = self.by_text[text]
  if not alarm or not alarm.active then return end
  alarm.active = false
  tell(self, alarm, "cleared")
end

--- A person has seen it; without a text all are meant.
---@param text string|nil
---@param who string
---@return integer n acknowledged now
function Alarms:ack(text, who)
  local n = 0
  for _, alarm in ipairs(self) do
    if not alarm.acked and (text == nil or text == "" or alarm.text == text) then
      alarm.acked, n = true, n + 1
      tell(self, alarm, "acknowledged", nil, { who = who })
    end
  end
  return n
end

return guards

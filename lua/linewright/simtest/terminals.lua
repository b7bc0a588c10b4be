--- What is seen at the plant's terminals: each output within its range, its step and
--- its rate, safe where it has to be, still where nothing may move.

local sorted = require "linewright.sorted"
local stations = require "linewright.simtest.stations"

local abs, max = math.abs, math.max

local terminals = {}

local SLACK = 1e-9 -- of a value's size: conversions there and back

local function is_close(a, b) return abs(a - b) <= SLACK * max(abs(a), abs(b), 1) end

local WHOLE = { bool = true, u16 = true, s16 = true, u32 = true, s32 = true }

--- Half a step of the device's word, in the unit of the channel.
---@param channel table
---@return number
function terminals.quantum(channel)
  local spec = channel.spec or {}
  local step = WHOLE[spec.type] and abs((spec.scale or 1) * channel.gain) or 0
  return 0.51 * step + 1e-9 * max(abs(channel.lo or 0), abs(channel.hi or 0), 1)
end

local function safe_values(channel)
  local list = {}
  for _, value in sorted(channel.safe) do list[#list + 1] = value end
  return list
end

--- The outputs of a line that have a terminal.
---@param bundle table
---@return table[] path, channel, signal, back (what is read back), quantum, safe (values),
---  gain, bias
function terminals.of(bundle)
  local list = {}
  for path, channel in sorted(bundle.channels) do
    if channel.class == "writable" and channel.signal then
      local feedback = (channel.spec or {}).feedback
      list[#list + 1] = { path = path, channel = channel, signal = channel.signal,
        station = stations.of(channel),
        back = feedback and bundle.twin.index[feedback] or channel.signal,
        quantum = terminals.quantum(channel), safe = safe_values(channel),
        gain = channel.signal_gain * channel.gain,
        bias = channel.signal_bias * channel.gain + channel.bias }
    end
  end
  return list
end

local function check_range(self, o, value)
  local c = o.channel
  local slack = SLACK * max(abs(c.lo), abs(c.hi), 1)
  if not (value >= c.lo - slack and value <= c.hi + slack) then
    self:fail("I1", "output %s is %.6g %s, its range is %.6g..%.6g", o.path, value, c.unit, c.lo,
      c.hi)
  end
end

--- Is this one of its safe values? A trip writes them at once, some scans before the
--- run's state follows.
---@param o table
---@param value number
---@return boolean
function terminals.is_safe(o, value)
  for i = 1, #o.safe do
    if is_close(value, o.safe[i]) then return true end
  end
  return false
end

-- A line at rest takes for true what a device shows instead of what it was told: it may
-- have been moved by hand. A read-back that lies then does the same.
local function doubt(self, o)
  local fault = self.fault_of[o.back]
  if not fault or fault.kind == "none" then return end
  if self.level or self.rest_ns or self.line.port:trip() then o.is_known = false end
end

--- A driver was down and up again between two scans: the host saw nothing of it. Of an
--- output that is read back elsewhere, as by a meter, it cannot know either that its
--- device has lost what it was told; its next step begins where it was told to be. An
--- output whose own address is read has no such excuse.
---@param self table watch
---@param station any its key, of linewright.simtest.stations
function terminals.blink(self, station)
  for _, o in ipairs(self.outputs) do
    if o.station == station then o.is_unseen = o.back ~= o.signal end
  end
end

-- The first step after a restart begins where the device said that it was; a
-- faulty read-back moves that place.
local function is_known(self, o)
  if o.is_unseen then
    o.is_unseen = false
    return false
  end
  if o.is_known then return true end
  local fault = self.fault_of[o.back]
  o.is_known = true
  return not fault or fault.kind == "none" and fault.at_ns < self.moved_ns
end

local function check_step(self, o, value)
  local most = o.channel.step_max
  if not most or o.channel.rate_max or abs(value - o.last) <= most * (1 + 1e-6) then return end
  self:fail("I1", "output %s steps from %.6g to %.6g %s, allowed are %.6g", o.path, o.last,
    value, o.channel.unit, most)
end

local function check_stale(self, o, value, now_ns)
  if not o.stale or now_ns > o.stale_until_ns then return end
  if is_close(value, o.stale) then
    self:fail("I2", "output %s is %.6g %s, which was asked in an epoch before this one", o.path,
      value, o.channel.unit)
  end
end

-- All but safe values moves no faster than its ramp.
local function check_rate(self, o, value, dt_s)
  local most = o.channel.rate_max and o.channel.rate_max * dt_s * 1.001
  -- A device found outside its range counts as at the end of it.
  local from = math.min(max(o.last, o.channel.lo), o.channel.hi)
  -- Both ends of the step are rounded to the device's word.
  if not most or abs(value - from) <= most + 2 * o.quantum then return end
  self:fail("I1", "output %s moves from %.6g to %.6g %s within %.3g s, allowed are %.6g", o.path,
    o.last, value, o.channel.unit, dt_s, most)
end

local function check_safe(self, o, value)
  local safe = o.channel.safe[self.level]
  if not safe or is_close(value, safe) then return end
  -- A trip in this very scan may ask for more than the state did; the run has noticed it
  -- meanwhile or has not.
  local _, level = self.line.port:trip()
  local of_trip = o.channel.safe[level or self.levels[self.line.run.state] or ""]
  if of_trip and is_close(value, of_trip) then return end
  self:fail("I3", "one scan into %s output %s is %.6g %s, its safe value is %.6g",
    self.state, o.path, value, o.channel.unit, safe)
end

local function check_move(self, o, value, now_ns)
  check_range(self, o, value)
  if terminals.is_safe(o, value) then
    o.is_unseen = false -- it has been told anew
    return
  end
  check_stale(self, o, value, now_ns)
  if is_known(self, o) then
    check_rate(self, o, value, self.scan_ns / 1e9)
    check_step(self, o, value)
  end
  if self.stopped_ns and now_ns > self.stopped_ns + self.scan_ns then
    self:fail("I2", "output %s moves from %.6g to %.6g %s without a journal", o.path, o.last,
      value, o.channel.unit)
  end
  local is_resting = self.rest_ns and self.line.run.state == self.shown
  if is_resting and now_ns - self.rest_ns > 2 * self.scan_ns then
    self:fail("I3", "output %s moves from %.6g to %.6g %s in %s", o.path, o.last, value,
      o.channel.unit, self.state)
  end
end

-- What is there before we looked may be the plant's own, as after a power cut.
local function check_output(self, o, value, now_ns)
  if o.last and value ~= o.last then check_move(self, o, value, now_ns) end
  if self.level and self.level_seen == false then check_safe(self, o, value) end
  o.last = value
end

-- While the run has not noticed a trip, outputs stay at their safe values.
local function check_trip(self)
  local seq, level = self.line.port:trip()
  if not seq then return end
  for _, o in ipairs(self.outputs) do
    if o.channel.safe[level] and o.last and not terminals.is_safe(o, o.last) then
      return self:fail("I3", "a trip to %s is open and output %s is %.6g %s", level, o.path,
        o.last, o.channel.unit)
    end
  end
end

--- Look at each terminal.
---@param self table watch
---@param now_ns number
---@param is_blind boolean what is there now proves nothing
function terminals.look(self, now_ns, is_blind)
  local there, outputs = self.there, self.outputs
  for i = 1, #outputs do
    local o = outputs[i]
    local value = there[o.signal] * o.gain + o.bias
    doubt(self, o)
    if value - value ~= 0 then
      self:fail("I1", "output %s is %s", o.path, tostring(value))
    elseif is_blind then
      o.last = nil
    else
      check_output(self, o, value, now_ns)
    end
  end
  if self.level_seen == false then self.level_seen = true end
  if not is_blind then check_trip(self) end
end

return terminals

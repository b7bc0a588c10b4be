--- What a line's rules and the known faults of its signals oblige: interlocks have
--- tripped, outputs without their permit are at rest, a faulty reading is not good
--- and a healthy one tells the truth.

local sorted = require "linewright.sorted"
local stations = require "linewright.simtest.stations"
local terminals = require "linewright.simtest.terminals"

local abs, max = math.abs, math.max

local rules = {}

local SETTLE_NS = 2e9     -- after a fault of a signal ended
local WORKS = { Starting = true, Execute = true, Completing = true, Unholding = true,
  Unsuspending = true }

-- Certainly false: as the rules of the scan see it, NaN is never certain.
local IS_CLEAR = {
  above = function(x, limit) return x <= limit end,
  below = function(x, limit) return x >= limit end,
  is = function(x, limit) return x < limit or x > limit end,
  is_not = function(x, limit) return x == limit end,
}
local HOLDS = {
  above = function(x, limit) return x > limit end,
  below = function(x, limit) return x < limit end,
  is = function(x, limit) return x == limit end,
  is_not = function(x, limit) return x < limit or x > limit end,
}

-- Of what is only written a reading is what was written last, whatever is there.
local function is_read(channel)
  local spec = channel.spec or {}
  return channel.class == "readable" or spec.access ~= "w" or spec.feedback ~= nil
end

local function is_filtered(channel)
  return channel.spec and channel.spec.filters and #channel.spec.filters > 0
end

local function interlocks_of(bundle)
  local list = {}
  for _, entry in ipairs(bundle.rules or {}) do
    if entry.rule.kind == "interlock" and entry.channel.index
      and not is_filtered(entry.channel) then
      list[#list + 1] = { rule = entry.rule, channel = entry.channel, limit = entry.limit,
        index = entry.channel.index, is_clear = IS_CLEAR[entry.rule.op] }
    end
  end
  return list
end

local function permits_of(bundle, outputs)
  local list = {}
  for _, entry in ipairs(bundle.rules or {}) do
    for _, o in ipairs(outputs) do
      if entry.rule.kind == "permit" and entry.channel == o.channel and entry.need.channel.index
        and not is_filtered(entry.need.channel) then
        list[#list + 1] = { output = o, op = entry.rule.op, holds = HOLDS[entry.rule.op],
          limit = entry.limit, need = entry.need, need_holds = HOLDS[entry.need.op] }
      end
    end
  end
  return list
end

local function input_of(bundle, path, channel, scan_ns)
  local spec = channel.spec or {}
  local every_ns = max(spec.poll_ns or 0, scan_ns)
  return { path = path, index = channel.index, station = stations.of(channel),
    signal = spec.feedback and bundle.twin.index[spec.feedback] or channel.signal,
    gain = channel.signal_gain * channel.gain,
    bias = channel.signal_bias * channel.gain + channel.bias, quantum = terminals.quantum(channel),
    -- What is read back of an output is a scan behind it.
    is_plain = channel.class == "readable" and every_ns == scan_ns,
    every_ns = every_ns, age_ns = (spec.max_age_ns or 5 * every_ns) + every_ns }
end

local function inputs_of(bundle, scan_ns)
  local list = {}
  for path, channel in sorted(bundle.channels) do
    local is_text = channel.spec and channel.spec.type == "text"
    local is_judged = channel.signal and channel.index and is_read(channel)
    if is_judged and not is_text and not is_filtered(channel) then
      list[#list + 1] = input_of(bundle, path, channel, scan_ns)
    end
  end
  return list
end

local function readings_of(bundle)
  local list = {}
  for _, channel in sorted(bundle.channels) do
    if channel.class == "readable" and channel.index then list[#list + 1] = channel end
  end
  return list
end

--- What there is to judge on a line.
---@param bundle table
---@param outputs table[] of the watch: path, channel, signal, gain, bias
---@return table
function rules.new(bundle, outputs)
  return { interlocks = interlocks_of(bundle), permits = permits_of(bundle, outputs),
    inputs = inputs_of(bundle, bundle.line.scan_ns), readings = readings_of(bundle) }
end

--- Begin anew after a restart: what was violated before is news to the new process.
---@param self table from rules.new
function rules.forget(self)
  for _, lock in ipairs(self.interlocks) do
    lock.since_ns, lock.due_ns, lock.is_judged = nil, nil, nil
  end
end

-- ------------------------------------------------------------------- judge ---

-- In the scan in which it trips each output is at a safe value, whatever the run
-- has noticed so far.
local function check_trip(watch, lock)
  for _, o in ipairs(watch.outputs) do
    if o.channel.safe[lock.rule.level] and o.last and not terminals.is_safe(o, o.last) then
      return watch:fail("I12", "%s has tripped to %s and output %s is %.6g %s",
        lock.channel.path, lock.rule.level, o.path, o.last, o.channel.unit)
    end
  end
end

local function is_violated(watch, lock, now_ns)
  lock.bad_ns = watch.quality[lock.index] == "bad" and (lock.bad_ns or now_ns) or nil
  return lock.bad_ns ~= nil or not lock.is_clear(watch.value[lock.index], lock.limit)
end

-- A violation must last; a bad input trips at once, and once tripped is tripped.
local function due_of(lock, now_ns)
  lock.since_ns = lock.since_ns or now_ns
  lock.due_ns = math.min(lock.due_ns or math.huge,
    lock.bad_ns or lock.since_ns + lock.rule.lasting_ns)
  return lock.due_ns
end

-- A run that is taken up against an active rule trips anew.
local function check_leaves(watch, lock, due_ns, now_ns)
  local state, from_ns = watch.line.run.state, max(due_ns, watch.shown_ns or 0)
  if now_ns > from_ns + 3 * watch.scan_ns + watch.line.tick_s * 2e9 and WORKS[state] then
    watch:fail("I12", "%s is %s for %.3g s and the run is in %s", lock.channel.path,
      lock.bad_ns and "bad" or lock.rule.op .. " its limit", (now_ns - lock.since_ns) / 1e9,
      state)
  end
end

local function check_lock(watch, lock, now_ns)
  if not is_violated(watch, lock, now_ns) then
    lock.since_ns, lock.due_ns, lock.is_judged = nil, nil, nil
    return
  end
  local due_ns = due_of(lock, now_ns)
  if now_ns < due_ns or watch.is_dazed then return end
  if not lock.is_judged and WORKS[watch.shown] then check_trip(watch, lock) end
  lock.is_judged = true
  check_leaves(watch, lock, due_ns, now_ns)
end

--- Does what a permit needs hold now?
---@param watch table
---@param permit table of self.permits
---@return boolean
function rules.is_there(watch, permit)
  local value, quality = watch.line.port:read(permit.need.channel.index)
  return quality == "good" and permit.need_holds(value, permit.need.limit)
end

local function is_permitted(watch, permit, value, quality)
  local o = permit.output
  if not o.last or watch.is_dazed or terminals.is_safe(o, o.last) then return true end
  -- What went out as a whole number of a device came back not quite the same.
  if not permit.holds(o.last - 1e-6 * abs(o.last), permit.limit) then return true end
  return quality == "good" and permit.need_holds(value, permit.need.limit)
end

-- The scan that loses a permit puts the output to rest; one that holds "keep" stays
-- where it was while the permit was there.
local function check_permit(watch, permit)
  local o, need = permit.output, permit.need
  local value, quality = watch.value[need.channel.index], watch.quality[need.channel.index]
  if is_permitted(watch, permit, value, quality) then
    permit.kept = o.last or permit.kept
    return
  end
  if o.channel.safe.hold == nil and o.last == permit.kept then return end
  watch:fail("I2", "output %s is %.6g %s, for which %s must be %s %.6g; that is %s", o.path,
    o.last, o.channel.unit, need.channel.path, need.op, need.limit,
    quality == "good" and ("%.6g"):format(value) or quality)
end

local NOT_GOOD = { bad = "bad", nan = "bad", lost = "bad", uncertain = "uncertain" }

local function check_truth(watch, input)
  local value, quality = watch.value[input.index], watch.quality[input.index]
  local plant = watch.there[input.signal] * input.gain + input.bias
  if quality ~= "good" then
    watch:fail("I10", "%s has no fault and its reading is %s", input.path, quality)
  elseif not (abs(value - plant) <= input.quantum) then
    watch:fail("I10", "%s is %.9g at the terminal, its good reading is %.9g", input.path, plant,
      value)
  end
end

local function check_fault(watch, input, fault, wanted, now_ns)
  local late_ns = fault.kind == "lost" and input.age_ns or input.every_ns
  if now_ns <= fault.at_ns + late_ns + watch.scan_ns then return end
  local quality = watch.quality[input.index]
  if quality ~= wanted and quality ~= "bad" then
    watch:fail("I10", "%s is %s for %.3g s and its reading is %s", input.path, fault.kind,
      (now_ns - fault.at_ns) / 1e9, quality)
  end
end

local function is_healthy(fault, now_ns)
  return not fault or fault.kind == "none" and now_ns > fault.at_ns + SETTLE_NS
end

local function check_input(watch, input, now_ns)
  local fault = watch.fault_of[input.signal]
  local wanted = fault and NOT_GOOD[fault.kind]
  if wanted then
    check_fault(watch, input, fault, wanted, now_ns)
  elseif input.is_plain and is_healthy(fault, now_ns) and not watch.is_dazed then
    check_truth(watch, input)
  end
end

-- A driver that is down for longer than readings may age has no good ones.
local function check_blind(watch, input, now_ns)
  if now_ns <= watch.moved_ns + input.age_ns + watch.scan_ns then return end
  local quality = watch.quality[input.index]
  if quality ~= "bad" then
    watch:fail("I10", "the driver of %s is down for %.3g s and its reading is %s", input.path,
      (now_ns - watch.moved_ns) / 1e9, quality)
  end
end

--- Is nothing under way that a later scan must be judged for?
---@param self table from rules.new
---@param works boolean the run is in a state in which a rule must stop it
---@return boolean
function rules.is_calm(self, works)
  for i = 1, #self.interlocks do
    local lock = self.interlocks[i]
    if lock.since_ns and (works or not lock.is_judged) then return false end
  end
  return true
end

--- Judge one instant.
---@param self table from rules.new
---@param watch table
---@param now_ns number
function rules.look(self, watch, now_ns)
  local inputs, interlocks, permits = self.inputs, self.interlocks, self.permits
  for i = 1, #inputs do
    local check = watch:is_down(inputs[i]) and check_blind or check_input
    check(watch, inputs[i], now_ns)
  end
  for i = 1, #interlocks do check_lock(watch, interlocks[i], now_ns) end
  for i = 1, #permits do check_permit(watch, permits[i]) end
end

return rules

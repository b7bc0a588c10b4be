--- What the records of a run must show, each one as it goes out: legal states, no
--- step twice, no end without its beginning, one alarm for one cause.

local journal = require "linewright.journal"
local json = require "linewright.json"

local format, match = string.format, string.match

local records = {}

-- PackML's legal transitions (STANDARDS.md section 2): commands and ends.
local LEGAL = {
  Stopped = "Resetting Aborting", Resetting = "Idle Stopping Aborting",
  Idle = "Starting Stopping Aborting", Starting = "Execute Stopping Aborting",
  Execute = "Completing Holding Suspending Stopping Aborting",
  Holding = "Held Stopping Aborting", Held = "Unholding Completing Stopping Aborting",
  Unholding = "Execute Holding Stopping Aborting",
  Suspending = "Suspended Holding Stopping Aborting",
  Suspended = "Unsuspending Holding Completing Stopping Aborting",
  Unsuspending = "Execute Holding Stopping Aborting",
  Completing = "Complete Stopping Aborting", Complete = "Resetting Stopping Aborting",
  Stopping = "Stopped Aborting", Aborting = "Aborted", Aborted = "Clearing",
  Clearing = "Stopped Aborting",
}

-- Finished steps stay finished until the recipe is begun afresh.
local SEEN = {}

function SEEN.state(self, to, data)
  if to == "Starting" then self.finished, self.begun, self.open_once = {}, {}, {} end
  local from = self.state
  if from ~= to and not LEGAL[from]:find(to, 1, true) then
    self:fail("I5", "from %s to %s", from, to)
  end
  self.state, self.reason = to, data.reason
  self.is_chosen = data.reason ~= nil and data.reason == self.line.run.rt.chosen
end

-- A once-step that was begun is begun again only when a person has said so.
local function check_once(self, key)
  if self.open_once[key] then
    self:fail("I6", "once-step '%s' (%s) was begun, nobody was asked, and it is begun again",
      journal.label(key), key)
  end
  self.open_once[key] = true
end

-- A call of a model, and what was wrong with the model then.
local function note_call(self, key, data)
  local name = data.within and match(journal.label(key), "^model (.*)$")
  if not name then return end
  local fault = self.model_faults[name]
  self.asked[key] = { name = name, fault = fault,
    is_void = fault and (fault.kind ~= "slow" or fault.slow_s > data.within) }
end

local function is_finite(v)
  if type(v) == "number" then return v - v == 0 end
  if type(v) ~= "table" then return true end
  for _, x in pairs(v) do
    if not is_finite(x) then return false end
  end
  return true
end

local function check_answer(self, asked, data)
  local by = data.by or {}
  if data.error or by.fallback then return end
  if not is_finite(data.v) then
    self:fail("I13", "model %s answers what is no number, and that counts", asked.name)
  elseif asked.is_void and self.model_faults[asked.name] == asked.fault then
    self:fail("I13", "model %s is %s, and its answer counts", asked.name, asked.fault.kind)
  end
end

function SEEN.decision(self, key, data)
  for _, by in ipairs(data.from or {}) do
    if not (by.fallback or is_finite(by.y)) then
      self:fail("I13", "decision '%s' rests on an answer that is no number", journal.label(key))
    end
  end
end

function SEEN.begin(self, key, data)
  if self.finished[key] then
    self:fail("I6", "step '%s' (%s) is begun again after it was finished", journal.label(key), key)
  end
  if self.state ~= "Execute" and key:find "^execute/" then
    self:fail("I6", "step '%s' (%s) begins in %s", journal.label(key), key, self.state)
  end
  if data.once then check_once(self, key) end
  self.begun[key] = true
  note_call(self, key, data)
end

function SEEN.answer(self, key, data)
  if data.redo then self.open_once[key] = nil end
end

SEEN["end"] = function(self, key, data)
  if not self.begun[key] then
    self:fail("I7", "step '%s' (%s) ends and was never begun", journal.label(key), key)
  elseif self.finished[key] then
    self:fail("I6", "step '%s' (%s) ends twice", journal.label(key), key)
  end
  if self.asked[key] then check_answer(self, self.asked[key], data) end
  if data.error then return end
  self.finished[key], self.open_once[key] = true, nil
end

function SEEN.alarm(self, key, data)
  local text = journal.label(key)
  if data.change == "raised" then
    if self.raised[text] then self:fail("I16", "alarm '%s' is raised while it is active", text) end
    self.raised[text] = true
  elseif data.change == "cleared" then
    self.raised[text] = nil
  end
end

function SEEN.cmd(self, _, data) self.commands, self.command_ok = self.commands + 1, data.ok end

local function fold(hash, text)
  for i = 1, #text, 7 do hash = (hash * 33 + text:byte(i)) % 4294967296 end
  return (hash * 33 + #text) % 4294967296
end

-- Records of these kinds come from the scan and the recorder as well, in an order of
-- their own.
local OTHERS = { out = true, trip = true, late = true }

-- The scan notes what a text of a device reads, under the name of its tag.
local function is_others(kind, text)
  return OTHERS[kind] or kind == "note" and json.decode(text).reads ~= nil
end

local function stored(line)
  local list = {}
  for _, _, _, kind, key, text in line.store:records(line.run_id) do
    if not is_others(kind, text) then list[#list + 1] = kind .. " " .. key end
  end
  return list
end

--- The store holds what was sent, in order and without a gap, at least as far as it
--- was acknowledged.
---@param self table watch
---@param least integer how many have to be there
function records.check_stored(self, least)
  local list, sent = stored(self.line), self.sent
  for i = 1, math.max(#list, least) do
    if list[i] ~= sent[i] then
      return self:fail("I8", "record %d of %d that were acknowledged was '%s', the store holds %s",
        i, least, tostring(sent[i]), list[i] and "'" .. list[i] .. "'" or "no more")
    end
  end
end

-- What the disk kept is what happened: an end that was never acknowledged is none.
local function remember(self)
  self.finished, self.begun, self.open_once = {}, {}, {}
  for _, _, _, kind, key, text in self.line.store:records(self.line.run_id) do
    if kind == "state" and key == "Starting" then
      self.finished, self.begun, self.open_once = {}, {}, {}
    elseif kind == "begin" then
      self.begun[key], self.open_once[key] = true, json.decode(text).once
    elseif kind == "end" and not json.decode(text).error then
      self.finished[key], self.open_once[key] = true, nil
    elseif kind == "answer" and json.decode(text).redo then
      self.open_once[key] = nil
    end
  end
end

--- Take what the store holds now as what was sent so far.
---@param self table watch
---@param is_lost boolean|nil some of it may be gone
function records.begin(self, is_lost)
  self.line:pump()
  if is_lost then remember(self) end
  self.sent = stored(self.line)
  self.sent_before, self.skipped = #self.sent - self.line.port:committed(), 0
end

--- Have the watch see each record of a run.
---@param self table watch
---@param run table
function records.listen(self, run)
  local book = run.rt.journal
  local apply = book.apply
  function book.apply(b, kind, key, data)
    self.records = self.records + 1
    if OTHERS[kind] then
      self.skipped = self.skipped + 1
    else
      self.sent[#self.sent + 1] = kind .. " " .. key
    end
    self.hash = fold(self.hash, format("%s %s %.0f", kind, key, self.line:now_ns()))
    local seen = SEEN[kind]
    if seen then seen(self, key, data) end
    return apply(b, kind, key, data)
  end
end

return records

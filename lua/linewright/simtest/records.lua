--- What the records of a run must show, each one as it goes out: legal states, no
--- step twice, no end without its beginning, one alarm for one cause.

local journal = require "linewright.journal"

local format = string.format

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
  if to == "Starting" then self.finished, self.begun = {}, {} end
  local from = self.state
  if from ~= to and not LEGAL[from]:find(to, 1, true) then
    self:fail("I5", "from %s to %s", from, to)
  end
  self.state, self.reason = to, data.reason
end

function SEEN.begin(self, key)
  if self.finished[key] then
    self:fail("I6", "step '%s' (%s) is begun again after it was finished", journal.label(key), key)
  end
  self.begun[key] = true
end

SEEN["end"] = function(self, key, data)
  if not self.begun[key] then
    self:fail("I7", "step '%s' (%s) ends and was never begun", journal.label(key), key)
  end
  if not data.error then self.finished[key] = true end
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

-- Each record on its way out, as the journal notes it.
--- Have the watch see each record of a run.
---@param self table watch
---@param run table
function records.listen(self, run)
  local book = run.rt.journal
  local apply = book.apply
  function book.apply(b, kind, key, data)
    self.records = self.records + 1
    self.hash = fold(self.hash, format("%s %s %.0f", kind, key, self.line:now_ns()))
    local seen = SEEN[kind]
    if seen then seen(self, key, data) end
    return apply(b, kind, key, data)
  end
end

return records

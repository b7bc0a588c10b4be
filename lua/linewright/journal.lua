--- The run's memory: keys, records out, and what earlier records say.
---
--- Every record that leaves is also applied here, by the same function that
--- reads the store after a crash. So replay after a power loss, after a killed
--- worker and after a script error are one path.
---
--- Keys: handler/scope/.../branch/label#n, n = occurrence on that path. They do
--- not depend on timing between branches.

local json = require "linewright.json"
local keys = require "linewright.journal_keys"

local format, match = string.format, string.match

local Journal = {}
Journal.__index = Journal

local journal = {}

journal.escape, journal.label, journal.path_text = keys.escape, keys.label, keys.path_text

--- A new journal over a port.
---@param port table a linewright.port
---@return table journal
function journal.new(port)
  return setmetatable({
    port = port,
    memo = {},     -- key -> { begun=data, done=data, prompt=data, caught=bool }
    order = {},    -- keys of memo in the order they were first seen
    high = {},     -- key without #n -> highest n seen
    unheld = {},   -- once-steps of this Unholding: key without #n -> nth -> end record
    ckpt = {},     -- key -> newest checkpoint
    commands = {}, -- intents with a number, in order: key, id
    ids = {},      -- channel path -> number of its newest command
    tallies = {},  -- kind -> label -> count
    changed = {},  -- parameter -> the value that a person gave it
    image = nil,   -- newest set-points, channel path -> value
    state = nil,   -- newest PackML state
    reason = nil,  -- why it went there
    newest = 0,    -- seq of the newest record
    newest_durable = 0, -- seq of the newest one that somebody may wait for
    failed = nil,  -- why records can no longer leave
  }, Journal)
end

--- Next key on a path that replays: counted afresh by each execution.
---@param counts table<string, integer> the execution's own counts
---@param path string
---@param label string
---@return string key
function Journal:replay_key(counts, path, label)
  local base = path .. "/" .. journal.escape(label)
  local n = (counts[base] or 0) + 1
  counts[base] = n
  return base .. "#" .. n
end

--- Next key on a path that never replays (inside steps, loops, state handlers).
---@param path string
---@param label string
---@return string key
function Journal:fresh_key(path, label)
  local base = path .. "/" .. journal.escape(label)
  return base .. "#" .. (self.high[base] or 0) + 1
end

-- ------------------------------------------------------------------- apply ---

local apply = {}

local function entry(self, key)
  local m = self.memo[key]
  if not m then
    m = {}
    self.memo[key] = m
    self.order[#self.order + 1] = key
  end
  return m
end

-- State handlers do not replay, they run again from their beginning; only
-- Unholding does so for the same purpose, when it was cut.
local function note_once(self, key, m)
  local begun = m.begun
  if not (begun and begun.once and begun.nth) or m.done.error then return end
  local base = match(key, "^(.*)#%d+$")
  self.unheld[base] = self.unheld[base] or {}
  self.unheld[base][begun.nth] = m.done
end

function apply.begin(self, key, data)
  local m = entry(self, key)
  m.begun, m.done, m.command_n = data, nil, #self.commands
end

-- The output may have gone out: whatever becomes of the step, an unhold must not bring
-- back the value before it.
function apply.intent(self, key, data)
  local path = journal.label(key)
  self.image = self.image or {}
  self.image[path] = data.v
  if not data.id then return end
  self.commands[#self.commands + 1] = { key = key, id = data.id }
  self.ids[path] = data.id
end

apply["end"] = function(self, key, data)
  local m = entry(self, key)
  m.done = data
  note_once(self, key, m)
end

function apply.data(self, key, data) entry(self, key).done = data end

apply.mark, apply.count = apply.data, apply.data
-- A replay asks what came out, and not of a loop's: days of those would fill the memory.
function apply.decision(self, key, data)
  if not data.live then entry(self, key).done = { outcome = data.outcome } end
end

function apply.alarm(self, key, data)
  if not data.change then entry(self, key).done = data end
end

function apply.prompt(self, key, data) entry(self, key).prompt = data end

function apply.answer(self, key, data)
  local m = entry(self, key)
  if data.redo then
    m.begun, m.done = nil, nil
  else
    m.answer = data
  end
end

function apply.note(self, key, data) if data.caught then entry(self, key).caught = true end end

function apply.ckpt(self, key, data) self.ckpt[key] = data end

function apply.image(self, _, data) self.image = data end

function apply.cmd(self, _, data)
  if data.ok and data.param then self.changed[data.param] = data.v end
end

function apply.run(self, _, data) self.run = self.run or data end

function apply.state(self, to, data)
  -- A new start begins the recipe afresh: what an earlier one did is history.
  if to == "Starting" then
    self.memo, self.order, self.ckpt, self.image, self.commands = {}, {}, {}, nil, {}
  end
  if to == "Resetting" then self.changed = {} end
  if to == "Execute" or to == "Holding" then self.unheld = {} end
  self.state, self.reason = to, data.reason
end

--- Take in one record: one just sent, or one read back from the store.
---@param kind string
---@param key string
---@param data table decoded JSON
function Journal:apply(kind, key, data)
  local base, n = match(key, "^(.*)#(%d+)$")
  if base then
    n = tonumber(n)
    if n > (self.high[base] or 0) then self.high[base] = n end
  end
  local tally = self.tallies[kind]
  if not tally then
    tally = {}
    self.tallies[kind] = tally
  end
  local label = keys.label_of(base or key)
  tally[label] = (tally[label] or 0) + 1
  local fn = apply[kind]
  if fn then fn(self, key, data) end
end

--- Records of a kind with a label, over the whole run.
---@param kind string
---@param label string|nil nil: all of the kind
---@return integer
function Journal:count(kind, label)
  local tally, n = self.tallies[kind] or {}, 0
  if label then return tally[label] or 0 end
  for _, of_label in pairs(tally) do n = n + of_label end
  return n
end

-- -------------------------------------------------------------------- emit ---

-- Kinds that are on disk before anybody goes on (DSL.md 2.3).
local DURABLE = { state = true, ["end"] = true, cmd = true, image = true, prompt = true,
  answer = true, alarm = true, run = true }

local function text_of(kind, key, data)
  local text, bad = json.encode(data)
  if not text then error(format("E-JOURNAL %s '%s' holds %s", kind, journal.label(key), bad), 0) end
  return text
end

--- Send a record.
---@param kind string a LW_RECORD_KINDS word
---@param key string
---@param data table plain data
---@param durable boolean|nil overrides the kind's default
---@param text string|nil the data as JSON, where that is known already
---@return integer|nil seq to wait for; nil when the journal has stopped
function Journal:emit(kind, key, data, durable, text)
  text = text or text_of(kind, key, data)
  if self.budgets then self.budgets:record(kind, #text) end
  local seq, msg
  if durable == nil then
    seq, msg = self.port:emit(kind, key, text)
  else
    seq, msg = self.port:emit(kind, key, text, durable)
  end
  if not seq then
    self.failed = self.failed or msg or "the host takes no records"
    return nil
  end
  self.newest = seq
  if durable or (durable == nil and DURABLE[kind]) then self.newest_durable = seq end
  self:apply(kind, key, data)
  return seq
end

-- ------------------------------------------------------------------ replay ---

--- What is recorded as finished under key; an error counts only once the script
--- has caught it and gone on, else the verb is tried again.
---@param key string
---@return table|nil data of the end record
function Journal:done(key)
  local m = self.memo[key]
  if not m then return nil end
  m.seen = true
  local done = m.done
  if done and done.error and not m.caught then return nil end
  return done
end

--- Has an earlier execution begun this verb?
---@param key string
---@return boolean
function Journal:has_begun(key)
  local m = self.memo[key]
  return m ~= nil and m.begun ~= nil
end

--- A `once` step that was begun and neither ended well nor judged by a person.
---@param key string
---@return boolean
function Journal:is_cut(key)
  local m = self.memo[key]
  if not m or not m.begun or m.begun.once ~= true then return false end
  return m.done == nil or (m.done.error ~= nil and not m.caught)
end

--- Forget which keys a replay has met; call before fast-forwarding.
function Journal:rewind()
  for _, m in pairs(self.memo) do m.seen = nil end
end

-- Where a failed verb's own records lie: branches that an error cut down are
-- not walked again.
local function cut_paths(self)
  local paths = {}
  for _, key in ipairs(self.order) do
    local done = self.memo[key].done
    if done and done.error then
      local base = match(key, "^(.*)#%d+$")
      paths[#paths + 1] = match(base, "^(.*/)parallel$") or base .. "/"
    end
  end
  return paths
end

local function is_below(key, paths)
  for _, path in ipairs(paths) do
    if key:sub(1, #path) == path then return true end
  end
  return false
end

--- The first finished verb under a handler that the script did not reach.
---@param handler string
---@return string|nil key
function Journal:unreached(handler)
  local cut = cut_paths(self)
  for _, key in ipairs(self.order) do
    local m = self.memo[key]
    if m.begun and m.done and not m.seen and match(key, "^[^/]*") == handler
      and not is_below(key, cut) then
      return key
    end
  end
end

return journal

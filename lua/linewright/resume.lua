--- Coming back: after a power loss, a killed worker, or an error in the script.
--- The journal is read, `execute` is created anew and fast-forwarded to its first
--- unfinished verb, loops get their last checkpoint, and the run is Held. What
--- cannot be known (a cut `once` step) is asked.

local command_ids = require "linewright.command_ids"
local journal = require "linewright.journal"
local json = require "linewright.json"
local ladder = require "linewright.ladder"
local prompt = require "linewright.prompt"

local format = string.format

local resume = {}

--- Handlers for recipes that declare none.
resume.DEFAULTS = {
  unholding = function(r)
    r.restore_setpoints()
    r.reprove()
  end,
  unsuspending = function(r) r.restore_setpoints() end,
}

local function clear(list)
  for k in pairs(list) do list[k] = nil end
end

-- What reading so many verbs back leaves behind, and walking them, is collected between
-- the passes, so many KiB each: within one it would be charged to the script's budget.
local LONG, COLLECT_KIB = 1000, 1000

-- Run a new life of the script up to where the journal ends. What the host hears of (it
-- does once the first tick was done) says that the worker lives.
local function walk(self, is_heard)
  local rt = self.rt
  local ctx = rt.scheduler:context("execute", self.recipe.execute)
  ctx.replaying = true
  self.execute = ctx
  while rt.scheduler:run() do
    if #rt.journal.order > LONG then collectgarbage("step", COLLECT_KIB) end
    if is_heard then self.port:beat() end
  end
  rt.scheduler:activate(ctx, false)
  for _, loop in ipairs(rt.scheduler.loops) do
    if loop.ctx == ctx then loop:restore(rt.journal.ckpt[loop.key]) end
  end
end

-- Walk the script again; touches nothing. Returns why it does not fit, if it does not.
local function fast_forward(self, is_heard)
  local rt = self.rt
  rt.journal:rewind()
  clear(rt.loops)
  clear(rt.records)
  walk(self, is_heard)
  local key = self.execute.err == nil and rt.journal:unreached "execute"
  if not key then return nil end
  local at = {}
  for _, b in ipairs(rt.scheduler.live) do
    if b.frontier then at[#at + 1] = format("'%s'", b.frontier) end
  end
  return format("REPLAY  refused: the journal has finished '%s' (%s), the script never reaches it; "
    .. "it waits at %s. Run the recipe the batch was begun with, or stop the batch.",
    journal.label(key), key, #at > 0 and table.concat(at, ", ") or "its end")
end

-- ------------------------------------------------------------ cut once steps ---

local function judge(self, item)
  local rt = self.rt
  return function(answer, who)
    prompt.close(rt, item.question, answer, who)
    for i, other in ipairs(self.unknown) do
      if other == item then table.remove(self.unknown, i) break end
    end
    if answer == "done" then
      rt.journal:emit("end", item.key, { judged = who })
    elseif answer == "abort" then
      return self:command("abort", who, format("once-step '%s' in doubt", item.label))
    end
    return true
  end
end

local function is_asked(self, key)
  for _, item in ipairs(self.unknown) do
    if item.key == key then return true end
  end
  return false
end

local function ask_about(self, key, handler, is_failure)
  local rt = self.rt
  local item = { key = key, label = journal.label(key), is_failure = is_failure }
  local of = handler ~= "execute" and " of " .. handler or ""
  item.question = {
    key = key,
    prompt = format("Once-step '%s'%s was begun and not confirmed. Did it happen?", item.label, of),
    choices = { "done", "redo", "abort" }, sign = "performed", redo_of = true,
  }
  item.question.settle = judge(self, item)
  self.unknown[#self.unknown + 1] = item
  prompt.open(rt, item.question)
end

--- Ask about each `once` step that was begun and is not known to have ended: of
--- state handlers, and of execute when that was cut or has failed.
---@param self table run
---@param with_execute boolean
---@param is_failure boolean|nil no restart came between
function resume.ask_cut(self, with_execute, is_failure)
  local j = self.rt.journal
  for _, key in ipairs(j.order) do
    local handler = key:match "^[^/]*"
    if (with_execute or handler ~= "execute") and j:is_cut(key) and not is_asked(self, key) then
      ask_about(self, key, handler, is_failure)
    end
  end
end

--- What devices say of the steps that are asked about, once they can be asked; each word of
--- theirs is a note beside the question.
---@param self table run
function resume.hear(self)
  for _, item in ipairs(self.unknown) do
    local said = command_ids.evidence(self.rt, self.bundle.channels, item.key)
    if said and said ~= item.said then
      self.rt.journal:emit("note", item.key, { text = said }, true)
      item.said, item.asked = said, item.asked or item.question.prompt
      item.question.prompt = item.asked .. " " .. said
    end
  end
end

-- A run that comes back at an end asks nobody: what is in doubt is said.
local function name_cut(self, reason)
  local j, labels = self.rt.journal, {}
  for _, key in ipairs(j.order) do
    if j:is_cut(key) then labels[#labels + 1] = format("'%s'", journal.label(key)) end
  end
  if #labels == 0 then return reason end
  return format("%s; begun and not confirmed: once-step %s", reason, table.concat(labels, ", "))
end

--- The run ends: nothing is in doubt any more.
---@param self table run
function resume.forget(self)
  for _, item in ipairs(self.unknown) do
    for i, question in ipairs(self.rt.prompts) do
      if question == item.question then table.remove(self.rt.prompts, i) break end
    end
  end
  clear(self.unknown)
end

--- Before Unholding: a script that failed is created again and brought to where
--- it failed, so that the failed verb is tried again. One that no longer gets there
--- is refused, like one that comes back.
---@param self table run
---@return boolean walked
function resume.rebuild(self)
  if not self.execute_broken then return false end
  self.execute_broken = false
  self.rt.scheduler:drop(self.execute)
  self.refused = fast_forward(self, true)
  return true
end

-- ---------------------------------------------------------------------- load ---

local IS_SEMI = { ["semi-automatic"] = true, automatic = false }

-- What a record says about semi-automatic: true, false, or nil for nothing.
local function semi_of(kind, key, data)
  local word = kind == "cmd" and key == "mode" and data.ok and data.arg
  return IS_SEMI[word and word:lower() or ""]
end

-- Returns whether each step is to be approved, as was commanded last.
local function apply_all(j, records)
  local is_semi = false
  for kind, key, text in records do
    local data = json.decode(text ~= "" and text or "{}")
    if type(data) == "table" then
      j:apply(kind, key, data)
      local semi = semi_of(kind, key, data)
      if semi ~= nil then is_semi = semi end
    end
  end
  return is_semi
end

local function other_bundle(self, bundle_then)
  local was = self.rt.journal.run or {}
  return format("REPLAY  refused: journal was made with bundle %.4s..., this is %.4s... "
    .. "(recipe %s -> %s). Run the old bundle or stop the batch.", bundle_then,
    self.bundle.hash, was.version or "?", self.recipe.version or "?")
end

local function replay(self, bundle_then)
  if bundle_then and bundle_then ~= self.bundle.hash then
    self.refused = other_bundle(self, bundle_then)
  else
    self.refused = fast_forward(self)
  end
  if not self.refused then resume.ask_cut(self, true) end
end

-- A run that was Held is still Held for its own reason.
local function reason_of(state, was, reason, death)
  if state == was and reason then return reason end
  if death then return format("%s; restarted%s", death, reason and " (" .. reason .. ")" or "") end
  return format("restarted; the run was cut in %s%s", was or "Stopped",
    reason and " (" .. reason .. ")" or "")
end

--- Take up a run from its records.
---@param self table run, in its making
---@param records function iterator: kind, key, JSON text
---@param bundle_then string|nil hash of the bundle they were made with
---@param death string|nil how the worker before ended: "worker killed by SIGSEGV in Execute"
function resume.load(self, records, bundle_then, death)
  local rt = self.rt
  local j = rt.journal
  rt.gate.semi = apply_all(j, records)
  local was = j.state
  local state, level = ladder.after_restart(was)
  self.port:level(level)
  self.state, self.settled = state, false
  rt.image = j.image and json.decode(json.encode(j.image)) or {}
  if state == "Held" then replay(self, bundle_then) end
  self.reason = self.refused or reason_of(state, was, j.reason, death)
  if state ~= "Held" and state ~= was then self.reason = name_cut(self, self.reason) end
  self.state_seq = j:emit("state", state, { from = was, who = "restart", reason = self.reason })
end

return resume

--- The run in words: why it is Held, where in the script, what the plant says
--- now, what can be commanded; and the status that the host shows.

local budgets = require "linewright.budgets"
local excerpt = require "linewright.excerpt"
local journal = require "linewright.journal"
local ladder = require "linewright.ladder"
local own_place = require "linewright.own_place"
local packml = require "linewright.packml"
local permits = require "linewright.permits"
local printable = require "linewright.printable"
local units = require "linewright.units"
local vm = require "linewright.vm"

local format = string.format

local explain = {}

local STATUS_NS = 250e6
local REASON_MAX = 1000 -- bytes; an error's text can be as long as a script likes

-- Lua's own words for what a script does wrong.
local OF_LUA = { "^attempt to ", "^bad argument ", "^stack overflow", "^number has no integer" }

local function with_code(text)
  for _, pattern in ipairs(OF_LUA) do
    if text:find(pattern) then return "E-SCRIPT " .. text end
  end
  return text
end

--- What a script said, cut to what people read and a record holds.
---@param text string
---@return string
function explain.short(text)
  return #text > REASON_MAX and text:sub(1, REASON_MAX) .. "..." or text
end

local MIB = 1024 * 1024

local function spent_memory()
  local _, cap = vm.memory()
  return format("E-MEMORY the script used more than %.14g MiB, the `memory` of its line", cap / MIB)
end

-- Only text is taken from an error: making it from a table, or asking the table for
-- it, would run the script outside of every budget.
local function error_text(err)
  local text = type(err) == "table" and rawget(err, "text") or err
  return type(text) == "string" and text or type(err)
end

--- An error value of a script as one reason, and the place it names.
---@param err any
---@param kind string|nil "error", "budget", "memory"
---@return string reason
---@return string|nil place "recipes/x.lua:51"
function explain.error(err, kind)
  local text = own_place.strip(error_text(err))
  local file, line, rest = text:match "^([^\n:]+):(%d+): (.*)$"
  local reason = kind == "memory" and spent_memory() or with_code(rest or text)
  return explain.short(reason), file and format("%s:%s", file, line) or nil
end

--- A place for people: "execute > heat-up > oven   (recipes/x.lua:46)".
---@param path string
---@param line string|nil
---@return string
function explain.place(path, line)
  return explain.short(journal.path_text(path)) .. (line and format("   (%s)", line) or "")
end

--- Where a fault happened: a branch of the script, a guard, or nothing.
---@param _ table run
---@param where table|nil
---@return string|nil
function explain.where(_, where)
  if not where then return nil end
  if where.path and where.ctx then return explain.place(where.path, where.line) end
  return where.what and explain.short(where.what)
end

--- What the plant says about the thing that failed: the text that the
--- condition's contract method gave.
---@param _ table run
---@param where table|nil
---@return string|nil
function explain.now(_, where)
  local text = where and where.now
  return type(text) == "string" and explain.short(text) or nil
end

-- An interlock that cannot see trips as well, and its text would send a person
-- to look for heat where a cable is out.
local function blind_text(self, text)
  for _, entry in ipairs(self.bundle.rules or {}) do
    local channel = entry.rule.kind == "interlock" and entry.rule.text == text and entry.channel
    if channel and channel.index then
      local _, quality = self.port:read(channel.index)
      if quality == "bad" then return format(" (%s has no good reading)", channel.path) end
    end
  end
  return ""
end

--- A trip of the scan in words. A set-point that a permit kept back names the
--- permit: the output alone would not tell a person what to do.
---@param self table run
---@param cause string "interlock", "permit", "refused", ...
---@param index integer|nil the tag's, when cause is "refused", "restart" or "changed"
---@param text string the scan's own words
---@return string
function explain.trip(self, cause, index, text)
  if cause == "interlock" then return text .. blind_text(self, text) end
  if cause == "restart" then
    return format("the device of %s has started again", self.bundle.channel_list[index].path)
  end
  if cause == "changed" then
    return format("%s is not what its device was told: the device lost or ignored it, "
      .. "or somebody else writes it, too", self.bundle.channel_list[index].path)
  end
  if cause ~= "refused" then return text end
  return permits.lacking(self.bundle, self.port, self.bundle.channel_list[index]) or text
end

-- What may be commanded: the table's words, less an unhold that has to wait.
local function allowed(self)
  local words = {}
  for word in packml.legal(self.state):gmatch "[%w]+" do
    if word ~= "unhold" or not (self.refused or self.unknown[1]) then words[#words + 1] = word end
  end
  return words
end

-- What an unhold would prove again.
local function proofs(self)
  local labels = {}
  for i, item in ipairs(self.execute and self.execute.keep or {}) do labels[i] = item.label end
  return table.concat(labels, "; ")
end

local function can(self)
  local words, again = allowed(self), proofs(self)
  for i, word in ipairs(words) do
    if word == "unhold" and again ~= "" then
      words[i] = format("unhold (proves again: %s)", again)
    end
  end
  return table.concat(words, " | ")
end

local function clock(wall_ns)
  local s = math.floor(wall_ns / 1e9) % 86400
  return format("%02d:%02d:%02d UTC", math.floor(s / 3600), math.floor(s % 3600 / 60), s % 60)
end

-- A script error leaves the same doubt as a power cut, but nobody should look for
-- one.
local function doubt(self, item)
  local what = item.is_failure and "DOUBT   run %s failed in" or "POWER   run %s was cut during"
  return format(what .. " once-step '%s' (begun, not confirmed).", self.batch, item.label)
end

-- The line of the recipe that the place names, with a mark below the thing.
local function add_line(self, lines)
  local path, n = self.where:match "([^%s%(]+):(%d+)%)?$"
  for _, file in ipairs(path and self.bundle and self.bundle.files or {}) do
    local shown = file.path == path and excerpt.of(file.text, tonumber(n), self.reason or "")
    for _, line in ipairs(shown or {}) do lines[#lines + 1] = "        " .. line end
    if shown then return end
  end
end

--- The block an engineer sees when a run is Held.
---@param self table run
---@return string
function explain.held(self)
  local lines = { format("HELD    %s %s / %s / batch %s   %s", self.recipe.name,
    self.recipe.version or "", self.rt.line_name, self.batch, clock(self.port:wall_ns())) }
  lines[#lines + 1] = "  why   " .. (self.reason or "commanded")
  if self.where then
    lines[#lines + 1] = "  where " .. self.where
    add_line(self, lines)
  end
  if self.now_text then lines[#lines + 1] = "  now   " .. self.now_text end
  lines[#lines + 1] = "  can   " .. can(self)
  for _, item in ipairs(self.unknown) do
    lines[#lines + 1] = doubt(self, item)
      .. "\nDid it happen?  [done] [redo] [abort]     (signature: performed)"
  end
  for i, line in ipairs(lines) do lines[i] = printable(line, "        ") end
  return table.concat(lines, "\n")
end

-- ------------------------------------------------------------------- status ---

-- The branch whose wait tells most: the newest that waits for something named.
local function waiting_branch(self)
  local found
  for _, b in ipairs(self.rt.scheduler.live) do
    if not b.dead and b.ctx.active and b.waits then found = b end
  end
  return found
end

local function value_text(value, unit)
  if type(value) == "string" then return format('"%s"', value) end
  return units.text(tonumber(format("%.4g", value)), unit)
end

local function readings(self)
  local parts, rt = {}, self.rt
  for _, channel in ipairs(self.bundle.channel_list) do
    if channel.key and channel.index then
      local value, quality = rt.port:read(channel.index)
      local text = "bad"
      if quality ~= "bad" then text = value_text(value, channel.unit) end
      parts[#parts + 1] = channel.path .. " " .. text
    end
  end
  return table.concat(parts, ", ")
end

local function prompt_text(self)
  local question = self.prompts[1]
  if not question then return "" end
  local choices = question.choices and format("  [%s]", table.concat(question.choices, "] [")) or ""
  local default = question.due and question.default
  return question.prompt .. choices .. (default and format("  (unanswered: %s)", default) or "")
end

local function path_parts(b)
  local path = b.path or ""
  return (journal.path_text(path):gsub("^execute > ", ""):gsub("^execute$", ""))
end

-- While Held the place of the readings is what the failed condition said.
local function now_line(self)
  if self.state == "Held" and self.now_text then return self.now_text end
  return readings(self)
end

-- What a person may do now, and what is in doubt.
local function tell_choices(self, port)
  port:status("prompt", prompt_text(self))
  port:status("can", table.concat(allowed(self), ", "))
  port:status("proves", self.state == "Held" and proofs(self) or "")
  port:status("doubt", self.unknown[1] and doubt(self, self.unknown[1]) or "")
  port:status("verdict", self.verdict or "")
end

local NOTHING = {}

-- When a branch stops waiting, by the port's clock; 0 = it waits for ever.
local function due_at(b, now)
  local due = b.deadline or b.question and b.question.due
  return due and now + due - b.ctx.now or 0
end

local function tell(self, now)
  -- At rest nothing waits, whatever a handler that was cut down has left behind.
  local is_busy = self.state == "Execute" or ladder.HANDLER[self.state]
  local port, b = self.port, is_busy and waiting_branch(self) or NOTHING
  port:status("operation", path_parts(b))
  port:status("step", b.step)
  port:status("waits", b.waits)
  port:status("reason", self.reason)
  port:status("readings", now_line(self))
  port:status("where", b.path and explain.place(b.path, b.line) or self.where)
  tell_choices(self, port)
  local rt = self.rt
  local scheduler = rt.scheduler
  port:status("budgets", rt.budgets:text({ branches = #scheduler.live, loops = #scheduler.loops,
    conditions = scheduler.watched, questions = #rt.prompts, timers = budgets.timers(scheduler) },
    rt.budget_ns))
  port:status_flush(due_at(b, now), self.verdict_n or 0, self.verdicts_refused or 0)
end

--- Tell the host what to show, at most four times a second.
---@param self table run
---@param now number
function explain.status(self, now)
  if self.quiet or (self.status_at and now < self.status_at) then return end
  self.status_at = now + STATUS_NS
  tell(self, now)
  self.port:flags(self.rt.gate.paused, self.finished)
end

return explain

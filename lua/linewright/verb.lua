--- What all verbs share: where they were called, whether they may be called
--- there, and how they meet the journal.

local branch = require "linewright.branch"
local journal = require "linewright.journal"
local results = require "linewright.results"
local safe = require "linewright.safe"
local suggest = require "linewright.suggest"
local units = require "linewright.units"
local vm = require "linewright.vm"

local format = string.format
local getinfo, is_yieldable = debug.getinfo, coroutine.isyieldable -- luacheck: ignore 143

local verb = {}

--- File and line of the nearest caller that is not part of the runtime.
---@return string|nil "recipes/x.lua:51"
function verb.here()
  for level = 3, 12 do
    local info = getinfo(level, "Sl")
    if not info then return nil end
    local source = info.source
    if info.currentline > 0 and not source:find("lua/linewright/", 1, true)
      and not source:find("stdlib/", 1, true) then
      return format("%s:%d", (source:gsub("^@", "")), info.currentline)
    end
  end
end

--- Raise with the place of the recipe's line in front, as Lua does itself.
---@param message string or a format for what follows
---@param ... any
function verb.raise(message, ...)
  if select("#", ...) > 0 then message = format(message, ...) end
  local at = verb.here()
  error(at and at .. ": " .. message or message, 0)
end

--- The running branch; raises where a verb may not wait.
---@param rt table
---@param name string the verb
---@return table branch
function verb.waiting(rt, name)
  if rt.callback then
    verb.raise("E-WAIT r.%s cannot be used in %s, which may not wait", name,
      rt.callback.what)
  end
  local b = rt.branch
  if not b then verb.raise("E-WAIT r.%s was called outside a state handler", name) end
  if not is_yieldable() then verb.raise("E-WAIT r.%s: what calls this may not wait", name) end
  b.line = verb.here()
  return b
end

--- Raise unless v is of the kind wanted.
---@param v any
---@param kind string a Lua type
---@param what string "r.step: name"
function verb.expect(v, kind, what)
  if type(v) ~= kind then
    verb.raise("E-ARG %s must be a %s, not %s", what, kind,
      v == nil and "nil" or "a " .. type(v))
  end
end

--- A recipe's table that we are going to walk. None of its metamethods is to
--- run in our hands, so that it may have none.
function verb.expect_plain(t, what)
  verb.expect(t, "table", what)
  if not safe.is_plain(t) then
    verb.raise("E-ARG %s must be a plain table, not one with a metatable", what)
  end
end

--- Options of a verb: a table with known keys only.
---@param opts table|nil
---@param known table<string, boolean>
---@param what string "r.wait_until 'x'"
---@return table
function verb.options(opts, known, what)
  if opts == nil then return {} end
  verb.expect_plain(opts, what .. ": options")
  for k in pairs(opts) do
    if not known[k] then
      local names = {}
      for name in pairs(known) do names[#names + 1] = name end
      table.sort(names)
      verb.raise("E-KEY %s: unknown option '%s' (known: %s)%s", what, safe.plain(k),
        table.concat(names, ", "), suggest.text(safe.plain(k), names))
    end
  end
  return opts
end

--- A duration in nanoseconds.
---@param v number|string seconds, or text with a unit
---@param what string "r.dwell"
---@return number ns
function verb.duration(v, what)
  local ns, message = units.duration(v)
  if not ns then verb.raise("E-TIME %s: %s", what, message) end
  return ns
end

local function is_replayed(b) return not b.ctx.replaying end

local function is_committed(b) return b.rt_port:committed() >= b.seq end

--- Wait until a record is on disk. A journal that has stopped never answers: the
--- branch stays here while the run goes to Held.
---@param rt table
---@param b table
---@param seq integer|nil
function verb.commit(rt, b, seq)
  b.seq, b.rt_port = seq or math.huge, rt.port
  if seq and is_committed(b) then return end
  branch.wait(b, is_committed)
end

local function may_pass(b)
  local gate = b.gate
  if b.question and b.question.answer ~= nil then return true end
  return gate.opened > b.gate_seen or not (gate.paused or gate.semi)
end

-- Semi-automatic: a person approves each step, and the record says who.
local function ask_approval(rt, b, label)
  local question = { key = rt.journal:fresh_key(b.path, "approve " .. label), approves = label,
    prompt = format("Begin step '%s'?", label), choices = { "approve" } }
  b.question, b.waits = question, "approval: " .. label
  rt.open_prompt(question)
  return question
end

-- Pause and semi-automatic: stop in front of a step, outputs unchanged.
local function boundary(rt, b, label)
  local gate = rt.gate
  if not (gate.paused or gate.semi) then return end
  b.gate, b.gate_seen, b.waits = gate, gate.opened, "resume"
  local question = gate.semi and ask_approval(rt, b, label)
  branch.wait(b, may_pass)
  b.gate, b.waits, b.question = nil, nil, nil
  if question and question.answer == nil then rt.drop_prompt(question) end
end

-- The script caught an error and goes on: from now on that error is history.
local function mark_caught(rt, b)
  if not b.failed then return end
  for _, key in ipairs(b.failed) do rt.journal:emit("note", key, { caught = true }, true) end
  b.failed, b.failed_path, b.failed_line = nil, nil, nil
end

-- Fast-forward ends here: what follows is done only after a person's unhold.
local function stop_replay(b, label)
  b.frontier = label
  branch.wait(b, is_replayed)
  b.frontier = nil
end

local function is_rested() return true end

-- A replay goes on with a finished verb and into a begun scope. Each finished verb begins
-- another budget: all those of a long batch together would use up that of a tick.
local function meet(rt, b, key, label, is_scope)
  if rt.journal:done(key) then
    vm.tick(rt.budget_ns)
    branch.wait(b, is_rested)
  elseif not is_scope then
    stop_replay(b, label)
  end
  -- A person may have judged a cut step meanwhile.
  return rt.journal:done(key)
end

-- A verb that no earlier execution has finished begins, perhaps once more.
local function begin(rt, b, key, data, style, begun)
  if style == "step" then boundary(rt, b, journal.label(key)) end
  rt.checkpoint_loops(b.ctx)
  if style == "step" or not begun then rt.journal:emit("begin", key, data, data.once) end
  return key, nil, begun
end

-- A once-step of an Unholding that was cut short: what the one before finished,
-- or a person has judged done, is not done again.
local function unheld(rt, b, label, data)
  local base = b.path .. "/" .. journal.escape(label)
  local counts = b.ctx.counts
  counts[base] = (counts[base] or 0) + 1
  data.nth = counts[base]
  local finished = rt.journal.unheld[base]
  return finished and finished[data.nth]
end

local function enter_fresh(rt, b, label, data, style)
  local key = rt.journal:fresh_key(b.path, label)
  local done = data.once and b.path:find "^unholding" and unheld(rt, b, label, data)
  if done then return key, done end
  if style == "step" then boundary(rt, b, journal.label(key)) end
  rt.journal:emit("begin", key, data, data.once)
  return key
end

--- Meet the journal at a verb: finished before, or to be done now.
---@param rt table
---@param b table
---@param label string
---@param data table for the begin record
---@param style string|nil "step" (may pause in front, begins anew after a cut) or
---  "scope" (a replay goes inside when it was begun)
---@return string|nil key nil inside a step, whose parts are not journaled
---@return table|nil done end record of an earlier execution
---@return boolean|nil begun an earlier execution had begun it
function verb.enter(rt, b, label, data, style)
  if b.step then return nil end
  rt.budgets:hold("text", #label)
  local j, ctx = rt.journal, b.ctx
  mark_caught(rt, b)
  if not ctx.execute then return enter_fresh(rt, b, label, data, style) end
  local key = j:replay_key(ctx.counts, b.path, label)
  local done, begun = j:done(key), j:has_begun(key)
  if ctx.replaying then done = meet(rt, b, key, label, begun and style == "scope") end
  if done then
    if done.error then error(done.error, 0) end
    return key, done
  end
  if ctx.replaying then return key, nil, begun end
  return begin(rt, b, key, data, style, begun)
end

--- Record that a verb is finished and wait until that is on disk.
---@param rt table
---@param b table
---@param key string|nil nil inside a step
---@param data table
function verb.finish(rt, b, key, data)
  if not key then return end
  if b.ctx.replaying then stop_replay(b, "end of " .. journal.label(key)) end
  verb.commit(rt, b, rt.journal:emit("end", key, data))
end

--- Remember where an error began; those on its way up know less.
---@param b table
---@param path string
function verb.blame(b, path)
  if not b.failed_path then b.failed_path, b.failed_line = path, b.line end
end

--- Record that a verb failed; the error itself goes on up.
---@param rt table
---@param b table
---@param key string|nil
---@param err any
function verb.failed(rt, b, key, err)
  if not key then return end
  rt.journal:emit("end", key, { error = results.failure(err) })
  b.failed = b.failed or {}
  b.failed[#b.failed + 1] = key
end

--- Key of a record that is no verb (mark, data, alarm), and whether an earlier
--- execution sent it already.
---@param rt table
---@param label string
---@return string key
---@return table|nil done
---@return boolean|nil is_live made by a loop, a guard or inside a step: no replay asks for it
function verb.record_key(rt, label)
  rt.budgets:hold("text", #label)
  local j, b = rt.journal, rt.branch
  if not b then return j:fresh_key("run", label) end
  local inside = rt.callback and (rt.callback.name or "guard") or b.step
  if inside then return j:fresh_key(b.path .. "/" .. journal.escape(inside), label), nil, true end
  if not b.ctx.execute then return j:fresh_key(b.path, label) end
  mark_caught(rt, b)
  local key = j:replay_key(b.ctx.counts, b.path, label)
  local done = j:done(key)
  if not done and b.ctx.replaying then stop_replay(b, label) end
  return key, done
end

--- The sorted names of `{ name = function, ... }`, each entry checked.
---@param word string the verb, for messages
---@param thing string what an entry is: "branch"
---@param entries table
---@return string[]
function verb.named_functions(word, thing, entries)
  verb.expect_plain(entries, word .. ": argument")
  local names = {}
  for name, fn in pairs(entries) do
    verb.expect(name, "string", format("%s: a %s's name", word, thing))
    verb.expect(fn, "function", format("%s: %s '%s'", word, thing, name))
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

return verb

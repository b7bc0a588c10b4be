--- A whole line in one thread and virtual time: plant twin, scan, drivers, store
--- and run, stepped in fixed order. Specs, `run --sim --speed` and embedding.

local engine = require "linewright.engine"
local loader = require "linewright.loader"
local reload = require "linewright.reload"
local run = require "linewright.run"
local store = require "linewright.store"
local twin = require "linewright.twin"
local vm = require "linewright.vm"

local Inline = {}
Inline.__index = Inline

local inline = {}

-- Record, commit, go on: at most so often within one instant.
local COMMITS = 1000

-- 2026-01-01 00:00 UTC: virtual runs have a date of their own, always the same.
local WALL0_S = 1767225600

local function keep_texts(self, bundle)
  for _, file in ipairs(bundle.files) do
    local ok, message, code = self.store:bundle_put(bundle.hash, file.role, file.path, file.sha,
      file.text)
    if not ok then error(code .. " " .. message, 0) end
  end
end

local function begin_run(self)
  local s, bundle = self.store, self.bundle
  s:run_set("recipe", bundle.recipe.name)
  s:run_set("version", tostring(bundle.recipe.version or ""))
  s:run_set("line", bundle.line.name)
  s:run_set("bundle", bundle.hash)
  s:run_set("batch", self.batch)
  s:run_set("policy", bundle.release and bundle.release.policy or "engineering")
  s:run_set("seed", self.seed)
  local id = assert(s:run_begin())
  keep_texts(self, bundle)
  return id
end

-- What is kept beside the database is on the machine's disk, not on one for trials.
local function file_of(self) return not self.disk and self.db or nil end

local function new_engine(self, previous)
  local made, message, code = engine.new(self.bundle.plan, self.seed, self.wall0_s, self.store,
    self.run_id, previous)
  if not made then error(code .. " " .. message, 0) end
  self.engine = made
  self.port, self.sim = self.engine:port(), self.engine:sim()
end

--- Put a line together.
---@param options table bundle, seed, batch, db (path, default in memory), disk (of
---  linewright.disk, for the db), on_note(text), quiet (no status for a host), wall0_s,
---  coast_s (the plant moves for so long after the power went, default until it is back)
---@return table inline
function inline.new(options)
  local self = setmetatable({
    bundle = options.bundle, seed = options.seed or 1, batch = options.batch or "sim",
    wall0_s = options.wall0_s or WALL0_S, on_note = options.on_note, quiet = options.quiet,
    tick_s = options.bundle.line.tick_ns / 1e9, db = options.db or ":memory:",
    disk = options.disk, coast_s = options.coast_s or math.huge, key = options.key,
  }, Inline)
  local ok, message, code = self:reopen()
  if not ok then error(("%s %s"):format(code, message), 0) end
  self.run_id = begin_run(self)
  if self.bundle.twin then self.twin = twin.new(self.bundle.twin, self.seed) end
  new_engine(self, nil)
  self.run = run.new {
    bundle = self.bundle, port = self.port, batch = self.batch, on_note = self.on_note,
    seed = self.seed, is_virtual = true, db = file_of(self),
  }
  self.run.quiet = self.quiet
  return self
end

-- A slow disk answers some time after it was asked.
local function is_answered(self)
  if not self.commit_s then return true end
  local now_ns = self.engine:now_ns()
  self.answer_ns = self.answer_ns or now_ns + self.commit_s * 1e9
  if now_ns < self.answer_ns then return false end
  self.answer_ns = nil
  return true
end

local function settle(self)
  local e, r = self.engine, self.run
  for _ = 1, COMMITS do
    if not r:wants_commit() or not is_answered(self) then return end
    local ok = e:pump()
    r:bell()
    if not ok then return end
  end
end

local function tick(self, r)
  r:tick()
  if r:wants_commit() then settle(self) end
  -- The tick's budget is the tick's: what the caller runs next has its own.
  vm.tick(0)
end

local function advance(self, limit_ns, stop)
  local e, r, plant, sim, tick_s = self.engine, self.run, self.twin, self.sim, self.tick_s
  while true do
    local what = e:step(limit_ns)
    if what == "tick" then
      tick(self, r)
      if stop and stop(r) then return true end
    elseif what == "twin" then
      if plant then plant:step(sim, tick_s) end
    elseif what == "moved" then
      if self.on_moved() then return true end
    elseif what == nil then
      return false
    end
  end
end

--- Let time pass.
---@param limit_ns number clock time to stop at
---@param stop nil|function(run): boolean asked after each tick
---@return boolean stopped true when stop said so
function Inline:advance(limit_ns, stop)
  local stopped = advance(self, limit_ns, stop)
  vm.tick(0) -- what the caller does until the next tick is not the last one's time
  return stopped
end

--- Have each instant seen at which something moved: on_moved(), true to stop there.
--- A reboot ends it.
---@param on_moved function(): boolean
function Inline:watch(on_moved)
  self.on_moved = on_moved
  self.engine:watch()
end

--- Put what was recorded so far on disk.
function Inline:pump() self.engine:pump() end

--- From now on a commit takes this long; nil: it takes no time.
---@param commit_s number|nil
function Inline:slow(commit_s) self.commit_s, self.answer_ns = commit_s, nil end

--- Somebody sets the wall clock.
---@param by_s number
function Inline:step_wall(by_s)
  self.wall0_s = self.wall0_s + by_s
  self.engine:step_wall(by_s)
end

--- Open the store, also anew: after a disk failed, or lost its power.
---@return true|nil ok
---@return string|nil message
---@return string|nil code
function Inline:reopen()
  local opened, message, code = store.open(self.db, "w", self.disk)
  if not opened then return nil, message, code end
  local signs = true
  if self.key then signs, message, code = opened:key(self.key) end
  if not signs then
    opened:close()
    return nil, message, code
  end
  self.store = opened
  return true
end

--- A command, with its records on disk at return unless that is slow.
---@return boolean ok
---@return string|nil message
function Inline:command(command, who, argument)
  local ok, message = self.run:command(command, who, argument)
  settle(self)
  return ok, message
end

---@return number ns
function Inline:now_ns() return self.engine:now_ns() end

--- The process is gone, as if by kill -9.
function Inline:crash() self.run = nil end

-- Without power drives stand and heaters are off; the plant goes on by itself.
local function black_out(self, outage_s)
  for _, channel in pairs(self.bundle.channels) do
    if channel.class == "writable" and channel.signal then self.sim:set(channel.signal, 0) end
  end
  local coast_s = math.min(outage_s, self.coast_s)
  for _ = 1, math.floor(coast_s / self.tick_s) do self.twin:step(self.sim, self.tick_s) end
end

local function records_of(self)
  local following = self.store:records(self.run_id)
  return function()
    local id, _, _, kind, key, data = following()
    if id then return kind, key, data end
  end
end

-- A new engine on the same plant, and the run from its journal.
local function take_up(self, bundle_then)
  new_engine(self, self.engine)
  self.tick_s = self.bundle.line.tick_ns / 1e9
  self.run = run.new {
    bundle = self.bundle, port = self.port, batch = self.batch, on_note = self.on_note,
    seed = self.seed, records = records_of(self), bundle_then = bundle_then, is_virtual = true,
    db = file_of(self),
  }
  self.run.quiet = self.quiet
  settle(self)
end

--- Power is back: a new process takes the run up from the journal.
---@param outage_s number how long the line was without power
---@param bundle table|nil another bundle, to see it refused
function Inline:reboot(outage_s, bundle)
  if self.twin and outage_s > 0 then black_out(self, outage_s) end
  self.wall0_s = self.wall0_s + outage_s
  local bundle_then = self.bundle.hash
  self.bundle = bundle or self.bundle
  take_up(self, bundle_then)
end

--- Read the line's profile again, or take another one, and go on with it when the
--- run is Held and may.
---@param line string|table path or loaded profile
---@param who string
---@return boolean taken_up
---@return string text what was done, or the findings, or why not
function Inline:reload(line, who)
  local old = self.bundle
  local new, findings = loader.check { recipe = old.recipe, line = line, formula = old.formula,
    params = old.settings.params, set = old.settings.set, sim = old.sim, root = self.root }
  if findings:failed() then
    return false, "E-RELOAD the profile has mistakes; nothing was changed\n"
      .. findings:text { fail = true, warn = true }
  end
  local judged = reload.judge(old, new, self.run.rt.journal.image)
  if not judged.same_twin and judged.verdict == "swap" then
    judged.verdict, judged.why = "refused", { "the twin is another one" }
  end
  local is_taken, text = reload.answer(judged, self.run.state)
  if not is_taken then return false, text end
  keep_texts(self, new)
  self.run.rt.journal:emit("reload", new.hash, { from = old.hash, who = who,
    changes = judged.lines })
  settle(self)
  self.bundle = new
  take_up(self, new.hash)
  return true, text
end

--- End the run in the store.
function Inline:close()
  self.engine:close()
  self.store:run_end(self.run_id, self.run and self.run.state or "Held")
end

return inline

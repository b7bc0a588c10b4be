--- The REPL's own words, put together from their modules. Each module gives a
--- title and the words it adds: `install(session, words)`.

local sys = require "linewright.sys"
local units = require "linewright.units"

local words = {}

-- Modules that load much of the library come with the first use of one of their
-- words: the prompt must not wait for them.
local GROUPS = {
  { "data", "data", "compare csv filtered span spectrum tags" },
  { "database", "records", "ask db" },
  { "plots", "plots", "plot" },
  { "live", "live lines", "arm attach disarm open read set status watch" },
  { "bench", "recipes on a twin", "rig" },
  { "tune", "search", "loop_test search" },
  { "reasons", "decisions and models", "decisions model why" },
  { "trusted", "the engine, and C libraries in engineering mode", "ffi jit view" },
}
words.GROUPS = GROUPS

local Session -- methods that every session has

-- every("100 ms", function() ... end [, name]): background work.
local function background(s)
  local count = 0
  return {
    every = function(period, fn, name)
      local ns, message = units.duration(period)
      if not ns then error("E-UNIT every: " .. message, 2) end
      if type(fn) ~= "function" then error("every(period, fn): a function is wanted", 2) end
      count = count + 1
      name = name or "job" .. count
      s:every(name, math.max(ns / 1e9, 0.001), fn)
      return name
    end,
    stop = function(name)
      if name == nil then s.jobs = {} return end
      if not s.jobs[name] then error(("no job '%s'; :jobs lists them"):format(name), 2) end
      s.jobs[name] = nil
    end,
    help = function(name)
      return s.colon(s, name and "?" .. name or ":help") and nil
    end,
    quit = function(code)
      s.exit_code = code or 0
      s:close()
    end,
  }
end

local function announce(s, title, list)
  local names = {}
  for name in pairs(list) do names[#names + 1] = name end
  table.sort(names)
  s.groups[#s.groups + 1] = { title = title, names = names }
end

-- Stands for a word until its module is loaded; then the word takes its place.
local function stand_in(s, name, load)
  local function real()
    load()
    return s.words[name]
  end
  return setmetatable({}, {
    __call = function(_, ...) return real()(...) end,
    __index = function(_, key) return real()[key] end,
    __show = function() return s.docs:signature(name) or name end,
    __class = name,
  })
end

local function add_later(s, module, title, names)
  local list = {}
  local function load()
    for name, word in pairs(require("linewright.repl." .. module).words(s)) do
      s.words[name] = word
    end
  end
  for name in names:gmatch "%S+" do list[name] = stand_in(s, name, load) end
  for name, word in pairs(list) do s.words[name] = word end
  announce(s, title, list)
end

--- Give a session its words.
---@param s table session
function words.install(s)
  s.groups, s.sources, s.closers, s.recorded = {}, {}, {}, {}
  s.close, s.open_line = Session.close, Session.open_line
  s.line = {}
  for _, group in ipairs(GROUPS) do add_later(s, group[1], group[2], group[3]) end
  local own = background(s)
  for name, word in pairs(own) do s.words[name] = word end
  announce(s, "in the background", own)
end

Session = {}

--- Put everything back that the session has changed outside of itself.
function Session:close()
  for i = #self.closers, 1, -1 do self.closers[i]() end
  self.closers = {}
end

-- Is there a run in the database, on the line that was asked for if one was?
local function attach_to_run(s, o)
  if o.is_sim or not (o.line or o.db) then return false end
  if not sys.exists((o.db or "linewright.db") .. ".sock") then return false end
  local line = o.line and require("linewright.loader").load(o.line, { role = "line" }).name
  return (pcall(s.words.attach, o.db, line))
end

--- Bring up the line of the command line, if there is one; where a run has it, it
--- is looked at instead.
function Session:open_line()
  local o = self.options
  if attach_to_run(self, o) then return end
  if o.line then self.words.open(o.line, { sim = o.is_sim }) end
end

return words

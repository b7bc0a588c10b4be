--- The REPL's own words, put together from their modules. Each module gives a
--- title and the words it adds: `install(session, words)`.

local sys = require "linewright.sys"
local units = require "linewright.units"

local words = {}

local GROUPS = { "data", "plots", "live", "bench", "tune" }

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

local function add(s, title, list)
  local names = {}
  for name, word in pairs(list) do
    s.words[name] = word
    names[#names + 1] = name
  end
  table.sort(names)
  s.groups[#s.groups + 1] = { title = title, names = names }
end

--- Give a session its words.
---@param s table session
function words.install(s)
  s.groups, s.sources, s.closers, s.recorded = {}, {}, {}, {}
  s.close, s.open_line = Session.close, Session.open_line
  for _, name in ipairs(GROUPS) do
    local module = require("linewright.repl." .. name)
    add(s, module.title, module.words(s))
  end
  add(s, "in the background", background(s))
end

Session = {}

--- Put everything back that the session has changed outside of itself.
function Session:close()
  for i = #self.closers, 1, -1 do self.closers[i]() end
  self.closers = {}
end

--- Bring up the line of the command line, if there is one; where a run is going
--- on in the database, its line is looked at instead.
function Session:open_line()
  local o = self.options
  local is_named = o.line or o.db
  if is_named and not o.is_sim and sys.exists((o.db or "linewright.db") .. ".sock") then
    if pcall(self.words.attach) then return end
  end
  if o.line then self.words.open(o.line, { sim = o.is_sim }) end
end

return words

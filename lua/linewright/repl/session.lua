--- One REPL session: text is evaluated, its values are shown, what worked is
--- remembered so that it can be saved.

local env_of = require "linewright.repl.env"
local docs_of = require "linewright.repl.docs"
local printable = require "linewright.printable"
local show = require "linewright.repl.show"
local sorted = require "linewright.sorted"
local sys = require "linewright.sys"
local vm = require "linewright.vm"

local Session = {}
Session.__index = Session

local session = {}

local OURS = "@" .. sys.datadir() .. "/lua/"

local pack = table.pack or function(...) return { n = select("#", ...), ... } end -- luacheck: ignore

--- A new session.
---@param options table columns, is_ascii, is_color, is_interactive
---@return table session
function session.new(options)
  local self = setmetatable({
    options = options, words = {}, accepted = {}, jobs = {}, plots = {},
    names = setmetatable({}, { __mode = "k" }), -- of samples: what they are called
    axes = setmetatable({}, { __mode = "k" }),  -- of samples that lie along no time
    docs = docs_of.new(),
  }, Session)
  self.env = env_of.new(self.words)
  return self
end

-- ---------------------------------------------------------------- compiling --

-- `local x = 1` alone would be gone with its line: here it means x = 1.
local function without_local(text)
  local head, rest = text:match "^(%s*)local%s+(function%s.*)$"
  if not head then head, rest = text:match "^(%s*)local%s+([%w_,%s]-=[^=].*)$" end
  return head and head .. rest or text
end

-- Not `return text` itself: a tail call leaves no frame, and an error then knows
-- neither its line nor what was called.
local function compile(text, globals, chunk)
  local fn = load("return " .. text, chunk, "t", globals)
  fn = fn and load("local pass = ... return pass(" .. text .. "\n)", chunk, "t", globals)
  if fn then return function() return fn(function(...) return ... end) end, true end
  local message
  fn, message = load(text, chunk, "t", globals)
  return fn, false, message
end

-- Would more lines make it whole?
local function is_unfinished(message)
  return message:find "<eof>'?$" ~= nil or message:find "unfinished long" ~= nil
end

-- ---------------------------------------------------------------- evaluating --

-- "typed:1: text" as "text"; in several lines the number says which.
local function tidy(message, chunk, line_n)
  local name = chunk:gsub("^[=@]", "")
  local line, text = message:match("^" .. name:gsub("%p", "%%%0") .. ":(%d+): (.*)$")
  if not line then return message end
  if line_n > 1 then return ("%s (line %s)"):format(text, line) end
  return text
end

local function message_of(err)
  if type(err) == "table" and err.findings and tostring(err) then return tostring(err) end
  if type(err) == "string" then return err end
  local meta = debug.getmetatable(err)
  if meta and meta.__tostring then return tostring(err) end
  return "error: " .. show.value(err)
end

function Session:complain(err, chunk, line_n)
  local text = tidy(message_of(err), chunk, line_n)
  if not (text:find "^E%-%u" or text:find "^FAIL" or text:find "^%S+:%d+: E%-%u") then
    text = (text == "not enough memory" and "E-NOMEM " or "E-SCRIPT ") .. text
  end
  io.stderr:write(printable(text, ""), "\n")
end

function Session:show(results)
  for i = 1, results.n do
    local text = show.value(results[i], {
      width = self.options.columns, is_ascii = self.options.is_ascii,
      signature = function(fn) return self:signature(fn) end,
    })
    if results[i] ~= nil or results.n > 1 then io.stdout:write(text, "\n") end
  end
end

--- How a function is called, if it is documented.
---@return string|nil
function Session:signature(fn)
  for name, word in pairs(self.words) do
    if word == fn then return self.docs:signature(name) end
  end
end

local function count_lines(text)
  local _, n = text:gsub("\n%s*%S", "")
  return n + 1
end

-- The words' own errors are the fault of who called them: the innermost place
-- that is not part of the product.
local function with_place(err)
  if type(err) ~= "string" then return err end
  local text = err:match "^%S*lua/linewright/%S+:%d+: (.*)$" or err:match "^%.%.%.%S+:%d+: (.*)$"
    or err:match "^E%-%u.*$"
  if not text then return err end
  for level = 3, 40 do
    local info = debug.getinfo(level, "Sl")
    if not info then break end
    local is_ours = info.what == "C" or info.source:find(OURS, 1, true)
    if not is_ours and info.currentline > 0 then
      return ("%s:%d: %s"):format(info.short_src, info.currentline, text)
    end
  end
  return text
end

-- Runs protected and stoppable; the first failure's traceback is kept.
function Session:call(fn, ...)
  self.trace = nil
  local function on_error(err)
    err = with_place(err)
    self.trace = self.trace or debug.traceback(type(err) == "string" and err or nil, 2)
    return err
  end
  local args = pack(...)
  local unpack = table.unpack or unpack -- luacheck: ignore 113 143
  local ok, results = vm.call(function()
    local out = pack(xpcall(function() return fn(unpack(args, 1, args.n)) end, on_error))
    if not out[1] then error(out[2], 0) end
    return out
  end, 0)
  return ok, results
end

local function shifted(results)
  local out = { n = results.n - 1 }
  for i = 1, out.n do out[i] = results[i + 1] end
  return out
end

--- Evaluate a piece of text.
---@param text string
---@param options table|nil chunk (name), is_whole (no more lines will come)
---@return string status "ok", "more", "error" or "exit"
function Session:eval(text, options)
  options = options or {}
  local chunk = options.chunk or "=typed"
  if not text:find "%S" then return "ok" end
  local special = self.colon and self.colon(self, text)
  if special then return special end
  local fn, is_value, message = compile(without_local(text), self.env.globals, chunk)
  if fn then return self:run(fn, is_value, text, chunk) end
  if is_unfinished(message) and not options.is_whole then return "more" end
  self:complain("E-SYNTAX " .. tidy(message, chunk, count_lines(text)), chunk, 1)
  return "error"
end

-- Run what was compiled, show and keep what it gives.
function Session:run(fn, is_value, text, chunk)
  local ok, results = self:call(fn)
  if self.exit_code then return "exit" end
  if not ok then
    self:complain(results, chunk, count_lines(text))
    return "error"
  end
  results = shifted(results)
  if is_value and results[1] ~= nil then rawset(self.env.globals, "_", results[1]) end
  self.accepted[#self.accepted + 1] = { text = text, is_value = is_value, value = results[1] }
  self:show(results)
  return "ok"
end

--- Run a file; a first line `#!...` is for the shell.
---@param path string
---@param args string[] what `...` is in it
---@return string status "ok", "error" or "exit"
---@return integer|nil code
function Session:run_file(path, args)
  local text, message = sys.read_file(path)
  if not text then
    io.stderr:write("linewright repl: ", message, "\n")
    return "error", 3
  end
  local fn, syntax = load(text:gsub("^#[^\n]*", ""), "@" .. path, "t", self.env.globals)
  if not fn then
    self:complain("E-SYNTAX " .. syntax, "=", 1)
    return "error", 1
  end
  local unpack = table.unpack or unpack -- luacheck: ignore 113 143
  local ok, results = self:call(fn, unpack(args))
  if self.exit_code then return "exit", self.exit_code end
  if not ok then
    self:complain(results, "=", 1)
    return "error", 1
  end
  return "ok", type(results[2]) == "number" and results[2] or 0
end

-- --------------------------------------------------------------- background --

--- Call fn every so often while nothing is evaluated.
---@param name string a job of the same name is replaced
---@param period_s number
---@param fn function() returns true when it is done
function Session:every(name, period_s, fn)
  self.jobs[name] = { name = name, period_ns = period_s * 1e9, fn = fn,
    due_ns = sys.real_ns() + period_s * 1e9 }
end

--- How long until the next job is due.
---@return number|nil s
function Session:idle_s()
  local first
  for _, job in pairs(self.jobs) do
    if not first or job.due_ns < first then first = job.due_ns end
  end
  return first and math.max(0, (first - sys.real_ns()) / 1e9)
end

local function due_jobs(self, now)
  local out = {}
  for _, job in pairs(self.jobs) do
    if job.due_ns <= now then out[#out + 1] = job end
  end
  sorted.by(out, "due_ns", "name")
  return out
end

--- Do what is due; a job that fails is told once and dropped.
function Session:tick()
  local now = sys.real_ns()
  for _, job in ipairs(due_jobs(self, now)) do
    -- On a fixed grid; what was missed is skipped.
    local missed = math.floor((now - job.due_ns) / job.period_ns)
    job.due_ns = job.due_ns + (missed + 1) * job.period_ns
    local ok, done = vm.call(job.fn, 0)
    if not ok then self:complain(done, "=typed", 1) end
    if (not ok or done) and self.jobs[job.name] == job then self.jobs[job.name] = nil end
  end
end

return session

-- Real processes for the end-to-end specs: the program under test is the one
-- that runs the specs.
local json = require "linewright.json"
local lanes = require "tests.support.lanes"
local live = require "linewright.live"
local sys = require "linewright.sys"

local process = {}

local Process = {}
Process.__index = Process

--- The program's own path.
function process.program() return assert(sys.realpath "/proc/self/exe") end

--- A program that was built beside it.
function process.beside(name) return sys.dirname(process.program()) .. "/" .. name end

local function quote(word) return "'" .. tostring(word):gsub("'", "'\\''") .. "'" end

local function line_of(words)
  local out = {}
  for i, word in ipairs(words) do out[i] = quote(word) end
  return table.concat(out, " ")
end

local function slurp(path)
  local f = io.open(path, "rb")
  if not f then return "" end
  local text = f:read "*a"
  f:close()
  return text
end

--- Start a program in the background, its output in files below dir.
---@param dir string
---@param name string of the files
---@param words string[] program and arguments
---@param prefix string? shell text before it, e.g. "ulimit -f 100;"
function process.start(dir, name, words, prefix)
  local self = setmetatable({ base = dir .. "/" .. name }, Process)
  os.execute(("rm -f %s.*"):format(quote(self.base)))
  -- The inner shell becomes the program, the outer one waits for its end.
  local inner = ("echo $$ >%s.pid; %s exec %s"):format(quote(self.base), prefix or "", line_of(words))
  os.execute(("( sh -c %s >%s.out 2>%s.err </dev/null; echo $? >%s.code ) &"):format(
    quote(inner), quote(self.base), quote(self.base), quote(self.base)))
  process.wait(function() return self:pid() end, "a process id")
  return self
end

--- Run a program to its end.
---@return integer code
---@return string out
---@return string err
function process.run(dir, words, prefix)
  local p = process.start(dir, "once", words, prefix)
  return p:finish()
end

--- Poll until fn returns something true; 15 s are a failure.
function process.wait(fn, what)
  for _ = 1, 750 do
    local result = fn()
    if result then return result end
    lanes.pause(0.02)
  end
  error(("15 s went by waiting for %s"):format(what), 2)
end

function Process:pid() return tonumber(slurp(self.base .. ".pid")) end
function Process:out() return slurp(self.base .. ".out") end
function Process:err() return slurp(self.base .. ".err") end
function Process:code() return tonumber(slurp(self.base .. ".code")) end

function Process:signal(name)
  os.execute(("kill -%s %d 2>%s.kill"):format(name, self:pid(), quote(self.base)))
end

--- Wait for the end.
function Process:finish()
  local code = process.wait(function() return self:code() end, "the end of " .. self.base
    .. "\n" .. self:out() .. self:err())
  return code, self:out(), self:err()
end

--- Make sure that it is gone.
function Process:stop()
  if not self:code() then
    self:signal "KILL"
    self:finish()
  end
end

--- What `linewright status --json` says of the run on db; nil when nobody answers.
function process.status(dir, db)
  local code, out = process.run(dir, { process.program(), "status", "--json", "--db", db })
  return code == 0 and json.decode((out:gsub("\n$", ""))) or nil
end

--- The same, asked of the host without a process between.
function process.look(db)
  local answer = live.ask(db .. ".sock", "status json")
  local text = answer and answer:match "^ok\n(.*)\n$"
  return text and json.decode(text)
end

--- Wait until the run on db is in a state; a held one says why a moment later,
--- since the worker's texts are refreshed four times a second.
function process.wait_state(dir, db, state)
  local last
  local ok, result = pcall(process.wait, function()
    last = process.status(dir, db)
    local told = state ~= "Held" or (last and last.reason or "") ~= ""
    return last and last.state == state and told and last
  end, "state " .. state)
  if ok then return result end
  error(("%s; it is %s: %s"):format(result, last and last.state or "gone",
    last and last.reason or ""), 2)
end

return process

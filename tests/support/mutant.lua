-- The program with one change: a C file compiled and linked anew beside the build, or
-- a Lua file changed in a copy of the Lua tree. The build itself stays as it is.
local process = require "tests.support.process"
local sys = require "linewright.sys"

local mutant = {}

local Mutant = {}
Mutant.__index = Mutant

local function shell(line)
  local code = os.execute(line)
  return code == 0 or code == true
end

--- The text with `old` once replaced by `new`; nil when it is not there exactly once.
function mutant.change(text, old, new)
  local at, to = text:find(old, 1, true)
  if not at or text:find(old, to + 1, true) then return nil end
  return text:sub(1, at - 1) .. new .. text:sub(to + 1)
end

--- Does a seeded bug still fit its file?
function mutant.fits(bug) return mutant.change(assert(sys.read_file(bug.file)), bug.old, bug.new) ~= nil end

-- How ninja makes a program: the command line of each source, and the last one, which links.
local function commands_of(build, name)
  local pipe = assert(io.popen(("ninja -C %s -t commands %s"):format(build, name)))
  local compile, link = {}, nil
  for line in pipe:lines() do
    local source = line:match " %-c (%S+)$"
    if source then compile[source] = line end
    if line:find(" -o " .. name .. " ", 1, true) then link = line end
  end
  pipe:close()
  assert(link, "the build has no ninja file")
  return compile, link
end

--- A place to build mutants in, from the build whose program runs this.
function mutant.bench()
  local build = sys.dirname(process.program())
  local dir = os.tmpname()
  os.remove(dir)
  local self = setmetatable({ dir = dir, build = build, words = "", links = {} }, Mutant)
  local share = dir .. "/share/linewright"
  assert(shell(("mkdir -p %s/bin %s && cp -r lua stdlib examples recipes %s"):format(dir, share, share)))
  self.share, self.program = share, dir .. "/bin/linewright"
  self.compile = commands_of(build, "linewright")
  return self
end

--- What the compiler is told beside the words of the build, from here on.
function Mutant:flags(words)
  if words ~= self.words then self.words, self.links = words, {} end
end

-- A replacement in which % has no meaning.
local function plain(text)
  return function() return text end
end

local function compile(self, file, text)
  local source = self.dir .. "/mutant.c"
  self.object = self.dir .. "/mutant.o"
  assert(sys.write_file(source, text))
  local line = self.compile[sys.realpath(file)]
  line = line:gsub(" %-MD %-MT %S+ %-MF %S+", ""):gsub(" %-o %S+ %-c %S+$",
    plain((" %s -w -o %s -c %s"):format(self.words, self.object, source)))
  return shell(("cd %s && %s 2>%s/words"):format(self.build, line, self.dir))
end

--- Put a text in the place of a source. Returns false when that is no program.
---@param file string
---@param text string
---@return boolean
function Mutant:put(file, text)
  if file:find "%.c$" then return compile(self, file, text) end
  if not load(text) then return false end
  assert(sys.write_file(self.share .. "/" .. file, text))
  return shell(("cp %s %s"):format(process.program(), self.program))
end

--- Link a program of the build with the C source that was put.
---@param name string
---@return boolean
function Mutant:link(name)
  local line = self.links[name]
  if not line then
    local _, link = commands_of(self.build, name)
    -- Our object comes first, so the one in the archive is not looked at.
    line = link:gsub(" %-o %S+ ", plain((" %s -o %s/bin/%s %s "):format(self.words, self.dir, name, self.object)))
    self.links[name] = line
  end
  os.remove(self.dir .. "/bin/" .. name)
  return shell(("cd %s && %s"):format(self.build, line))
end

--- Make the program with this bug. Returns false when it does not compile.
function Mutant:make(bug)
  local text = assert(mutant.change(assert(sys.read_file(bug.file)), bug.old, bug.new), bug.what)
  return self:put(bug.file, text) and (not bug.file:find "%.c$" or self:link "linewright")
end

--- Back to the right program.
function Mutant:mend(bug)
  if not bug.file:find "%.lua$" then return end
  assert(sys.write_file(self.share .. "/" .. bug.file, assert(sys.read_file(bug.file))))
end

function Mutant:remove() shell("rm -rf " .. self.dir) end

--- Run a command line with %s for a program, by default `linewright`; its output with
--- what it ended on.
---@return string out
---@return integer code
function Mutant:run(line, name)
  local program = ("%s/bin/%s"):format(self.dir, name or "linewright")
  local pipe = assert(io.popen(line:format(program) .. " 2>&1; echo \"exit $?\""))
  local out = pipe:read "*a"
  pipe:close()
  return out, tonumber(out:match "exit (%d+)%s*$")
end

return mutant

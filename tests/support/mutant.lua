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

local function commands_of(build)
  local pipe = assert(io.popen("ninja -C " .. build .. " -t commands linewright"))
  local compile, link = {}, nil
  for line in pipe:lines() do
    local source = line:match " %-c (%S+)$"
    if source then compile[source] = line end
    if line:find(" -o linewright ", 1, true) then link = line end
  end
  pipe:close()
  return compile, link
end

--- A place to build mutants in, from the build whose program runs this.
function mutant.bench()
  local build = sys.dirname(process.program())
  local dir = os.tmpname()
  os.remove(dir)
  local self = setmetatable({ dir = dir, build = build }, Mutant)
  self.compile, self.link = commands_of(build)
  assert(self.link, "the build has no ninja file")
  local share = dir .. "/share/linewright"
  assert(shell(("mkdir -p %s/bin %s && cp -r lua stdlib examples recipes %s && cp %s %s/right"):format(
    dir, share, share, process.program(), dir)))
  self.share, self.program = share, dir .. "/bin/linewright"
  return self
end

local function build_c(self, bug, text)
  local source, object = self.dir .. "/mutant.c", self.dir .. "/mutant.o"
  assert(sys.write_file(source, text))
  local line = self.compile[sys.realpath(bug.file)]
  line = line:gsub(" %-MD %-MT %S+ %-MF %S+", ""):gsub(" %-o %S+ %-c %S+$",
    (" -w -o %s -c %s"):format(object, source))
  -- Our object comes first, so the one in the archive is not looked at.
  local link = self.link:gsub(" %-o linewright ", function()
    return (" -o %s %s "):format(self.program, object)
  end)
  return shell(("cd %s && %s && %s"):format(self.build, line, link))
end

--- Make the program with this bug. Returns false when it does not compile.
function Mutant:make(bug)
  local text = assert(mutant.change(assert(sys.read_file(bug.file)), bug.old, bug.new), bug.what)
  os.remove(self.program)
  if bug.file:find "%.c$" then return build_c(self, bug, text) end
  assert(sys.write_file(self.share .. "/" .. bug.file, text))
  return shell(("cp %s/right %s"):format(self.dir, self.program))
end

--- Back to the right program.
function Mutant:mend(bug)
  if not bug.file:find "%.lua$" then return end
  assert(sys.write_file(self.share .. "/" .. bug.file, assert(sys.read_file(bug.file))))
end

function Mutant:remove() shell("rm -rf " .. self.dir) end

--- Run a command line with %s for the program; its output with what it ended on.
function Mutant:run(line)
  local pipe = assert(io.popen(line:format(self.program) .. " 2>&1; echo \"exit $?\""))
  local out = pipe:read "*a"
  pipe:close()
  return out, tonumber(out:match "exit (%d+)%s*$")
end

return mutant

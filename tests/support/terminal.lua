-- A program on a terminal of its own, typed to and read as by a person.
local process = require "tests.support.process"

local Terminal = {}
Terminal.__index = Terminal

--- Start a shell command on a terminal.
---@param dir string for the files of the process and its keys
---@param command string
---@param prefix string? shell text before it
local function start(dir, command, prefix)
  local self = setmetatable({ keys = dir .. "/keys" }, Terminal)
  os.execute(("rm -f '%s'; mkfifo '%s'"):format(self.keys, self.keys))
  self.process = process.start(dir, "tty", { "script", "-qfec", command, "/dev/null" },
    ("exec <>'%s'; %s"):format(self.keys, prefix or ""))
  return self
end

function Terminal:type(keys)
  local f = assert(io.open(self.keys, "w"))
  f:write(keys)
  f:close()
end

--- What came, without the escapes that move the cursor.
function Terminal:screen() return (self.process:out():gsub("\27%[[%d;?]*%a", ""):gsub("\r", "")) end

function Terminal:wait(text)
  process.wait(function() return self:screen():find(text, 1, true) end,
    ("'%s' on the screen:\n%s"):format(text, self:screen()))
end

return { start = start }

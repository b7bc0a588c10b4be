--- `linewright --role tool script FILE [ARGS...]`: a trusted Lua file of our own,
--- such as a bench, with all modules of the host.

local sys = require "linewright.sys"

---@class linewright.cli.script
local script = {}

--- Run a file; it gets the remaining words as `...` and may return an exit code.
---@param args string[] file, words
---@return integer code
function script.main(args)
  local path = args[1]
  local text, message = sys.read_file(path or "")
  if not text then
    sys.stderr(("linewright script: %s\n"):format(message))
    return 3
  end
  local chunk, why = load(text, "@" .. path)
  if not chunk then
    sys.stderr(("linewright script: %s\n"):format(why))
    return 1
  end
  return chunk((table.unpack or unpack)(args, 2)) or 0 -- luacheck: ignore 113 143
end

return script

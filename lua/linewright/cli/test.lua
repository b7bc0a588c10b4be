--- `linewright test [PATH...]`: busted inside the host's own VM.

local sys = require "linewright.sys"

---@class linewright.cli.test
local test = {}

local MISSING = [[
linewright test: busted is not installed for this Lua (%s)
  on Debian: apt-get install lua-busted
]]

local function has_busted()
  return (pcall(require, "busted.core"))
end

-- busted reads the command line from the global `arg`. Options go through as
-- they are; without a path the whole of tests/ is run.
local function command_line(args)
  local line = { [0] = "linewright test", "--output=linewright.cli.test_output" }
  local has_path = false
  for _, word in ipairs(args) do
    line[#line + 1] = word
    has_path = has_path or word:sub(1, 1) ~= "-"
  end
  if not has_path then line[#line + 1] = "tests" end
  return line
end

-- busted wants the FFI, only to keep it from being loaded twice. Our VMs have none.
local function no_ffi() end

-- busted ends the process by itself, but the VM has to be closed first.
local function run_busted()
  local os_exit, leave, code = os.exit, {}, 0
  os.exit = function(status) -- luacheck: ignore 122
    code = (status == nil or status == true) and 0 or tonumber(status) or 1
    error(leave)
  end
  local ok, err = pcall(require "busted.runner", { standalone = false })
  os.exit = os_exit -- luacheck: ignore 122
  if ok or err == leave then return code end
  sys.stderr(("linewright test: %s\n"):format(tostring(err)))
  return 1
end

--- Run specs; the last line printed is `N passed, M failed`.
---@param args string[] paths of specs or folders, and options of busted
---@return integer code 0 all passed, 1 some failed, 3 busted is missing
function test.main(args)
  if not has_busted() then
    sys.stderr(MISSING:format(_VERSION))
    return 3
  end
  package.loaded["busted.luajit"] = no_ffi
  rawset(_G, "arg", command_line(args))
  return run_busted()
end

return test

--- `linewright explain [CODE] [--json]`

local arguments = require "linewright.cli.arguments"
local errors = require "linewright.errors"
local json = require "linewright.json"
local sys = require "linewright.sys"

---@class linewright.cli.explain
local explain = {}

local SPEC = { words = { "code" }, options = { json = "flag", help = "flag" } }

local function list(as_json)
  local out = {}
  for i, code in ipairs(errors.codes()) do
    local entry = errors.find(code)
    out[i] = as_json and entry or ("%-14s %s"):format(code, entry.text)
  end
  if as_json then return sys.stdout(json.encode(out) .. "\n") end
  sys.stdout(table.concat(out, "\n") .. "\n\n`linewright explain CODE` tells more of one.\n")
end

--- Explain one code, or list all.
---@param args string[] command line after the command's name
---@return integer code 0, 1 no such code, 2 wrong usage
function explain.main(args)
  local is_list = #args == 0 or (#args == 1 and args[1] == "--json")
  if is_list then
    list(args[1] ~= nil)
    return 0
  end
  local o, message = arguments.read(args, SPEC)
  if not o then return arguments.refuse("explain", message, args) end
  local entry, why = errors.find(o.code)
  if not entry then
    arguments.complain("linewright explain:", why, o.json)
    return 1
  end
  sys.stdout(o.json and json.encode(entry) .. "\n" or errors.text(entry))
  return 0
end

return explain

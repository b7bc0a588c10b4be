-- Command lines of the commands that are written in Lua.

local suggest = require "linewright.suggest"
local json = require "linewright.json"
local printable = require "linewright.printable"
local sys = require "linewright.sys"

local arguments = {}

local function option_names(spec)
  local out = {}
  for name in pairs(spec.options) do out[#out + 1] = "--" .. name end
  table.sort(out)
  return out
end

local function add_pair(out, name, text)
  local key, value = text:match "^([%w_]+)=(.*)$"
  if not key then return ("--%s takes NAME=VALUE, got '%s'"):format(name, text) end
  out[name] = out[name] or {}
  out[name][key] = value
end

local function split(word)
  if word == "-h" then return "help" end
  local name, value = word:match "^%-%-([%w-]+)=(.*)$"
  return name or word:match "^%-%-([%w-]+)$", value
end

-- One option at args[i]; the index of the last word it took, or nil and a message.
local function option(out, spec, args, i)
  local name, value = split(args[i])
  local kind = name and spec.options[name]
  if not kind then
    return nil, ("unknown option '%s'%s"):format(args[i], suggest.text(args[i], option_names(spec)))
  end
  if kind == "flag" then
    out[name] = true
    return i
  end
  if not value then
    i = i + 1
    value = args[i]
    if not value then return nil, ("--%s needs a value"):format(name) end
  end
  if kind == "pairs" then
    local message = add_pair(out, name, value)
    if message then return nil, message end
  else
    out[name] = value
  end
  return i
end

--- Read a command line.
---@param args string[]
---@param spec table words: names of the plain words, in order, all needed; options: name to
---  "flag", "text" or "pairs"
---@return table|nil options
---@return string|nil message
function arguments.read(args, spec)
  local out, word_n, i = {}, 0, 1
  while i <= #args do
    if args[i]:find "^%-" and args[i] ~= "-" then
      local last, message = option(out, spec, args, i)
      if not last then return nil, message end
      i = last
    else
      word_n = word_n + 1
      if not spec.words[word_n] then return nil, ("'%s' is one word too many"):format(args[i]) end
      out[spec.words[word_n]] = args[i]
    end
    i = i + 1
  end
  if not out.help and word_n < #spec.words then
    return nil, ("missing %s"):format(spec.words[word_n + 1]:upper())
  end
  return out
end

--- One error on stderr, as a line or as data.
---@param head string a code word or "linewright run:"
---@param text string
---@param as_json boolean|nil
function arguments.complain(head, text, as_json)
  if not as_json then return sys.stderr(printable(head .. " " .. text, "") .. "\n") end
  local code = head:find "^E%-" and head or "E-IO"
  sys.stderr(json.encode { ok = false, code = code, text = text } .. "\n")
end

--- Carry out what reads a database that was found sound enough to be opened. Damage that
--- shows later is told in one line; any other error is a slip of ours.
---@param command string
---@param fn fun(...): integer
---@return integer code
function arguments.reading(command, fn, ...)
  local ok, result = pcall(fn, ...)
  if ok then return result end
  local damage = tostring(result):match "store: (.*)$"
  if not damage then error(result, 0) end
  return arguments.fail(command, 3, damage, "E-CORRUPT")
end

--- What the world refused: one line that begins with its code, and the exit code.
---@param command string
---@param exit integer
---@param message any
---@param code string|nil "E-IO"; without one the line begins with the command
---@return integer exit
function arguments.fail(command, exit, message, code)
  arguments.complain(code or ("linewright %s:"):format(command), tostring(message))
  return exit
end

--- Say what is wrong with a command line.
---@param command string
---@param message string
---@param args string[]|nil the words: with --json among them the error is data, too
---@return integer code 2
function arguments.refuse(command, message, args)
  for _, word in ipairs(args or {}) do
    if word == "--json" then
      arguments.complain("E-USAGE", message, true)
      return 2
    end
  end
  sys.stderr(("linewright %s: %s\n  linewright %s --help says how it is used\n"):format(command,
    printable(message, "  "), command))
  return 2
end

return arguments

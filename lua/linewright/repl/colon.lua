--- What begins with a colon or asks with a question mark: commands of the prompt
--- itself, which are no Lua.

local saving = require "linewright.repl.saving"
local sorted = require "linewright.sorted"
local suggest = require "linewright.suggest"

local colon = {}

local HELP = [[
?name  name?      what it does, takes, gives, and an example
Tab               completes names, members, parameters, channels, files, units
_                 the last value

:save FILE        .png .svg the last plot; .csv the last samples; .lua the
                  session as a script; _spec.lua the session as a spec
:load FILE        run a file here
:names            names that you gave
:jobs             what goes on in the background; stop "name" ends it
:trace            where the last error came from
:clear            forget what was typed so far, for :save
:quit             leave, as Ctrl-D does

%s

Ctrl-C stops what runs; pressed three times it ends the evaluator, never a line.]]

-- The REPL's own words in groups, as words.lua announces them.
local function word_list(s)
  local out = {}
  for _, group in ipairs(s.groups) do
    out[#out + 1] = group.title .. "\n  " .. table.concat(group.names, "  ")
  end
  return table.concat(out, "\n")
end

local function names(s)
  local out = {}
  for name, value in sorted(s.env.globals) do
    if name ~= "_G" then out[#out + 1] = name .. ": " .. type(value) end
  end
  io.stdout:write(#out > 0 and table.concat(out, "\n") or "none yet", "\n")
  return "ok"
end

local function jobs(s)
  local out = {}
  for name, job in sorted(s.jobs) do
    out[#out + 1] = ("%s, every %g s"):format(name, job.period_ns / 1e9)
  end
  io.stdout:write(#out > 0 and table.concat(out, "\n") or "nothing goes on", "\n")
  return "ok"
end

local COMMANDS = {
  help = function(s)
    io.stdout:write(HELP:format(word_list(s)), "\n")
    return "ok"
  end,
  quit = function(s, rest)
    s:close()
    s.exit_code = tonumber(rest) or 0
    return "exit"
  end,
  save = function(s, rest) return saving.save(s, rest) end,
  load = function(s, rest)
    local status = s:run_file(rest, {})
    return status
  end,
  names = names,
  jobs = jobs,
  trace = function(s)
    io.stdout:write(s.trace or "no error yet", "\n")
    return "ok"
  end,
  clear = function(s)
    s.accepted = {}
    return "ok"
  end,
}
COMMANDS.q, COMMANDS.h = COMMANDS.quit, COMMANDS.help

local function command(s, name, rest)
  local fn = COMMANDS[name]
  if fn then return fn(s, rest) end
  local known = sorted.keys(COMMANDS)
  io.stderr:write(("E-NAME ':%s' is no command%s\n"):format(name, suggest.text(name, known)))
  return "error"
end

-- "s:mean" asks for the method of what s is.
local function explain(s, name)
  local owner, member = name:match "^([%a_][%w_%.]*)[%.:]([%a_][%w_]*)$"
  local value = owner and require("linewright.repl.complete").value(s, owner)
  if value ~= nil and require("linewright.repl.show").is_samples(value) then
    name = "Samples:" .. member
  else
    local meta = value ~= nil and debug.getmetatable(value)
    local class = type(meta) == "table" and rawget(meta, "__class")
    if class then name = class .. ":" .. member end
  end
  io.stdout:write(s.docs:page(name), "\n")
  return "ok"
end

--- Handle text that is no Lua.
---@param s table session
---@param text string
---@return string|nil status nil when it is Lua after all
function colon.run(s, text)
  local asked = text:match "^%s*%?%s*([%w_%.:]+)%s*$" or text:match "^%s*([%w_%.:]+)%?%s*$"
  if asked then return explain(s, asked) end
  if text:find "^%s*%?%s*$" then return COMMANDS.help(s) end
  local name, rest = text:match "^%s*:(%a+)%s*(.-)%s*$"
  if name then return command(s, name, rest) end
end

return colon

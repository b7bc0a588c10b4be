--- What an embedding C program asks of a run (host/linewright.h, section runs).
--- One VM holds one run. Numbers and texts go in and out, nothing else.

local loader = require "linewright.loader"
local rig = require "linewright.rig"

local embed = {}

local QUALITY = { bad = 0, uncertain = 1, good = 2 }

-- The run of this VM.
local current

-- A refusal of the rig is an error with a text; the program wants a code.
local function refused(code, message)
  return nil, tostring(message), code
end

local function settings_of(...)
  local set = {}
  for i = 1, select("#", ...) do
    local text = select(i, ...)
    local name, value = text:match "^([%w_]+)=(.*)$"
    if not name then return nil, ("set takes NAME=VALUE, got '%s'"):format(text) end
    set[name] = value
  end
  return set
end

local function given(text) return text ~= "" and text or nil end

--- Put a recipe on a line.
---@param recipe string path
---@param line string path
---@param formula string path or ""
---@param db string path or "" for memory
---@param seed number
---@param uses_drivers number 1 = the line's own drivers
---@param ... string "name=value"
function embed.open(recipe, line, formula, db, seed, uses_drivers, ...)
  local set, message = settings_of(...)
  if not set then return refused("E-SYNTAX", message) end
  local ok, result = pcall(rig, {
    recipe = recipe, line = line, formula = given(formula), db = given(db), seed = seed, set = set,
    sim = uses_drivers ~= 1,
  })
  if not ok then return refused("E-SCRIPT", result) end
  current = result
  return 1
end

--- Check without running.
---@return number|nil
function embed.check(recipe, line, formula)
  local _, findings = loader.check { recipe = recipe, line = line, formula = given(formula) }
  return findings:failed() and 1 or 0, tostring(findings)
end

function embed.close()
  if current and current.run then current.line:close() end
  current = nil
  return 1
end

function embed.start()
  local ok, message = pcall(current.start, current)
  if not ok then return refused("E-STATE", message) end
  return 1
end

function embed.advance(seconds)
  current:advance(seconds)
  return 1
end

function embed.reach(state, within_s)
  local ok, message = pcall(current.run_until, current, state, { within = within_s })
  if not ok then return refused("E-TIMEOUT", message) end
  return 1
end

function embed.now() return current.line:now_ns() / 1e9 end
function embed.state() return current:state() end
function embed.reason() return current.run.reason or "" end

function embed.question()
  local open = current.run.prompts[1]
  return open and open.prompt or ""
end

function embed.answer(choice)
  if #current.run.prompts == 0 then return refused("E-STATE", "nothing is asked") end
  local ok, message = current:answer(choice)
  if not ok then return refused("E-RANGE", message) end
  return 1
end

function embed.command(command)
  local ok, message = current:command(command)
  if not ok then return refused("E-STATE", message) end
  return 1
end

function embed.read(path)
  local channel = current.bundle.channels[path]
  if not channel or not channel.index then
    return refused("E-NOTFOUND", ("'%s' is no channel of this recipe"):format(path))
  end
  local value, quality = current.line.port:read(channel.index)
  if channel.unit == "text" then
    return refused("E-TYPE", ("'%s' is a text, not a number"):format(path))
  end
  return value or 0 / 0, QUALITY[quality]
end

function embed.output(name, i)
  local list = current.run.records[name]
  local value = list and list[i + 1]
  if type(value) ~= "number" then
    return refused("E-NOTFOUND", ("the recipe has recorded no number %d of '%s'"):format(i, name))
  end
  return value
end

local function tamper(method, ...)
  local ok, message = pcall(current[method], current, ...)
  if not ok then return refused("E-NOTFOUND", message) end
  return 1
end

function embed.fault(signal, fault, argument)
  if fault == "force" then return tamper("force", signal, argument) end
  return tamper("fault", signal, fault ~= "none" and fault or nil, argument)
end

function embed.reboot(outage_s)
  current:crash()
  current:reboot { after = outage_s }
  return 1
end

return embed

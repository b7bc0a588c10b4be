--- Numbers of commands: what tells a value that a device carried out from one that it
--- may never have had. An output's profile says where the number goes (`command`) and
--- where the device shows the newest that it carried out (`echo`). The number is on disk
--- with the intent, and goes out behind its value.

local journal_keys = require "linewright.journal_keys"

local format, match = string.format, string.match

local command_ids = {}

local function heard(rt, echo)
  local value, quality = rt.port:read(echo.index)
  return quality == "good" and value or nil
end

--- The number of the next command to an output: neither the last one nor what the device
--- shows, which may be of an earlier run.
---@param rt table
---@param channel table
---@return integer|nil id nil where the profile has no numbers, or the twin does not know them
function command_ids.next(rt, channel)
  local command, echo = channel.command, channel.echo
  if not (command and command.index and echo and echo.index) then return nil end
  local shown = heard(rt, echo)
  local id = (rt.journal.ids[channel.path] or shown or 0) % command.hi + 1
  if id == shown then id = id % command.hi + 1 end
  return id
end

--- Send it behind its value, which an open permit may keep back.
---@param rt table
---@param channel table
---@param id integer
function command_ids.send(rt, channel, id)
  if not rt.permit_lacking(channel.path) then rt.port:request(channel.command.index, id) end
end

local function said(channel, id, shown)
  if shown == id then
    return format("%s: its device says that it carried out command %.0f", channel.path, id)
  end
  return format("%s: its device says nothing of command %.0f, its newest is %.0f", channel.path, id,
    shown)
end

--- What devices say of the outputs of a cut `once` step.
---@param rt table
---@param channels table<string, table> of the bundle
---@param key string the step's
---@return string|nil text nil when no device is to echo anything, or one cannot be read now
function command_ids.evidence(rt, channels, key)
  local below, out = match(key, "^(.*)#%d+$") .. "/", {}
  for i = rt.journal.memo[key].command_n + 1, #rt.journal.commands do
    local command = rt.journal.commands[i]
    local channel = channels[journal_keys.label(command.key)]
    local is_asked = channel and channel.echo and channel.echo.index
    if is_asked and command.key:sub(1, #below) == below then
      local shown = heard(rt, channel.echo)
      if not shown then return nil end
      out[#out + 1] = said(channel, command.id, shown)
    end
  end
  return #out > 0 and table.concat(out, "; ") .. "." or nil
end

return command_ids

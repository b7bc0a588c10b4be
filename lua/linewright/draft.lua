-- A line profile to fill in, drawn from what a recipe needs: each contract with
-- all its properties and channels. What only the plant knows stays a "?", which
-- `check` reports point by point.

local loader = require "linewright.loader"
local sorted = require "linewright.sorted"

local draft = {}

local HEAD = [[
-- %s.lua -- a line profile for %s: replace each "?"; `linewright check` lists what is left.
local io = driver "modbus_tcp" { host = "?", port = 502, unit_id = 1, timeout = "300 ms" }

return line "%s" {
  api = 1, revision = 1, scan = "10 ms", tick = "100 ms",
  units = {
]]

local FOOT = [[
  },
  interlocks = {           -- in C, on every scan, whatever a recipe does; for example:
    -- interlock { "CHANNEL", above = "? UNIT", lasting = "2 s", level = "abort", text = "?" },
    -- permit { "CHANNEL", above = "? UNIT", needs = { "CHANNEL", above = "? UNIT" }, text = "?" },
  },
}
]]

local function comment(def)
  local optional = def.optional and "optional; " or ""
  return ("-- [%s] %s%s"):format(def.unit or "1", optional, def.help or "")
end

local function property(name, def)
  local value = def.unit == "text" and '"?"' or ('"? %s"'):format(def.unit)
  if def.list then value = '{ "?" }' end
  local hidden = def.optional and "-- " or ""
  return ("        %s%s = %s, %s"):format(hidden, name, value, comment(def))
end

local function channel(name, def, indent)
  local is_text = def.unit == "text"
  local text = ('%s%s%s = tag { io, "?", type = "%s"%s'):format(indent,
    def.optional and "-- " or "", name, is_text and "text" or "?",
    is_text and "" or (', unit = "%s"'):format(def.unit))
  if def.class == "writable" then
    text = text .. ', range = { "?", "?" }, safe = { hold = "?", stop = "?", abort = "?" }'
  end
  return text .. " }, " .. comment(def)
end

local function list(out, name, def)
  out[#out + 1] = ("      %s = {   -- one block for each"):format(name)
  out[#out + 1] = "        {"
  for member, member_def in sorted(def.members) do
    out[#out + 1] = channel(member, member_def, "          ")
  end
  out[#out + 1] = "        },"
  out[#out + 1] = "      },"
end

local function unit(out, role, contract)
  out[#out + 1] = ('    %s = equip "%s" {   -- %s'):format(role, contract.name, contract.help or "")
  if next(contract.props) then
    out[#out + 1] = "      props = {"
    for name, def in sorted(contract.props) do out[#out + 1] = property(name, def) end
    out[#out + 1] = "      },"
  end
  for name, def in sorted(contract.members) do
    if def.class == "list" then list(out, name, def) else
      out[#out + 1] = channel(name, def, "      ")
    end
  end
  if contract.model then out[#out + 1] = '      model = "stub", -- or the model\'s file' end
  out[#out + 1] = "    },"
end

--- The text of a profile that offers all a recipe needs.
---@param name string of the line
---@param path string of the recipe
---@return string text; raises findings
function draft.line(name, path)
  local recipe, library = loader.contracts(path)
  local out = {}
  for role, need in sorted(recipe.needs or {}) do
    local contract = library:get(need.contract, need.at)
    if contract then unit(out, role, contract) end
  end
  library.project.findings:raise()
  return HEAD:format(name, path, name) .. table.concat(out, "\n") .. "\n" .. FOOT
end

return draft

--- The surface of the language: every table that people write, with its keys, and
--- every word and verb, in one place. The checks take their keys from here, the
--- stubs of editors and the reference pages are written from it
--- (linewright.surface_stub, tools/reference.lua).

local surface = {}

--- The files of the surface, in the order of the pages.
surface.FILES = { "recipe", "line", "contract", "options" }

local classes
local function load()
  if classes then return classes end
  classes = {}
  for _, file in ipairs(surface.FILES) do
    for _, class in ipairs(require("linewright.surface." .. file)) do
      classes[class.class] = class
    end
  end
  return classes
end

---@class linewright.surface.field
---@field key string|integer as it is written in the table
---@field name string "unit", "[1]"
---@field optional boolean
---@field type string as LuaCATS has it
---@field text string with its unit in brackets at the end

--- The fields of a table, in the order in which one writes them.
---@param class string "tag"
---@return linewright.surface.field[]
function surface.fields(class)
  local out = {}
  for i, row in ipairs(load()[class]) do
    local name = row[1]:gsub("%?$", "")
    out[i] = { key = tonumber(name:match "^%[(%d+)%]$") or name, name = name,
      optional = name ~= row[1], type = row[2], text = row[3] }
  end
  return out
end

--- The keys that a table may have, as the checks ask for them.
---@param class string
---@return table<string|integer, boolean>
function surface.keys(class)
  local out = {}
  for _, field in ipairs(surface.fields(class)) do out[field.key] = true end
  return out
end

local KINDS = { ["linewright.time"] = "time" }

-- "time", the words that may stand there, or "any".
local function kind_of(field)
  local words = {}
  for word in field.type:gmatch '"([^"]*)"' do words[#words + 1] = word end
  return #words > 0 and words or KINDS[field.type] or "any"
end

--- What stands at each key: "time", a list of words, or "any".
---@param class string
---@return table<string, string|string[]>
function surface.kinds(class)
  local out = {}
  for _, field in ipairs(surface.fields(class)) do out[field.key] = kind_of(field) end
  return out
end

--- The verbs of `r`.
---@return table<string, boolean>
function surface.verbs()
  local out = {}
  for _, verb in ipairs(require "linewright.surface.verbs") do out[verb[1]] = true end
  return out
end

return surface

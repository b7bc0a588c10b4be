--- The files of a new project, ready to write.

local patterns = require "linewright.project_templates"
local sorted = require "linewright.sorted"
local stdlib = require "linewright.stdlib"
local sys = require "linewright.sys"
local templates = require "linewright.templates"
local words = require "linewright.words"

local files = {}

-- All words of all kinds of file, for linters of others.
local function word_list()
  local seen, out = {}, {}
  local sink = { fail = function() end }
  for _, role in ipairs { "recipe", "line", "formula", "capability", "twin" } do
    for word in pairs(words.of(role, sink)) do seen[word] = true end
    for word in pairs(stdlib.words(role)) do seen[word] = true end
  end
  seen.infer = true
  for word in sorted(seen) do out[#out + 1] = ('"%s"'):format(word) end
  local lines = {}
  for i = 1, #out, 6 do
    lines[#lines + 1] = table.concat(out, ", ", i, math.min(i + 5, #out))
  end
  return "\n  " .. table.concat(lines, ",\n  ") .. ",\n"
end

local function filled(text, values)
  return (text:gsub("%u%u%u%u+", values))
end

--- Everything that a project called so begins with.
---@param name string
---@return table<string, string> path in the project -> text
function files.of(name)
  local values = { NAME = name, DATADIR = sys.datadir(), WORDS = word_list() }
  local out = {}
  for path, text in pairs(patterns.FILES) do out[filled(path, values)] = filled(text, values) end
  out["recipes/" .. name .. ".lua"] = filled(templates.recipe, values)
  out["lines/" .. name .. ".lua"] = filled(templates.line, values):gsub('{ "coater", zones = 2 }',
    ('{ "%s", zones = 2 }'):format(name))
  return out
end

--- Write a file and the folders it lies in.
---@param path string
---@param text string
---@return true|nil ok
---@return string|nil message
---@return string|nil code
function files.write(path, text)
  for at in path:gmatch "()/" do
    local dir = path:sub(1, at - 1)
    if dir ~= "" and not sys.exists(dir) then
      local ok, why, code = sys.mkdir(dir)
      if not ok then return nil, why, code end
    end
  end
  return sys.write_file(path, text)
end

return files

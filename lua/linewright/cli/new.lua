--- `linewright new project|recipe|line NAME`

local arguments = require "linewright.cli.arguments"
local draft = require "linewright.draft"
local sorted = require "linewright.sorted"
local suggest = require "linewright.suggest"
local sys = require "linewright.sys"
local project_files = require "linewright.project_files"
local templates = require "linewright.templates"

---@class linewright.cli.new
local new = {}

local HELP = [[
usage: linewright new project NAME
       linewright new recipe|line NAME [--for RECIPE]

Writes a recipe or a line profile that checks and runs as it is, as a start for
your own: into recipes/ or lines/ if there is such a folder, else here. A project
is a folder with both, a twin, a formula, a spec, and files for editor and CI.
A file that is there already is never touched.

  --for RECIPE  a line with every channel and property that this recipe needs,
                each value of the plant a "?" that `check` asks for

example: linewright new project brewery && cd brewery && linewright watch --once
         linewright new recipe soak && linewright new line shed
         linewright run soak.lua --line shed.lua --sim --speed max
         linewright new line press_3 --for recipes/electrode_coating.lua
]]

local SPEC = { words = { "kind", "name" }, options = { help = "flag", ["for"] = "text" } }

local FOLDERS = { recipe = "recipes", line = "lines" }
local NEXT = {
  recipe = "next: linewright check %s --line LINE\n",
  line = "next: linewright check RECIPE --line %s\n",
}

local function refuse(text, code) return arguments.fail("new", 3, text, code) end

local function path_for(kind, name)
  local folder = FOLDERS[kind]
  local file = name .. ".lua"
  return sys.exists(folder) == "directory" and folder .. "/" .. file or file
end

-- The text to write, or nil and why not.
local function text_for(o)
  if not o["for"] then return (templates[o.kind]:gsub("NAME", o.name)) end
  if o.kind ~= "line" then return nil, "--for goes with a line" end
  local ok, text = pcall(draft.line, o.name, o["for"])
  if ok then return text end
  return nil, tostring(text)
end

-- A whole folder.
local function new_project(name)
  if sys.exists(name) then return refuse(name .. " is there already", "E-EXISTS") end
  for path, text in sorted(project_files.of(name)) do
    local ok, why, code = project_files.write(name .. "/" .. path, text)
    if not ok then return refuse(why, code) end
    sys.stdout(("wrote %s/%s\n"):format(name, path))
  end
  sys.stdout(("next: cd %s && linewright watch --once\n"):format(name))
  return 0
end

--- Write a skeleton.
---@param args string[] command line after the command's name
---@return integer code 0, 2 wrong usage, 3 the file cannot be written
function new.main(args)
  local o, message = arguments.read(args, SPEC)
  if not o then return arguments.refuse("new", message) end
  if o.help then
    sys.stdout(HELP)
    return 0
  end
  if o.kind ~= "project" and not templates[o.kind] then
    return arguments.refuse("new", ("'%s' is neither project, recipe nor line%s"):format(o.kind,
      suggest.text(o.kind, { "project", "recipe", "line" })))
  end
  if not o.name:find "^[%a_][%w_-]*$" then
    return arguments.refuse("new", ("name '%s' must be letters, digits, - and _"):format(o.name))
  end
  if o.kind == "project" then return new_project(o.name) end
  local path = path_for(o.kind, o.name)
  if sys.exists(path) then return refuse(path .. " is there already", "E-EXISTS") end
  local text, why = text_for(o)
  if not text then return arguments.refuse("new", why) end
  local ok, code
  ok, why, code = sys.write_file(path, text)
  if not ok then return refuse(why, code) end
  sys.stdout(("wrote %s\n" .. NEXT[o.kind]):format(path, path))
  return 0
end

return new

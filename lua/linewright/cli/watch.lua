--- `linewright watch [FOLDER] [--once]`

local arguments = require "linewright.cli.arguments"
local findings_of = require "linewright.findings"
local lint = require "linewright.lint"
local loader = require "linewright.loader"
local project_of = require "linewright.project"
local sorted = require "linewright.sorted"
local sys = require "linewright.sys"

---@class linewright.cli.watch
local watch = {}

local HELP = [[
usage: linewright watch [FOLDER] [--once]

Checks every recipe of a project on the line that it fits best, looks through
the texts as `lint` does, and runs the specs in tests/; again whenever a Lua file
of the project is saved. Ends with Ctrl-C.

  --once  only one time

exit code: 0 all fine, 1 findings or a failed spec, 2 usage, 3 no such folder
example: linewright watch brewery
]]

local LOOK_NS = 150e6 -- between two looks at the files
local DEPTH_MAX = 6

-- Folders that hold no sources of the project.
local SKIPPED = { build = true, node_modules = true }

local function is_lua(name) return name:find "%.lua$" ~= nil end

-- Every Lua file below a folder: path -> when it was changed.
local function files_of(dir, depth, out)
  for _, name in ipairs(sys.list(dir) or {}) do
    local path = project_of.join(dir, name)
    local kind = not SKIPPED[name] and not name:find "^%." and sys.exists(path)
    if kind == "directory" and depth < DEPTH_MAX then files_of(path, depth + 1, out)
    elseif kind == "file" and is_lua(name) then out[path] = sys.modified(path) end
  end
  return out
end

local function is_same(a, b)
  for path, when in pairs(a) do
    if b[path] ~= when then return false end
  end
  for path in pairs(b) do
    if not a[path] then return false end
  end
  return true
end

-- Files by what they return.
local function sort_out(paths)
  local by_role, texts = { recipe = {}, line = {}, formula = {} }, {}
  for path in sorted(paths) do
    local text = sys.read_file(path) or ""
    local role = project_of.role_of_text(text)
    texts[path] = text
    if by_role[role] then table.insert(by_role[role], path) end
  end
  return by_role, texts
end

-- The line with the fewest findings; a recipe need not fit every one.
local function best(recipe, lines, formula)
  local found, line
  for _, path in ipairs(lines) do
    local _, f = loader.check { recipe = recipe, line = path, formula = formula }
    if not found or f.fail_n < found.fail_n then found, line = f, path end
  end
  if found then return found, line end
  local _, f = loader.check { recipe = recipe, formula = formula }
  return f
end

local function say(text) sys.stdout(text .. "\n") end

local function tell(what, findings)
  local text = findings:text { warn = true, fail = true }
  if text ~= "" then say(text) end
  say(("%s %s"):format(findings:failed() and "FAIL" or "ok  ", what))
  return not findings:failed()
end

local function recipe_of(formula_text) return formula_text:match "recipe%s*=%s*[\"']([^\"']+)" end

local function check_recipe(path, by_role, texts)
  local findings, line = best(path, by_role.line)
  local ok = tell(path .. (line and " on " .. line or ""), findings)
  local name = texts[path]:match "return%s+recipe%s*[\"']([^\"']+)"
  for _, formula in ipairs(by_role.formula) do
    if ok and recipe_of(texts[formula]) == name then
      local _, f = loader.check { recipe = path, line = line, formula = formula }
      ok = tell(path .. " with " .. formula, f) and ok
    end
  end
  return ok
end

local function check_text(path, texts)
  local f = findings_of.new()
  f.text_of = function(file) return texts[file] end
  lint.text(f, path, texts[path])
  if #f > 0 then say(f:text()) end
end

-- Specs have a process of their own: what they change of the VM ends with it.
local function run_specs()
  if sys.exists "tests" ~= "directory" then return true end
  return sys.again("test", "tests") == 0
end

local function look(paths)
  if not next(paths) then say "no Lua file here; begin with `linewright new project NAME`" end
  local began = sys.real_ns()
  local by_role, texts = sort_out(paths)
  local ok = true
  for _, role in ipairs { "recipe", "line" } do
    for _, path in ipairs(by_role[role]) do check_text(path, texts) end
  end
  for _, path in ipairs(by_role.recipe) do
    ok = check_recipe(path, by_role, texts) and ok
  end
  ok = run_specs() and ok
  say(("%s in %.2f s"):format(ok and "all fine" or "NOT fine", (sys.real_ns() - began) / 1e9))
  return ok
end

local function follow(paths)
  local now = 0
  say "watching; Ctrl-C ends"
  while true do
    now = now + LOOK_NS
    sys.pace(now, 1)
    local fresh = files_of(".", 1, {})
    if not is_same(paths, fresh) then
      say ""
      look(fresh)
      -- A run takes a while; the clock of the looks begins anew.
      now, paths = 0, fresh
    end
  end
end

local OPTIONS = { once = "flag", help = "flag" }

local function enter(dir)
  if sys.exists(dir) == "directory" and sys.chdir(dir) then return true end
  arguments.complain("linewright watch:", ("'%s' is no folder that can be entered"):format(dir))
end

--- Check and test a project, once or whenever it is saved.
---@param args string[] command line after the command's name
---@return integer code 0 fine, 1 not, 2 wrong usage, 3 no such folder
function watch.main(args)
  local dir = args[1] and not args[1]:find "^%-" and table.remove(args, 1) or "."
  local o, message = arguments.read(args, { words = {}, options = OPTIONS })
  if not o then return arguments.refuse("watch", message) end
  if o.help then
    sys.stdout(HELP)
    return 0
  end
  if not enter(dir) then return 3 end
  local paths = files_of(".", 1, {})
  local ok = look(paths)
  if not o.once then follow(paths) end
  return ok and 0 or 1
end

return watch

--- Role `loader`: reads a recipe and its line for the host, which never reads
--- recipe text itself, and hands over the flat, checked plan.
--- The message is described in host/worker/bundle.h.

local arguments = require "linewright.cli.arguments"
local json = require "linewright.json"
local loader = require "linewright.loader"
local project_of = require "linewright.project"
local report = require "linewright.cli.findings"
local sys = require "linewright.sys"

---@class linewright.cli.loader
local role = {}

local SPEC = { words = {}, options = { recipe = "text", line = "text", formula = "text",
  set = "pairs", sim = "flag", json = "flag", verbose = "flag", ["out-fd"] = "text" } }

local MESSAGE = "LINEWRIGHT-BUNDLE 1\n"

local function path_of(t)
  local from = t and project_of.origin(t)
  return from and (sys.realpath(from.found) or from.found)
end

-- Values hold no newline; names of files and recipes may not bring one in.
local function header(lines, name, value)
  if value ~= nil then
    lines[#lines + 1] = ("%s=%s\n"):format(name, (tostring(value):gsub("[%z\r\n\t]", " ")))
  end
end

--- The bundle as the bytes that the host reads.
---@param b table bundle from linewright.loader
---@return string message
function role.message(b)
  local lines, texts = { MESSAGE }, {}
  header(lines, "recipe", b.recipe.name)
  header(lines, "version", b.recipe.version)
  header(lines, "line", b.line.name)
  header(lines, "formula", b.formula and b.formula.name)
  header(lines, "bundle", b.hash)
  header(lines, "recipe_path", path_of(b.recipe))
  header(lines, "line_path", path_of(b.line))
  header(lines, "formula_path", path_of(b.formula))
  header(lines, "settings", json.encode(b.settings))
  header(lines, "twin", b.twin and 1)
  header(lines, "plan_bytes", #b.plan)
  header(lines, "plan_digest", b.plan_digest)
  for i, file in ipairs(b.files) do
    local path = file.path:gsub("[%z\r\n\t]", " ")
    lines[#lines + 1] = ("file=%s\t%s\t%d\t%s\n"):format(file.role, file.sha, #file.text, path)
    texts[i] = file.text
  end
  return table.concat(lines) .. "\n" .. b.plan .. table.concat(texts)
end

--- Check, and write the message to a file descriptor.
---@param args string[] --recipe R --line L [--formula F] [--set k=v]... [--sim] --out-fd N
---@return integer code 0, 1 findings, 2 wrong usage, 3 a file is not there
function role.main(args)
  local o, message = arguments.read(args, SPEC)
  if not o then return arguments.refuse("--role loader", message) end
  if not (o.recipe and o.line and o["out-fd"]) then
    return arguments.refuse("--role loader", "needs --recipe, --line and --out-fd")
  end
  local b, findings = loader.check { recipe = o.recipe, line = o.line, formula = o.formula,
    set = o.set, sim = o.sim }
  if findings:failed() or #findings > 0 then report.complain(b, findings, o.json) end
  if findings:failed() then return report.code(findings) end
  local ok, why = sys.write_file("/dev/fd/" .. o["out-fd"], role.message(b))
  if ok then return 0 end
  sys.stderr("linewright: the loader cannot answer: " .. tostring(why) .. "\n")
  return 3
end

return role

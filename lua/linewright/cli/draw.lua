--- `linewright draw RECIPE [--line LINE] [--svg FILE]`

local arguments = require "linewright.cli.arguments"
local drawing = require "linewright.drawing"
local dryplan = require "linewright.dryplan"
local loader = require "linewright.loader"
local printable = require "linewright.printable"
local project_of = require "linewright.project"
local report = require "linewright.cli.findings"
local sys = require "linewright.sys"
local view = require "linewright.view"

---@class linewright.cli.draw
local command = {}

local SPEC = { words = { "recipe" }, options = { line = "text", formula = "text", set = "pairs",
  svg = "text", help = "flag" } }

local function charts(bundle)
  local recipe, out = bundle.recipe, {}
  local text = project_of.origin(recipe).file.text
  local eq = bundle.eq and next(bundle.eq) and dryplan.equipment(bundle.eq) or nil
  for _, name in ipairs(dryplan.HANDLERS) do
    if type(recipe[name]) == "function" then
      out[#out + 1] = dryplan.handler(recipe, text, name, eq, view.params(bundle.params))
    end
  end
  return out
end

local function title_of(recipe)
  return printable(("%s %s  %s"):format(recipe.name, tostring(recipe.version or ""),
    type(recipe.title) == "string" and recipe.title or ""), "  ")
end

--- Draw a recipe.
---@param args string[] command line after the command's name
---@return integer code 0, 1 findings, 2 wrong usage, 3 a file cannot be read or written
function command.main(args)
  local o, message = arguments.read(args, SPEC)
  if not o then return arguments.refuse("draw", message, args) end
  local bundle, findings = loader.check { recipe = o.recipe, line = o.line, formula = o.formula,
    set = o.set, sim = true }
  if findings:failed() then
    report.complain(bundle, findings)
    return report.code(findings)
  end
  local roots, title = charts(bundle), title_of(bundle.recipe)
  if not o.svg then
    sys.stdout(title .. "\n\n" .. drawing.text(roots))
    return 0
  end
  local ok, why = sys.write_product(o.svg, drawing.svg(roots, title))
  if ok then return 0 end
  arguments.complain("linewright draw:", why)
  return 3
end

return command

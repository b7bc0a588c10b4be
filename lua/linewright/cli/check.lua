--- `linewright check RECIPE [--line LINE] [--formula F] [--set k=v] [--format F]`

local arguments = require "linewright.cli.arguments"
local loader = require "linewright.loader"
local report = require "linewright.cli.findings"
local sys = require "linewright.sys"

---@class linewright.cli.check
local check = {}

local HELP = [[
usage: linewright check RECIPE [--line LINE] [--formula FILE] [--set NAME=VALUE]...
                        [--format text|vim|json]

Compares a recipe with a line and a formula before anything moves, and names
every mismatch with file and line. Exit code 1 if there is any, 3 when a file is
not there.

  --line LINE        line profile to check against
  --formula FILE     parameter values of a product
  --set NAME=VALUE   one parameter value, with its unit: --set speed='30 m/min'
  --sim              as for a simulated run: every channel needs a twin signal
  --format FORMAT    text; vim: one line each, file:line:column: error: text; json: data
  --json             as --format json

example: linewright check recipes/electrode_coating.lua --line examples/lines/line_b.lua
]]

local SPEC = { words = { "recipe" }, options = { line = "text", formula = "text", set = "pairs",
  sim = "flag", json = "flag", format = "text", help = "flag" } }

local function print_findings(findings, what)
  local text = findings:text()
  if text ~= "" then sys.stdout(text .. "\n") end
  if findings:failed() then
    sys.stderr(("%s: %d of %d checks failed\n"):format(what, findings.fail_n, #findings))
  elseif text == "" then
    sys.stdout(("ok   %s\n"):format(what))
  end
end

local function print_lines(text)
  if text ~= "" then sys.stdout(text .. "\n") end
end

--- Check files against each other and print what was found.
---@param args string[] command line after the command's name
---@return integer code 0 fits, 1 does not, 2 wrong usage, 3 a file is not there
function check.main(args)
  local o, message = arguments.read(args, SPEC)
  if not o then return arguments.refuse("check", message, args) end
  if o.help then
    sys.stdout(HELP)
    return 0
  end
  message = report.wrong_format(o)
  if message then return arguments.refuse("check", message, args) end
  local bundle, findings = loader.check { recipe = o.recipe, line = o.line, formula = o.formula,
    set = o.set, sim = o.sim }
  if o.json then sys.stdout(report.json(bundle, findings) .. "\n")
  elseif o.format == "vim" then print_lines(report.vim(findings))
  else print_findings(findings, o.recipe .. (o.line and " on " .. o.line or "")) end
  return report.code(findings)
end

return check

--- `linewright lint FILE... [--format text|vim|json]`

local arguments = require "linewright.cli.arguments"
local findings_of = require "linewright.findings"
local json = require "linewright.json"
local lint = require "linewright.lint"
local report = require "linewright.cli.findings"
local sys = require "linewright.sys"

---@class linewright.cli.lint
local command = {}

local OPTIONS = { format = "text", json = "flag", help = "flag" }

-- Plain words are files; the rest is read as options.
local function split(args)
  local files, rest, i = {}, {}, 1
  while i <= #args do
    if not args[i]:find "^%-" then files[#files + 1] = args[i] else
      rest[#rest + 1] = args[i]
      if args[i] == "--format" then
        i = i + 1
        rest[#rest + 1] = args[i]
      end
    end
    i = i + 1
  end
  return files, rest
end

local function print_findings(o, findings, files)
  if o.json then
    local data = { ok = #findings == 0, findings = report.plain(findings) }
    return sys.stdout(json.encode(data) .. "\n")
  end
  local text = o.format == "vim" and report.vim(findings) or findings:text()
  if text ~= "" then sys.stdout(text .. "\n")
  elseif o.format ~= "vim" then sys.stdout(("ok   %s\n"):format(table.concat(files, ", "))) end
end

--- Look through files.
---@param args string[] command line after the command's name
---@return integer code 0 nothing found, 1 findings, 2 wrong usage, 3 a file cannot be read
function command.main(args)
  local files, rest = split(args)
  local o, message = arguments.read(rest, { words = {}, options = OPTIONS })
  message = message or report.wrong_format(o) or (#files == 0 and "which file? missing FILE" or nil)
  if message then return arguments.refuse("lint", message, args) end
  local findings, texts = findings_of.new(), {}
  findings.text_of = function(path) return texts[path] end
  for _, path in ipairs(files) do
    local text, why = sys.read_file(path)
    if not text then
      arguments.complain("linewright lint:", why, o.json)
      return 3
    end
    texts[path] = text
    lint.text(findings, path, text)
  end
  print_findings(o, findings, files)
  return #findings > 0 and 1 or 0
end

return command

-- Findings on the terminal, as data, and as an exit code.

local json = require "linewright.json"
local sys = require "linewright.sys"

local report = {}

--- The exit code that findings mean.
---@param findings table
---@return integer code 0 fits, 1 a mismatch, 3 a file is not there or cannot be read
function report.code(findings)
  if not findings:failed() then return 0 end
  for _, f in ipairs(findings) do
    if f.environment then return 3 end
  end
  return 1
end

--- Findings as plain data.
---@param findings table
---@return table list of { kind, code, text, at }
function report.plain(findings)
  local list = {}
  for i, f in ipairs(findings:ordered()) do
    list[i] = { kind = f.kind, code = f.code, text = f.text, at = #f.at > 0 and f.at or nil,
      column = f.column }
  end
  return list
end

--- Findings as one line of JSON.
---@param bundle table
---@param findings table
---@return string
function report.json(bundle, findings)
  return json.encode { ok = not findings:failed(), findings = report.plain(findings),
    hash = bundle.hash, plan_digest = bundle.plan_digest, stubs = bundle.stubs }
end

local KIND = { warn = "warning", fail = "error" }

--- Findings as editors read them: file:line:column: error: text, one line each.
---@param findings table
---@return string
function report.vim(findings)
  local out = {}
  for _, f in ipairs(findings:ordered()) do
    local place = f.at[1] or { file = "linewright", line = 1 }
    if KIND[f.kind] then
      out[#out + 1] = ("%s:%d:%d: %s: %s%s"):format(place.file, math.max(place.line, 1),
        f.column or 1, KIND[f.kind], f.code and f.code .. " " or "", (f.text:gsub("%s*\n%s*", " ")))
    end
  end
  return table.concat(out, "\n")
end

report.FORMATS = { "json", "text", "vim" }

--- What is wrong with the --format that was asked for; sets o.json.
---@param o table options of the command line
---@return string|nil message
function report.wrong_format(o)
  if o.format == "json" then o.json = true end
  for _, known in ipairs(report.FORMATS) do
    if o.format == known or not o.format then return nil end
  end
  return ("--format takes text, vim or json, not '%s'"):format(o.format)
end

--- Warnings and failures on stderr, one line first.
---@param bundle table
---@param findings table
---@param as_json boolean|nil
function report.complain(bundle, findings, as_json)
  if as_json and findings:failed() then
    return sys.stderr(report.json(bundle, findings) .. "\n")
  end
  local text = findings:text { warn = true, fail = true }
  if text == "" then return end
  if findings:failed() then
    sys.stderr(("linewright: %d of %d checks failed\n"):format(findings.fail_n, #findings))
  end
  sys.stderr(text .. "\n")
end

return report

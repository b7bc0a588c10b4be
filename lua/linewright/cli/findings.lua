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
    list[i] = { kind = f.kind, code = f.code, text = f.text, at = #f.at > 0 and f.at or nil }
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

-- What a check found: all of it, each with the places in files that it is about.
-- Printed like `ok   oven.zones >= 3 (line has 7)` or, with places below it,
-- `FAIL oven.zones >= 3 (line has 2)`.

local excerpt = require "linewright.excerpt"
local printable = require "linewright.printable"

local Findings = {}
Findings.__index = Findings

local LABEL = { ok = "ok   ", fail = "FAIL ", warn = "warn " }

-- Places as lines of files: one or a list of them, nil entries and doubles
-- dropped; `locate` finds the line of a key that a place names by its path.
local function places(at, locate)
  local out, seen = {}, {}
  if not at then return out end
  if at.file then at = { at } end
  for i = 1, 4 do
    local place = at[i]
    if place then
      if place.path and locate then place = locate(place, place.path) end
      local line = place.line or 0
      local key = place.file .. ":" .. line
      if not seen[key] then out[#out + 1] = { file = place.file, line = line } end
      seen[key] = true
    end
  end
  return out
end

-- A value that is no text reads as what it is, not as an address.
local function without_addresses(text)
  return (text:gsub("%f[%a](%a+): 0x%x+", "a %1"):gsub("function: builtin#?%S*", "a function"))
end

function Findings:add(kind, text, at, code)
  text = without_addresses(text)
  at = places(at, self.locate)
  local key = kind .. text
  for _, place in ipairs(at) do key = key .. "\0" .. place.file .. ":" .. place.line end
  if self.seen[key] then return end
  self.seen[key] = true
  self[#self + 1] = { kind = kind, text = text, at = at, code = code }
  if #at == 1 and self.text_of then self:show_line(self[#self]) end
  if kind == "fail" then self.fail_n = self.fail_n + 1 end
end

-- The line of the file itself; two places would make a finding too long to read.
function Findings:show_line(finding)
  local place = finding.at[1]
  local text = finding.kind ~= "ok" and self.text_of(place.file)
  if text then finding.lines, finding.column = excerpt.of(text, place.line, finding.text) end
end

--- Record a mismatch that forbids running.
---@param text string what, the value, and what would be right
---@param at table|nil {file, line} or a list of such, one for each side
---@param code string|nil code word, e.g. "E-UNIT"
function Findings:fail(text, at, code) self:add("fail", text, at, code) end

--- Record something that runs but should be mended.
function Findings:warn(text, at, code) self:add("warn", text, at, code) end

--- Record a requirement that is met.
function Findings:ok(text, at) self:add("ok", text, at) end

function Findings:failed() return self.fail_n > 0 end

--- One finding as lines of text.
function Findings.format(finding)
  local code = finding.code and finding.code .. " " or ""
  local lines = { LABEL[finding.kind] .. code .. printable(finding.text, "     ") }
  if finding.kind ~= "ok" then
    for _, place in ipairs(finding.at) do
      lines[#lines + 1] = ("     at %s:%d"):format(place.file, place.line)
    end
    for _, line in ipairs(finding.lines or {}) do lines[#lines + 1] = "       " .. line end
  end
  return table.concat(lines, "\n")
end

local RANK = { ok = 1, warn = 2, fail = 3 }

-- What a finding is sorted by; ok's by text, the others by file and line.
local function sort_key(f, i)
  local first = f.at[1]
  if f.kind == "ok" or not first then return { RANK[f.kind], "", 0, f.text, i } end
  return { RANK[f.kind], first.file, first.line, "", i }
end

--- Findings in the order in which they are printed: ok first, by text, then
--- warnings and failures in the order of files and lines.
function Findings:ordered()
  local out, key = {}, {}
  for i, f in ipairs(self) do out[i], key[f] = f, sort_key(f, i) end
  table.sort(out, function(a, b)
    local x, y = key[a], key[b]
    for i = 1, 5 do if x[i] ~= y[i] then return x[i] < y[i] end end
    return false
  end)
  return out
end

function Findings:text(only)
  local lines = {}
  for _, f in ipairs(self:ordered()) do
    if not only or only[f.kind] then lines[#lines + 1] = Findings.format(f) end
  end
  return table.concat(lines, "\n")
end

--- Raise all failures as one error object; its text has one line for each.
function Findings:raise()
  if not self:failed() then return end
  error(setmetatable({ findings = self:ordered() }, {
    __tostring = function() return self:text { fail = true, warn = true } end,
    __index = { find = function(e, ...) return tostring(e):find(...) end },
  }), 0)
end

local function new() return setmetatable({ seen = {}, fail_n = 0 }, Findings) end

return { new = new, format = Findings.format }

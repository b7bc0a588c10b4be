--- Every error code that a user can meet: one source for `linewright explain`,
--- docs/errors.md and the tests.

local suggest = require "linewright.suggest"

local errors = {}

--- Where an error of a group comes from, in the order of the guide.
errors.GROUPS = {
  { name = "files", title = "Found in files, before anything moves" },
  { name = "run", title = "Found while a recipe runs" },
  { name = "host", title = "The world around" },
}

local entries, codes = {}, {}
for _, group in ipairs(errors.GROUPS) do
  group.codes = {}
  for code, entry in pairs(require("linewright.errors." .. group.name)) do
    entry.code, entry.group = code, group.name
    entries[code] = entry
    codes[#codes + 1] = code
    group.codes[#group.codes + 1] = code
  end
  table.sort(group.codes)
end
table.sort(codes)

---@class linewright.errors.entry
---@field code string "E-REPLAY"
---@field group string
---@field text string what it means, one sentence
---@field why string why there is such a rule
---@field fix string what to do
---@field example string a message as it is printed

--- All codes, sorted.
---@return string[]
function errors.codes()
  local out = {}
  for i, code in ipairs(codes) do out[i] = code end
  return out
end

-- "replay", "E_REPLAY" and "E-REPLAY" are one.
local function normal(word)
  word = word:upper():gsub("_", "-")
  return word:find "^E%-" and word or "E-" .. word
end

--- The entry of a code.
---@param word string in any case, with or without "E-"
---@return linewright.errors.entry|nil entry
---@return string|nil message
function errors.find(word)
  local code = normal(word)
  if entries[code] then return entries[code] end
  return nil, ("'%s' is no error code%s"):format(word, suggest.text(code, codes))
end

--- An entry for people.
---@param entry linewright.errors.entry
---@return string
function errors.text(entry)
  return ("%s  %s\n\n  Why:     %s\n  Fix:     %s\n  Example: %s\n"):format(entry.code, entry.text,
    entry.why, entry.fix, entry.example)
end

--- The guide's page.
---@return string markdown
function errors.page()
  local out = { "# Errors", "", "Each message begins with a code, names the file and line or the "
    .. "channel, the value, and what would be right. `linewright explain CODE` prints these "
    .. "entries. This page is written by `tools/error_guide.lua`; a test keeps it up to date.", "" }
  for _, group in ipairs(errors.GROUPS) do
    out[#out + 1] = "## " .. group.title
    for _, code in ipairs(group.codes) do
      local e = entries[code]
      out[#out + 1] = ("\n### %s\n\n%s\n\n- Why: %s\n- Fix: %s\n\n```text\n%s\n```"):format(code,
        e.text, e.why, e.fix, e.example)
    end
    out[#out + 1] = ""
  end
  return table.concat(out, "\n")
end

return errors

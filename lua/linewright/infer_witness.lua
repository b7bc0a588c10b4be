--- Decisions that rest on no model and no judge, proved again from what is left of them: the
--- answers that people gave, as their own records say, and a file that was kept.

local approve = require "linewright.approve"
local hash = require "linewright.hash"
local sys = require "linewright.sys"

local format = string.format

local witness = {}

--- Evidence of an approval.
---@param roles string[]
---@param answers table of approve.ask
---@param outcome string what it led to
---@return table
function witness.of_answers(roles, answers, outcome)
  return { roles = roles, answers = answers, y = { outcome = outcome } }
end

--- Evidence of a file that was written.
---@param path string
---@param digest string SHA-256
---@return table
function witness.of_file(path, digest) return { file = path, sha256 = digest } end

-- Every answer is the one of its record.
local function wrong_answer(answers, records)
  for _, a in ipairs(answers) do
    local was = records[a.key]
    if not was then return format("no record of the answer '%s'", tostring(a.key)) end
    if was.v ~= a.v or was.who ~= a.who or was.role ~= a.role then
      return format("'%s' was answered '%s' by %s for %s, it says '%s' by %s for %s", a.key,
        tostring(was.v), tostring(was.who), tostring(was.role), tostring(a.v), tostring(a.who),
        tostring(a.role))
    end
  end
end

local YES, NO = { promoted = true }, { refused = true }

local function answers_again(by, records)
  local wrong = wrong_answer(by.answers, records)
  if wrong then return "differs", wrong end
  local ok, people = approve.judge(by.roles, by.answers)
  local outcome = tostring(by.y.outcome)
  if (ok and YES or NO)[outcome] then return "equal" end
  return "differs", format("it says %s, and %d of %d keys were given", outcome, #people, #by.roles)
end

local function file_again(by, folder)
  local path = by.file
  local text, why = sys.read_file(path)
  if not text and folder then
    path = folder .. "/" .. path:match "[^/]*$"
    text, why = sys.read_file(path)
  end
  if not text then return "impossible", why end
  local digest = hash.sha256(text)
  if digest == by.sha256 then return "equal" end
  return "differs", format("%s is another file now (digest %.12s..., was %.12s...)", path, digest,
    tostring(by.sha256))
end

--- Is a piece of evidence of this kind? Then its word for messages.
---@param by table
---@return string|nil
function witness.name(by)
  if by.answers then return "answers of " .. table.concat(by.roles, ", ") end
  if by.file then return "file " .. by.file end
end

--- Prove it again.
---@param by table
---@param records table<string, table> answers by the keys of their records
---@param folder string|nil where files lie that are no longer at their old place
---@return string verdict "equal", "differs" or "impossible"
---@return string|nil why
function witness.again(by, records, folder)
  if by.answers then return answers_again(by, records) end
  return file_again(by, folder)
end

return witness

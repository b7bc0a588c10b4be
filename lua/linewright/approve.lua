--- Approval by several keys: r.approve. Each role answers for itself, and no two
--- answers may be the same person's; a refusal, or nobody in time, is a no.

local prompt = require "linewright.prompt"
local surface = require "linewright.surface"
local verb = require "linewright.verb"

local format = string.format

local approve = {}

local KEYS = surface.keys "approval"
local YES, NO = "approve", "reject"
local TRIES = 3

--- What the answers so far come to.
---@param roles string[]
---@param answers table list of { role, v, who }, in the order they were given
---@return boolean|nil ok nil: another answer is needed
---@return string[] people who have approved
---@return string|nil role whose answer is needed
---@return integer|nil try
function approve.judge(roles, answers)
  local people, is_known, try = {}, {}, 1
  for _, answer in ipairs(answers) do
    if answer.v ~= YES or answer.role ~= roles[#people + 1] then return false, people end
    if answer.who and not is_known[answer.who] then
      is_known[answer.who], people[#people + 1], try = true, answer.who, 1
    else
      try = try + 1
      if try > TRIES then return false, people end
    end
  end
  if #people == #roles then return true, people end
  return nil, people, roles[#people + 1], try
end

local function check(opts)
  opts = verb.options(opts, KEYS, "r.approve")
  verb.expect(opts.prompt, "string", "r.approve: prompt")
  verb.expect_plain(opts.roles, "r.approve: roles")
  if #opts.roles < 1 then
    verb.raise "E-ARG r.approve: roles must name at least one, e.g. { \"process\", \"quality\" }"
  end
  for i, role in ipairs(opts.roles) do
    verb.expect(role, "string", format("r.approve: roles[%d]", i))
  end
  return opts, verb.duration(opts.within or "10 min", "r.approve: within")
end

-- One answer of a role, as its record says it.
local function ask(rt, b, opts, role, try, within_ns)
  local text = format("%s (%s)", opts.prompt, role)
  if try > 1 then text = text .. ": another person than before" end
  local answer, who, key = prompt.ask(rt, b, { prompt = text, choices = { YES, NO }, default = NO,
    role = role, sign = "approved" }, within_ns)
  return { role = role, v = answer, who = who, key = key }
end

--- Ask each role in turn until it is a yes or a no.
---@param rt table
---@param opts table of the language: prompt, roles, within
---@return boolean ok
---@return string[] people
---@return table answers with the keys of their records
function approve.ask(rt, opts)
  local b = verb.waiting(rt, "approve")
  local checked, within_ns = check(opts)
  local answers = {}
  while true do
    local ok, people, role, try = approve.judge(checked.roles, answers)
    if ok ~= nil then return ok, people, answers end
    answers[#answers + 1] = ask(rt, b, checked, role, try, within_ns)
  end
end

--- Put the word into r.
---@param rt table
---@param r table
function approve.install(rt, r)
  r.approve = function(opts)
    local ok, people = approve.ask(rt, opts)
    return ok, people
  end
end

return approve

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

local function check(opts)
  opts = verb.options(opts, KEYS, "r.approve")
  verb.expect(opts.prompt, "string", "r.approve: prompt")
  verb.expect(opts.roles, "table", "r.approve: roles")
  if #opts.roles < 1 then
    verb.raise "E-ARG r.approve: roles must name at least one, e.g. { \"process\", \"quality\" }"
  end
  for i, role in ipairs(opts.roles) do
    verb.expect(role, "string", format("r.approve: roles[%d]", i))
  end
  return opts, verb.duration(opts.within or "10 min", "r.approve: within")
end

-- One role's answer, from somebody who has not answered yet.
local function ask(rt, b, opts, role, within_ns, people)
  for try = 1, TRIES do
    local text = format("%s (%s)", opts.prompt, role)
    if try > 1 then text = text .. ": another person than before" end
    local answer, who = prompt.ask(rt, b, { prompt = text, choices = { YES, NO }, default = NO,
      role = role, sign = "approved" }, within_ns)
    if answer ~= YES then return false, who end
    if who and not people[who] then return true, who end
  end
  return false, nil
end

--- Put the word into r.
---@param rt table
---@param r table
function approve.install(rt, r)
  r.approve = function(opts)
    local b = verb.waiting(rt, "approve")
    local checked, within_ns = check(opts)
    local people, list = {}, {}
    for _, role in ipairs(checked.roles) do
      local ok, who = ask(rt, b, checked, role, within_ns, people)
      if not ok then return false, list end
      people[who] = true
      list[#list + 1] = who
    end
    return true, list
  end
end

return approve

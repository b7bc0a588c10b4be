--- Questions to people: r.ask. The question and its answer are records; an answer
--- counts once, whoever gives it, and a default answers when the time is up.

local branch = require "linewright.branch"
local journal = require "linewright.journal"
local safe = require "linewright.safe"
local verb = require "linewright.verb"
local verb_options = require "linewright.verb_options"

local format = string.format

local prompt = {}

local function poll_answer(b)
  local question = b.question
  if question.answer ~= nil then return true end
  if question.due and b.ctx.now >= question.due then
    question.late = true
    return true
  end
end

-- A list of our own: the recipe's may be another one when the answer comes.
local function choices_of(given, what)
  if given == nil then return nil end
  verb.expect_plain(given, what .. ": choices")
  local choices = {}
  for i, choice in safe.globals.ipairs(given) do
    verb.expect(choice, "string", format("%s: choices[%d]", what, i))
    choices[i] = choice
  end
  if not choices[1] then verb.raise("E-ARG %s: choices has no answer in it", what) end
  return choices
end

local function check(given)
  local opts = safe.with({}, verb.options(given, verb_options.OF.ask, "r.ask"))
  verb.expect(opts.prompt, "string", "r.ask: prompt")
  local what = format("r.ask '%s'", opts.prompt)
  opts.choices = choices_of(opts.choices, what)
  for _, name in ipairs { "default", "role" } do
    if opts[name] ~= nil then verb.expect(opts[name], "string", what .. ": " .. name) end
  end
  local wrong = verb_options.wrong_question(opts.choices, opts.default, opts.within ~= nil)
  if wrong then verb.raise("E-ARG %s: %s", what, wrong) end
  return opts, opts.within and verb.duration(opts.within, what .. ": within")
end

local function remove(list, item)
  for i = 1, #list do
    if list[i] == item then return table.remove(list, i) end
  end
end

--- Open a question.
---@param rt table
---@param question table id is set here; key, prompt, choices, ...
function prompt.open(rt, question)
  -- The record first: a question that cannot be recorded is not asked.
  if not question.asked then
    rt.journal:emit("prompt", question.key, {
      prompt = question.prompt, choices = question.choices, default = question.default,
      role = question.role, sign = question.sign,
    })
  end
  rt.prompt_n = rt.prompt_n + 1
  question.id = rt.prompt_n
  rt.prompts[#rt.prompts + 1] = question
end

--- Record the answer to an open question and close it.
---@param rt table
---@param question table
---@param answer string
---@param who string "ope", or "time-out"
---@return integer|nil seq
function prompt.close(rt, question, answer, who)
  question.answer, question.who = answer, who
  remove(rt.prompts, question)
  return rt.journal:emit("answer", question.key, {
    v = answer, who = who, role = question.role, sign = question.sign,
    redo = question.redo_of and answer == "redo" or nil,
  })
end

-- Nobody answered: the default counts; without one the run is held and the
-- question stays open.
local function out_of_time(rt, b, question)
  question.late = nil
  if question.default ~= nil then
    prompt.close(rt, question, question.default, "time-out")
    return
  end
  question.due = nil
  if not rt.fault("hold", format("no answer in time to: %s", question.prompt), b) then
    error(format("no answer in time to: %s", question.prompt), 0)
  end
end

--- Ask and wait for the answer; inside a step this is what a signature does too.
---@param rt table
---@param b table the running branch
---@param opts table checked options
---@param within_ns number|nil
---@return string answer
---@return string|nil who gave it
---@return string key of its record
function prompt.ask(rt, b, opts, within_ns)
  local key, done = verb.enter(rt, b, opts.prompt, { at = b.line })
  if done then return done.v, done.who, key end
  rt.budgets:hold("questions", #rt.prompts + 1)
  local question = {
    key = key or rt.journal:fresh_key(b.path .. "/" .. journal.escape(b.step), opts.prompt),
    prompt = opts.prompt, choices = opts.choices, default = opts.default, role = opts.role,
    sign = opts.sign, due = within_ns and b.ctx.now + within_ns, path = b.path,
  }
  local known = key and rt.journal.memo[key]
  if known and known.answer then
    verb.finish(rt, b, key, { v = known.answer.v, who = known.answer.who })
    return known.answer.v, known.answer.who, key
  end
  question.asked = known ~= nil and known.prompt ~= nil
  prompt.open(rt, question)
  b.question, b.waits = question, "answer: " .. opts.prompt
  repeat
    branch.wait(b, poll_answer)
    if question.late then out_of_time(rt, b, question) end
  until question.answer ~= nil
  b.question, b.waits = nil, nil
  verb.finish(rt, b, key, { v = question.answer, who = question.who })
  return question.answer, question.who, question.key
end

--- Give the step that waits longest its approval.
---@param rt table
---@param label string name of a step, or "" for the one that has waited longest
---@param who string
---@return boolean ok
---@return string|nil message
function prompt.approve(rt, label, who)
  local open = {}
  for _, question in ipairs(rt.prompts) do
    if question.approves then
      if label == "" or question.approves == label then
        prompt.close(rt, question, "approve", who)
        return true
      end
      open[#open + 1] = "'" .. question.approves .. "'"
    end
  end
  if #open == 0 then return false, "no step waits for approval" end
  return false, format("no step '%s' waits for approval; there is %s", label,
    table.concat(open, ", "))
end

local function find(rt, id)
  if not id then return rt.prompts[1] end
  for _, question in ipairs(rt.prompts) do
    if question.id == id then return question end
  end
end

--- A person's answer, "defect" or "2 defect" (the number of the question first).
---@param rt table
---@param text string
---@param who string
---@return boolean ok
---@return string|nil message
function prompt.answer(rt, text, who)
  local id, rest = text:match "^#?(%d+)%s+(.+)$"
  local question = find(rt, tonumber(id))
  if id and not question then question, rest = find(rt), nil end
  local answer = rest or text
  if not question then return false, "no question is open" end
  if #rt.prompts > 1 and not id then
    return false, format("%d questions are open; put the number of one before the answer",
      #rt.prompts)
  end
  if question.choices and not verb_options.has(question.choices, answer) then
    return false, format("'%s' is no answer to '%s'; choose %s", answer, question.prompt,
      table.concat(question.choices, " or "))
  end
  if question.settle then return question.settle(answer, who) end
  prompt.close(rt, question, answer, who)
  return true
end

--- Drop the questions of branches that are gone.
---@param rt table
function prompt.forget_dead(rt)
  local kept = {}
  for _, question in ipairs(rt.prompts) do
    if question.settle then kept[#kept + 1] = question end
  end
  for _, b in ipairs(rt.scheduler.live) do
    if b.question and not b.dead and b.question.answer == nil then kept[#kept + 1] = b.question end
  end
  table.sort(kept, function(a, b) return a.id < b.id end)
  for i = 1, math.max(#kept, #rt.prompts) do rt.prompts[i] = kept[i] end
end

--- Put the word into r.
---@param rt table
---@param r table
function prompt.install(rt, r)
  rt.open_prompt = function(question) prompt.open(rt, question) end
  rt.drop_prompt = function(question) remove(rt.prompts, question) end
  r.ask = function(opts)
    local b = verb.waiting(rt, "ask")
    local checked, within_ns = check(opts)
    return (prompt.ask(rt, b, checked, within_ns))
  end
end

return prompt

--- `linewright run RECIPE --line LINE --sim --speed N|max`: a run in virtual time,
--- the whole line in this one process. (Runs in real time are the host's.)

local arguments = require "linewright.cli.arguments"
local findings_of = require "linewright.cli.findings"
local commands = require "linewright.commands"
local console = require "linewright.console"
local inline = require "linewright.inline"
local json = require "linewright.json"
local pack = require "linewright.pack"
local packml = require "linewright.packml"
local printable = require "linewright.printable"
local release = require "linewright.release"
local report = require "linewright.report"
local sys = require "linewright.sys"
local units = require "linewright.units"
local vm = require "linewright.vm"

---@class linewright.cli.run
local command = {}

local SPEC = { words = { "recipe" }, options = {
  line = "text", formula = "text", set = "pairs", batch = "text", db = "text", sim = "flag",
  key = "text", speed = "text", seed = "text", ["on-hold"] = "text", json = "flag",
  verbose = "flag",
} }

local SLICE_NS = 1e9            -- virtual time between looks at the terminal, at least
local DRAW_NS = 250e6           -- real time between two progress lines
local PATIENCE_NS = 30 * 86400e9 -- virtual time after which a run counts as stuck

-- A twin that has starved a run for a shift will not feed it any more.
local SUSPENDED_NS = 8 * 3600e9

local ENDS = { Complete = 0, Stopped = 1, Aborted = 1, Held = 1 }

local function say(text) sys.stdout(text .. "\n") end

-- ---------------------------------------------------------------- progress ---

local Progress = {}
Progress.__index = Progress

local function new_progress(o)
  return setmetatable({ is_tty = sys.isatty(1) and not o.json, is_json = o.json, drawn = false,
    due_ns = 0 }, Progress)
end

function Progress:clear()
  if self.drawn then sys.stdout "\r\27[2K" end
  self.drawn = false
end

-- A change of state or a message of the run: on its own line.
-- A block, that of a held run, stands below no time.
function Progress:note(line, text, is_block)
  self:clear()
  local at = units.time_text(line and line:now_ns() or 0)
  if self.is_json then
    local run = line and line.run
    return say(json.encode { at_s = line and line:now_ns() / 1e9 or 0, text = text,
      state = run and run.state, reason = run and run.reason })
  end
  if is_block then return say(text) end
  say(printable(("%12s  %s"):format(at, text), (" "):rep(14)))
end

local function waiting_for(run)
  local text
  for _, b in ipairs(run.rt.scheduler.live) do
    if b.waits and b.ctx.active and not b.dead then text = b.waits end
  end
  return text
end

local function status_of(line, speed)
  local run = line.run
  local waits = waiting_for(run)
  return ("%12s  %s%s%s"):format(units.time_text(line:now_ns()), run.state,
    waits and ", waits for: " .. waits or "", speed and (" (%g x)"):format(speed) or "")
end

-- What is asked, or what can be done, and what is typed so far.
local function prompt_of(run, text, typed)
  local question = run.prompts[1]
  if question then
    local choices = question.choices and (" [%s]"):format(table.concat(question.choices, "] ["))
    text = ("%s  asks: %s%s"):format(run.state, question.prompt, choices or "")
  elseif run.state == "Held" then
    text = "Held  can: " .. packml.legal(run.state)
  end
  return ("%s > %s"):format(text, typed)
end

function Progress:draw(line, speed, keys)
  if not self.is_tty then return end
  local real, typed = sys.real_ns(), keys and keys:typed() or nil
  if real < self.due_ns and typed == self.typed then return end
  self.due_ns, self.typed = real + DRAW_NS, typed
  local text = status_of(line, speed)
  if keys then text = prompt_of(line.run, text, typed) end
  sys.stdout("\r\27[2K" .. printable(text):sub(1, sys.columns() - 1))
  self.drawn = true
end

-- --------------------------------------------------------------------- run ---

local function speed_of(text)
  if text == "max" then return nil end
  local speed = tonumber(text)
  if speed and speed > 0 and speed < math.huge then return speed end
  return nil, ("--speed takes a number above 0 or max, not '%s'"):format(tostring(text))
end

local function open_line(o, bundle, progress)
  local line
  local ok, made = pcall(inline.new, {
    bundle = bundle, seed = tonumber(o.seed) or 1, batch = o.batch, db = o.db or "linewright.db",
    key = o.key, quiet = true,
    on_note = function(text, is_block) progress:note(line, text, is_block) end,
  })
  if not ok then return nil, (tostring(made):gsub("^%S+%.lua:%d+: ", "")) end
  line = made
  vm.cap(bundle.profile.memory_bytes)
  return line
end

-- Nothing will happen any more: an end, or a question that has no default.
local function is_stuck(run)
  local question = run.prompts[1]
  if ENDS[run.state] and run.was_started then return true end
  return question ~= nil and not question.due
end

-- A person is there: questions are answered, a held run is unheld.
local function is_at_end(run)
  return run.was_started and ENDS[run.state] ~= nil and run.state ~= "Held"
end

local function is_at_rest(run)
  return run.was_started and ENDS[run.state] ~= nil
end

-- Has the run been Suspended for too long? Remembers since when in `line`.
local function is_starved(line)
  if line.run.state ~= "Suspended" then
    line.suspended_ns = nil
    return false
  end
  line.suspended_ns = line.suspended_ns or line:now_ns()
  return line:now_ns() - line.suspended_ns >= SUSPENDED_NS
end

-- A typed line: a command with its argument, or the answer to the open question.
local function obey(run, text)
  local word, rest = text:match "^(%S+)%s*(.*)$"
  if not word then return nil end
  if commands.is_known(word) then return run:command(word, "operator", rest) end
  return run:command(run.prompts[1] and "answer" or word, "operator",
    run.prompts[1] and text or rest)
end

local function take_input(line, keys, progress)
  local text = keys and keys:read()
  while text do
    local ok, message = obey(line.run, text)
    if ok == false then progress:note(line, message) end
    text = keys:read()
  end
end

-- Resetting is over: the run may start, or a guard has stopped it before.
local function reset(line)
  local has_begun = false
  line:command("reset", "host")
  line:advance(line:now_ns() + 60e9, function(run)
    has_begun = has_begun or run.state ~= "Stopped"
    return run.state == "Idle" or has_begun and ENDS[run.state] ~= nil
  end)
end

local function drive(line, speed, progress, keys, is_end)
  reset(line)
  line:command("start", "host")
  line.run.was_started = true
  local slice = speed and math.max(line.tick_s * 1e9, speed * DRAW_NS / 2) or 60 * SLICE_NS
  while line:now_ns() < PATIENCE_NS do
    if line:advance(line:now_ns() + slice, is_end) or is_starved(line) then return end
    take_input(line, keys, progress)
    progress:draw(line, speed, keys)
    if speed then sys.pace(line:now_ns(), speed) end
  end
end

-- At a speed that people can follow the keyboard is theirs; as fast as it goes,
-- questions take their defaults.
local function drive_with_people(o, line, speed, progress)
  local keys = speed and not o.json and console.open() or nil
  local is_end = not keys and is_stuck or o["on-hold"] == "exit" and is_at_rest or is_at_end
  local ok, err = pcall(drive, line, speed, progress, keys, is_end)
  if keys then keys:close() end
  return ok, err
end

-- What the world or a twin refused, as one line; a slip of ours keeps its traceback.
local function refuse(o, line, err)
  local code, text = tostring(err):match "^(E%-%u+) (.*)$"
  if not code then error(err, 0) end
  if line then line:close() end
  arguments.complain(code, text, o.json)
  return 3
end

local function finish(o, line, progress, took_ns)
  local run = line.run
  progress:clear()
  local now_ns = line:now_ns()
  local question = run.prompts[1]
  if run.state == "Suspended" then
    progress:note(line, ("Suspended for %s, given up: %s"):format(
      units.time_text(now_ns - (line.suspended_ns or now_ns)), run.reason or "commanded"))
  elseif question then
    progress:note(line, ("no answer to: %s"):format(question.prompt))
  end
  line:pump()
  local sealed, why, code = line.store:run_end(line.run_id, run.state)
  if not sealed then -- what the report would tell is not all on the disk
    line:close()
    arguments.complain(code, why, o.json)
    return 3
  end
  if not o.json then
    sys.stdout("\n" .. report.text(line.store, line.run_id))
    say(("\n%s in %.2f s, %.0f x real time. Records: %s"):format(units.time_text(now_ns),
      took_ns / 1e9, now_ns / took_ns, o.db or "linewright.db"))
  end
  line:close()
  return ENDS[run.state] or 1
end

local function check_words(o)
  if not o.line and not pack.is_name(o.recipe) then
    return nil, "which line? --line LINE is missing"
  end
  if not o.sim or not o.speed then
    return nil, "a run in virtual time needs --sim and --speed N or max"
  end
  if o.seed and not tonumber(o.seed) then return nil, "--seed takes a whole number" end
  return speed_of(o.speed)
end

--- Run a recipe in virtual time.
---@param args string[] as `linewright run` was called
---@return integer code 0 complete, 1 findings, stopped, aborted, held, 2 usage, 3 file refused
function command.main(args)
  local o, message = arguments.read(args, SPEC)
  if not o then return arguments.refuse("run", message, args) end
  local speed, wrong = check_words(o)
  if wrong then return arguments.refuse("run", wrong, args) end
  local bundle, findings, code = release.load(o)
  if not bundle then
    arguments.complain(code, findings, o.json)
    return code == "E-USAGE" and 2 or 3
  end
  if findings:failed() then
    findings_of.complain(bundle, findings, o.json)
    return findings_of.code(findings)
  end
  local progress = new_progress(o)
  local line, why = open_line(o, bundle, progress)
  if not line then return refuse(o, nil, why) end
  local began = sys.real_ns()
  local ok, err = drive_with_people(o, line, speed, progress)
  if not ok then return refuse(o, line, err) end
  return finish(o, line, progress, sys.real_ns() - began)
end

return command

--- Role `repl`: evaluates what a person types, a script or what comes down a pipe.
--- The visible process (host/cmd/repl.c) keeps the terminal and the line; the two
--- talk over a socket, see host/cmd/repl_peer.h.

local complete = require "linewright.repl.complete"
local colon = require "linewright.repl.colon"
local link_of = require "linewright.link"
local session_of = require "linewright.repl.session"
local vm = require "linewright.vm"
local words = require "linewright.repl.words"

---@class linewright.cli.repl
local role = {}

local VALUES = { ["--fd"] = "fd", ["--out-fd"] = "out_fd", ["--line"] = "line", ["--db"] = "db",
  ["--columns"] = "columns", ["--rows"] = "rows", ["--graphics"] = "graphics" }
local FLAGS = { ["--sim"] = "is_sim", ["--color"] = "is_color", ["--ascii"] = "is_ascii" }
local MODES = { ["--interactive"] = true, ["--eval"] = true, ["--script"] = true,
  ["--stdin"] = true }

-- The words come from our own visible process, which has checked them.
local function read_args(args)
  local o, i = { rest = {} }, 1
  while args[i] and not MODES[args[i]] do
    if VALUES[args[i]] then
      o[VALUES[args[i]]] = args[i + 1]
      i = i + 2
    else
      o[FLAGS[args[i]] or "unknown"] = true
      i = i + 1
    end
  end
  o.mode = args[i]
  for k = i + 1, #args do o.rest[#o.rest + 1] = args[k] end
  return o
end

-- ------------------------------------------------------------- interactive --

local CODES = { ok = "ok", more = "more", error = "error", exit = "exit" }

local function handle(s, link, kind, payload)
  if kind == "E" then
    local status = s:eval(payload)
    link:send("d", CODES[status] .. (status == "exit" and " " .. s.exit_code or ""))
    return status ~= "exit"
  elseif kind == "C" then
    link:send("c", complete.answer(s, payload))
  elseif kind == "W" then
    local columns, rows = payload:match "^(%d+) (%d+)$"
    s.options.columns, s.options.rows = tonumber(columns), tonumber(rows)
  elseif s.on_frame then
    s.on_frame(kind, payload)
  end
  return true
end

local function serve(s, link)
  link:send("d", "ok")
  -- The prompt is there: what the first Tab needs, then the line.
  local ok, err = s:call(function()
    s.docs:entry "plot"
    s.env:names()
    s:open_line()
  end)
  if not ok then s:complain(err, "=typed", 1) end
  while true do
    local kind, payload = link:receive(s:idle_s())
    if kind == false then return 0 end
    if kind and not handle(s, link, kind, payload) then return s.exit_code end
    s:tick()
  end
end

-- ------------------------------------------------------------------ the rest --

-- A pipe is read a line at a time, as if it were typed; the first error ends it.
local function code_of(s, status) return status == "ok" and 0 or s.exit_code or 1 end

local function run_pipe(s)
  local text, status = nil, "ok"
  for line in io.lines() do
    text = text and text .. "\n" .. line or line:gsub("^#!.*", "")
    status = s:eval(text)
    if status == "ok" then text = nil
    elseif status ~= "more" then return code_of(s, status) end
  end
  if text then status = s:eval(text, { is_whole = true }) end
  return code_of(s, status)
end

local function run_text(s, text)
  return code_of(s, s:eval(text, { is_whole = true, chunk = "=(-e)" }))
end

local MODE = {
  ["--eval"] = function(s, o) return run_text(s, o.rest[1]) end,
  ["--stdin"] = run_pipe,
  ["--script"] = function(s, o)
    local args = {}
    for i = 2, #o.rest do args[i - 1] = o.rest[i] end
    local _, code = s:run_file(o.rest[1], args)
    return code or 1
  end,
}

local function options_of(o)
  return {
    columns = tonumber(o.columns) or 80, rows = tonumber(o.rows) or 24, is_ascii = o.is_ascii,
    is_color = o.is_color, graphics = o.graphics, line = o.line, db = o.db, is_sim = o.is_sim,
    is_interactive = o.mode == "--interactive",
  }
end

--- Evaluate until the visible process is gone or the text is over.
---@param args string[]
---@return integer code
function role.main(args)
  local o = read_args(args)
  local link = link_of.open(tonumber(o.fd))
  if o.out_fd then link:print_to(tonumber(o.out_fd)) end
  assert(link:stop_on_interrupt())
  -- Compiled code where this engine computes right; else interpreted, silently.
  local has_jit, reason = vm.jit(true)
  local s = session_of.new(options_of(o))
  s.link, s.jit = link, has_jit and "on" or reason
  s.colon = colon.run
  words.install(s)
  if o.mode == "--interactive" then return serve(s, link) end
  local ok, err = s:call(function() s:open_line() end)
  if not ok then
    s:complain(err, "=typed", 1)
    return 1
  end
  local code = MODE[o.mode](s, o)
  s:close()
  return code
end

return role

-- Where recipes, profiles, contracts and twins run: an allow-list of globals
-- made of private, frozen copies. What a recipe can reach is only what is named
-- here; the clock and the random numbers are the run's own.

local hidden = require "linewright.hidden"
local host = require "linewright.host"
local safe = require "linewright.safe"
local suggest = require "linewright.suggest"

local sandbox = {}

local debug_getmetatable = debug.getmetatable

-- The string metatable belongs to the whole VM: methods of literals must be the
-- guarded ones, and nobody may replace them.
local function guard_strings()
  local meta = debug_getmetatable("")
  if meta.__metatable == "string" then return end
  meta.__index = safe.string
  meta.__metatable = "string"
end

-- What Lua has elsewhere and files here do not, with what does its work.
local CODE = "code comes from the file itself and from `require` of modules beside it"
local TIME, WAIT = "the run's clock is time()", "waiting is r.dwell or r.wait_until"
local FIXED = "names are fixed once a file is loaded, use local"
local INSTEAD = {
  os = TIME .. ", waiting is r.dwell; programs, files and the environment are the host's",
  io = "files are the host's: results leave with r.record, r.mark and the report",
  dofile = CODE, loadfile = CODE, load = CODE, loadstring = CODE, package = CODE,
  debug = "linewright run --verbose shows tracebacks",
  ffi = "functions in C come from the host, as host.NAME", jit = "the host decides about it",
  coroutine = "branches are r.parallel, periodic work is r.loop",
  collectgarbage = "memory is the host's; `memory` of the line profile is its limit",
  newproxy = "tables are plain data here", getfenv = FIXED, setfenv = FIXED, _G = FIXED,
  sleep = WAIT, wait = WAIT, now = TIME, clock = TIME,
}

-- An unknown name: while a file loads it is a finding and the rest is read too;
-- later it is an error.
local function unknown_name(state, name)
  local known = {}
  for word in pairs(state.globals) do known[#known + 1] = word end
  table.sort(known)
  local home = state.home and state.home(name)
  local why = home and (" is a word of " .. home .. " files") or " is not defined"
  if INSTEAD[name] and not home then why = " is not defined: " .. INSTEAD[name] end
  local hint = (home or INSTEAD[name]) and "" or suggest.text(name, known)
  return ("'%s'%s%s"):format(tostring(name), why, hint)
end

local function missing(state)
  return function(_, name)
    local message = unknown_name(state, name)
    if state.on_unknown and not state.frozen then return state.on_unknown(name, message) end
    error("E-NAME " .. message, 2)
  end
end

local function assign(state)
  return function(_, name, value)
    if state.frozen then
      error(("E-GLOBAL '%s' cannot be assigned: names are fixed once a file is loaded, use local")
        :format(tostring(name)), 2)
    end
    state.globals[name] = value
  end
end

-- Time and chance belong to a run; a file that loads has neither.
local function run_words(state)
  local function ask(what)
    return function(...)
      local fn = state[what]
      if not fn then
        error(("%s is the run's own: it cannot be used while a file loads"):format(
          what == "random" and "math.random" or what), 2)
      end
      return fn(...)
    end
  end
  return ask "random", ask "time", function(...)
    local out = {}
    for i = 1, select("#", ...) do out[i] = safe.tostring((select(i, ...))) end
    if state.print then state.print(table.concat(out, "\t")) end
  end
end

--- A fresh environment.
---@param extra table name to value: the words of the file's kind
---@param options table|nil on_unknown(name, message) -> placeholder while loading,
---  home(name) -> role or nil, require(name) -> module
---@return table env
function sandbox.new(extra, options)
  guard_strings()
  options = options or {}
  local state = { on_unknown = options.on_unknown, home = options.home }
  local globals = {}
  for name, value in pairs(safe.globals) do globals[name] = value end
  local random, time, print = run_words(state)
  globals.math = safe.freeze(safe.with(safe.math, { random = random }), "math")
  globals.time, globals.print = time, print
  globals.require = options.require
  -- Functions of the embedding program; the program itself has none.
  if next(host) then globals.host = safe.freeze(host, "host") end
  for name, value in pairs(extra) do globals[name] = value end
  state.globals = setmetatable(globals, { __index = missing(state) })
  local env = setmetatable({}, { __index = globals, __newindex = assign(state),
    __metatable = "environment" })
  hidden.set(env, state)
  return env
end

--- Compile text, never bytecode, into an environment.
---@param text string source
---@param chunk string chunk name, "@path"
---@param env table from sandbox.new
---@return function|nil chunk
---@return string|nil message
function sandbox.load(text, chunk, env)
  local fn, message = load(text, chunk, "t", env)
  -- Of code nested too deep Lua 5.4 tells the stack as well: ours, not the file's.
  return fn, message and (message:gsub("\nstack traceback:.*$", ""))
end

--- Fix the names of a file: after this no global can be assigned.
function sandbox.freeze(env) hidden.get(env).frozen = true end

--- Give an environment the run's own random numbers, time and print.
---@param env table from sandbox.new
---@param own table random(lo, hi), time() [s], print(text); those absent stay as they are
function sandbox.bind(env, own)
  local state = hidden.get(env)
  for _, name in ipairs { "random", "time", "print" } do
    if own[name] ~= nil then state[name] = own[name] end
  end
end

--- What is wrong with a name: nil when the environment has it.
---@param env table from sandbox.new
---@param name string
---@return string|nil message
function sandbox.refusal(env, name)
  local state = hidden.get(env)
  if rawget(state.globals, name) ~= nil then return nil end
  return unknown_name(state, name)
end

--- Is this error one that recipe code may not catch: a control signal of the
--- runtime (a table with `control = true`) or a spent budget?
sandbox.is_control = safe.is_control

--- Make a table read-only for recipes; reads go through, `pairs` and `#` work.
sandbox.freeze_table = safe.freeze

return sandbox

-- What the fuzz targets of Lua code do with their bytes.
local files = require "linewright.files"
local loader = require "linewright.loader"
local query = require "linewright.query"
local sandbox = require "linewright.sandbox"
local stdlib = require "linewright.stdlib"
local store = require "linewright.store"
local sys = require "linewright.sys"
local vm = require "linewright.vm"
local words = require "linewright.words"

local inputs = {}

local RECIPE = [[
return recipe "soak" {
  api = 1, version = "1.0.0",
  needs = { oven = cap "zoned_dryer@1" {} },
  execute = function(r, eq) r.step("heat", function() eq.oven.zones[1].setpoint:set(50) end) end,
}
]]

-- The disk, but for two texts.
local function texts(recipe, line)
  local own = { ["recipe.lua"] = recipe, ["line.lua"] = line }
  return {
    exists = function(path) return own[path] and "file" or files.disk.exists(path) end,
    list = files.disk.list,
    read = function(path)
      if own[path] then return own[path] end
      return files.disk.read(path)
    end,
  }
end

local function check(recipe, line)
  local bundle, findings = loader.check { recipe = "recipe.lua", line = "line.lua", sim = true,
    sources = { other = texts(recipe, line) } }
  assert(type(findings:text()) == "string")
  assert(bundle == nil or findings:failed() or type(bundle.plan) == "string")
end

function inputs.recipe(text) check(text, sys.read_file "tests/support/shed.lua") end

function inputs.profile(text) check(RECIPE, text) end

local records

function inputs.query(text)
  records = records or assert(store.open(":memory:", "w"))
  local answer, why = query.ask(records, text, { now_ns = 1793491200e9, utc = true })
  assert(type(answer and query.text(answer) or why) == "string")
end

-- A program is made of the bytes: each picks a function or a value.
local VALUES = { "nil", "0/0", "math.huge", "-math.huge", "-1", "0", "1", "2^53", "1e308", "''", "'x'",
  "('x'):rep(5000)", "'%d%s%p'", "'(a*)*b'", "'[a-'", "{}", "{ 1, 2, 3 }", "{ [2^31] = 1 }", "print",
  "function() error {} end", "function(...) return ... end", "setmetatable({}, { __index = error })",
  "setmetatable({}, { __tostring = error, __call = error, __len = error })", "true", "string", "math" }

local NAMES
local function names()
  local out = {}
  for line in assert(sys.read_file "tests/data/reachable.txt"):gmatch "[^\n]+" do
    -- What loads files, and what belongs to a run, has no place in a program alone.
    if not line:find "^run%." and not line:find "^infer" and line ~= "require" then
      out[#out + 1] = line
    end
  end
  return out
end

-- What came out of a call, as text; a table or function is its kind only.
local OUTCOME = [[
local seen = {}
local function note(ok, v)
  local t = type(v)
  if t ~= "number" and t ~= "string" and t ~= "boolean" then v = t end
  seen[#seen + 1] = tostring(ok) .. " " .. tostring(v)
end
]]

-- In a loop, so that the compiler takes it up.
local ROUNDS = 70

local function program(bytes)
  NAMES = NAMES or names()
  local lines, last = { OUTCOME, ("for round = 1, %d do seen = {}"):format(ROUNDS) }, "nil"
  for i = 1, math.min(#bytes - 3, 120), 4 do
    local f, a, b, c = bytes:byte(i, i + 3)
    local function value(n) return n % 7 == 0 and last or VALUES[n % #VALUES + 1] end
    local fn, result = NAMES[(f + a * 3) % #NAMES + 1], ("v%d"):format(i)
    lines[#lines + 1] = ("local ok, %s = pcall(%s, %s, %s, %s) note(ok, %s)"):format(result, fn, value(a),
      value(b), value(c), result)
    last = result
  end
  lines[#lines + 1] = "end return table.concat(seen, '\\n')"
  return table.concat(lines, "\n")
end

-- In a sandbox of its own: true and what every call gave, or false and why not.
local function run(text)
  local known = words.of("recipe", { fail = function() end })
  for name, value in pairs(stdlib.words "recipe") do known[name] = value end
  local env = sandbox.new(known, {})
  sandbox.bind(env, { random = function() return 0.5 end, time = function() return 0 end })
  local chunk = assert(sandbox.load(text, "@api.lua", env))
  vm.tick(0)
  local ok, result, kind = vm.call(chunk, 200e6)
  -- Every call is protected: what comes out is a spent budget or memory.
  assert(ok or kind ~= "error" or tostring(result):find "E%-BUDGET", tostring(result))
  assert(not tostring(result):find "%a: 0x%x", tostring(result))
  return ok, result
end

-- What the interpreter says the compiler has to say, too.
function inputs.api(bytes)
  local text = program(bytes)
  local ok, result = run(text)
  if not vm.is_luajit or not ok then return end
  assert(vm.jit "force")
  local is_compiled, other = run(text)
  vm.jit(false)
  assert(not is_compiled or result == other,
    ("%s\n-- interpreted:\n%s\n-- compiled:\n%s"):format(text, result, tostring(other)))
end

return inputs

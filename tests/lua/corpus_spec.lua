-- The attack corpus: every attempt ends as its row says, with the compiler off
-- and on, and what runs after it finds the VM as it was. PUC Lua runs the same
-- file in its own build.
local bound = require "tests.support.bound"
local sandbox = require "linewright.sandbox"
local source = require "linewright.source"
local stdlib = require "linewright.stdlib"
local vm = require "linewright.vm"

local small_run = dofile "tests/support/small_run.lua"
local attacks = dofile "tests/support/attacks.lua"

local BUDGET_NS = 30e6
local ROOM = 32 * 1024 * 1024

local held = 0 -- tries so far

-- Each way returns how the attempt ended: true and a value, or false and a text.
local function in_sandbox(text, budget_ns)
  local env = sandbox.new(stdlib.words "recipe", {})
  local chunk, message = sandbox.load(text, "@attack.lua", env)
  if not chunk then return false, message end
  return vm.resume(coroutine.create(chunk), budget_ns or BUDGET_NS)
end

local function as_source(make)
  local text = make()
  local ok, message = source.gate(text)
  if not ok then return false, message end
  local chunk, what = sandbox.load(text, "@attack.lua", sandbox.new({}, {}))
  if not chunk then return false, what end
  local ran, value = vm.call(chunk, BUDGET_NS)
  return ran, value
end

local function in_recipe(text)
  local t = small_run { execute = function() end }
  local env = t.run.bundle.env
  t.run.recipe.execute = assert(sandbox.load("return function(r, eq, p) " .. text .. " end",
    "@attack.lua", env))()
  t:start()
  local ended = { Complete = true, Held = true, Aborted = true, Stopped = true }
  t:run_until(function(run) return run.state ~= "Stopped" and ended[run.state] end, { within = "5 min" })
  if t:state() == "Complete" then return true, "ends" end
  return false, tostring(t.run.reason)
end

local function attempt(attack)
  if attack.recipe then return in_recipe(attack[2]) end
  if attack.source then return as_source(attack[2]) end
  return in_sandbox(attack[2])
end

local function is_healthy()
  vm.tick(0)
  assert.equal("AB", ("ab"):upper())
  assert.equal("string", getmetatable(""))
  local ok, sum = in_sandbox("local s = 0 for i = 1, 1000 do s = s + #tostring(i):upper() end return s", 5e9)
  assert.is_true(ok, tostring(sum))
  assert.equal(2893, sum)
end

local function is_held(attack)
  vm.tick(0)
  vm.cap((vm.memory()) + ROOM)
  local ok, value = attempt(attack)
  vm.cap(0)
  local wanted, name = attack[3], ("attack %d: %s"):format(attack[1], tostring(attack[2]))
  if type(wanted) == "table" then
    assert.is_true(ok, name .. "\n" .. tostring(value))
    assert.equal(wanted[1], value, name)
  elseif wanted ~= "" or not ok then
    assert.is_false(ok, name)
    assert.is_truthy(tostring(value):find(wanted, 1, true), name .. "\n" .. tostring(value))
  end
  is_healthy()
  held = held + 1
end

describe("the attack corpus", function()
  after_each(function()
    vm.cap(0)
    vm.jit(false)
  end)

  it("has every number from 1 to 80", function()
    local seen = {}
    for _, attack in ipairs(attacks) do seen[attack[1]] = true end
    for n = 1, 80 do assert.is_true(seen[n], "attack " .. n) end
  end)

  for i, attack in ipairs(attacks) do
    it(("holds number %d (row %d)"):format(attack[1], i), function() is_held(attack) end)
  end

  it("is held when compiled, too", function()
    if not vm.is_luajit then return end
    for _, attack in ipairs(attacks) do
      assert(vm.jit "force")
      is_held(attack)
      vm.jit(false)
    end
  end)

  it("has told what it tried", function()
    print(("\ngoal 8: %d attacks in %d forms, each compiled too where there is a compiler: %d tries held, 0 open (%s; %s)"):format(80,
      #attacks, held, bound.of(held), _VERSION))
  end)
end)

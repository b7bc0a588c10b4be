-- Runaway scripts in the sandbox: each ends as an error of its own, whatever it
-- catches, and the VM goes on. Compiled code, too.

local bound = require "tests.support.bound"
local sandbox = require "linewright.sandbox"
local vm = require "linewright.vm"

local runaways = dofile "tests/support/runaways.lua"
local BUDGET_NS = 20e6
local ROOM = 24 * 1024 * 1024

-- How long after their deadline scripts were stopped [s of CPU time].
local late = { lua = {}, c = {} }

-- Run a script as a branch of a recipe is run.
local function run(text)
  local env = sandbox.new({}, {})
  sandbox.bind(env, { random = function() return 0.5 end, time = function() return 0 end })
  local chunk = assert(sandbox.load(text, "@runaway.lua", env))
  return vm.resume(coroutine.create(chunk), BUDGET_NS)
end

local function is_contained(script)
  local name = script[1]
  collectgarbage()
  vm.cap((vm.memory()) + ROOM)
  vm.tick(BUDGET_NS)
  local began_s = os.clock()
  local ok, err, kind = run(script[2])
  local past_s = os.clock() - began_s - BUDGET_NS / 1e9
  vm.tick(0)
  vm.cap(0)
  if kind == "budget" then table.insert(script[3] and late.c or late.lua, past_s) end
  assert.is_false(ok, name)
  assert.is_string(err, name)
  assert.is_truthy(kind == "budget" or kind == "memory" or kind == "error", name)
  local fine, sum = run "local s = 0 for i = 1, 1000 do s = s + i end return s"
  assert.is_true(fine, name .. " hurt the script after it: " .. tostring(sum))
  assert.equal(500500, sum)
end

describe("a runaway script", function()
  after_each(function()
    vm.cap(0)
    vm.jit(false)
  end)

  for _, script in ipairs(runaways) do
    it("is contained: " .. script[1], function() is_contained(script) end)
  end

  it("is contained when compiled, too", function()
    if not vm.is_luajit then return end
    for _, script in ipairs(runaways) do
      assert(vm.jit "force")
      is_contained(script)
      vm.jit(false)
    end
  end)

  it("has told how late it was stopped", function()
    if #late.lua == 0 or #late.c == 0 then return end -- not all were run
    table.sort(late.lua)
    table.sort(late.c)
    print(("\ngoal 7: %d scripts stopped, 0 not (%s), within %.1f ms of their deadline (half of them %.1f ms), "
      .. "%d that fill memory within %.1f ms"):format(#late.lua, bound.of(#late.lua), 1e3 * late.lua[#late.lua],
      1e3 * late.lua[math.ceil(#late.lua / 2)], #late.c, 1e3 * late.c[#late.c]))
  end)

  it("is one of at least sixty kinds", function()
    assert.is_true(#runaways >= 60)
  end)

  it("names the line to blame", function()
    local _, err, kind = run "local x = 0\nwhile true do\n  x = x + 1\nend"
    assert.equal("budget", kind)
    assert.matches("^runaway.lua:[234]: E%-BUDGET CPU budget of 20 ms exceeded", err)
    _, err = run "local s = ('x'):rep(1000)\nwhile true do\n  s:gsub('x', 'y')\nend"
    assert.matches("^runaway.lua:[234]: E%-BUDGET", err)
  end)
end)

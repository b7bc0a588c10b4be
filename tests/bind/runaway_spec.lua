-- Runaway scripts in the sandbox: each ends as an error of its own, whatever it
-- catches, and the VM goes on. Compiled code, too.

local sandbox = require "linewright.sandbox"
local vm = require "linewright.vm"

local runaways = dofile "tests/support/runaways.lua"
local BUDGET_NS = 20e6
local ROOM = 24 * 1024 * 1024

-- Run a script as a branch of a recipe is run.
local function run(text)
  local env = sandbox.new({}, {})
  sandbox.bind(env, { random = function() return 0.5 end, time = function() return 0 end })
  local chunk = assert(sandbox.load(text, "@runaway.lua", env))
  return vm.resume(coroutine.create(chunk), BUDGET_NS)
end

local function is_contained(name, text)
  collectgarbage()
  vm.cap((vm.memory()) + ROOM)
  local ok, err, kind = run(text)
  vm.cap(0)
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
    it("is contained: " .. script[1], function() is_contained(script[1], script[2]) end)
  end

  it("is contained when compiled, too", function()
    if not vm.is_luajit then return end
    for _, script in ipairs(runaways) do
      assert(vm.jit "force")
      is_contained(script[1], script[2])
      vm.jit(false)
    end
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

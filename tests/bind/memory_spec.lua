-- The memory cap: bombs end as errors of the script, the VM lives on.

local vm = require "linewright.vm"

local unpack = table.unpack or unpack
local ROOM = 16 * 1024 * 1024
local BUDGET = 300 * 1000000

-- Every way we know to ask for more than there is. Functions of the host, not
-- methods: a sandbox made earlier in this VM guards the methods of all strings.
local bombs = {
  ["string.rep"] = function() return string.rep("x", 1e9) end,
  ["string doubling"] = function() local s = "x" while true do s = s .. s end end,
  ["concat of parts"] = function()
    local t = {}
    for i = 1, math.huge do t[i] = string.rep("x", 1000) .. i end
  end,
  ["table growth"] = function() local t = {} for i = 1, math.huge do t[i] = i end end,
  ["tables in tables"] = function() local t = {} while true do t = { t } end end,
  ["hash flood"] = function() local t = {} for i = 1, math.huge do t["k" .. i] = i end end,
  ["closures"] = function() local t = {} for i = 1, math.huge do t[i] = function() return i end end end,
  ["coroutines"] = function() local t = {} for i = 1, math.huge do t[i] = coroutine.create(print) end end,
  ["gsub"] = function() return (string.gsub(string.rep("x", 1e6), "x", string.rep("y", 1000))) end,
  ["huge source"] = function()
    local parts = {}
    for i = 1, 2e6 do parts[i] = "local a" .. i .. "=1" end
    return load(table.concat(parts, "\n"))
  end,
  ["varargs"] = function() return select("#", unpack({}, 1, 1e8)) end,
  ["deep recursion"] = function() local function f() return 1 + f() end return f() end,
  ["caught again and again"] = function()
    local kept = {}
    while true do pcall(function() for i = 1, math.huge do kept[#kept + 1] = string.rep("x", 1e5) .. i end end) end
  end,
}

describe("the memory cap", function()
  before_each(function()
    collectgarbage()
    vm.cap((vm.memory()) + ROOM)
  end)
  after_each(function() vm.cap(0) end)

  it("turns every bomb into an error of the script", function()
    for name, bomb in pairs(bombs) do
      local ok, err = vm.resume(coroutine.create(bomb), BUDGET)
      assert.is_false(ok, name)
      assert.is_string(err, name)
      -- LuaJIT halves its scratch buffer at each collection.
      for _ = 1, 8 do collectgarbage() end
      assert.is_true((vm.memory()) < select(2, vm.memory()) - ROOM / 2, name)
    end
  end)

  it("says that it was memory", function()
    local ok, err, kind = vm.resume(coroutine.create(bombs["table growth"]), BUDGET)
    assert.is_false(ok)
    assert.equal("memory", kind, err)
    assert.matches("not enough memory", err)
  end)

  it("does not bind the host's own code", function()
    local s = string.rep("x", 3 * ROOM)
    assert.equal(3 * ROOM, #s)
  end)

  it("lets a script live close below the cap for long", function()
    local co = coroutine.create(function()
      local kept = {}
      for i = 1, 80 do kept[i] = string.rep("x", 100000) .. i end -- 8 of 16 MB, then garbage
      for i = 1, 200000 do
        local garbage = { i, tostring(i) }
        if i % 1000 == 0 then coroutine.yield(garbage) end
      end
    end)
    while coroutine.status(co) ~= "dead" do assert(vm.resume(co, BUDGET)) end
  end)

  it("comes back from many bombs with the heap it had", function()
    for _ = 1, 10 do vm.resume(coroutine.create(bombs["table growth"]), BUDGET) end
    collectgarbage()
    collectgarbage() -- the first one only finalizes some of it
    local before = vm.memory()
    for _ = 1, 20 do vm.resume(coroutine.create(bombs["closures"]), BUDGET) end
    collectgarbage()
    collectgarbage()
    assert.is_true(math.abs(vm.memory() - before) < 200000)
  end)
end)

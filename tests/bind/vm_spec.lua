-- Budgets and caps: what a script does, it does to itself only.

local vm = require "linewright.vm"

local MS = 1000000
local BUDGET = 20 * MS

local function run(fn, ...)
  return vm.resume(coroutine.create(fn), BUDGET, ...)
end

-- Every way to run for ever that we know of; none may outlive its budget.
local forever = {
  ["while"] = function() while true do end end, -- luacheck: ignore 541
  ["repeat"] = function() repeat local x = 1 until x == 2 end,
  ["numeric for"] = function() for _ = 1, math.huge do end end, -- luacheck: ignore 541
  ["iterator"] = function() for _ in function() return 1 end do end end, -- luacheck: ignore 541
  ["tail call"] = function() local function f() return f() end return f() end,
  ["recursion caught again and again"] = function()
    local function f() pcall(f) f() end
    while true do pcall(f) end
  end,
  ["pcall around a loop, in a loop"] = function()
    while true do pcall(function() while true do end end) end -- luacheck: ignore 541
  end,
  ["pcall in pcall without end"] = function()
    local function g() while true do pcall(g) end end
    g()
  end,
  ["concatenation"] = function() local s = "" while true do s = ("x"):rep(100) .. #s end end,
  ["tables"] = function() while true do local t = {} t[1] = t end end,
  ["metamethods"] = function()
    local t = setmetatable({}, { __index = function(_, k) return k end })
    while true do local _ = t[1] end
  end,
  ["coroutine inside"] = function()
    local co = coroutine.wrap(function() while true do end end) -- luacheck: ignore 541
    co()
  end,
  ["coroutine resumed for ever"] = function()
    local co = coroutine.wrap(function() while true do coroutine.yield() end end)
    while true do co() end
  end,
  ["pcall around a coroutine's loop"] = function()
    while true do
      pcall(coroutine.wrap(function() while true do end end)) -- luacheck: ignore 541
    end
  end,
  ["sort with a comparator that loops"] = function()
    table.sort({ 1, 2, 3 }, function() while true do end end) -- luacheck: ignore 541
  end,
  ["gsub with a callback that loops"] = function()
    ("abc"):gsub(".", function() while true do end end) -- luacheck: ignore 541
  end,
  ["load"] = function() load("while true do end")() end,
}

local function contains_all()
  for name, fn in pairs(forever) do
    local ok, err, kind = run(fn)
    assert.is_false(ok, name)
    assert.equal("budget", kind, name .. ": " .. tostring(err))
    assert.matches("CPU budget of 20 ms exceeded", err)
  end
end

describe("vm.resume", function()
  it("hands values in and out", function()
    local co = coroutine.create(function(a, b)
      local c = coroutine.yield(a + b)
      return c, nil, "end"
    end)
    assert.same({ true, 5 }, { vm.resume(co, BUDGET, 2, 3) })
    assert.same({ true, 7, nil, "end" }, { vm.resume(co, nil, 7) })
    assert.equal("dead", coroutine.status(co))
  end)

  it("returns an error as it was raised", function()
    local thing = { signal = "hold" }
    local ok, err, kind = run(function() error(thing) end)
    assert.is_false(ok)
    assert.equal(thing, err)
    assert.equal("error", kind)
  end)

  it("keeps the traceback of a dead coroutine", function()
    local co = coroutine.create(function() local function deep() error "boom" end deep() end)
    vm.resume(co, BUDGET)
    assert.matches("deep", vm.traceback(co, "boom"))
  end)

  it("refuses what cannot be resumed", function()
    local co = coroutine.create(function() end)
    vm.resume(co, BUDGET)
    assert.has_error(function() vm.resume(co, BUDGET) end)
    assert.has_error(function() vm.resume(coroutine.running() or {}, BUDGET) end)
    assert.has_error(function() vm.resume(print, BUDGET) end)
    assert.has_error(function() vm.resume(coroutine.create(print), 0 / 0) end)
  end)

  it("stops every endless loop, whatever catches errors inside", contains_all)

  it("leaves the VM as good as new after a loop was stopped", function()
    run(forever["while"])
    local sum = 0
    for i = 1, 100000 do sum = sum + i end
    assert.equal(5000050000, sum)
    assert.same({ true, 1 }, { run(function() return 1 end) })
  end)

  it("counts one slice, not the life of the coroutine", function()
    local co = coroutine.create(function()
      while true do
        for _ = 1, 20000 do end -- luacheck: ignore 541
        coroutine.yield()
      end
    end)
    for _ = 1, 2000 do assert.is_true((vm.resume(co, BUDGET))) end
  end)

  it("ends an inner slice with the outer one", function()
    local swallowed
    local ok, _, kind = run(function()
      vm.resume(coroutine.create(forever["while"]), 60000 * MS)
      swallowed = true
      while true do end -- luacheck: ignore 541
    end)
    assert.is_false(ok)
    assert.equal("budget", kind)
    assert.is_nil(swallowed)
  end)

  it("goes on in the outer slice when only the inner one is over", function()
    assert.same({ true, false, "budget" }, { vm.resume(coroutine.create(function()
      local ok, _, kind = vm.resume(coroutine.create(forever["while"]), 4 * MS)
      return ok, kind
    end), 60000 * MS) })
  end)
end)

describe("vm.call", function()
  it("returns results, errors and cut loops like vm.resume", function()
    assert.same({ true, 1, nil, 3 }, { vm.call(function(...) return ... end, BUDGET, 1, nil, 3) })
    assert.same({ true }, { vm.call(function() end) })
    assert.same({ false, "no", "error" }, { vm.call(error, BUDGET, "no") })
    local ok, _, kind = vm.call(forever["while"], BUDGET)
    assert.same({ false, "budget" }, { ok, kind })
  end)
end)

describe("vm.jit", function()
  it("says why the compiler stays off, or passes its canary", function()
    local on, reason, code = vm.jit(true)
    if not on then
      assert.equal("E-UNSUPPORTED", code)
      assert.is_string(reason)
    end
    vm.jit(false)
  end)

  it("stops compiled loops too", function()
    if not vm.is_luajit then return end
    assert.is_true(vm.jit("force"))
    local ok, err = pcall(contains_all)
    vm.jit(false)
    assert.is_true(ok, err)
  end)

  it("stops loops after the compiler was switched off again", function()
    vm.jit(true)
    vm.jit(false)
    contains_all()
    vm.jit "force"
    vm.jit(false)
    contains_all()
  end)
end)

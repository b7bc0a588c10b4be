-- What recipe code can reach, and what it cannot do with it. Numbers in
-- comments are those of the attack corpus of RELIABILITY.md, section 4.
local sandbox = require "linewright.sandbox"
local vm = require "linewright.vm"

local env
before_each(function() env = sandbox.new({}, {}) end)

local function run(code, ...)
  local chunk, message = sandbox.load(code, "@attack.lua", env)
  if not chunk then return false, message end
  return vm.call(chunk, 2e8, ...)
end

local function result(code, ...)
  local ok, value = run(code, ...)
  assert.is_true(ok, tostring(value))
  return value
end

local function refused(code, wanted)
  local ok, message = run(code)
  assert.is_false(ok, code)
  if wanted then
    assert.is_truthy(tostring(message):find(wanted, 1, true), tostring(message))
  end
end

describe("the sandbox", function()
  it("has nothing but the allow-list", function()
    for _, name in ipairs { "os", "io", "debug", "ffi", "jit", "load", "loadstring", "loadfile",
      "dofile", "newproxy", "collectgarbage", "getfenv", "setfenv", "coroutine", "package", "module",
      "rawset", "_G", "_ENV_", "arg", "bit", "utf8" } do
      refused("return " .. name, "'" .. name .. "' is not defined") -- 1 to 9, 19 to 33, 39, 76
    end
    refused('return string.dump(print)')                              -- 36
  end)

  it("says what is wrong with a pattern at the recipe's own line", function()
    for _, code in ipairs { "local _ = ('x'):gsub('%f', 'y')", "local _ = ('x'):gsub('^%f', 'y')",
      "for _ in ('x'):gmatch '%f' do end", "local _ = ('x'):find '%f'" } do
      local ok, message = run(code)
      assert.is_false(ok)
      assert.equal("attack.lua:1: malformed pattern (missing '[' after '%f')", message)
      assert.equal(message, result("local _, e = pcall(function() " .. code .. " end) return e"))
    end
  end)

  it("gives back an error's text however long it is", function()
    assert.equal(1e6, result "local _, e = pcall(error, ('x'):rep(1e6)) return #e")
    assert.equal("a table b", result "local _, e = pcall(error, 'a table: 0x1f b') return e")
  end)

  it("prints no address of what a __tostring returns", function()
    local odd = "setmetatable({}, { __tostring = function() return {} end })"
    for _, code in ipairs { "return tostring(%s)", "return ('%%s'):format(%s)" } do
      local ok, text = run(code:gsub("%%s%)$", function() return odd .. ")" end))
      assert.is_nil(tostring(text):find("0x", 1, true))
      assert.is_true(ok and type(text) == "string" or not ok)
    end
  end)

  it("reaches exactly these functions and constants", function()
    local names, seen = {}, {}
    local function walk(t, prefix)
      for name, value in pairs(t) do
        names[#names + 1] = prefix .. name
        if type(value) == "table" and not seen[value] then
          seen[value] = true
          local inner = {}
          local meta = debug.getmetatable(value)
          for k, v in pairs(meta and meta.__index or value) do inner[k] = v end
          walk(inner, prefix .. name .. ".")
        end
      end
    end
    walk(debug.getmetatable(env).__index, "")
    table.sort(names)
    assert.equal(table.concat({
      "assert", "error", "getmetatable", "ipairs", "math", "math.abs", "math.acos", "math.asin",
      "math.atan", "math.atan2", "math.ceil", "math.cos", "math.cosh", "math.deg", "math.exp",
      "math.floor", "math.fmod", "math.huge", "math.log", "math.log10", "math.max", "math.min",
      "math.modf", "math.pi", "math.pow", "math.rad", "math.random", "math.sin", "math.sinh",
      "math.sqrt", "math.tan", "math.tanh", "next", "pairs", "pcall", "print", "rawequal",
      "rawget", "rawlen", "select", "setmetatable", "string", "string.byte", "string.char",
      "string.find", "string.format", "string.gmatch", "string.gsub", "string.len",
      "string.lower", "string.match", "string.rep", "string.reverse", "string.sub",
      "string.upper", "table", "table.concat", "table.insert", "table.pack", "table.remove",
      "table.sort", "table.unpack", "time", "tonumber", "tostring", "type", "unpack", "xpcall",
    }, " "), table.concat(names, " "))
  end)

  it("takes text only, never bytecode", function()                     -- 3, 4
    assert.is_nil(sandbox.load(string.dump(function() return 1 end), "@x", env))
  end)

  it("keeps the strings' methods as they are", function()              -- 10 to 14
    assert.is_nil(result 'return getmetatable("")')
    refused('string.upper = 1', "read-only")
    refused('table.insert(string, 1)', "read-only")
    refused('setmetatable(string, {})', "read-only")
    assert.equal("A", result 'return ("a"):upper()')
  end)

  it("keeps math and table as they are", function()
    refused('math.floor = nil', "read-only")
    refused('setmetatable(math, nil)')
    refused('table.sort(math, 1)')
    assert.equal("math", result 'return getmetatable(math)')
  end)

  it("fixes the names of a file once it is loaded", function()         -- 73
    assert.equal(1, result 'x = 1 return x')
    sandbox.freeze(env)
    refused('x = 2', "E-GLOBAL 'x' cannot be assigned")
    refused('y = 2', "E-GLOBAL 'y'")
    assert.equal(1, result 'return x')
  end)

  it("shows no addresses", function()                                  -- 34, 35
    assert.equal("table function table",
      result 'return tostring({}) .. " " .. tostring(print) .. " " .. ("%s"):format({})')
    refused('return ("%p"):format({})', "no %p")
  end)

  it("prints numbers alike in both engines", function()
    assert.equal("3 2.5 100 nan", result
      'return tostring(3.0) .. " " .. tostring(2.5) .. " " .. ("%d"):format(100.0) .. " " .. tostring(0/0)')
  end)

  it("refuses finalizers and weak tables", function()                  -- 31, 32
    for _, key in ipairs { "__gc", "__mode", "__close" } do
      refused(('setmetatable({}, { %s = 1 })'):format(key), key)
    end
  end)

  it("visits keys in order, whatever the process", function()          -- 74
    assert.equal("1 2 10 a b c", result [[
      local t, out = { c = 1, [10] = 1, a = 1, b = 1, [2] = 1, [1] = 1 }, {}
      for k in pairs(t) do out[#out + 1] = tostring(k) end
      return table.concat(out, " ")]])
    assert.equal("a", result 'return (next { b = 1, a = 2 })')
    refused('for k in pairs { [{}] = 1 } do end', "no fixed place")
  end)

  it("has time and chance from the run only", function()               -- 75
    refused('return math.random()', "the run's own")
    refused('return time()', "the run's own")
    sandbox.bind(env, { random = function(a, b) return a + b end, time = function() return 42 end })
    assert.equal(7, result 'return math.random(3, 4)')
    assert.equal(42, result 'return time()')
  end)

  it("bounds what one call can make", function()                       -- 52, 53
    refused('return ("x"):rep(1e9)', "string.rep would make")
    refused('return ("x"):rep(2^53)', "string.rep would make")
    refused('return ("x"):rep(0/0)')
    refused('return ("%99999999d"):format(1)')
    refused('return unpack({}, 0, 2^31 - 1)')                          -- 50
  end)

  it("ends callbacks that call themselves", function()                 -- 60
    refused('local function f(s) return (s:gsub("a", f)) end return f "a"', "nested more than 50")
    refused('local function f(a, b) table.sort({ 3, 2, 1 }, f) return a < b end table.sort({ 2, 1 }, f)',
      "nested more than 50")
  end)

  it("ends pcall inside pcall", function()
    assert.is_false(result 'local depth = 0 local function g() depth = depth + 1 return (pcall(g)) end g() return depth > 250')
  end)

  it("does not let pcall catch control signals, nor xpcall", function()
    local signal = { control = true }
    local ok, err = run('local s = ... pcall(error, s) return "caught"', signal)
    assert.is_false(ok)
    assert.equal(signal, err)
    ok, err = run('local s = ... xpcall(error, function() return 1 end, s) return "caught"', signal)
    assert.is_false(ok)
    assert.equal(signal, err)
    assert.is_false(result 'return (pcall(error, "x"))')
  end)

  it("runs the handler of xpcall after unwinding, where it can be stopped", function() -- 64
    local ok, _, kind = run 'xpcall(error, function() while true do end end, 1)'
    assert.is_false(ok)
    assert.equal("budget", kind)
  end)

  it("gives xpcall's results through, holes and all", function()
    assert.equal(4, result 'return select("#", xpcall(function() return 1, nil, nil end, print))')
  end)

  it("stops loops that pcall would like to survive", function()        -- 63
    local ok, _, kind = run 'while true do pcall(function() while true do end end) end'
    assert.is_false(ok)
    assert.equal("budget", kind)
  end)

  it("counts pcall depth by coroutine, so that cancelled branches leave nothing behind", function()
    for _ = 1, 300 do
      local co = coroutine.create(function()
        return env.pcall(function() coroutine.yield() end)
      end)
      coroutine.resume(co)
    end
    assert.is_true(result 'return (pcall(function() end))')
  end)
end)

describe("an unknown name", function()
  it("is refused with the nearest known one", function()
    refused('return tostrng(1)', "E-NAME 'tostrng' is not defined. Did you mean 'tostring'?")
  end)
end)

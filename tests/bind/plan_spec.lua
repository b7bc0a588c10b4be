-- plan, unit, drivers, filters: what profiles are built from.

local plan = require "linewright.plan"

local function small()
  local p = plan.new("line-x", "x.lua")
  p:driver("sim", "sim (x.lua:1)")
  p:signal("oven.t", "degC")
  local tag = p:tag("oven.temp")
  p:tag_set(tag, "driver", 1)
  p:tag_set(tag, "signal", 1)
  p:tag_set(tag, "unit", "degC")
  p:tag_set(tag, "process_unit", "degC")
  return p, tag
end

describe("linewright.plan", function()
  it("survives the way through bytes", function()
    local p, tag = small()
    p:filter(tag, "hampel", 5, 4)
    p:rule("interlock", tag, "above", 158, "abort", 2e9, "too hot")
    assert.is_true(p:check())
    local q = plan.decode(p:encode())
    assert.equal(p:encode(), q:encode())
    assert.equal(p:digest(), q:digest())
    assert.equal(64, #q:digest())
    assert.equal(1, q:tag_count())
    assert.equal(1, q:find "oven.temp")
    assert.is_nil(q:find "oven")
    assert.equal("oven.temp", q:name(1))
  end)

  it("has a digest that any field changes", function()
    local seen = {}
    for _, change in ipairs {
      function() end,
      function(p) p:set("scan_ns", 2e7) end,
      function(p) p:tag_set(1, "scale", 0.1) end,
      function(p) p:tag_set(1, "type", "s16") end,
      function(p) p:tag_set(1, "word_order", "little") end,
      function(p) p:tag_set(1, "safe_hold", 3) end,
      function(p) p:tag_set(1, "address", "a") end,
      function(p) p:tag_set(1, "signal", nil) end,
      function(p) p:filter(1, "ewma", 6) end,
    } do
      local p = small()
      change(p)
      assert.is_nil(seen[p:digest()])
      seen[p:digest()] = true
    end
  end)

  it("says what a plan lacks", function()
    local p, tag = small()
    p:tag_set(tag, "access", "rw")
    local ok, message, code = p:check()
    assert.is_nil(ok)
    assert.matches("oven.temp", message)
    assert.is_string(code)
  end)

  it("raises for wrong use and stays as it was", function()
    local p = small()
    local before = p:digest()
    for _, wrong in ipairs {
      function() p:set("scan", 1) end,
      function() p:set("scan_ns", "ten") end,
      function() p:set("scan_ns", 0 / 0) end,
      function() p:set("scan_ns", 1e30) end,
      function() p:set("revision", 1e12) end,
      function() p:tag_set(2, "lo", 1) end,
      function() p:tag_set(0, "lo", 1) end,
      function() p:tag_set(1.5, "lo", 1) end,
      function() p:tag_set(1, "low", 1) end,
      function() p:tag_set(1, "lo", 1 / 0) end,
      function() p:tag_set(1, "lo") end,
      function() p:tag_set(1, "type", "u8") end,
      function() p:tag_set(1, "access", "x") end,
      function() p:tag_set(1, "driver", 2) end,
      function() p:tag_set(1, "signal", 9) end,
      function() p:option(2, "seed", "7") end,
      function() p:filter(1, "hampel", 1, 2, 3, 4, 5, 6, 7) end,
      function() p:filter(2, "hampel") end,
      function() p:rule("interlock", 1, "over", 1, "abort", 0, "x") end,
      function() p:rule("interlock", 1, "above", 0 / 0, "abort", 0, "x") end,
      function() p:rule("permit", 1, "above", 1, "hold", 0, "x", 7, "above", 1) end,
      function() p:rule("guard", 1, "above", 1, "abort", 0, "x") end,
      function() p.tag_set({}, 1, "lo", 1) end,
      function() plan.new() end,
      function() getmetatable(p).__index = {} end,
    } do
      assert.has_error(wrong)
      assert.equal(before, p:digest())
    end
  end)

  it("reads no damaged bytes", function()
    local bytes = (small()):encode()
    for cut = 0, #bytes - 1, 7 do
      local p, message, code = plan.decode(bytes:sub(1, cut))
      assert.is_nil(p)
      assert.is_string(message)
      assert.equal("E-CORRUPT", code)
    end
  end)

  it("raises after close", function()
    local p = small()
    p:close()
    p:close()
    assert.has_error(function() p:encode() end, "plan: already closed")
  end)

  it("is collected", function()
    collectgarbage()
    for _ = 1, 100000 do plan.new("x") end
    collectgarbage()
    assert.is_true(collectgarbage "count" < 100000)
  end)
end)

describe("linewright.unit", function()
  local unit = require "linewright.unit"

  it("converts", function()
    local gain, bias = unit.convert("ft/min", "m/min")
    assert.is_near(0.3048, gain, 1e-12)
    assert.equal(0, bias)
    gain, bias = unit.convert("degC", "degF")
    assert.is_near(212, 100 * gain + bias, 1e-9)
  end)

  it("returns what it cannot convert as nil, message, code", function()
    assert.same({ nil, "cannot convert degC (temperature) to m/min (speed)", "E-UNIT" },
      { unit.convert("degC", "m/min") })
    assert.is_nil((unit.dimension "no-such-unit"))
    assert.equal("temperature", unit.dimension "degC")
    assert.has_error(function() unit.convert("degC") end)
    assert.has_error(function() unit.convert({}, "degC") end)
  end)
end)

describe("linewright.drivers", function()
  local drivers = require "linewright.drivers"

  it("lists kinds with their options", function()
    local kinds = { drivers.kinds() }
    assert.is_true(#kinds >= 2)
    for _, kind in ipairs(kinds) do
      assert.is_string(drivers.help(kind))
      local i = 1
      while drivers.option(kind, i) do
        local name, letter, required, help = drivers.option(kind, i)
        assert.matches("^[%w_.]+$", name)
        assert.matches("^[sndbf]$", letter)
        assert.is_boolean(required)
        assert.is_string(help)
        i = i + 1
      end
      assert.is_nil(drivers.option(kind, i + 100))
    end
  end)

  it("checks addresses", function()
    assert.is_true(drivers.check_address("modbus_tcp", "hr:10", "u16", "rw"))
    local ok, message, code = drivers.check_address("modbus_tcp", "hr:ten", "u16", "r")
    assert.is_nil(ok)
    assert.matches("'hr:ten'", message)
    assert.equal("E-SYNTAX", code)
  end)

  it("raises for what nobody may ask", function()
    assert.has_error(function() drivers.option("telepathy", 1) end, "bad argument #1 to 'option' (no driver 'telepathy')")
    assert.has_error(function() drivers.option("sim", 0) end)
    assert.has_error(function() drivers.check_address("sim", "a", "u8", "r") end)
  end)
end)

describe("linewright.filters", function()
  local filters = require "linewright.filters"

  it("lists kinds with parameters whose defaults lie in their range", function()
    for _, kind in ipairs { filters.kinds() } do
      assert.is_string(filters.help(kind))
      local i = 1
      while filters.param(kind, i) do
        local name, measure, low, high, default = filters.param(kind, i)
        assert.is_string(measure, name)
        assert.is_true(low <= high, name)
        assert.is_true(default == nil or (default >= low and default <= high), name)
        i = i + 1
      end
    end
  end)

  it("checks parameters in order, nil taking the default", function()
    assert.is_true(filters.check("hampel", 100, 5, 4))
    assert.is_true(filters.check("lowpass", 100, 10, nil))
    local ok, message, code = filters.check("lowpass", 100, 70)
    assert.is_nil(ok)
    assert.matches("cutoff", message)
    assert.equal("E-RANGE", code)
    assert.has_error(function() filters.check("magic", 100) end)
    assert.has_error(function() filters.check("hampel", 100, 1, 2, 3, 4, 5, 6, 7) end)
  end)
end)

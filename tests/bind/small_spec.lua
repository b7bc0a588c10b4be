-- hash, rng, packml, sys: small faces.

describe("linewright.hash", function()
  local hash = require "linewright.hash"

  it("agrees with FIPS 180-4", function()
    assert.equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", hash.sha256 "")
    assert.equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", hash.sha256 "abc")
    assert.not_equal(hash.sha256 "a", hash.sha256 "a\0")
    assert.has_error(function() hash.sha256() end)
  end)
end)

describe("linewright.rng", function()
  local rng = require "linewright.rng"

  local function draw(r, n)
    local out = {}
    for i = 1, n do out[i] = r:uniform() end
    return out
  end

  it("repeats itself for equal seed and stream only", function()
    assert.same(draw(rng.new(7), 5), draw(rng.new(7, 0), 5))
    assert.not_same(draw(rng.new(7), 5), draw(rng.new(8), 5))
    assert.not_same(draw(rng.new(7, 1), 5), draw(rng.new(7, 2), 5))
    assert.not_same(draw(rng.new(1, 2), 5), draw(rng.new(2, 1), 5))
    assert.not_same(draw(rng.new(-1), 5), draw(rng.new(1), 5))
  end)

  it("is uniform and normal", function()
    local r, n = rng.new(1), 200000
    local mean, normal, square, low = 0, 0, 0, 0
    for _ = 1, n do
      local u, z = r:uniform(), r:normal()
      assert(u >= 0 and u < 1)
      mean, normal, square = mean + u / n, normal + z / n, square + z * z / n
      low = low + (z < -1.959964 and 1 or 0) / n
    end
    assert.is_near(0.5, mean, 0.005)
    assert.is_near(0, normal, 0.01)
    assert.is_near(1, square, 0.02)
    assert.is_near(0.025, low, 0.002)
  end)

  it("draws whole numbers evenly, ends included", function()
    local r, count = rng.new(2), {}
    for _ = 1, 60000 do
      local i = r:integer(-1, 4)
      count[i] = (count[i] or 0) + 1
    end
    for i = -1, 4 do assert.is_near(10000, count[i], 500) end
    assert.equal(5, r:integer(5, 5))
    local big = r:integer(-2 ^ 53, 2 ^ 53)
    assert.equal(big, math.floor(big))
  end)

  it("goes on where it was saved", function()
    local r = rng.new(3)
    draw(r, 3)
    local text = r:save()
    local rest = draw(r, 4)
    local other = rng.new(0)
    other:load(text)
    assert.same(rest, draw(other, 4))
  end)

  it("refuses wrong use and stays as it was", function()
    local r = rng.new(3)
    local before = r:save()
    for _, wrong in ipairs {
      function() r:load "" end,
      function() r:load "0 0 0 0" end,
      function() r:load "1 2 3" end,
      function() r:integer(2, 1) end,
      function() r:integer(0.5, 2) end,
      function() r:integer(0, 1 / 0) end,
      function() rng.new(0 / 0) end,
      function() rng.new(1.5) end,
      function() rng.new(2 ^ 60) end,
      function() rng.new() end,
      function() r.uniform {} end,
    } do
      assert.has_error(wrong)
      assert.equal(before, r:save())
    end
  end)

  it("shows its type and no address", function()
    assert.equal("linewright.rng", tostring(rng.new(1)))
    assert.equal("linewright.rng", getmetatable(rng.new(1)))
  end)
end)

describe("linewright.packml", function()
  local packml = require "linewright.packml"

  it("walks the life of a run", function()
    assert.equal("Resetting", packml.command("Stopped", "reset"))
    assert.equal("Idle", packml.done "Resetting")
    assert.equal("Holding", packml.command("Execute", "hold"))
    assert.equal("Completing", packml.done "Execute")
    assert.equal("Held", packml.done "Held")
  end)

  it("has exactly 42 legal pairs", function()
    local legal = 0
    local commands = { "reset", "start", "stop", "hold", "unhold", "suspend", "unsuspend", "abort", "clear", "complete" }
    for number = 1, 17 do
      local state = packml.name(number)
      assert.equal(number, packml.number(state))
      for _, command in ipairs(commands) do
        assert.is_true(packml.is_command(command))
        local to = packml.command(state, command)
        if to then legal = legal + 1 end
        assert.equal(to ~= nil, (", " .. packml.legal(state) .. ","):find(" " .. command .. ",", 1, true) ~= nil)
      end
    end
    assert.equal(42, legal)
  end)

  it("raises for unknown words", function()
    assert.has_error(function() packml.command("Sleeping", "reset") end)
    assert.has_error(function() packml.command("Held", "dance") end)
    assert.has_error(function() packml.done(3) end)
    assert.is_false(packml.is_command "dance")
    assert.is_nil(packml.name(18))
  end)
end)

describe("linewright.sys", function()
  local sys = require "linewright.sys"
  local dir
  before_each(function()
    dir = os.tmpname()
    os.remove(dir)
    assert(sys.mkdir(dir))
  end)
  after_each(function() os.execute("rm -rf " .. dir) end)

  it("writes and reads files byte for byte", function()
    local bytes = ("\0\1\r\n\255é"):rep(20000)
    assert.is_true(sys.write_file(dir .. "/f", bytes))
    assert.equal(bytes, sys.read_file(dir .. "/f"))
    assert.is_true(sys.write_file(dir .. "/f", ""))
    assert.equal("", sys.read_file(dir .. "/f"))
  end)

  it("tells files from folders from nothing", function()
    sys.write_file(dir .. "/f", "x")
    assert.equal("file", sys.exists(dir .. "/f"))
    assert.equal("directory", sys.exists(dir))
    assert.equal("other", sys.exists "/dev/null")
    assert.is_nil(sys.exists(dir .. "/g"))
  end)

  it("lists names sorted", function()
    for _, name in ipairs { "b", "a", "C", ".h" } do sys.write_file(dir .. "/" .. name, "") end
    assert.same({ ".h", "C", "a", "b" }, sys.list(dir))
  end)

  it("returns what the system says as nil, message, code", function()
    local missing = dir .. "/none/f"
    assert.same({ nil, "cannot read " .. missing .. ": No such file or directory", "E-NOTFOUND" },
      { sys.read_file(missing) })
    assert.equal("E-NOTFOUND", select(3, sys.write_file(missing, "x")))
    assert.equal("E-NOTFOUND", select(3, sys.list(missing)))
    assert.equal("E-NOTFOUND", select(3, sys.realpath(missing)))
    assert.equal("E-EXISTS", select(3, sys.mkdir(dir)))
    assert.equal("E-IO", select(3, sys.read_file(dir)))
  end)

  it("knows paths", function()
    assert.equal("a/b", sys.dirname "a/b/c")
    assert.equal("/", sys.dirname "/c")
    assert.equal(".", sys.dirname "c")
    assert.equal(sys.cwd(), sys.realpath ".")
    assert.equal("directory", sys.exists(sys.datadir() .. "/lua/linewright"))
  end)

  it("leaks no file descriptor", function()
    local function count()
      collectgarbage()
      collectgarbage()
      return #sys.list "/proc/self/fd"
    end
    local before = count()
    sys.write_file(dir .. "/f", "x")
    for _ = 1, 100 do -- a file written anew costs some file systems milliseconds
      sys.read_file(dir .. "/f")
      sys.read_file(dir)
      sys.write_file(dir .. "/f", "x")
    end
    assert.equal(before, count())
  end)

  it("waits for an instant to come, and not for one that is past", function()
    local due_ns = sys.real_ns() + 3e6
    sys.wait_until(due_ns)
    assert.is_true(sys.real_ns() >= due_ns)
    sys.wait_until(0)
    assert.has_error(function() sys.wait_until(0 / 0) end)
  end)

  it("refuses a pace that stands still", function()
    assert.has_error(function() sys.pace(0, 0) end)
    assert.has_error(function() sys.pace(0, -1) end)
    assert.has_error(function() sys.pace(0 / 0, 1) end)
  end)
end)

describe("what a VM holds", function()
  it("has no FFI, no compiler library and none of LuaJIT's extras", function()
    for _, name in ipairs { "ffi", "jit", "jit.util", "jit.opt", "jit.profile", "string.buffer", "table.new",
                            "table.clear" } do
      assert.is_false((pcall(require, name)), name)
      assert.is_nil(package.loaded[name], name)
    end
    assert.is_nil(rawget(_G, "jit"))
  end)
end)

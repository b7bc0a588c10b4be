-- `linewright repl` without a terminal: -e, scripts, pipes, Ctrl-C.
local process = require "tests.support.process"
local projects = require "tests.support.project"
local sys = require "linewright.sys"

local project
before_each(function() project = projects.new() end)
after_each(function() project:remove() end)

local function repl(words, prefix)
  table.insert(words, 1, "repl")
  table.insert(words, 1, process.program())
  return process.run(project.dir, words, prefix)
end

describe("linewright repl", function()
  it("prints the value of -e and nothing else", function()
    assert.same({ 0, "42\n", "" }, { repl { "-e", "6 * 7" } })
  end)

  it("exits with 1 and one line for an error", function()
    assert.same({ 1, "", "E-NAME 'plto' is not defined. Did you mean 'plot'?\n" }, { repl { "-e", "plto(1)" } })
  end)

  it("runs a script with its arguments, from a line #! too", function()
    project:write("s.lua", "#!/usr/bin/env -S linewright repl\nprint(...)\nreturn 3\n")
    assert.same({ 3, "a\t--sim\n", "" }, { repl { project.dir .. "/s.lua", "a", "--sim" } })
    local code, _, err = repl { project.dir .. "/none.lua" }
    assert.equal(3, code)
    assert.truthy(err:find("none.lua", 1, true))
  end)

  it("reads a pipe a line at a time and ends at the first error", function()
    project:write("in.txt", "x = 2\nfor i = 1, 2 do\n  x = x * 10\nend\nx\nnonsense\nprint 'never'\n")
    local code, out, err = repl({}, "exec <" .. project.dir .. "/in.txt;")
    assert.same({ 1, "200\n", "E-NAME 'nonsense' is not defined\n" }, { code, out, err })
  end)

  it("saves a session with a rig as a spec that passes", function()
    local path = project.dir .. "/trial_spec.lua"
    project:write("in.txt", table.concat({
      't = rig { recipe = "recipes/electrode_coating.lua", line = "lines/pilot_a.lua" }',
      "t:start()", 't:advance "1 min"', "t:state()", 't:value "web.speed"', "t:branches()", ":save " .. path }, "\n"))
    local code, out = repl({}, "exec <" .. project.dir .. "/in.txt;")
    assert.equal(0, code)
    assert.truthy(out:find "the session as a spec")
    local tested, told = process.run(project.dir, { process.program(), "test", path })
    assert.equal(0, tested)
    assert.truthy(told:find("1 passed, 0 failed", 1, true), told)
    assert.truthy(io.open(path):read("*a"):find('assert.equal("Execute", t:state())', 1, true))
  end)

  it("saves a plot as a picture where the libraries for it are", function()
    local has_libraries = require "linewright.raster".png '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>'
    local path = project.dir .. "/p.png"
    project:write("in.txt", "plot { 1, 2, 3 }\n:save " .. path .. "\n")
    local code, _, err = repl({}, "exec <" .. project.dir .. "/in.txt;")
    if has_libraries then
      assert.equal(0, code)
      assert.equal("\137PNG", io.open(path, "rb"):read(4))
    else
      assert.equal(1, code)
      assert.truthy(err:find "E%-.* PNG needs")
    end
  end)

  it("refuses wrong words", function()
    local code, _, err = repl { "--bd", "x" }
    assert.equal(2, code)
    assert.truthy(err:find("Did you mean '--db'?", 1, true))
    assert.equal(2, (repl { "-e", "1", "s.lua" }))
  end)

  it("ends an endless loop at Ctrl-C, pcall or not", function()
    local p = process.start(project.dir, "loop", { process.program(), "repl", "-e",
      "print 'here' io.stdout:flush() while true do pcall(function() while true do end end) end" })
    process.wait(function() return p:out():find "here" end, "the loop")
    p:signal "INT"
    assert.equal(130, (p:finish()))
    assert.truthy(p:err():find("E-STOP stopped by Ctrl-C", 1, true))
  end)
end)

describe("C libraries at the prompt", function()
  local CODE = 'ffi.cdef "double cos(double);" s = dsp.of(1, 2, 3) p, n = view(s) p[0] = 10 '
    .. 'return ffi.C.cos(0), s:get(1), p[2], n'
  local function typed(prefix)
    return process.run(project.dir, { process.program(), "repl", "-e", CODE }, prefix)
  end

  it("are bound by the FFI, and samples are seen where they lie", function()
    local code, out, err = typed()
    if _VERSION == "Lua 5.1" then -- LuaJIT
      assert.same({ 0, "1\n10\n3\n3\n", "" }, { code, out, err })
    else
      assert.equal(1, code)
      assert.truthy(err:find("E-UNSUPPORTED this Lua engine has no FFI", 1, true), err)
    end
  end)
  it("are refused on a host in production", function()
    assert(sys.mkdir(project.dir .. "/linewright"))
    project:write("linewright/release", "policy production\n")
    project:write("linewright/sign.key", "")
    local code, _, err = typed(("XDG_STATE_HOME=%s STATE_DIRECTORY=; export XDG_STATE_HOME; unset STATE_DIRECTORY;"):format(
      project.dir))
    assert.equal(1, code)
    assert.truthy(err:find("E-POLICY ffi: this host is in production (" .. project.dir .. "/linewright/release)", 1, true), err)
  end)
  it("say whether code is compiled", function()
    local _, out = process.run(project.dir, { process.program(), "repl", "-e", "jit()" })
    assert.truthy(out:find("^\"JIT on\"\n$") or out:find("^\"JIT off: [^\n]+\"\n$"), out)
  end)
end)

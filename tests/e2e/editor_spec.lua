-- What docs/editor.md promises: the quickfix of vim and Neovim, the problem
-- matcher of VS Code, and the files that `linewright new project` writes for
-- language servers and linters.
local json = require "linewright.json"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local regex = require "regex"
local sys = require "linewright.sys"

local PAGE = assert(sys.read_file "docs/editor.md")

local function has(program) return os.execute(("command -v %s >/dev/null 2>&1"):format(program)) == (_VERSION == "Lua 5.4" or 0) end

local project
before_each(function()
  project = projects.new()
  assert(sys.mkdir(project.dir .. "/bin"))
  os.execute(("ln -s '%s' '%s/bin/linewright'"):format(process.program(), project.dir))
end)
after_each(function() project:remove() end)

local function run(words)
  return process.run(project.dir, words, ("cd %s; PATH=%s/bin:$PATH; export PATH;"):format(project.dir, project.dir))
end

local function break_recipe() project:edit("soak.lua", "set(p.hot)", "set(p.hto)") end

describe(":make", function()
  for _, editor in ipairs { "vim", "nvim" } do
    it("takes " .. editor .. " to the line and column", function()
      if not has(editor) then return pending(editor .. " is not installed") end
      break_recipe()
      project:write("rc.vim", assert(PAGE:match "```vim\n(.-)```"))
      run { editor, "-es", "-u", "rc.vim", "-c", "edit soak.lua", "-c", "silent make", "-c",
        "call writefile([expand('%'), string(getpos('.')[1:2]), getqflist()[0].text], 'at.txt')", "-c", "qa!" }
      assert.equal("soak.lua\n[6, 63]\nE-NAME p.hto is not in `params` (hot). Did you mean 'hot'?\n",
        sys.read_file(project.dir .. "/at.txt"))
    end)
  end
end)

describe("the problem matcher", function()
  it("finds file, line, column, severity and message in what check prints", function()
    break_recipe()
    local matcher = json.decode((PAGE:match "```json\n(.-)```")).tasks[1].problemMatcher.pattern
    local code, out = run { process.program(), "check", "soak.lua", "--format=vim" }
    assert.equal(1, code)
    assert.same({ "soak.lua", "6", "63", "error", "E-NAME p.hto is not in `params` (hot). Did you mean 'hot'?" },
      { regex.match(out:match "[^\n]*", matcher.regexp) })
    assert.same({ 1, 2, 3, 4, 5 }, { matcher.file, matcher.line, matcher.column, matcher.severity, matcher.message })
  end)
end)

describe("a new project", function()
  before_each(function() run { process.program(), "new", "project", "brewery" } end)
  local function read(name) return assert(sys.read_file(project.dir .. "/brewery/" .. name)) end

  it("tells language servers where the stubs and the library lie", function()
    local rc = json.decode((read ".luarc.json":gsub("\n$", "")))
    assert.equal("LuaJIT", rc["runtime.version"])
    local meta, stdlib = rc["workspace.library"][1], rc["workspace.library"][2]
    assert.equal("file", sys.exists(meta .. "/language.lua"))
    assert.equal("file", sys.exists(meta .. "/linewright/rig.lua"))
    assert.equal("file", sys.exists(stdlib .. "/filter.lua"))
  end)
  it("has nothing that luacheck would say", function()
    if not has "luacheck" then return pending "luacheck is not installed" end
    local code, out = process.run(project.dir, { "luacheck", "-q", "--no-cache", "." },
      ("cd %s/brewery;"):format(project.dir))
    assert.equal(0, code, out)
  end)
  it("gives luacheck the words of each kind of file", function()
    if not has "luacheck" then return pending "luacheck is not installed" end
    project:write("brewery/recipes/wrong.lua", 'return recipe "x" { execute = function(r) tga(r) end }\n')
    local _, out = process.run(project.dir, { "luacheck", "-q", "--no-cache", "--no-color", "." },
      ("cd %s/brewery;"):format(project.dir))
    assert.truthy(out:find("accessing undefined variable 'tga'", 1, true) or out:find("tga", 1, true), out)
    assert.is_nil(out:find("'recipe'", 1, true), out)
  end)
end)

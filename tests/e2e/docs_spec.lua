-- The guide: every file that a page shows is written, every command is run, and
-- what it prints is compared. Pages share one folder and stand in this order.
local lint = require "linewright.lint"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local sys = require "linewright.sys"

local PAGES = { "start", "recipe", "line", "twin", "test", "operate", "editor", "embed" }

-- Fenced blocks of a page, in lists too: { kind, text }.
local function blocks(text)
  local out, kind, lines, indent = {}, nil, {}, ""
  for line in text:gmatch "([^\n]*)\n" do
    local fence, word = line:match "^( *)```(%a*)%s*$"
    if fence and kind then
      out[#out + 1] = { kind = kind, text = table.concat(lines, "\n") .. "\n" }
      kind = nil
    elseif fence then
      kind, lines, indent = word, {}, fence
    elseif kind then
      lines[#lines + 1] = line:sub(1, #indent) == indent and line:sub(#indent + 1) or line
    end
  end
  return out
end

-- Each line that a page shows must be printed, in this order; "..." is anything.
local function compare(page, shown, printed)
  local at = 1
  for line in shown:gmatch "[^\n]+" do
    if line ~= "..." then
      local _, stop = printed:find(line, at, true)
      assert.is_truthy(stop, ("docs/%s.md shows '%s'; printed was:\n%s"):format(page, line, printed))
      at = stop + 1
    end
  end
end

describe("the guide", function()
  local project
  setup(function()
    project = projects.new()
    assert(sys.mkdir(project.dir .. "/bin"))
    project:write("bin/linewright", ('#!/bin/sh\nexec "%s" "$@"\n'):format(process.program()))
    os.execute("chmod +x " .. project.dir .. "/bin/linewright")
    assert(sys.mkdir(project.dir .. "/tests"))
  end)
  teardown(function() project:remove() end)

  local function run(script)
    project:write("block.sh", "set -e\n" .. script)
    return process.run(project.dir, { "sh", "block.sh" }, ("cd %s; PATH=%s/bin:$PATH LINEWRIGHT=%s; export PATH LINEWRIGHT;")
      :format(project.dir, project.dir, sys.realpath "."))
  end

  for _, page in ipairs(PAGES) do
    it("docs/" .. page .. ".md is true", function()
      local folder, printed, n = "", "", 0
      for _, block in ipairs(blocks(assert(sys.read_file("docs/" .. page .. ".md")))) do
        n = n + 1
        if block.kind == "lua" then
          local path = block.text:match "^%-%- ([%w_/]+%.lua)"
          assert.is_string(path, "a block of Lua without its file's name:\n" .. block.text)
          local dir = path:match "^(.*)/"
          if not sys.exists(project.dir .. "/" .. dir) then os.execute("mkdir -p " .. project.dir .. "/" .. dir) end
          project:write(path, block.text)
        elseif block.kind == "sh" then
          local code, out, err = run(folder .. block.text)
          assert.equal(0, code, block.text .. out .. err)
          printed = out .. err
          local cd = block.text:match "cd (%w+)\n"
          if cd then folder = ("cd %s\n"):format(cd) end
        elseif block.kind == "text" then
          compare(page, block.text, printed)
        end
      end
      assert.is_true(n > 0)
    end)
  end

  it("lists every rule of lint", function()
    local text = assert(sys.read_file "docs/editor.md")
    for rule, about in pairs(lint.RULES) do
      assert.truthy(text:find(("| `%s` | %s |"):format(rule, about), 1, true), rule)
    end
  end)

  it("is linked as it lies", function()
    for _, path in ipairs { "README.md", "docs/start.md", "docs/operate.md", "docs/editor.md" } do
      local dir = path:match "^docs/" and "docs/" or ""
      for target in assert(sys.read_file(path)):gmatch "%]%(([%w_/%.%-]+%.md)%)" do
        assert.equal("file", sys.exists(dir .. target), path .. " links to " .. target)
      end
    end
  end)
end)

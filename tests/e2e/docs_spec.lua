-- The guide: every file that a page shows is written, every command is run, and
-- what it prints is compared. Pages share one folder and stand in this order.
-- Pieces of Lua and JSON are read, C is compiled; a block that is not run says
-- why in the line above it.
local json = require "linewright.json"
local lint = require "linewright.lint"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local sys = require "linewright.sys"

local PAGES = { "start", "recipe", "line", "twin", "test", "operate", "port", "commission", "driver", "embed", "editor",
  "pack", "questions", "history", "limits", "commands", "reload", "models", "inspection", "native", "text-tags",
  "lost-packets", "sim-test", "train" }

-- Pages that another spec proves.
local OTHERS = { repl = "tests/e2e/repl_docs_spec.lua", errors = "tests/lua/errors_spec.lua",
  filters = "tests/tools/filter_guide_spec.lua" }

-- What must be there before the commands of a page.
local BEFORE = {
  questions = "linewright run recipes/electrode_coating.lua --line lines/line_b.lua --sim --speed max --batch 0417 "
    .. "--set run_length=10 --db linewright.db >/dev/null\n",
  history = "printf 'time,old.speed\\n2025-11-22T00:00:00Z,1.5\\n2025-11-22T00:00:01Z,1.6\\n' > old-system.csv\n",
}

-- Fenced blocks of a page, in lists too: { kind, text, reason }.
local function blocks(text)
  local out, kind, lines, indent, reason = {}, nil, {}, "", nil
  for line in text:gmatch "([^\n]*)\n" do
    local fence, word = line:match "^( *)```(%a*)%s*$"
    if fence and kind then
      out[#out + 1] = { kind = kind, text = table.concat(lines, "\n") .. "\n", reason = reason }
      kind, reason = nil, nil
    elseif fence then
      kind, lines, indent = word, {}, fence
    elseif kind then
      lines[#lines + 1] = line:sub(1, #indent) == indent and line:sub(#indent + 1) or line
    else
      reason = line:match "^ *<!%-%- not run: (.*) %-%->$"
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

-- Pieces of a file, told apart by "..." or "-- in units:" on a line of its own.
local function pieces(text)
  for piece in (text:gsub("\n%.%.%.\n", "\0"):gsub("%-%- in units:\n", "\0") .. "\0"):gmatch "(.-)%z" do
    assert.is_truthy(load(piece) or load("return {\n" .. piece .. "\n}"),
      "neither a file with its name nor a piece of one:\n" .. piece)
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

  local folder, printed
  local on = {}

  -- A file with its name in the first line, or a piece of one.
  function on.lua(text)
    local path = text:match "^%-%- ([%w_/]+%.lua)"
    if not path then return pieces(text) end
    local dir = path:match "^(.*)/"
    if not sys.exists(project.dir .. "/" .. dir) then os.execute("mkdir -p " .. project.dir .. "/" .. dir) end
    project:write(path, text)
  end

  function on.sh(text)
    local code, out, err = run(folder .. text)
    assert.equal(0, code, text .. out .. err)
    printed = out .. err
    local cd = text:match "cd (%w+)\n"
    if cd then folder = ("cd %s\n"):format(cd) end
  end

  function on.text(text, page) compare(page, text, printed) end
  on[""] = on.text

  function on.json(text) assert.is_table(json.decode((text:gsub("\n$", "")))) end

  function on.c(text)
    project:write("block.c", text)
    local code, _, err = process.run(project.dir, { "cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
      "-I", sys.realpath "host", project.dir .. "/block.c" })
    assert.equal(0, code, err)
  end

  local reasons = {}
  for _, page in ipairs(PAGES) do
    it("docs/" .. page .. ".md is true", function()
      folder, printed = "", ""
      if BEFORE[page] then on.sh(BEFORE[page]) end
      for _, block in ipairs(blocks(assert(sys.read_file("docs/" .. page .. ".md")))) do
        if block.reason then
          reasons[#reasons + 1] = { page = page, reason = block.reason }
        else
          assert.is_function(on[block.kind], ("docs/%s.md: a block of '%s'"):format(page, block.kind))
          on[block.kind](block.text, page)
        end
      end
    end)
  end

  it("says of each block that is not run why, and which spec does it instead", function()
    assert.is_true(#reasons > 0)
    for _, r in ipairs(reasons) do
      local spec = r.reason:match "tests/[%w_/]+%.%a+"
      assert.is_truthy(spec and sys.exists(spec) == "file" or r.reason:find "^a file of",
        ("docs/%s.md: %s"):format(r.page, r.reason))
    end
  end)

  it("has no page that no spec proves", function()
    local known = {}
    for _, page in ipairs(PAGES) do known[page .. ".md"] = true end
    for page, spec in pairs(OTHERS) do
      known[page .. ".md"] = true
      assert.truthy(assert(sys.read_file(spec)):find("docs/" .. page .. ".md", 1, true) or page == "errors" or page == "filters", spec)
    end
    for _, name in ipairs(sys.list "docs") do
      assert.is_true(known[name] or not name:find "%.md$", name)
    end
  end)

  it("begins on the front page", function()
    for _, block in ipairs(blocks(assert(sys.read_file "README.md"))) do
      folder = "mkdir -p front; cd front;\n"
      -- Tests are made by `make`; what a build tree prints is nobody's promise.
      if block.kind == "sh" and not block.text:find "make " then on.sh(block.text) end
    end
  end)

  it("lists every rule of lint", function()
    local text = assert(sys.read_file "docs/editor.md")
    for rule, about in pairs(lint.RULES) do
      assert.truthy(text:find(("| `%s` | %s |"):format(rule, about), 1, true), rule)
    end
  end)

  it("is linked as it lies", function()
    local paths = { "README.md" }
    for _, name in ipairs(sys.list "docs") do
      if name:find "%.md$" then paths[#paths + 1] = "docs/" .. name end
    end
    for _, path in ipairs(paths) do
      local dir = path:match "^docs/" and "docs/" or ""
      for target in assert(sys.read_file(path)):gmatch "%]%(([%w_/%.%-]+%.md)%)" do
        assert.equal("file", sys.exists(dir .. target), path .. " links to " .. target)
      end
    end
  end)
end)

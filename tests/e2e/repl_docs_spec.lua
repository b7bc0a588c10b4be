-- The code of docs/repl.md, typed into one REPL as it stands there.
local process = require "tests.support.process"
local projects = require "tests.support.project"
local sys = require "linewright.sys"

describe("docs/repl.md", function()
  local project
  before_each(function() project = projects.new() end)
  after_each(function() project:remove() end)

  it("has code that runs", function()
    local rows = { "time,temp" }
    for i = 0, 511 do rows[#rows + 1] = ("%.2f,%.6f"):format(i / 100, 20 + math.sin(i / 5)) end
    project:write("run.csv", table.concat(rows, "\n") .. "\n")
    local blocks, code = 0, {}
    for block in assert(sys.read_file "docs/repl.md"):gmatch "```lua\n(.-)```" do
      blocks = blocks + 1
      code[#code + 1] = block
    end
    assert.is_true(blocks >= 4)
    project:write("typed.lua", table.concat(code, "\n"))
    local p = process.start(project.dir, "docs", { process.program(), "repl", "--db", project.dir .. "/a.db" },
      ("exec <%s/typed.lua; cd %s;"):format(project.dir, project.dir))
    for _ = 1, 4 do pcall(process.wait, function() return p:code() end, "the end") end -- slow under a sanitizer
    local status, out, err = p:finish()
    assert.same({ 0, "" }, { status, err })
    for _, part in ipairs { "samples [512]", "Kolmogorov-Smirnov", "five samples wide", "frequency",
      "electrode-coating on pilot-A", "all oven zones within 2 K", "ti 370: best of", "overshoot", "trials; first and best",
      "line    pilot-A, twin" } do
      assert.truthy(out:find(part, 1, true), ("no '%s' in:\n%s"):format(part, out))
    end
  end)
end)

-- Files with random damage: `check` always answers with findings, never with an
-- error of its own, and every finding has a place. Longer: LW_MUTATIONS=5000.
local loader = require "linewright.loader"
local projects = require "tests.support.project"
local rng = require "linewright.rng"
local sys = require "linewright.sys"

local N = tonumber(sys.getenv "LW_MUTATIONS" or "") or 40

local VALUES = { "nil", "0/0", "{}", "-1", "true", '"x"', "1e308", "function() end", "print", "1",
  "math.huge", '"5 kg"', "sim", "zones", "{ {} }", '""', '"none"', '"keep"', "{ a = 1 }", "0", "0.5" }
-- What is struck out: a word, a text, a table, a number, one character.
local PIECES = { "[%w_]+", '"[^"\n]*"', "%b{}", "%d+", "." }

local function damage(r, text)
  for _ = 1, r:integer(1, 3) do
    local piece = PIECES[r:integer(1, #PIECES)]
    local a, b = text:find(piece, r:integer(1, #text))
    if a and b - a < 400 then
      local new = r:integer(1, 4) == 1 and "" or VALUES[r:integer(1, #VALUES)]
      text = text:sub(1, a - 1) .. new .. text:sub(b + 1)
    end
  end
  return text
end

describe("check of damaged files", function()
  local project = projects.new()
  teardown(function() project:remove() end)

  it("answers with findings that have places", function()
    local r = rng.new(20260101, 1)
    local whole = {
      ["r.lua"] = "recipes/electrode_coating.lua", ["l.lua"] = "examples/lines/line_b.lua",
      ["capabilities/zoned_dryer.lua"] = "stdlib/capabilities/zoned_dryer.lua",
      ["twins/coater.lua"] = "examples/twins/coater.lua",
    }
    local names = { "l.lua", "r.lua", "l.lua", "capabilities/zoned_dryer.lua", "twins/coater.lua" }
    for name, path in pairs(whole) do
      whole[name] = assert(sys.read_file(path))
      project:write(name, whole[name])
    end
    local failed = 0
    for i = 1, N do
      local name = names[i % #names + 1]
      local text = damage(r, whole[name])
      project:write(name, text)
      local ok, raised, findings = pcall(loader.check, { recipe = project.dir .. "/r.lua",
        line = project.dir .. "/l.lua", sim = i % 2 == 0, root = project.dir })
      project:write(name, whole[name])
      assert.is_true(ok, tostring(raised) .. "\n" .. text)
      for _, f in ipairs(findings) do
        assert.is_true(f.kind == "ok" or #f.at > 0, f.text)
        assert.is_nil(f.text:find("0x%x%x%x%x%x%x"), f.text)
        assert.is_nil(f.text:find("traceback", 1, true), f.text)
      end
      if findings:failed() then failed = failed + 1 end
    end
    assert.is_true(failed > N / 2) -- damage is mostly noticed
  end)
end)

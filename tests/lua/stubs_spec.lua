-- The stubs that editors read: each is Lua, each declares what is there, and no
-- word of the language is missing.
local sorted = require "linewright.sorted"
local static = require "linewright.static"
local stdlib = require "linewright.stdlib"
local sys = require "linewright.sys"
local words = require "linewright.words"

local ROLES = { "recipe", "line", "capability", "formula", "twin" }

local function files()
  local out = {}
  for _, dir in ipairs { "lua/meta", "lua/meta/linewright" } do
    for _, name in ipairs(assert(sys.list(dir))) do
      if name:find "%.lua$" then out[dir .. "/" .. name] = assert(sys.read_file(dir .. "/" .. name)) end
    end
  end
  return out
end

local TAGS = {}
for tag in ([[meta class field param return alias type generic overload see deprecated vararg diagnostic
    operator cast async nodiscard enum]]):gmatch "%S+" do TAGS[tag] = true end

describe("stubs", function()
  for path, text in sorted(files()) do
    it(path .. " is Lua with annotations that exist", function()
      assert.is_truthy(load(text, "@" .. path))
      for line in text:gmatch "[^\n]+" do
        local tag = line:match "^%s*%-%-%-@(%w+)"
        assert.is_true(tag == nil or TAGS[tag] == true, path .. ": ---@" .. tostring(tag))
      end
    end)
    it(path .. " documents the arguments that its functions have", function()
      local block = {}
      for line in text:gmatch "([^\n]*)\n" do
        if line:find "^%-%-%-" then block[#block + 1] = line else
          local name, args = line:match "^function ([%w_%.:]+)%(([^)]*)%)"
          for _, doc in ipairs(name and block or {}) do
            local param = doc:match "^%-%-%-@param ([%w_]+)"
            assert.is_true(param == nil or (", " .. args .. ","):find(", " .. param .. ",", 1, true) ~= nil,
              ("%s: %s has no argument '%s'"):format(path, tostring(name), tostring(param)))
          end
          block = {}
        end
      end
    end)
  end

  local language = assert(sys.read_file "lua/meta/language.lua")

  it("have every word of every kind of file, and no other", function()
    local known = { time = true }
    for _, role in ipairs(ROLES) do
      for word in pairs(words.of(role, { fail = function() end })) do known[word] = true end
    end
    for _, word in ipairs { "quantity", "difference" } do known[word] = stdlib.words("recipe")[word] ~= nil end
    for word in sorted(known) do assert.truthy(language:find("\nfunction " .. word .. "(", 1, true), word) end
    for word in language:gmatch "\nfunction ([%w_]+)%(" do assert.is_true(known[word], word) end
  end)
  it("have every verb, and no other", function()
    for verb in pairs(static.VERBS) do assert.truthy(language:find("\nfunction r." .. verb .. "(", 1, true), verb) end
    for verb in language:gmatch "\nfunction r%.([%w_]+)%(" do assert.is_true(static.VERBS[verb], verb) end
  end)
  it("are listed in the page of recipes, verb by verb", function()
    local page = assert(sys.read_file "docs/recipe.md")
    for verb in pairs(static.VERBS) do assert.truthy(page:find("r." .. verb, 1, true), verb) end
  end)
end)

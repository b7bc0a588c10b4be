-- The stubs that editors read: each is Lua, each declares what is there, and no
-- word of the language is missing. Those of the language, the plant and the rig
-- are written from one source, and the reference pages from all.
local infer_words = require "linewright.infer_words"
local sorted = require "linewright.sorted"
local static = require "linewright.static"
local stdlib = require "linewright.stdlib"
local surface = require "linewright.surface"
local sys = require "linewright.sys"
local words = require "linewright.words"

local budgets = require "linewright.budgets"
local small_run = dofile "tests/support/small_run.lua"

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
    for name in pairs(stdlib.blocks()) do
      assert.truthy(language:find(("\n%s = require %q\n"):format(name, name), 1, true), name)
    end
  end)
  it("have the verbs that a run has, and no other", function()
    local t = small_run { execute = function() end }
    local r = debug.getmetatable(t.run.rt.r).__index
    for verb in sorted(r) do assert.is_true(static.VERBS[verb], verb) end
    for verb in pairs(static.VERBS) do assert.is_function(rawget(r, verb), verb) end
    for verb in language:gmatch "\nfunction r%.([%w_]+)%(" do assert.is_true(static.VERBS[verb], verb) end
  end)
  it("are listed in the page of recipes, verb by verb", function()
    local page = assert(sys.read_file "docs/recipe.md")
    for verb in pairs(static.VERBS) do assert.truthy(page:find("r." .. verb, 1, true), verb) end
  end)
end)

describe("the surface", function()
  it("has for each table a text, and for each field a type and a text", function()
    for _, file in ipairs(surface.FILES) do
      for _, class in ipairs(require("linewright.surface." .. file)) do
        assert.truthy(#class.text > 10, class.class)
        for _, field in ipairs(surface.fields(class.class)) do
          assert.truthy(#field.type > 0 and #field.text > 2, class.class .. "." .. field.name)
        end
      end
    end
  end)
  it("names the unit of every number and time", function()
    local is_number = { number = true, ["linewright.time"] = true, ["linewright.quantity"] = true }
    for _, file in ipairs(surface.FILES) do
      for _, class in ipairs(require("linewright.surface." .. file)) do
        for _, f in ipairs(surface.fields(class.class)) do
          if is_number[f.type] then
            assert.truthy(f.text:find "%[[^%[%]]+%]$", class.class .. "." .. f.name .. ": " .. f.text)
          end
        end
      end
    end
  end)
  it("refuses what it does not name, with the names that it has", function()
    local t = small_run { execute = function(r) r.record("x", 1, "1", { tolerence = 3 }) end }
    t:start()
    t:run_until("Held", { within = "1 min" })
    assert.truthy(t.run.reason:find("E-KEY r.record 'x': unknown option 'tolerence' (known: hi, lo, target, "
      .. "tolerance). Did you mean 'tolerance'?", 1, true), t.run.reason)
  end)
  it("has the options of infer.load", function()
    assert.same(surface.keys "model_options", infer_words.options())
  end)
  it("has the budgets of a profile, with their defaults", function()
    for name, default in pairs(budgets.read({}, {})) do
      local text
      for _, f in ipairs(surface.fields "limits") do text = f.name == name and f.text or text end
      assert.truthy(text and text:find(("default %d "):format(default), 1, true) or text:find(("default %d$"):format(default)), name)
    end
  end)
end)

describe("the written files", function()
  local tool = assert(loadfile "tools/reference.lua")
  local AGAIN = "run make docs"

  it("of the stubs are what the surface says", function()
    for path, text in sorted(tool "stubs") do assert.equal(text, sys.read_file(path), AGAIN) end
  end)
  it("of the reference are what the stubs say", function()
    for path, text in sorted(tool "pages") do assert.equal(text, sys.read_file(path), AGAIN) end
  end)
  it("name every word, verb and field", function()
    local page = assert(sys.read_file "docs/reference/language.md")
    for _, name in ipairs { "words", "verbs" } do
      for _, entry in ipairs(require("linewright.surface." .. name)) do
        local heading = name == "verbs" and "### `r." .. entry[1] .. "(" or "### `" .. entry[1]
        assert.truthy(page:find(heading, 1, true), entry[1])
      end
    end
    for _, file in ipairs(surface.FILES) do
      for _, class in ipairs(require("linewright.surface." .. file)) do
        local from = assert(page:find("### `linewright." .. class.class .. "`", 1, true), class.class)
        for _, f in ipairs(surface.fields(class.class)) do
          assert.truthy(page:find("| `" .. f.name .. "` |", from, true), class.class .. "." .. f.name)
        end
      end
    end
  end)
  it("show examples that are Lua", function()
    for _, page in ipairs { "language", "library", "spec", "repl", "modules" } do
      local text = assert(sys.read_file("docs/reference/" .. page .. ".md"))
      for block in text:gmatch "```lua\n(.-)```" do
        if not (load(block) or load("return { " .. block .. " }")) then
          -- At the prompt each line is one of its own, and may be a value.
          for line in block:gmatch "[^\n]+" do
            assert.is_truthy(load(line) or load("return " .. line), page .. ": " .. block)
          end
        end
      end
    end
  end)
end)

-- Small faults in guard, scan, state machine and journal: the tests must notice them.
-- LW_MUTATE=all (or names of tests/support/mutation_targets.lua) tries each one, which
-- takes minutes; LW_MUTATE_PART is for the processes that share the work.
local mutate = require "tests.support.mutate"
local mutations = require "tests.support.mutations"
local targets = require "tests.support.mutation_targets"

local FLOOR = 95 -- percent of the faults that must be noticed

local function write(text) io.stderr:write(text) end

local function faults(text, is_lua)
  local out = {}
  for _, fault in ipairs(mutations.of(text, is_lua)) do out[#out + 1] = fault.now end
  table.sort(out)
  return out
end

local function chosen(wish)
  local out = {}
  for _, target in ipairs(targets) do
    if wish == "all" or (" " .. wish .. " "):find(" " .. target.name .. " ", 1, true) then out[#out + 1] = target end
  end
  return out
end

describe("small faults", function()
  it("of a line of C are its operators, numbers, conditions and calls", function()
    assert.same({ "  if (!(a < 2))", "  if (a < 1)", "  if (a < 3)", "  if (a <= 2)", "  if (a >= 2)" },
      faults "  if (a < 2)\n")
    assert.same({ "  ;" }, faults "  put(s, \"a < 2\"); \n")
    assert.same({}, faults "#define MOST 4 // a < 2\n")
  end)

  it("of a line of Lua are its operators, words, conditions and statements", function()
    assert.same({ "", "  if a then b = true end", "  if not (not a) then b = true end",
      "  if not a then b = false end" }, faults("  if not a then b = true end\n", true))
    assert.same({ "  local x = { b = \"c\" }" }, faults("  local x = { a = word, b = \"c\" }\n", true))
  end)

  it("that are exempt are still made", function()
    local idle = {}
    for _, target in ipairs(targets) do
      local _, none = mutate.faults(target)
      for line in pairs(none) do idle[#idle + 1] = target.source .. ":" .. line end
    end
    assert.same({}, idle)
  end)

  local wish, part = os.getenv "LW_MUTATE", tonumber(os.getenv "LW_MUTATE_PART")
  if not wish then return end
  for _, target in ipairs(chosen(wish)) do
    it("in " .. target.source .. " are noticed", function()
      if part then return mutate.part(target, part, write) end
      local made, caught = mutate.target(target, write)
      local score = 100 * caught / made
      write(("goal 12: %s: %d changes of the source, %d noticed, %.1f %%\n"):format(target.source, made, caught, score))
      assert.is_true(score >= FLOOR)
    end)
  end
end)

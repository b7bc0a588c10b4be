-- Seeded bugs: `linewright sim-test` on the trial line must find them. `make test`
-- tries a few, LW_MUTANTS=all (or a number) the list, LW_MUTANTS="a word" those that it
-- names; it prints each one and the score.
local mutant = require "tests.support.mutant"
local mutants = require "tests.fault.mutants"

local LEAST_SHARE = 0.95
-- So many days as find each of them, however busy the machine is; one that does not come
-- to its end has used up its CPU time.
local SEARCH = "ulimit -t 100; timeout 550 %s sim-test tests/fault/trial/recipe.lua "
  .. "--line tests/fault/trial/line.lua --hours 0.4 --seeds 400 --within '500 s' --shrink 0 --stop-after 1"
local HUNG = 124
-- One of each kind, found within a few days.
local SHORT = { "interlocks are not judged", "finished steps run again in a replay", "loops go on in Held" }

local function counted()
  local list = {}
  for _, bug in ipairs(mutants) do
    if not bug.equivalent then list[#list + 1] = bug end
  end
  return list
end

-- So many, evenly from the whole list, so that a short run sees all kinds.
local function some(list, n)
  local picked = {}
  for i = 1, n do picked[i] = list[1 + math.floor((i - 1) * #list / n)] end
  return picked
end

local function named(list, word)
  local picked = {}
  for _, bug in ipairs(list) do
    if (bug.file .. ": " .. bug.what):find(word, 1, true) then picked[#picked + 1] = bug end
  end
  return picked
end

local function wished(list, wish)
  if wish == "all" then return list end
  if tonumber(wish) then return some(list, math.min(tonumber(wish), #list)) end
  local picked = {}
  for _, word in ipairs(wish and { wish } or SHORT) do
    for _, bug in ipairs(named(list, word)) do picked[#picked + 1] = bug end
  end
  return picked
end

-- How the search ended: "seed 3 breaks I2 ...", "hung", "crashed", or nothing.
local function finding(bench, bug)
  if not bench:make(bug) then return "does not compile", true end
  local out, code = bench:run(SEARCH)
  bench:mend(bug)
  local text = out:match "seed %d+ breaks [^\n]*" or out:match "the process that plays seed %d+ ended"
  if text then return text end
  if code == HUNG then return "hung" end
  if code ~= 0 then return ("ended with %s: %s"):format(tostring(code), out:sub(1, 200)), true end
  return nil
end

local function try(list)
  local bench, missed, lines = mutant.bench(), {}, {}
  for _, bug in ipairs(list) do
    local text, is_odd = finding(bench, bug)
    if not text or is_odd then missed[#missed + 1] = bug.what .. ": " .. (text or "not found") end
    lines[#lines + 1] = ("%-34s %-52s %s"):format(bug.file, bug.what, text or "NOT FOUND")
    if os.getenv "LW_MUTANTS" then io.stderr:write(lines[#lines], "\n") end
  end
  bench:remove()
  return missed
end

describe("seeded bugs", function()
  it("still fit the files that they change", function()
    local stray = {}
    for _, bug in ipairs(mutants) do
      if not mutant.fits(bug) then stray[#stray + 1] = bug.file .. ": " .. bug.what end
    end
    assert.same({}, stray)
    assert.is_true(#counted() >= 40)
  end)

  it("are found by bad days", function()
    local wish = os.getenv "LW_MUTANTS"
    local list = wished(counted(), wish)
    local n, missed = #list, try(list)
    local share = 1 - #missed / n
    if wish then
      io.stderr:write(("goal 4: %d of %d seeded bugs found, %.1f %%\n"):format(n - #missed, n, 100 * share))
    end
    assert.is_true(share >= LEAST_SHARE, table.concat(missed, "\n"))
  end)
end)

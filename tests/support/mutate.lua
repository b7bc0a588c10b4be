-- Mutation test: makes small faults in a source one at a time, and says which of them
-- no test notices. tests/fault/mutation_spec.lua calls this.
--
-- The build whose program runs this is linked, so a fault in C costs one compilation
-- and one link, one in Lua neither. Faults in C are compiled with the sanitizers: that
-- memory is read past an array or never given back is noticed, too.
local mutant = require "tests.support.mutant"
local mutations = require "tests.support.mutations"
local process = require "tests.support.process"
local sys = require "linewright.sys"

local mutate = {}

-- Twice as many as cores, mostly: a fault that makes a test wait costs no processor.
local JOBS = 4
local FLAGS, PLAIN_FLAGS = "-O0 -fsanitize=address,undefined", "-O0"
-- The first test that fails is enough: with its reader gone, the program ends. A fault that
-- makes it run for ever costs seconds of the processor, however busy that is; one that makes
-- it wait for ever ends with the time.
local RUN_C = "ulimit -t 10; { LSAN_OPTIONS=print_suppressions=0:suppressions=tests/support/lsan.supp "
  .. "timeout 30 %s; echo \"ended with $?\"; } 2>&1 | grep -m 1 -E 'FAILED  \\]|ended with'"
local RUN_LUA = "env -u LW_MUTATE -u LW_MUTATE_PART timeout 60 %s test "
local RUN_PART = "LW_MUTATE=%s LW_MUTATE_PART=%d %s test tests/fault/mutation_spec.lua 2>&1"

-- Does one test of a target pass with what the bench holds now?
local function passes(bench, test)
  if test:find "%.lua$" then return select(2, bench:run(RUN_LUA .. test)) == 0 end
  return bench:link(test) and bench:run(RUN_C, test):find("ended with 0", 1, true) ~= nil
end

-- The test that notices this text, false when none does, nil when it is no program.
local function noticed(bench, target, text)
  for _, way in ipairs { { FLAGS, target.tests }, { PLAIN_FLAGS, target.plain_tests } } do
    bench:flags(way[1])
    if not bench:put(target.source, text) then return nil end
    for _, test in ipairs(way[2] or {}) do
      if not passes(bench, test) then return test end
    end
  end
  return false
end

--- The faults of a target's source that count.
---@param target table of tests/support/mutation_targets.lua
---@return table[] as mutations.of gives them
---@return table<string, true> the exemptions that none of them needs
function mutate.faults(target)
  local out, idle = {}, {}
  for line in pairs(target.equal or {}) do idle[line] = true end
  for _, fault in ipairs(mutations.of(assert(sys.read_file(target.source)), target.source:find "%.lua$" ~= nil)) do
    if target.equal and target.equal[fault.now] then
      idle[fault.now] = nil
    else
      out[#out + 1] = fault
    end
  end
  return out, idle
end

--- Try a share of a target's faults: writes a line for each that survives, last the sums.
---@param target table
---@param part integer from 0
---@param write fun(text: string)
function mutate.part(target, part, write)
  local bench = mutant.bench()
  local by = noticed(bench, target, assert(sys.read_file(target.source)))
  assert(by == false, ("%s: %s fails without any fault"):format(target.name, tostring(by)))
  local made, caught = 0, 0
  for i, fault in ipairs(mutate.faults(target)) do
    if i % JOBS == part then
      by = noticed(bench, target, fault.text)
      if by ~= nil then made = made + 1 end
      if by then caught = caught + 1 end
      if by == false then
        write(("%s:%d survived: %s\n      now: %s\n"):format(target.source, fault.line, fault.was, fault.now))
      end
    end
  end
  bench:remove()
  write(("sums %d %d\n"):format(made, caught))
end

--- Try all faults of a target, its parts side by side.
---@param target table
---@param write fun(text: string)
---@return integer made
---@return integer caught
function mutate.target(target, write)
  local pipes, made, caught = {}, 0, 0
  for part = 0, JOBS - 1 do
    pipes[#pipes + 1] = assert(io.popen(RUN_PART:format(target.name, part, process.program())))
  end
  for _, pipe in ipairs(pipes) do
    local text = pipe:read "*a"
    pipe:close()
    for said in text:gmatch "[^\n]+ survived: [^\n]*\n[^\n]*\n" do write(said) end
    local m, c = text:match "sums (%d+) (%d+)"
    assert(m, text)
    made, caught = made + m, caught + c
  end
  return made, caught
end

return mutate

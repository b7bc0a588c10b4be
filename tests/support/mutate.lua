-- Mutation test of C sources: makes small faults one at a time, builds the tests
-- with each, and says which faults no test notices.
--
--   luajit tests/support/mutate.lua BUILD_DIR [NAME ...]
--
-- BUILD_DIR is a finished build: its library and test objects are linked, so one
-- mutant costs one compilation and one link. Take build/asan, where reading past
-- an array is noticed too. NAME picks targets of the table below; without, all.
-- Exit 1 when a score is below the floor.

-- Mutants that do what the source does, each with the reason. The whole mutated
-- line is the key, as a line number would rot.
local EQUIVALENT = {
  ["  if (!(fabs(g->value - g->last) < most + slack))"] = "the slack is there for this very case",
  ["  if (s->last <= s->tag->lo)"] = "gives lo either way",
  ["  if (s->last >= s->tag->hi)"] = "gives hi either way",
  ["  if (isnan(most) || isnan(from) || fabs(goal - from) < most * (1 + 1e-9))"] = "differs by a rounding",
  ["    write_level(s, why->level >= level ? why->level : level);"] = "equal: both are the same",
  ["    if (in->tag->access | LW_WRITE && in->plain.quality == LW_GOOD)"] = "a reading's set-point is never used",
  ["  s->dt_s = (double)(gap_ns <= 2 * period_ns ? gap_ns : 2 * period_ns) / LW_S;"] = "equal: both are the same",
  ["    if (!(mask >> shown[i] & 1) || at > n)"] = "snprintf into 0 bytes writes nothing",
  ["  size_t first = n <= r->size - start ? n : r->size - start;"] = "equal: both are the same",
  ["  return kind > 0 && kind < LW_RECORD_N ? durables[kind] : 0;"] = "kind 0 is not durable",
}

local TARGETS = {
  { name = "guard", source = "host/scan/guard.c", tests = { "test_guard" } },
  { name = "rule", source = "host/scan/rule.c", tests = { "test_rule" } },
  { name = "packml", source = "host/base/packml.c", tests = { "test_packml" } },
  { name = "setpoint", source = "host/scan/setpoint.c", tests = { "test_setpoint", "test_scan" } },
  { name = "input", source = "host/scan/input.c", tests = { "test_input" } },
  { name = "convert", source = "host/image/convert.c", tests = { "test_convert" } },
  { name = "trip", source = "host/scan/scan_trip.c", tests = { "test_trip", "test_scan", "test_invariants" } },
  { name = "rules", source = "host/scan/scan_rules.c", tests = { "test_trip" } },
  { name = "scan", source = "host/scan/scan.c", tests = { "test_trip", "test_scan" } },
  { name = "ring", source = "host/base/ring.c", tests = { "test_ring" } },
  { name = "record", source = "host/base/record.c", tests = { "test_record" } },
}
local FLOOR = 95 -- percent of mutants that must be noticed

-- What to replace by what. `before` keeps a pattern from matching inside a
-- longer operator.
local OPERATORS = {
  { "<=", { "<", ">" } }, { ">=", { ">", "<" } },
  { " < ", { " <= ", " >= " } }, { " > ", { " >= ", " <= " } },
  { "==", { "!=" } }, { "!=", { "==" } },
  { "&&", { "||" } }, { "||", { "&&" } },
  { " & ", { " | " } }, { " | ", { " & " } },
  { " + ", { " - " } }, { " - ", { " + " } },
  { " * ", { " / " } }, { " / ", { " * " } },
  { "!", { "" } }, { " ? ", { " ? !" } },
  { " = 0;", { " = 1;" } }, { " = 1;", { " = 0;" } },
  { "return 0;", { "return 1;" } }, { "return 1;", { "return 0;" } },
  { "++", { "--" } }, { "+= ", { "-= " } },
  { "BIT(hold) | ", { "" } }, { "BIT(suspend) | ", { "" } }, { "BIT(reset) | ", { "" } },
  { "BIT(start) | ", { "" } }, { "BIT(complete) | ", { "" } }, { " | ENDS", { "" } },
}

local function read(path)
  local f = assert(io.open(path, "rb"))
  local text = f:read "*a"
  f:close()
  return text
end

local function write(path, text)
  local f = assert(io.open(path, "wb"))
  f:write(text)
  f:close()
end

local function lines_of(text)
  local out = {}
  for line in text:gmatch "([^\n]*)\n" do out[#out + 1] = line end
  return out
end

-- Code without strings and comments, same length, so that places still fit.
local function bare(line)
  local blank = function(s) return (" "):rep(#s) end
  return (line:gsub('"[^"]*"', blank):gsub("//.*$", blank))
end

local function is_code(line)
  return not line:find "^%s*#" and not line:find "^%s*//" and not line:find "^static const char"
end

-- One `!` must not be the first half of `!=`, and `<` not of a shift.
local function is_whole(line, from, to, what)
  local after, before = line:sub(to + 1, to + 1), line:sub(from - 1, from - 1)
  if what == "!" then return after ~= "=" end
  if what == "<=" or what == ">=" then return before ~= "<" and before ~= ">" end
  return true
end

local function replace_at(line, from, to, by)
  return line:sub(1, from - 1) .. by .. line:sub(to + 1)
end

local function mutate_operators(line, add)
  local code = bare(line)
  for _, op in ipairs(OPERATORS) do
    local from, to = code:find(op[1], 1, true)
    while from do
      if is_whole(code, from, to, op[1]) then
        for _, by in ipairs(op[2]) do add(replace_at(line, from, to, by)) end
      end
      from, to = code:find(op[1], to + 1, true)
    end
  end
end

-- A statement of its own line that is left out. Declarations and returns would
-- only fail to compile.
local function mutate_statement(line, add)
  local is_call = line:find "^%s+[%w_]+%(.*%);%s*$" or line:find "^%s+[%w_>%.%-%[%]%*]+ [%+%-|&^]?= .*;%s*$"
  if is_call and not line:find "^%s+return" then add((line:match "^%s*") .. ";") end
end

local function mutants_of(text)
  local lines, out = lines_of(text), {}
  for i, line in ipairs(lines) do
    local seen = {}
    local function add(changed)
      if changed == line or seen[changed] or EQUIVALENT[changed] then return end
      seen[changed] = true
      out[#out + 1] = { line = i, text = changed, was = line }
    end
    if is_code(line) then
      mutate_operators(line, add)
      mutate_statement(line, add)
    end
  end
  return out, lines
end

local function run(command)
  local a, _, c = os.execute(command)
  return (type(a) == "number" and a or c) == 0
end

-- The compiler's own words for a source, from the build's database, aimed at
-- another file and object.
local function compile_command(database, source, file, object)
  for command in database:gmatch '"command": "(.-[^\\])"' do
    if command:find(source, 1, true) and command:find("lw_objects", 1, true) then
      command = command:gsub('\\"', '"'):gsub("\\\\", "\\")
      command = command:gsub(" %-o %S+", " -o " .. object):gsub(" %-c %S+", " -c " .. file)
      return (command:gsub("%-Werror", "")) .. " -w 2>/dev/null"
    end
  end
  error("mutate: " .. source .. " is not in the build")
end

local function link_command(build, test, object, program, compile)
  local sanitizers = compile:match "%-fsanitize=%S+" or ""
  local test_object = io.popen("ls " .. build .. "/CMakeFiles/" .. test .. ".dir/tests/c/*/" .. test .. ".c.o"):read "*l"
  return table.concat({ "cc", sanitizers, test_object, object, build .. "/liblw_objects.a", "-o", program,
    "-lcmocka -ludunits2 -lsodium -lmodbus -luv -lpthread -ldl -lm -lzstd -lsqlite3 2>/dev/null" }, " ")
end

local function is_caught(target, mutant, lines, tools)
  local changed = {}
  for i, line in ipairs(lines) do changed[i] = i == mutant.line and mutant.text or line end
  write(tools.file, table.concat(changed, "\n") .. "\n")
  if not run(tools.compile) then return nil end -- not C any more: no mutant
  for i, test in ipairs(target.tests) do
    if not run(tools.link[i]) then return nil end
    if not run("timeout 10 " .. tools.program .. " >/dev/null 2>&1") then return test end
  end
  return false
end

local function try_target(build, database, target)
  local mutants, lines = mutants_of(read(target.source))
  local dir = io.popen("mktemp -d"):read "*l"
  local tools = { file = dir .. "/mutant.c", program = dir .. "/test", link = {} }
  tools.compile = compile_command(database, target.source, tools.file, dir .. "/mutant.o")
  for i, test in ipairs(target.tests) do
    tools.link[i] = link_command(build, test, dir .. "/mutant.o", tools.program, tools.compile)
  end
  local made, caught = 0, 0
  for _, mutant in ipairs(mutants) do
    local by = is_caught(target, mutant, lines, tools)
    if by ~= nil then made = made + 1 end
    if by then caught = caught + 1 end
    if by == false then
      print(("%s:%d survived\n  was %s\n  now %s"):format(target.source, mutant.line, mutant.was, mutant.text))
    end
  end
  run("rm -rf " .. dir)
  return made, caught
end

local build, names = arg[1], {}
if not build then
  io.stderr:write "usage: luajit tests/support/mutate.lua BUILD_DIR [NAME ...]\n"
  os.exit(2)
end
for i = 2, #arg do names[arg[i]] = true end
local database, code = read(build .. "/compile_commands.json"), 0
for _, target in ipairs(TARGETS) do
  if not next(names) or names[target.name] then
    local made, caught = try_target(build, database, target)
    local score = made > 0 and 100 * caught / made or 0
    print(("%-9s %3d mutants, %3d caught, score %.1f %%"):format(target.name, made, caught, score))
    if score < FLOOR then code = 1 end
  end
end
os.exit(code)

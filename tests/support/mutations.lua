-- Small faults in a text of C or Lua, one at a time and each within a statement.
-- What is no C or no Lua any more is for the caller to leave out.
local mutations = {}

-- What to replace by what. A blank before or after keeps a pattern from matching
-- inside a longer operator.
local BOTH = {
  { "<=", { "<", ">" } }, { ">=", { ">", "<" } },
  { " < ", { " <= ", " >= " } }, { " > ", { " >= ", " <= " } },
  { " + ", { " - " } }, { " - ", { " + " } },
  { " * ", { " / " } }, { " / ", { " * " } },
}
local C = {
  { "==", { "!=" } }, { "!=", { "==" } },
  { "&&", { "||" } }, { "||", { "&&" } },
  { " & ", { " | " } }, { " | ", { " & " } },
  { "!", { "" } }, { " ? ", { " ? !" } },
  { "++", { "--" } }, { "+= ", { "-= " } },
  { "BIT(hold) | ", { "" } }, { "BIT(suspend) | ", { "" } }, { "BIT(reset) | ", { "" } },
  { "BIT(start) | ", { "" } }, { "BIT(complete) | ", { "" } }, { " | ENDS", { "" } },
}
local LUA = {
  { "==", { "~=" } }, { "~=", { "==" } },
  { " and ", { " or " } }, { " or ", { " and " } },
  { "not ", { "" } }, { "true", { "false" } }, { "false", { "true" } },
}

-- Code without strings and comments, same length, so that places still fit.
local function bare(line, comment)
  local blank = function(s) return (" "):rep(#s) end
  return (line:gsub('"[^"]*"', blank):gsub(comment .. ".*$", blank))
end

-- One `!` must not be the first half of `!=`, and `<` not of a shift.
local function is_whole(code, from, to, what)
  local after, before = code:sub(to + 1, to + 1), code:sub(from - 1, from - 1)
  if what == "!" then return after ~= "=" end
  if what == "<=" or what == ">=" then return before ~= "<" and before ~= ">" end
  return true
end

local function replace_at(line, from, to, by) return line:sub(1, from - 1) .. by .. line:sub(to + 1) end

local function mutate_operators(line, code, operators, add)
  for _, op in ipairs(operators) do
    local from, to = code:find(op[1], 1, true)
    while from do
      if is_whole(code, from, to, op[1]) then
        for _, by in ipairs(op[2]) do add(replace_at(line, from, to, by)) end
      end
      from, to = code:find(op[1], to + 1, true)
    end
  end
end

-- One more and one less; 0 and 1, which mostly say no and yes, become each other.
local function mutate_numbers(line, code, add)
  for before, from, number, to in code:gmatch "(.?)%f[%w_.]()(%d+)()%f[^%w_.]" do
    local is_exponent = before == "-" and code:sub(1, from - 2):find "%de$"
    if not is_exponent then
      add(replace_at(line, from, to - 1, ("%d"):format(number == "1" and 0 or number + 1)))
      if tonumber(number) > 1 then add(replace_at(line, from, to - 1, ("%d"):format(number - 1))) end
    end
  end
end

local language = {}

language.c = { comment = "//", operators = { BOTH, C } }

-- More room than is needed is no fault.
function language.c.has_numbers(line) return not line:find "alloc%(" end

function language.c.is_code(line)
  return not line:find "^%s*#" and not line:find "^%s*//" and not line:find "^static const char"
end

-- Declarations and returns that are left out would only fail to compile.
local C_WORDS = { ["if"] = true, ["while"] = true, ["for"] = true, ["switch"] = true, ["return"] = true }

-- The last line of the statement that begins here; nil when none does that can be
-- left out.
local function c_statement(lines, i)
  local line = lines[i]
  local call, place = line:match "^%s+([%w_]+)%(", line:match "^%s+[%w_>%.%-%[%]%*]+ [%+%-|&^]?= "
  if not call and not place or C_WORDS[call] then return nil end
  local last = i
  while lines[last] and not lines[last]:find ";%s*$" do
    if lines[last]:find "[{}]%s*$" then return nil end
    last = last + 1
  end
  return lines[last] and last
end

function language.c.mutate(lines, i, add)
  local line = lines[i]
  local indent, condition, rest = line:match "^(%s*if )%((.*)%)( ?{?)$"
  if condition then add(indent .. "(!(" .. condition .. "))" .. rest) end
  local last = c_statement(lines, i)
  if last then add(line:match "^%s*" .. ";", last) end
end

language.lua = { comment = "%-%-", operators = { BOTH, LUA } }

function language.lua.has_numbers() return true end

function language.lua.is_code(line) return not line:find "^%s*%-%-" and not line:find "require \"" end

local LUA_WORDS = { "local ", "function ", "return", "for ", "while ", "else", "end" }

local function is_lua_statement(line)
  if line:find "= nil,$" or line:find "= nil, " then return false end -- a field for readers only
  for _, word in ipairs(LUA_WORDS) do
    if line:find("^%s+" .. word) then return false end
  end
  return line:find "^%s+if .* end$" or line:find "^%s+[%w_.:]+%(.*%)$" or line:find "^%s+[%w_.:]+ \"[^\"]*\"$"
    or line:find "^%s*[%w_.:, %[%]\"#+]+ = .*[^,{]$"
end

function language.lua.mutate(lines, i, add)
  local line = lines[i]
  local head, condition, rest = line:match "^(%s*if )(.-)( then.*)$"
  if condition then add(head .. "not (" .. condition .. ")" .. rest) end
  if is_lua_statement(line) then add "" end
  head = line:match "^(.*function[ %w_.:]*%b()) .+ end,?$"
  if head then add(head .. " end" .. (line:match ",$" or "")) end
  -- One row of a table that is data.
  for from, value, to in line:gmatch "()%f[%w_%[][%w_%[\"%]]+ = ([%w\"]+), ?()" do
    if value ~= "nil" then add(replace_at(line, from, to - 1, "")) end
  end
end

local function lines_of(text)
  local out = {}
  for line in text:gmatch "([^\n]*)\n" do out[#out + 1] = line end
  return out
end

--- All small faults of a text.
---@param text string
---@param is_lua boolean
---@return table[] each { line, was, now, text: the whole text with the fault }
function mutations.of(text, is_lua)
  local lines, out = lines_of(text), {}
  local tongue = is_lua and language.lua or language.c
  for i, line in ipairs(lines) do
    local seen = { [line] = true }
    local function add(changed, last)
      if seen[changed] then return end
      seen[changed] = true
      local before, after = table.concat(lines, "\n", 1, i - 1), table.concat(lines, "\n", (last or i) + 1)
      out[#out + 1] = { line = i, was = line, now = changed, text = before .. "\n" .. changed .. "\n" .. after .. "\n" }
    end
    if tongue.is_code(line) then
      local code = bare(line, tongue.comment)
      for _, operators in ipairs(tongue.operators) do mutate_operators(line, code, operators, add) end
      if tongue.has_numbers(line) then mutate_numbers(line, code, add) end
      tongue.mutate(lines, i, add)
    end
  end
  return out
end

return mutations

--- Names that the functions of a file use, against what they can reach.

local globals = require "linewright.globals"
local sandbox = require "linewright.sandbox"
local source = require "linewright.source"

local names = {}

local HAS_FUNCTIONS = { recipe = true, module = true, capability = true, twin = true }

--- Findings about names that nothing defines, and about names that are assigned
--- and declared nowhere.
---@param f table findings
---@param role string of the file
---@param file table { path, text }
---@param env table its environment
function names.check(f, role, file, env)
  if not HAS_FUNCTIONS[role] then return end
  local function is_known(name) return sandbox.refusal(env, name) == nil end
  local tokens = source.tokens(file.text)
  for _, t in ipairs(globals.undefined(tokens, is_known)) do
    f:fail(sandbox.refusal(env, t[2]), { file = file.path, line = t[3] }, "E-NAME")
  end
  for _, t in ipairs(globals.assigned(tokens)) do
    f:warn(("'%s' is declared nowhere: write `local %s` before it is used"):format(t[2], t[2]),
      { file = file.path, line = t[3] }, "E-GLOBAL")
  end
end

return names

--- What Lua's own words about a syntax error mean for somebody who writes another
--- language every day.

local syntax = {}

-- What stands in the line -> what is written here.
local FOREIGN = {
  { "!=", "not equal is written ~=" },
  { "%+=", "there is no +=: write x = x + 1" },
  { "%-=", "there is no -=: write x = x - 1" },
  { "&&", "`and` is written as a word" },
  { "||", "`or` is written as a word" },
  { "else%s+if%f[%s%(]", "`elseif` is one word" },
  { "%f[%w]null%f[%W]", "nothing is written nil" },
}

--- Lua's message with a remedy, where the line shows one.
---@param said string of the compiler, without file and line
---@param line string|nil the line it is about
---@return string
function syntax.explain(said, line)
  for _, case in ipairs(FOREIGN) do
    if line and line:find(case[1]) then return said .. "; " .. case[2] end
  end
  if said:find "near '[%)%]}]'" and line and line:find "%f[%w]function%f[%W]" then
    return said .. "; is the `end` of the function missing before it?"
  end
  return said
end

return syntax

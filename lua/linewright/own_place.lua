--- Places in the program's own files, which nobody who reads a message can mend.

local own_place = {}

--- A message without the place in the program's own files that Lua put in front of it.
---@param text string
---@return string
function own_place.strip(text)
  return text:match "^[^\n:]*/lua/linewright/[%w_/]+%.lua:%d+: (.*)$" or text
end

return own_place

-- A text must have a piece in it; both are shown when it has not.
local assert = require "luassert"

return function(text, piece)
  assert.is_truthy(tostring(text):find(piece, 1, true), ("no '%s' in:\n%s"):format(piece, tostring(text)))
end

---@meta linewright.match

--- Lua patterns whose backtracking is counted: a search that takes more than a million steps
--- and sixteen for each byte of text raises E-BUDGET. Patterns have at most 1,024 bytes.
---@class linewright.match
local match = {}

--- As string.find.
---@param text string
---@param pattern string
---@param init number|nil
---@param is_plain boolean|nil
---@return integer|nil first
---@return integer last
---@return string|integer ... captures
function match.find(text, pattern, init, is_plain) end

--- As string.match.
---@param text string
---@param pattern string
---@param init number|nil
---@return string|integer|nil ...
function match.match(text, pattern, init) end

--- As find, but a leading ^ is an ordinary character unless it is anchored: for gmatch and
--- gsub, whose caller an error names.
---@param text string
---@param pattern string
---@param init number
---@param is_anchored boolean|nil
---@return integer|nil first
---@return integer last
---@return string|integer ... captures
function match.next(text, pattern, init, is_anchored) end

return match

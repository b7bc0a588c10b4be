---@meta linewright.hash

---@class linewright.hash
local hash = {}

--- SHA-256 of a string, as lower-case hex.
---@param text string any bytes
---@return string hex 64 digits
function hash.sha256(text) end

return hash

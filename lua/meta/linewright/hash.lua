---@meta linewright.hash

---@class linewright.hash
local hash = {}

--- SHA-256 of a string, as lower-case hex.
---@param text string any bytes
---@return string hex 64 digits
function hash.sha256(text) end

--- The public key of a secret; a missing file is made, for the owner's eyes only.
---@param key_file string
---@return string|nil hex 64 digits
---@return string|nil message
---@return string|nil code
function hash.public(key_file) end

--- Ed25519.
---@param key_file string
---@param data string
---@return string|nil signature hex
---@return string|nil message
---@return string|nil code
function hash.sign(key_file, data) end

---@param public string hex
---@param data string
---@param signature string hex
---@return boolean is_good
function hash.verify(public, data, signature) end

--- Where this host's own signing key lies.
---@return string|nil path
---@return string|nil message
---@return string|nil code
function hash.key_path() end

return hash

---@meta linewright.live

--- A look at a line that runs in another process.
---@class linewright.live
local live = {}

---@class linewright.Live
local Live = {}

--- Map a line's image.
---@param image_fd integer taken
---@param plan string encoded
---@return linewright.Live|nil live
---@return string|nil message
---@return string|nil code
function live.open(image_fd, plan) end

--- The line of the host that listens at a socket.
---@param socket string path, DATABASE.sock
---@return linewright.Live|nil live
---@return string|nil message
---@return string|nil code "E-NOTFOUND" when none does
function live.attach(socket) end

--- Put a request to that host, "status" for one.
---@param socket string
---@param request string
---@return string|nil answer
---@return string|nil message
---@return string|nil code
function live.ask(socket, request) end

--- Newest reading in the process unit.
---@param tag integer
---@return number|string|nil value
---@return "good"|"uncertain"|"bad" quality
---@return number age_s
function Live:read(tag) end

---@param tag integer
---@return string|nil name nothing past the last tag
---@return string unit
---@return boolean is_writable
---@return number|nil lo
---@return number|nil hi
function Live:tag(tag) end

---@param name string
---@return integer|nil tag
function Live:find(name) end

---@return string name
---@return integer tag_n
---@return integer scan_n
---@return integer late_n
---@return number age_s since the newest scan
function Live:line() end

function Live:close() end

return live

---@meta linewright.link

--- The evaluator's end of the REPL: frames to and from the visible process.
---@class linewright.link
local link = {}

---@class linewright.Link
local Link = {}

---@param fd integer of a stream socket, taken
---@return linewright.Link
function link.open(fd) end

--- The next frame.
---@param timeout_s? number default: as long as it takes
---@return string|nil|false kind one character; nil: the time is over, false: nobody is there
---@return string payload
function Link:receive(timeout_s) end

--- Send a frame; what was printed before is flushed first.
---@param kind string one character
---@param payload? string
---@return boolean ok false when the other side is gone
function Link:send(kind, payload) end

--- The descriptor that came with a frame, nil when there is none.
---@return integer|nil fd
function Link:take_fd() end

--- Send standard output and error to a descriptor from now on, line by line.
---@param fd integer
function Link:print_to(fd) end

--- From now on SIGUSR1 ends what runs, with an error that nothing catches.
---@return true|nil ok
---@return string|nil message
---@return string|nil code
function Link:stop_on_interrupt() end

function Link:close() end

return link

---@meta linewright.child

--- This program again, in processes that work beside this one.
---@class linewright.child
local child = {}

---@class linewright.Child
local Child = {}

--- Start one. Its standard output comes here, its other streams are ours.
---@param ... string its command line without the program, e.g. "--role", "tool", "check", "x.lua"
---@return linewright.Child|nil
---@return string|nil message
---@return string|nil code
function child.open(...) end

--- How many processes run on this machine without waiting for each other.
---@return integer
function child.cores() end

--- Wait for the next line that it prints.
---@return string|nil line nil: it ended, or closed its output
function Child:line() end

--- End it, if it still runs. May be called twice.
function Child:close() end

return child

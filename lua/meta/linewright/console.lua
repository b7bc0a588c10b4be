---@meta linewright.console

--- The keyboard of a run: a line at a time, while the terminal does not echo.
---@class linewright.Console
local Console = {}

local console = {}

--- Take the terminal on standard input.
---@return linewright.Console|nil console nil when input or output is no terminal
function console.open() end

--- Never waits.
---@return string|nil line nil when none is complete
function Console:read() end

--- What of the next line is there so far.
---@return string
function Console:typed() end

--- Give the terminal back as it was.
function Console:close() end

return console

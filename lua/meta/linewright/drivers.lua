---@meta linewright.drivers

--- Which drivers this program has and what they take.
---@class linewright.drivers
local drivers = {}

--- All kinds, as multiple results.
---@return string ...
function drivers.kinds() end

---@param kind string one of kinds(); others raise
---@return string help one line
function drivers.help(kind) end

--- The i-th option of a kind; nil past the end.
---@param kind string
---@param i integer from 1
---@return string|nil name nested keys joined by dots, "watchdog.register"
---@return string letter "s" text, "n" number, "d" duration, "b" boolean, "f" file
---@return boolean required
---@return string help
function drivers.option(kind, i) end

--- Check an address without any I/O.
---@param kind string
---@param address string
---@param type string "bool", "u16", ..., "text"
---@param access "r"|"w"|"rw"
---@return true|nil ok
---@return string|nil message what would be right
---@return string|nil code
function drivers.check_address(kind, address, type, access) end

--- Check the values of options without any I/O.
---@param kind string
---@param options table<string, string> name to text, as they go to the driver
---@return true|nil ok
---@return string|nil message "option NAME = ...", with what would be right
---@return string|nil code
function drivers.check_options(kind, options) end

return drivers

---@meta linewright.filters

--- The streaming filters that a tag's `filter` may name.
---@class linewright.filters
local filters = {}

--- All kinds, as multiple results.
---@return string ...
function filters.kinds() end

---@param kind string one of kinds(); others raise
---@return string help one line
function filters.help(kind) end

--- The i-th parameter of a filter; nil past the end.
---@param kind string
---@param i integer from 1
---@return string|nil name
---@return string measure "count", "number", "Hz", "s", "dB", "value" (a difference in the
---  signal's unit), "level" (a place in it), "rate" (unit per second), "choice"
---@return number low legal range, both ends legal
---@return number high
---@return number|nil default nil: must be given
---@return string help
---@return string|nil words of a choice, "butterworth bessel"; given by its place, from 0
function filters.param(kind, i) end

--- Check parameters, in the order of the table; nil takes the default.
---@param kind string
---@param rate_hz number samples per second
---@param ... number|nil
---@return true|nil ok
---@return string|nil message
---@return string|nil code
function filters.check(kind, rate_hz, ...) end

return filters

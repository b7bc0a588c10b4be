---@meta linewright.unit

--- Unit conversion, UDUNITS-2 spelling ("degC", "m/min").
---@class linewright.unit
local unit = {}

--- Factors such that to = from * gain + bias.
---@param from string
---@param to string
---@return number|nil gain
---@return number|string bias or the message: unknown unit, or dimensions that differ
---@return string|nil code "E-UNIT"
function unit.convert(from, to) end

--- What a unit measures, in plain words ("temperature") or base units ("kg.m-2").
---@param name string
---@return string|nil words
---@return string|nil message
---@return string|nil code
function unit.dimension(name) end

return unit

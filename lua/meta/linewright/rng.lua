---@meta linewright.rng

--- Random numbers that are the same on every machine and engine (xoshiro256++).
---@class linewright.rng
local rng = {}

---@class linewright.Rng
local Rng = {}

--- A generator; different streams of one seed are independent.
---@param seed number whole, within 2^53
---@param stream number|nil whole, within 2^53; 0 when absent
---@return linewright.Rng
function rng.new(seed, stream) end

---@return number x in [0, 1)
function Rng:uniform() end

---@return number x normal, mean 0, standard deviation 1
function Rng:normal() end

--- A whole number in [lo, hi], each equally likely.
---@param lo number whole
---@param hi number whole, >= lo
---@return number
function Rng:integer(lo, hi) end

--- The state as text, for load.
---@return string
function Rng:save() end

---@param text string from save; anything else is an error and changes nothing
function Rng:load(text) end

return rng

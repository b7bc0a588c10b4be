---@meta linewright.disk

--- A disk in memory, for trials: its power can be cut and its operations fail. What was
--- written and not synced is then kept, dropped or torn, as the seed has it.
---@class linewright.disk
local disk = {}

---@class linewright.Disk
local Disk = {}

--- An empty disk. `store.open(path, "w", disk)` opens a store on it.
---@param seed number
---@param is_lying boolean|nil its syncs report success and do nothing
---@return linewright.Disk|nil
---@return string|nil message
---@return string|nil code
function disk.new(seed, is_lying) end

--- Let one of the next operations fail; a kind of before is forgotten.
---@param kind "none"|"cut"|"eio"|"full"|"fsync"
---@param within number|nil among how many operations, default 1: the next one
---@param is_lasting boolean|nil all later ones fail, too
function Disk:fail(kind, within, is_lasting) end

--- Is the power gone?
---@return boolean
function Disk:is_off() end

--- How many operations failed so far.
---@return number
function Disk:faults() end

--- Power is back; what was open is dead, and nothing fails until it is asked for.
function Disk:restore() end

return disk

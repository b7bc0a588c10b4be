---@meta linewright.sim

--- A twin's terminal strip, from engine:sim() or worker.sim(fd). Signals count from 1, in the
--- order of the plan; values are in the twin's unit.
---@class linewright.Sim
local Sim = {}

--- What the twin or the line set last; faults do not touch it.
---@param signal integer
---@return number|string
function Sim:get(signal) end

---@param signal integer
---@param value number|string a string for a signal that is a text
function Sim:set(signal, value) end

--- Inject a fault between plant and line, until cleared.
---@param signal integer
---@param kind string|nil "bad", "uncertain", "nan", "force", "stuck", "drift", "spike", "delay", "noise",
---  "lost", "crash"; nil or "none" clears
---@param argument number|string|nil value, slope per second, height, seconds, standard deviation
function Sim:fault(signal, kind, argument) end

---@return number
function Sim:count() end

return Sim

---@meta linewright.engine

--- A line in virtual time, in this process: plant, scan and tick in one thread and one order.
---@class linewright.engine
local engine = {}

---@class linewright.Engine
local Engine = {}

---@param plan string encoded plan
---@param seed number of the simulated plant
---@param wall0_s number wall time at clock 0 [s since 1970]
---@param store linewright.Store|nil kept open by the engine; nil = records are dropped
---@param run number|nil run id in the store
---@param previous linewright.Engine|nil go on with its clock and plant, as after a power cut
---@return linewright.Engine|nil
---@return string|nil message
---@return string|nil code
function engine.new(plan, seed, wall0_s, store, run, previous) end

---@return linewright.Port
function Engine:port() end

---@return linewright.Sim|nil sim nil when the plan has no signals
function Engine:sim() end

--- Advance to the next thing that Lua has to do. Scans and drivers run inside.
---@param limit_ns number clock time to stop at
---@return "twin"|"tick"|"timer"|"moved"|nil what nil: the limit was reached
---@return number|nil id of the timer
function Engine:step(limit_ns) end

--- Somebody sets the wall clock; the line's own time goes on as it was.
---@param by_s number
function Engine:step_wall(by_s) end

--- From here on step returns "moved", too: all that was due at this instant is done, and
--- it held a tick, or a scan that changed a terminal, a reading or the level of outputs.
function Engine:watch() end

---@return number
function Engine:now_ns() end

--- Ask for a "timer" step.
---@param due_ns number
---@param id number whole, 0 to 2^53
function Engine:timer(due_ns, id) end

--- Commit the records emitted so far.
---@return true|nil ok
---@return string|nil message
---@return string|nil code
function Engine:pump() end

--- What the scan published last for a tag, whatever its age or quality.
---@param tag integer
---@return number|string|nil
function Engine:value(tag) end

--- Everything at once, into the caller's tables: what sim:get says of each signal, and what
--- port:read says of each tag; of a text not-a-number.
---@param terminals number[] by signal
---@param values number[] by tag
---@param qualities string[] by tag
function Engine:look(terminals, values, qualities) end

--- Send the worker's side a command, as the host would.
---@param command string
---@param who string|nil
---@param argument string|nil
---@return true|nil ok
---@return string|nil message
---@return string|nil code
function Engine:command(command, who, argument) end

--- Ask for a set-point as a broken worker would: past the checks of the port.
---@param tag integer
---@param value number also NaN and infinity
---@param back integer|nil how many epochs ago it was asked, default 0
function Engine:wild(tag, value, back) end

--- The power went: what was not committed is gone. A new engine goes on from here.
function Engine:lose() end

--- After an error stopped the store: open it again in place, as the host does when a person
--- asks for it. What was not on disk is gone; a new engine goes on from here.
---@return true|nil ok
---@return string|nil message
---@return string|nil code
function Engine:reopen_store() end

--- Free it; its port and sim raise from then on. May be called twice.
function Engine:close() end

return engine

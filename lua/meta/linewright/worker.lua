---@meta linewright.worker

--- The hidden roles' side of the memory that the host shares.
---@class linewright.worker
local worker = {}

---@class linewright.Worker
local Worker = {}

--- Map image and desk and check them against this process's own plan.
---@param plan string encoded plan
---@param image_fd integer
---@param desk_fd integer
---@param bell_fd integer
---@return linewright.Worker|nil
---@return string|nil message
---@return string|nil code
function worker.open(plan, image_fd, desk_fd, bell_fd) end

--- A standby: wait until the host calls.
---@param bell_fd integer
---@return boolean called false: the host is gone
function worker.await(bell_fd) end

---@return linewright.Port
function Worker:port() end

--- CPU budget that the line's profile gives one tick [ns].
---@return number
function Worker:tick_cpu_ns() end

--- How the worker before this one ended, in words; nil when this is the first.
---@return string|nil
function Worker:death() end

--- Tick in real time until a function returns true. The heartbeat is given after each tick that
--- came back. Errors of the functions are raised here.
---@param tick fun(now_ns: number): boolean? once per tick period
---@param bell fun(): boolean? records were committed or a command came in
---@return true|nil ok
---@return string|nil message
---@return string|nil code "E-CLOSED": the host is gone
function Worker:run(tick, bell) end

function Worker:close() end

--- Map a terminal strip, for the role `twin`.
---@param fd integer
---@return linewright.Sim|nil
---@return string|nil message
---@return string|nil code
function worker.sim(fd) end

--- Step a twin in real time until it returns true.
---@param period_ns number
---@param step fun(dt_s: number): boolean?
function worker.run_twin(period_ns, step) end

return worker

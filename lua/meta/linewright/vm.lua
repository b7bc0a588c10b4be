---@meta linewright.vm

--- Running script code under a CPU budget and the memory cap. Trusted code only.
---@class linewright.vm
---@field is_luajit boolean false on PUC Lua
local vm = {}

--- Resume a coroutine.
---
--- A spent budget is sticky: the error is raised again at every instruction until the
--- coroutine is dead, whatever `pcall` it runs inside. After "memory" the worker should
--- be restarted rather than reused.
---@param co thread new or yielded
---@param budget_ns number|nil CPU time of this slice [ns], counted in steps of 2 ms; nil = none
---@param ... any
---@return boolean ok true and what it yielded or returned; or false, the error value as it
---  was raised, and "error", "budget" or "memory"
---@return any ...
function vm.resume(co, budget_ns, ...) end

--- Call a function that may not yield; results as vm.resume.
---@param fn function
---@param budget_ns number|nil
---@param ... any
---@return boolean ok
---@return any ...
function vm.call(fn, budget_ns, ...) end

--- Stack of a coroutine, also of a dead one.
---@param co thread
---@param message string|nil put before it
---@return string
function vm.traceback(co, message) end

--- Count what a script holds of the C stack; the end of the slice undoes what a
--- script that was cut left counted.
---@param delta integer
---@return integer depth after counting
function vm.nest(delta) end

--- From now on all slices together have budget_ns of CPU time, until the next call.
---@param budget_ns number 0 = no limit
function vm.tick(budget_ns) end

--- Bytes in the Lua heap, and the cap (0 = none).
---@return number used
---@return number cap
function vm.memory() end

--- Set the cap of the heap [bytes], which counts while vm.resume or vm.call runs a script.
---@param bytes number 0 = no limit
function vm.cap(bytes) end

--- Switch LuaJIT's compiler.
---@param on boolean|"force" "force" skips the check that it computes right, for tests
---@return boolean|nil ok
---@return string|nil reason why it stays off
---@return string|nil code
function vm.jit(on) end

return vm

---@meta linewright.sample_view
-- luacheck: ignore 241 (stubs are filled in, not read)

--- Pointers into sample arrays, for trusted code on LuaJIT: stdlib, line profiles'
--- helpers, analysis. Recipes cannot reach this module, nor the FFI behind it.
---@class linewright.sample_view
local sample_view = {}

--- The numbers of an array where they lie; the pointer keeps the array alive, and
--- nothing checks an index: writing beyond n is a crash.
---@param s linewright.Samples
---@return ffi.cdata*|nil pointer `double *`, `float *` or `int16_t *` by the array's layout
---@return integer|string n or the message
---@return string? code "E-UNSUPPORTED" on an engine without FFI
function sample_view.of(s) end

--- LuaJIT's FFI itself, at the prompt of an engineer and nowhere else.
---@return table|nil ffi
---@return string|nil message
---@return string|nil code "E-DENIED", "E-UNSUPPORTED" on an engine without FFI
function sample_view.library() end

return sample_view

---@meta linewright.packml

--- The PackML state machine as data (ISA-TR88.00.02), with Linewright's hold set. States are
--- names such as "Execute", commands lower-case words such as "unhold". Unknown names raise.
---@class linewright.packml
local packml = {}

--- The acting state a command leads to, nil when it is not legal now.
---@param state string
---@param command string
---@return string|nil
function packml.command(state, command) end

--- The state that follows when an acting state has done its work; itself for wait states.
---@param state string
---@return string
function packml.done(state) end

--- The legal commands in words, "unhold, complete, stop, abort".
---@param state string
---@return string
function packml.legal(state) end

---@param state string
---@return integer number as in the standard, 1 to 17
function packml.number(state) end

---@param number integer
---@return string|nil state
function packml.name(number) end

---@param word string
---@return boolean
function packml.is_command(word) end

--- How another standard calls a state.
---@param state string
---@param scheme "isa88"|"ftbatch"|"mtp"|"lads"|"batchml"
---@return string|nil name
---@return number code 0 where the scheme has none
function packml.map(state, scheme) end

return packml

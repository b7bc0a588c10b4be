---@meta linewright.rig
--- Written by tools/reference.lua from lua/linewright/rig.lua; do not edit.

--- A recipe on a line's twin in virtual time. Faults are injected by a signal of
--- the twin ("gauge.m") or by a channel ("gauge.mass").
---   local t = rig { recipe = "recipes/x.lua", line = "lines/y.lua", params = { speed = 5 } }
---@class linewright.rig
---@overload fun(options: linewright.rig_options): linewright.Rig
local rig = {}

---@class linewright.Rig
---@field run table the run: state, reason, records, prompts, loops
---@field p table<string, any> the parameters
local Rig = {}

--- Load a recipe or profile as a table, to change it before a rig takes it.
---@param path string
---@return table
function rig.load(path) end

--- The PackML state.
---@return string
function Rig:state() end

--- Command the run: "hold", "unhold", "stop", ...
---@param command string
---@param argument string|nil
---@return boolean ok
---@return string|nil message
function Rig:command(command, argument) end

--- Let a time pass.
---@param time number|string
function Rig:advance(time) end

--- Let time pass until a state is reached or a function of the run is true.
---@param what string|function
---@param options table|nil within (default 24 h)
function Rig:run_until(what, options) end

--- Reset and start.
function Rig:start() end

--- Give a signal a fault, or nil to clear it: bad, uncertain, stuck, drift, spike,
--- delay, noise, lost, crash.
---@param name string
---@param kind string|nil
---@param argument number|nil drift per second, height, seconds, standard deviation
function Rig:fault(name, kind, argument) end

--- Make the line see a value, whatever the twin says; nil lets go. By signal name
--- in the twin's unit, by channel in the channel's.
---@param name string
---@param value number|string|nil a string for a text
function Rig:force(name, value) end

--- How long calls of a model take from now on; nil: as it says itself.
---@param name string of the model, its file's name unless `infer.load` gives one
---@param time number|string|nil
function Rig:slow(name, time) end

--- What the camera's stub says from now on.
---@param label string one of the line's classes
---@param confidence number 0..1
function Rig:see(label, confidence) end

--- Answer the open question.
---@param choice string
---@return boolean ok
---@return string|nil message
function Rig:answer(choice) end

--- Cut the power, as if by kill -9; only `reboot` goes on from here.
function Rig:crash() end

--- Power back: a new process resumes the run from its journal.
---@param options table|nil after: length of the outage (default 30 min); recipe: another file
---  to resume with
function Rig:reboot(options) end

--- Read the line's profile again, or take another, as `linewright command reload`
--- does.
---@param line string|table path or loaded profile
---@return boolean taken_up
---@return string text
function Rig:reload(line) end

--- Records of a kind with a label, over the whole run.
---@param kind string "begin", "end", "mark", "prompt", ...
---@param label string|nil of a step, a wait, a mark ...; nil: all of the kind
---@return integer
function Rig:count(kind, label) end

--- A channel's newest value in the channel's unit, or a twin signal's in its own.
---@param name string
---@return number|string
function Rig:value(name) end

return rig

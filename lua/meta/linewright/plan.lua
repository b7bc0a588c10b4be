---@meta linewright.plan

--- The flat, checked form of a line bound to a recipe, which the host understands. Wrong use
--- raises; indices count from 1.
---@class linewright.plan
local plan = {}

---@class linewright.Plan
local Plan = {}

---@param line string name of the line
---@param profile string|nil path of the profile, for messages
---@return linewright.Plan
function plan.new(line, profile) end

---@param bytes string from encode
---@return linewright.Plan|nil
---@return string|nil message
---@return string|nil code
function plan.decode(bytes) end

---@param field "scan_ns"|"tick_ns"|"heartbeat_ns"|"tick_cpu_ns"|"memory_bytes"|
---  "history_keep_ns"|"history_share"|"revision"|"api"
---@param value number
function Plan:set(field, value) end

---@param kind string
---@param name string how messages call it
---@return integer driver
function Plan:driver(kind, name) end

---@param driver integer the newest one
---@param name string
---@param value string as text; durations in seconds, booleans "true", "false"
function Plan:option(driver, name, value) end

---@param name string
---@param unit string the twin's own
---@return integer signal
function Plan:signal(name, unit) end

---@param name string channel, "oven.zones[1].temp"
---@return integer tag
function Plan:tag(name) end

--- Fields: driver, signal (index or nil), address, feedback, unit, process_unit, type ("u16"),
--- word_order ("big", "little"), access ("r", "w", "rw"), scale, offset, gain, bias, signal_gain,
--- signal_bias, lo, hi, step_max, rate_max, deadband, safe_suspend, safe_hold, safe_stop,
--- safe_abort (numbers in the process unit, nil = absent or keep), max_age_ns, poll_ns,
--- history ("change", "scan", "none").
---@param tag integer
---@param field string
---@param value any
function Plan:tag_set(tag, field, value) end

--- Append a filter to a tag's chain, which runs in the tag's unit.
---@param tag integer all filters of a tag one after another
---@param kind string
---@param ... number|nil parameters in the order of filters.param
function Plan:filter(tag, kind, ...) end

---@param kind "interlock"|"permit"
---@param tag integer
---@param op "above"|"below"|"is"|"is_not"
---@param limit number process unit
---@param level string "suspend", "hold", "stop", "abort"
---@param lasting_ns number
---@param text string what the operator reads
---@param need_tag integer|nil permits only, as the next two
---@param need_op string|nil
---@param need_limit number|nil
---@return integer rule
function Plan:rule(kind, tag, op, limit, level, lasting_ns, text, need_tag, need_op, need_limit) end

---@return true|nil ok
---@return string|nil message the first fault
---@return string|nil code
function Plan:check() end

---@return string hex SHA-256 of encode()
function Plan:digest() end

---@return string bytes
function Plan:encode() end

---@return integer
function Plan:tag_count() end

---@param name string
---@return integer|nil tag
function Plan:find(name) end

---@param tag integer
---@return string name
function Plan:name(tag) end

--- Free it early; may be called twice.
function Plan:close() end

return plan

---@meta linewright.history

--- Reading a historian's folder: what tags were, over time. Times are UTC since
--- 1970 in ns. A run's folder is FILE.history/run-ID when it was simulated faster
--- than time, else FILE.history.
---@class linewright.history
local history = {}

---@class linewright.History
local History = {}

---@param folder string
---@return linewright.History|nil
---@return string|nil message
---@return string|nil code
function history.open(folder) end

--- Walk the tags of the days between two times: name, unit; sorted by name.
---@param from_ns number
---@param to_ns number
---@return fun(): string, string
function History:tags(from_ns, to_ns) end

--- A tag in n equal parts of a span. `held` is the mean weighted by time, each
--- value held to the next; a part without good samples gives not-a-number.
---@param tag string
---@param from_ns number
---@param to_ns number
---@param n number 1 to 100000
---@return fun(): number, number, number, number, number, number, number, number
---  t_ns, n, min, max, mean, first, last, held
function History:buckets(tag, from_ns, to_ns, n) end

--- A tag at an instant: the newest sample not after it, or on the line to the next.
---@param tag string
---@param t_ns number
---@param how "held"|"linear"|nil
---@return number|nil value
---@return string quality "good", "uncertain" or "bad"; a message after nil
---@return number|string t_ns of the sample; a code after nil
function History:at(tag, t_ns, how) end

--- A tag's samples, as they were taken.
---@param tag string
---@param from_ns number
---@param to_ns number not included
---@return fun(): number, number, string t_ns, value, quality
function History:read(tag, from_ns, to_ns) end

--- A tag at instants of even distance; not-a-number and "bad" before its first sample.
---@param tag string
---@param from_ns number
---@param step_ns number
---@param n number 1 to 1000000
---@param how "held"|"linear"|nil
---@return fun(): number, number, string t_ns, value, quality
function History:grid(tag, from_ns, step_ns, n, how) end

--- Close it; twice is fine.
function History:close() end

return history

---@meta linewright.store

--- Runs, bundles and journals in one file. The world's refusals are nil, message, code.
---@class linewright.store
local store = {}

---@class linewright.Store
local Store = {}

---@param path string ":memory:" for tests
---@param mode "r"|"w"|nil "w" creates the file; one writer at a time
---@param disk linewright.Disk|nil a disk for trials, instead of the system's files
---@return linewright.Store|nil
---@return string|nil message
---@return string|nil code
function store.open(path, mode, disk) end

--- Collect a field of the run that run_begin will enter: id, batch, recipe, version, line,
--- formula, bundle, policy, state, recipe_path, line_path, formula_path, settings (texts),
--- seed, begun_wall_ns, ended_wall_ns (numbers).
---@param field string
---@param value string|number
function Store:run_set(field, value) end

--- Enter the run; durable at return.
---@return number|nil id
---@return string|nil message
---@return string|nil code
function Store:run_begin() end

---@param run number
---@param state string PackML state it ended in
---@return true|nil ok
---@return string|nil message
---@return string|nil code
function Store:run_end(run, state) end

--- Which key seals the ends of runs; by default the host's own.
---@param path string
---@return boolean|nil ok
---@return string|nil message
---@return string|nil code
function Store:key(path) end

--- The newest run, or the newest of a batch.
---@param batch string|nil
---@return number|nil id
---@return string|nil message
---@return string|nil code
function Store:run_find(batch) end

---@param run number
---@param field string as in run_set
---@return string|number|nil value
---@return string|nil message
---@return string|nil code
function Store:run_get(run, field) end

---@param bundle string hash of the manifest
---@param role string "recipe", "line", ...
---@param path string
---@param sha string SHA-256 of the text
---@param text string
---@return true|nil ok
---@return string|nil message
---@return string|nil code
function Store:bundle_put(bundle, role, path, sha, text) end

---@param bundle string
---@param role string
---@param path string
---@return string|nil text
---@return string|nil message
---@return string|nil code
function Store:bundle_text(bundle, role, path) end

--- The i-th file of a bundle, in a fixed order; nil past the last.
---@param bundle string
---@param i integer from 1
---@return string|nil role
---@return string path
---@return string text
function Store:bundle_file(bundle, i) end

--- The bundle that a run goes by now: a reload may have changed it.
---@param run number
---@return string|nil hash
---@return string|nil message
---@return string|nil code
function Store:run_bundle(run) end

--- Walk the named scopes of a run - unit procedures, operations, phases - in the order
--- they began, with the wall time each took: what a history's samples are joined on, as in
--- `for path, from, to in s:scopes(run) do h:buckets(tag, from, to, 1) end`.
---@param run number
---@return fun(): string, number, number|nil path, from_ns, to_ns (nil while it is open)
function Store:scopes(run) end

--- Walk the committed records of a run:
--- `for id, t_ns, wall_ns, kind, key, data, seq in s:records(run) do`.
---@param run number
---@param after number|nil id of the last record not wanted
---@return fun(): number, number, number, string, string, string, number
function Store:records(run, after) end

--- One answer in SQL, row by row.
---@class linewright.Sql
local Sql = {}

--- The next row: true and its values; nil at the end; nil, message, code.
---@return true|nil row
function Sql:row() end

---@return string ... names of the columns
function Sql:columns() end

function Sql:close() end

--- Ask in SQL, to read only: one SELECT over the tables, and the views and functions that
--- host/store/sql.h names. Values fill the parameters ?1, ?2, ...
---@param text string
---@param ... number|string|nil
---@return linewright.Sql|nil
---@return string|nil message
---@return string|nil code
function Store:sql(text, ...) end

--- @return string path full path of the file, "" in memory
function Store:path() end

--- Check the audit chain and everything in it.
---@return integer|nil records
---@return string|nil message the first finding
---@return string|nil code "E-CORRUPT"
function Store:verify() end

--- Close it; raises while an engine or a walk uses it. May be called twice.
function Store:close() end

return store

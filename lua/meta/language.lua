---@meta
--- The words of recipes, profiles, contracts, formulas and twins, for editors.

--- A length of time: seconds, or a text with its unit, "5 min".
---@alias linewright.time number|string

--- A quantity: a number in the unit that is expected, or a text with its own, "80 degC".
---@alias linewright.quantity number|string

---@class linewright.channel
local channel = {}

--- The newest reading, in the contract's unit.
---@return number|nil value nil when there is no good one
---@return "good"|"uncertain"|"bad" quality
---@return number age s
function channel:read() end

--- Ask for a value; refused outside of the limits.
---@param value linewright.quantity
function channel:set(value) end

---@class linewright.loop
---@field every linewright.time
---@field state table|nil survives a restart
---@field run fun(state: table, dt: number)
---@field checkpoint linewright.time|nil

---@class linewright.question
---@field prompt string
---@field choices string[]|nil
---@field within linewright.time|nil
---@field default string|nil taken after `within`
---@field role string|nil
---@field sign boolean|nil

---@class linewright.wait
---@field within linewright.time|nil
---@field steady linewright.time|nil true for so long
---@field keep boolean|nil proved again after a hold
---@field otherwise "hold"|"stop"|"abort"|"suspend"|"continue"|function|nil

--- The verbs that handlers get as `r`.
---@class linewright.r
local r = {}

--- A part of the procedure by its place in the plant.
---@param name string
---@param options table|function
---@param fn function|nil
---@return any ... what fn returned
function r.unit(name, options, fn) end

--- A named part of the procedure; its loops end with it.
---@param name string
---@param options table|function
---@param fn function|nil
---@return any ...
function r.operation(name, options, fn) end

--- A part of an operation.
---@param name string
---@param options table|function
---@param fn function|nil
---@return any ...
function r.phase(name, options, fn) end

--- The smallest journaled action; equipment may be touched in it.
---@param name string
---@param options table|function once, retries, backoff, sign
---@param fn function|nil
---@return any ... what fn returned, also after a restart
function r.step(name, options, fn) end

--- All branches run side by side and finish; the first error cancels the rest.
---@param branches table<string, function>
---@return table results
function r.parallel(branches) end

--- Wait with a reason in words.
---@param label string
---@param condition fun(): boolean, string|nil
---@param options linewright.wait|nil
---@return boolean held
function r.wait_until(label, condition, options) end

--- Wait for the first of several.
---@param conditions table<string, function>
---@param options linewright.wait|nil
---@return string name of the one that fired
function r.wait_first(conditions, options) end

--- Let a time pass.
---@param time linewright.time
---@param options { clock: "active"|"wall"|"restart" }|nil
function r.dwell(time, options) end

--- Periodic work until its scope ends.
---@param name string
---@param options linewright.loop
---@return table state
function r.loop(name, options) end

--- A question to the operator.
---@param question linewright.question
---@return string answer
function r.ask(question) end

--- One key of each role, from different people.
---@param question { prompt: string, roles: string[], within: linewright.time|nil }
---@return boolean approved a refusal or silence is a no
---@return string[] people who said yes
function r.approve(question) end

--- Leave Execute for Held.
---@param why string
function r.hold(why) end

--- End the batch.
---@param why string
function r.stop(why) end

--- End the batch at once, with the safe values of an abort.
---@param why string
function r.abort(why) end

--- Wait until the line is fed again.
---@param why string
function r.suspend(why) end

--- Tell the operator.
---@param text string
---@param options { priority: string }|nil
function r.alarm(text, options) end

--- Note something on the roll map.
---@param label string
---@param data table|nil at, conf
function r.mark(label, data) end

--- Keep a result.
---@param name string
---@param value number|string
---@param unit string|nil
---@param limits table|nil target, tolerance
function r.record(name, value, unit, limits) end

--- Keep a decision with what it was made from (docs/models.md).
---@param name string
---@param data table from, outcome, score, limits, inputs, effect, ...
function r.decision(name, data) end

--- Quantities made: total, good, scrap, unit, planned.
---@param quantities table
function r.produced(quantities) end

--- Set-points as they were in Execute; for `unholding`.
---@param pattern string
function r.restore_setpoints(pattern) end

--- Prove the kept conditions again; for `unholding`.
function r.reprove() end

--- A kept condition need not hold any more.
---@param label string
function r.release(label) end

---@alias linewright.handler fun(r: linewright.r, eq: table, p: table)

---@class linewright.guard
---@field text string what a person reads
---@field level "hold"|"stop"|"abort"|"suspend"
---@field when fun(eq: table, p: table): boolean
---@field lasting linewright.time|nil
---@field active table|nil during "Execute"

---@class linewright.recipe
---@field api integer
---@field version string
---@field title string|nil
---@field needs table<string, table>|nil role to cap
---@field params table<string, table>|nil
---@field validate nil|fun(p: table, eq: table): string[]|string|nil
---@field guards linewright.guard[]|nil
---@field alarms table[]|nil
---@field suspend_when table|nil
---@field execute linewright.handler
---@field resetting linewright.handler|nil
---@field starting linewright.handler|nil
---@field completing linewright.handler|nil
---@field holding linewright.handler|nil
---@field unholding linewright.handler|nil
---@field suspending linewright.handler|nil
---@field unsuspending linewright.handler|nil
---@field stopping linewright.handler|nil
---@field aborting linewright.handler|nil
---@field clearing linewright.handler|nil

--- A recipe: api, version, title, needs, params, validate, guards, alarms, handlers.
---@param name string
---@return fun(t: linewright.recipe): table
function recipe(name) end

--- A role's contract and what its properties must be.
---@param contract string "zoned_dryer@1"
---@return fun(requires: table): table
function cap(contract) end

--- In a recipe the same as `cap`; in a contract's file the contract itself.
---@param name string
---@return fun(t: table): table
function capability(name) end

--- A parameter, property or option: { "unit", default =, min =, max =, help = }.
---@param t table
---@return table
function param(t) end

---@param value linewright.quantity
---@return table
function at_least(value) end

---@param value linewright.quantity
---@return table
function at_most(value) end

---@param value linewright.quantity
---@return table
function exactly(value) end

---@param values string[]
---@return table
function includes(values) end

---@param values any[]
---@return table
function one_of(values) end

--- The states in which a guard is watched.
---@param ... string
---@return table
function during(...) end

--- A line profile: api, revision, scan, tick, twin, units, interlocks.
---@param name string
---@return fun(t: table): table
function line(name) end

--- A unit of a line and the contract that it offers.
---@param contract string
---@return fun(t: table): table
function equip(contract) end

--- A way to devices: "sim", "modbus_tcp", "modbus_rtu", "replay", "pictures", or one of your own.
---@param kind string
---@return fun(options: table): table
function driver(kind) end

--- A driver made of a vendor's C library, in engineering mode (docs/native.md).
---@param name string
---@return fun(options: table): table
function native(name) end

--- A channel on a device: { driver, "address", unit =, range =, safe =, ... }.
---@param t table
---@return table
function tag(t) end

--- Watched on each scan: { "channel", above =, level =, text = }.
---@param t table
---@return table
function interlock(t) end

--- What an output needs: { "channel", above =, needs = { "channel", above = }, text = }.
---@param t table
---@return table
function permit(t) end

--- The values of a product.
---@param name string
---@return fun(t: table): table
function formula(name) end

--- A plant model: options, signals, start, step.
---@param name string
---@return fun(t: table): table
function twin(name) end

--- Several of one kind in a contract.
---@param t table
---@return table
function list(t) end

---@param unit string|table
---@return table
function readable(unit) end

---@param unit string|table
---@return table
function writable(unit) end

---@param unit string|table
---@return table
function prop(unit) end

--- A text as a number in a unit.
---@param x linewright.quantity
---@param unit string
---@return number
function quantity(x, unit) end

--- A difference in a unit: "5 K" in degC is 5.
---@param x linewright.quantity
---@param unit string
---@return number
function difference(x, unit) end

--- The run's own clock.
---@return number s since 1970
function time() end

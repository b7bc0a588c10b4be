---@meta
--- The words of recipes, profiles, contracts, formulas and twins, for editors.
--- Written by tools/reference.lua from lua/linewright/surface/; do not edit.

--- A length of time: seconds, or a text with its unit, "5 min".
---@alias linewright.time number|string

--- A quantity: a number in the unit that is expected, or a text with its own, "80 degC".
---@alias linewright.quantity number|string

--- What an output becomes: a quantity, or "keep", which writes nothing.
---@alias linewright.safe_value linewright.quantity|"keep"

--- What a state handler is: its verbs, the equipment by role, the parameters.
---@alias linewright.handler fun(r: linewright.r, eq: table<string, table>, p: table<string, any>)
---@alias linewright.judge fun(known: table): fun(x: any): table

--- What `at_least`, `at_most`, `exactly`, `includes` and `one_of` return.
---@class linewright.limit

--- What `driver` and `native` return, the first entry of a tag.
---@class linewright.driver

--- What `during` returns.
---@class linewright.states

--- What `readable` and `writable` channels of equipment are.

--- A recipe.
---   return recipe "soak" { api = 1, execute = soak }
---@param name string in quotes
---@return fun(t: linewright.recipe): linewright.recipe
function recipe(name) end

--- What a role needs: a contract, and what its properties must be.
---   oven = cap "zoned_dryer@1" { zones = at_least(3), temp_max = at_least "120 degC" }
---@param name string in quotes
---@return fun(t: linewright.requirement): linewright.requirement
function cap(name) end

--- In a contract's file the contract itself; in a recipe the same as `cap`.
---   return capability "furnace@1" { temp = readable "degC", heat = writable "percent" }
---@param name string in quotes
---@return fun(t: linewright.contract): linewright.contract
function capability(name) end

--- A parameter of a recipe, or an option of a twin.
---   speed = param { "m/min", default = 6, min = 0.5, max = 60 }
---@param t linewright.parameter
---@return linewright.parameter
function param(t) end

--- A property must be this or more.
---   at_least "8 m/min"
---@param value linewright.quantity in the property's unit
---@return linewright.limit
function at_least(value) end

--- A property must be this or less.
---   at_most "300 mm"
---@param value linewright.quantity in the property's unit
---@return linewright.limit
function at_most(value) end

--- A property must be this.
---   exactly(3)
---@param value linewright.quantity in the property's unit
---@return linewright.limit
function exactly(value) end

--- A list must have all of these.
---   includes { "ok", "streak" }
---@param values string[]
---@return linewright.limit
function includes(values) end

--- A property must be one of these.
---   one_of { "argon", "nitrogen" }
---@param values any[]
---@return linewright.limit
function one_of(values) end

--- The states in which a guard or alarm is watched.
---   active = during("Execute", "Held")
---@param ... linewright.state PackML's names
---@return linewright.states
function during(...) end

--- A line profile.
---   return line "pilot-A" { api = 1, revision = 4, units = units }
---@param name string in quotes
---@return fun(t: linewright.line): linewright.line
function line(name) end

--- A unit of a line and the contract that it offers.
---   web = equip "web_transport@1" { speed = speed }
---@param name string in quotes
---@return fun(t: linewright.unit): linewright.unit
function equip(name) end

--- A way to devices; its options are in docs/reference/plant.md.
---   local plc = driver "modbus_tcp" { host = "10.0.0.7", timeout = "300 ms" }
---@param name string in quotes
---@return fun(t: linewright.driver_options): linewright.driver
function driver(name) end

--- A driver made of a vendor's C library, in engineering mode (docs/native.md).
---   local gauge = native "gauge" { file = "gauge.lua" }
---@param name string in quotes
---@return fun(t: table): linewright.driver
function native(name) end

--- A channel on a device.
---   tag { plc, "hr:10", type = "u16", scale = 0.1, unit = "m/min" }
---@param t linewright.tag
---@return linewright.tag
function tag(t) end

--- Watched on each scan, whatever Lua does.
---   interlock { "oven.zones[*].temp", above = "158 degC", lasting = "2 s", level = "abort" }
---@param t linewright.interlock
---@return linewright.interlock
function interlock(t) end

--- What an output needs.
---   permit { "die.flow", above = 0, needs = { "web.speed", above = "1 m/min" } }
---@param t linewright.permit
---@return linewright.permit
function permit(t) end

--- The values of one product.
---   return formula "demo" { recipe = "soak", hot = "90 degC" }
---@param name string in quotes
---@return fun(t: linewright.formula): linewright.formula
function formula(name) end

--- A plant model.
---   return twin "furnace" { signals = signals, start = start, step = step }
---@param name string in quotes
---@return fun(t: linewright.twin): linewright.twin
function twin(name) end

--- Several of one kind in a contract.
---   zones = list { temp = readable "degC", setpoint = writable "degC" }
---@param t table<string, linewright.member>
---@return table
function list(t) end

--- A channel of a contract that recipes read.
---   readable { "degC", key = true, help = "of the charge" }
---@param unit string|linewright.member
---@return linewright.member
function readable(unit) end

--- A channel of a contract that recipes set.
---   writable "m/min"
---@param unit string|linewright.member
---@return linewright.member
function writable(unit) end

--- A property of a contract.
---   prop { "m", help = "heated length" }
---@param unit string|linewright.property
---@return linewright.property
function prop(unit) end

--- A text as a number in a unit.
---   quantity("5 h", "s") -- 18000
---@param x linewright.quantity
---@param unit string
---@return number [unit]
function quantity(x, unit) end

--- A difference in a unit: the zero's shift does not count.
---   difference("5 K", "degC") -- 5
---@param x linewright.quantity
---@param unit string
---@return number [unit]
function difference(x, unit) end

--- The run's own clock.
---   r.record("began", time(), "s")
---@return number since 1970 [s]
function time() end

--- The verbs that handlers get as `r`.
---@class linewright.r
local r = {}

--- A part of the procedure by its place in the plant.
---   r.unit("oven", heat_up)
---@param name string as it stands in records
---@param options linewright.scope|function or at once the function
---@param fn? function what is done
---@return any ... what fn returned
function r.unit(name, options, fn) end

--- A named part of the procedure; its loops end with it.
---   r.operation("heat-up", { oee = "setup" }, heat_up)
---@param name string as it stands in records
---@param options linewright.scope|function or at once the function
---@param fn? function what is done
---@return any ... what fn returned
function r.operation(name, options, fn) end

--- A part of an operation.
---   r.phase("purge", purge)
---@param name string as it stands in records
---@param options linewright.scope|function or at once the function
---@param fn? function what is done
---@return any ... what fn returned
function r.phase(name, options, fn) end

--- The smallest journaled action; equipment may be touched in it.
---   r.step("prime the die", { once = true }, function() eq.die.flow:set "200 mL/min" end)
---@param name string as it stands in records
---@param options linewright.step|function or at once the function
---@param fn? function what is done; what it returns is kept
---@return any ... what fn returned, also after a restart
function r.step(name, options, fn) end

--- All branches run side by side and finish; the first error cancels the rest.
---   r.parallel { heat = heat_up, thread = thread_web }
---@param branches table<string, function> name -> what it does
---@return table results name -> what it returned
function r.parallel(branches) end

--- Wait with a reason in words.
---   r.wait_until("oven is hot", function() return eq.oven:settled "2 K" end, { within = "40 min" })
---@param label string what is waited for, as a person says it
---@param condition fun(): boolean, string|nil may only read; false and what is missing
---@param options? linewright.wait
---@return boolean held false: the time was over, and `otherwise` was "continue"
function r.wait_until(label, condition, options) end

--- Wait for the first of several.
---   r.wait_first({ done = is_done, empty = is_empty }, { within = "2 h" })
---@param conditions table<string, function> name -> condition; may only read
---@param options? linewright.wait_first
---@return string name of the one that came true
function r.wait_first(conditions, options) end

--- Let a time pass.
---   r.dwell("24 h", { clock = "wall" })
---@param time linewright.time how long [s]
---@param options? linewright.dwell
function r.dwell(time, options) end

--- Periodic work until its scope ends; bad readings freeze it.
---   r.loop("trim", { every = "1 s", state = { metres = 0 }, run = trim })
---@param name string as it stands in records
---@param options linewright.loop
---@return table state the one that `run` gets
function r.loop(name, options) end

--- A question to the operator.
---   r.ask { prompt = "streaks?", choices = { "ok", "defect" }, within = "2 min", default = "defect" }
---@param question linewright.question
---@return string answer one of the choices
function r.ask(question) end

--- One key of each role, from different people.
---   r.approve { prompt = "release?", roles = { "process", "quality" } }
---@param question linewright.approval
---@return boolean approved a refusal or silence is a no
---@return string[] people who said yes
function r.approve(question) end

--- Put a trained model and its card on the line's shelf.
---   local kept = r.keep("tiles", m)
---@param name string letters, digits, _ and -
---@param model table of train.linear, train.trees
---@return table kept name, digest, file, card
function r.keep(name, model) end

--- Ask for the keys, then enter a kept model in the list of those that may run.
---   r.promote(kept, { roles = { "process", "quality" } })
---@param kept table as r.keep gave it
---@param options? linewright.promotion
---@return boolean approved a refusal or silence is a no
---@return string[] people who said yes
function r.promote(kept, options) end

--- Leave Execute for Held.
---   r.hold "no slurry"
---@param reason string what a person reads
function r.hold(reason) end

--- End the batch.
---   r.stop "roll is used up"
---@param reason string what a person reads
function r.stop(reason) end

--- End the batch at once, with the safe values of an abort.
---   r.abort "smoke in the dryer"
---@param reason string what a person reads
function r.abort(reason) end

--- Wait until the line is fed again.
---   r.suspend "next roll is late"
---@param reason string what a person reads
function r.suspend(reason) end

--- Tell the operator.
---   r.alarm("coat weight drifts", { priority = "low" })
---@param text string what a person reads
---@param options? linewright.alarm_options
function r.alarm(text, options) end

--- Note something on the roll map.
---   r.mark("streak", { at = 12.5 })
---@param label string what it is
---@param data? table plain data: at, conf, ...
function r.mark(label, data) end

--- Keep a result of the batch.
---   r.record("coat_weight", 117.9, "g/m2", { target = 118, tolerance = 3 })
---@param name string what was measured
---@param value number|string [unit]
---@param unit? string of the value
---@param limits? linewright.result_limits
function r.record(name, value, unit, limits) end

--- One of the recipe's `judges` with what it knows beforehand.
---   local said, by = r.judge("part", { limit = 0.9 }) { score = 0.97 }
---@param name string its key in `judges`
---@param known? table plain data: limits, means; recorded once
---@return fun(x: any): table, table judge what it says of x, and the evidence for `from` of r.decision
function r.judge(name, known) end

--- Keep a decision with what it was made from.
---   r.decision("part", { outcome = "scrap", score = 0.97, limits = { limit = 0.9 } })
---@param name string what is decided
---@param data linewright.decision
---@return any outcome as given, or as the judge said
function r.decision(name, data) end

--- Quantities made since it was last told; OEE is computed from them.
---   r.produced { total = 60, scrap = { streak = 1.2 }, unit = "m", planned = "10 min" }
---@param quantities linewright.quantities
function r.produced(quantities) end

--- Set-points as they were in Execute; for `unholding`.
---   r.restore_setpoints "^oven"
---@param pattern? string of channels, "^oven"; default all
function r.restore_setpoints(pattern) end

--- Prove the kept conditions again; for `unholding`.
---   r.reprove()
function r.reprove() end

--- A kept condition need not hold any more.
---   r.release "oven is hot"
---@param label string of its wait
function r.release(label) end

---@alias linewright.state "Stopped"|"Resetting"|"Idle"|"Starting"|"Execute"|"Completing"|"Complete"|"Holding"|"Held"|"Unholding"|"Suspending"|"Suspended"|"Unsuspending"|"Stopping"|"Aborting"|"Aborted"|"Clearing"

--- What stands in `recipe "name" { ... }`.
---@class (exact) linewright.recipe
---@field api integer version of the language, 1
---@field version? string of this recipe, "2.3.0"
---@field title? string what a person calls it
---@field help? string what it is for
---@field needs? table<string, linewright.requirement> role -> `cap`: the equipment it asks for
---@field params? table<string, linewright.parameter> name -> `param`: what a formula may set
---@field validate? fun(p: table, eq: table): string[]|string|nil cross-checks before anything moves; returns what is wrong
---@field guards? linewright.guard[] watched at each tick, in every state unless `active`
---@field alarms? linewright.alarm[] told to the operator, without any effect of their own
---@field suspend_when? linewright.suspension wait by itself while the line is starved or blocked
---@field judges? table<string, linewright.judge> name -> a decision that can be made again from its record; see r.judge
---@field approval? table who has approved it, as `linewright pack` wrote it
---@field execute linewright.handler the procedure
---@field resetting? linewright.handler before the first start
---@field starting? linewright.handler short: a long heat-up belongs into execute
---@field completing? linewright.handler after execute
---@field holding? linewright.handler after the safe.hold values are written
---@field unholding? linewright.handler default: restore set-points, prove kept conditions
---@field suspending? linewright.handler after the safe.suspend values are written
---@field unsuspending? linewright.handler before execute goes on
---@field stopping? linewright.handler after the safe.stop values are written
---@field aborting? linewright.handler after the safe.abort values are written
---@field clearing? linewright.handler from Aborted to Stopped

--- What a role needs: property -> at_least, at_most, exactly, includes or one_of.
---@class linewright.requirement
---@field [string] any

--- A parameter, or an option of a twin: `param { "m/min", default = 6 }`.
---@class (exact) linewright.parameter
---@field [1] string|nil its unit; without one it holds plain data
---@field default? any taken when the formula says nothing [the parameter's unit]
---@field min? linewright.quantity least [the parameter's unit]
---@field max? linewright.quantity most [the parameter's unit]
---@field choices? string[] the words that are allowed
---@field changeable? boolean a person may change it while a batch runs; read it in steps, loops and conditions
---@field help? string what it means

--- Watched at each tick; when it is true for long enough its level is taken.
---@class (exact) linewright.guard
---@field text string what a person reads
---@field level "hold"|"stop"|"abort"|"suspend" what happens
---@field when fun(eq: table, p: table): boolean may only read
---@field lasting? linewright.time true for so long [s]
---@field active? linewright.states `during "Execute"`; default: every state
---@field help? string what to do about it

--- An alarm after ISA-18.2: what a person is to know, and do.
---@class (exact) linewright.alarm
---@field text string what a person reads
---@field level? "hold"|"stop"|"abort"|"suspend" what happens besides; default: nothing
---@field when fun(eq: table, p: table): boolean may only read
---@field lasting? linewright.time true for so long [s]
---@field active? linewright.states `during "Execute"`; default: every state
---@field priority? "low"|"medium"|"high"|"urgent" default medium
---@field ack? boolean stays until somebody acknowledges it
---@field cause? string what is the likely reason
---@field consequence? string what happens if nobody acts
---@field action? string what to do
---@field help? string more of it

--- Suspend by itself, and go on by itself: `suspend_when = { ... }`.
---@class (exact) linewright.suspension
---@field [1] string|nil the channel, "web.tension"; the same as `signal`
---@field signal? string the channel
---@field below? linewright.quantity suspends below this [the channel's unit]
---@field resume_above? linewright.quantity goes on above this [the channel's unit]
---@field above? linewright.quantity suspends above this [the channel's unit]
---@field resume_below? linewright.quantity goes on below this [the channel's unit]
---@field settle? linewright.time good again for so long [s]
---@field text? string what a person reads

--- The values of one product: `formula "name" { ... }`.
---@class linewright.formula
---@field recipe? string name of the recipe that it is for
---@field [string] any

--- What stands in `line "name" { ... }`.
---@class (exact) linewright.line
---@field api integer version of the language, 1
---@field revision? integer counts up with each change of the profile
---@field title? string what a person calls it
---@field help? string what there is to know of it
---@field units table<string, linewright.unit> name -> `equip`: the equipment
---@field interlocks? (linewright.interlock|linewright.permit)[] kept at each scan, whatever Lua does
---@field twin? string|linewright.twin_use the plant model, `{ "coater", zones = 3 }`
---@field scan? linewright.time period of inputs, rules and outputs; default 10 ms [s]
---@field tick? linewright.time period of the recipe; a multiple of scan; default 100 ms [s]
---@field tick_cpu? linewright.time computing time of one tick; default 50 ms [s]
---@field heartbeat? linewright.time a worker silent for longer is killed; default 2.5 ticks [s]
---@field memory? number of a recipe, 8..4096; default 64 [MiB]
---@field limits? linewright.limits what a recipe may use beside time and memory
---@field history? linewright.history_rule how long the historian keeps what was measured
---@field shifts? table<string, string> name -> when it begins, `{ early = "06:00" }`
---@field release? linewright.release what may run here: drafts, or signed packs only
---@field customer? string whom calls of models are counted for
---@field models_allowed? string file with the digests of the models that may run here
---@field shelf? string folder where recipes keep the models that they train, from where the run is started
---@field model_backends? string[] shared libraries that run models

--- The twin of a line and its options.
---@class linewright.twin_use
---@field [1] string name of the twin, or its file
---@field [string] any

--- What a recipe may use; beyond it the run is held. See docs/limits.md.
---@class (exact) linewright.limits
---@field branches? integer of r.parallel at once; default 10000
---@field loops? integer r.loop at once; default 200
---@field conditions? integer waited for or kept at once; default 10000
---@field questions? integer open at once; default 100
---@field records? integer r.record, r.mark, r.produced; default 500 [1/s]
---@field notes? integer lines of print; default 50 [1/s]
---@field alarms? integer r.alarm; default 60 [1/min]
---@field text? integer of a label, an alarm or a printed line; default 1000 [byte]
---@field record? integer of a result, a mark, a decision, a loop's state; default 65536 [byte]
---@field inputs? integer of models, kept beside the database for decisions; default 4096 [MiB]

--- How much of the past stays; the oldest day goes first.
---@class (exact) linewright.history_rule
---@field keep? linewright.time days that are older go, "400 d" [s]
---@field share? linewright.quantity of the disk, above 0 and at most 90 % [1]

--- The release policy; the host's own word, if there is one, counts more.
---@class (exact) linewright.release
---@field policy? "engineering"|"production" drafts too, or signed and effective packs only
---@field keys? string[] public keys whose signatures count, 64 hex digits each

--- A unit of a line; its channels are those of the contract, each a `tag`.
---@class linewright.unit
---@field props? table<string, linewright.quantity|string[]> the contract's properties
---@field model? string file of the model that `infer.load { role = ... }` takes
---@field [string] any

--- A channel on a device: `tag { plc, "hr:10", type = "u16", unit = "m/min" }`.
---@class (exact) linewright.tag
---@field [1] linewright.driver its driver
---@field [2] string its address on the device, "none" if only the twin has it
---@field unit? string of every number here, and of what the device holds after scale and offset
---@field type? "bool"|"u16"|"s16"|"u32"|"s32"|"f32"|"u64"|"s64"|"f64"|"text" what is in the register
---@field word_order? "big"|"little" of types of several registers; default big
---@field scale? number value = scale * raw + offset [the tag's unit per count]
---@field offset? number [the tag's unit]
---@field equals? linewright.quantity one of the tag's unit in the process, "12 mL/min" for a rpm [any]
---@field range? linewright.quantity[] { least, most }: others are refused [the tag's unit]
---@field step_max? linewright.quantity a larger jump is refused [the tag's unit]
---@field rate_max? linewright.quantity ramps a set-point [the tag's unit/s]
---@field safe? linewright.safe what the scan writes at each level; outputs must have it
---@field max_age? linewright.time an older reading is bad; default five polls [s]
---@field filter? linewright.filter_spec[] kernels that run in C on each scan (docs/filters.md)
---@field deadband? linewright.quantity smaller changes are not recorded [the tag's unit]
---@field history? "change"|"scan"|"none" what the historian keeps; default change
---@field feedback? string address of the true reading of an output
---@field command? linewright.tag where the number of a `once` step's command goes, behind the value
---@field echo? linewright.tag where the device shows the number of the command it carried out
---@field twin? string|number its signal of the twin, or the value at which it stands there
---@field access? "r"|"w"|"rw" default: what the contract asks for
---@field poll? linewright.time period of reading; default each scan [s]
---@field help? string what there is to know of it

--- What an output becomes before any Lua runs; "keep" writes nothing.
---@class (exact) linewright.safe
---@field hold linewright.safe_value when the run is held [the tag's unit]
---@field stop linewright.safe_value when it is stopped [the tag's unit]
---@field abort linewright.safe_value when it is aborted [the tag's unit]
---@field suspend? linewright.safe_value when it is suspended; default keep [the tag's unit]

--- Watched on each scan: `interlock { "oven.temp", above = "150 degC" }`.
---@class (exact) linewright.interlock
---@field [1] string the channel; "oven.zones[*].temp" is one rule for each
---@field above? linewright.quantity trips above this [the tag's unit]
---@field below? linewright.quantity trips below this [the tag's unit]
---@field is? linewright.quantity trips at this value [the tag's unit]
---@field is_not? linewright.quantity trips at any other [the tag's unit]
---@field lasting? linewright.time for so long; default at once [s]
---@field level? "hold"|"stop"|"abort"|"suspend" what happens; default hold
---@field text? string what a person reads

--- What an output needs; without it the set-point is refused.
---@class (exact) linewright.permit
---@field [1] string the output's channel
---@field above? linewright.quantity needed only above this [the tag's unit]
---@field below? linewright.quantity needed only below this [the tag's unit]
---@field is? linewright.quantity needed only at this value [the tag's unit]
---@field is_not? linewright.quantity needed at any other value [the tag's unit]
---@field needs linewright.need the condition
---@field lasting? linewright.time missing for so long; default at once [s]
---@field text? string what a person reads

--- The condition of a permit.
---@class (exact) linewright.need
---@field [1] string the channel that is looked at
---@field above? linewright.quantity must be above this [the tag's unit]
---@field below? linewright.quantity must be below this [the tag's unit]
---@field is? linewright.quantity must be this [the tag's unit]
---@field is_not? linewright.quantity must be another [the tag's unit]

--- What stands in `capability "name@1" { ... }`: channels by name, and these.
---@class linewright.contract
---@field help? string what kind of equipment it is
---@field props? table<string, string|linewright.property> name -> unit, or `prop`
---@field methods? table<string, function> called as eq.role:name(...), made of channels only
---@field model? true|linewright.contract_model a line may name a model: true, recipes load it by role; a table, methods call it as u.model
---@field [string] any

--- The shapes of a contract's own model.
---@class (exact) linewright.contract_model
---@field input? integer[] {30}: any number of rows of 30
---@field output? integer[]|string sizes, or the property whose length it has

--- A property: `prop { "m", default = 4 }`.
---@class (exact) linewright.property
---@field [1] string its unit, or "text"
---@field default? any taken when the line says nothing [the property's unit]
---@field list? boolean the line gives several
---@field optional? boolean the line may leave it out
---@field help? string what it means

--- A channel of a contract: `readable { "degC", key = true }`.
---@class (exact) linewright.member
---@field [1] string its unit; of what is only read also "text" or "picture"
---@field key? boolean shown in the progress line
---@field optional? boolean the line may leave it out
---@field help? string what it means

--- What stands in `twin "name" { ... }`.
---@class (exact) linewright.twin
---@field title? string what it models
---@field help? string what there is to know of it
---@field options? table<string, linewright.parameter> name -> `param`: what a line may set
---@field signals table<string, string>|fun(o: table): table<string, string> signal -> unit
---@field start fun(o: table, at: fun(signal: string): integer): table the state at the start; `at` gives the number of a signal
---@field step fun(s: table, io: linewright.twin_io, dt: number) one tick; dt in [s]

--- Options of r.step.
---@class (exact) linewright.step
---@field once? boolean never done twice: after a crash in it a person says what happened
---@field retries? integer again after an error, so many times; default 0
---@field backoff? linewright.time pause before each retry [s]
---@field sign? boolean|string a person signs for it, as "performed" or in these words

--- Options of r.unit, r.operation and r.phase.
---@class (exact) linewright.scope
---@field oee? string class of its time for OEE, "setup"
---@field equipment? any the equipment that it is about

--- Options of r.wait_until.
---@class (exact) linewright.wait
---@field within? linewright.time so long at most; `check` warns without it [s]
---@field steady? linewright.time true without a break for so long [s]
---@field keep? boolean proved again after a hold, before the recipe goes on
---@field otherwise? "hold"|"stop"|"abort"|"suspend"|"continue"|function what happens when the time is over; default hold

--- Options of r.wait_first.
---@class (exact) linewright.wait_first
---@field within? linewright.time so long at most [s]
---@field otherwise? "hold"|"stop"|"abort"|"suspend"|"continue"|function what happens when the time is over; default hold

--- Options of r.dwell.
---@class (exact) linewright.dwell
---@field clock? "active"|"wall"|"restart" stands still while Held (default), goes on, or begins anew after a hold

--- Options of r.loop.
---@class (exact) linewright.loop
---@field every linewright.time its period [s]
---@field run fun(state: table, dt: number) may not wait; dt in [s]
---@field state? table plain data; survives a restart
---@field checkpoint? linewright.time how often the state is kept; default 5 s [s]

--- What r.ask asks.
---@class (exact) linewright.question
---@field prompt string what a person reads
---@field choices? string[] the answers that are allowed
---@field within? linewright.time so long; then `default` counts [s]
---@field default? string the safe answer, taken after `within`
---@field role? string who may answer
---@field sign? boolean|string the answer is signed

--- What r.approve asks.
---@class (exact) linewright.approval
---@field prompt string what the people read
---@field roles string[] one answer of each, from different people
---@field within? linewright.time silence is a no after this; default 10 min [s]

--- Options of r.alarm.
---@class (exact) linewright.alarm_options
---@field priority? "low"|"medium"|"high"|"urgent" default medium

--- What a result of r.record should be.
---@class (exact) linewright.result_limits
---@field lo? number least [the result's unit]
---@field hi? number most [the result's unit]
---@field target? number what was aimed at [the result's unit]
---@field tolerance? number the same as lo and hi around the target [the result's unit]

--- What r.produced takes: quantities since it was last told.
---@class (exact) linewright.quantities
---@field total number all that was made [unit]
---@field good? number default: total without scrap [unit]
---@field scrap? number|table<string, number> all of it, or class -> quantity [unit]
---@field unit? string of the quantities; default "1"
---@field planned? linewright.time how long this quantity should have taken [s]

--- What r.decision keeps, so that it can be computed again.
---@class (exact) linewright.decision
---@field outcome? any what was decided; a judge's, unless given
---@field from? table evidence of a judge, m:evidence() of a model, or a list of such
---@field inputs? table other values that it was made from
---@field score? number what was compared with the limits [as they are]
---@field limits? table what it was compared with
---@field calibration? table|string how a score became a probability, or its digest
---@field normalisation? table how inputs were scaled
---@field why? string what a person reads
---@field effect? string what was done about it
---@field approved? any who said yes
---@field avoided? boolean true: a defect was avoided by it, for metering
---@field shadow? any what another model would have said

--- What r.promote asks before a model may run elsewhere.
---@class (exact) linewright.promotion
---@field prompt? string the question; default names the file
---@field roles? string[] whose keys it takes; default { "process", "quality" }
---@field within? linewright.time silence is a no after it; default 10 min [s]

--- Options of m:call.
---@class (exact) linewright.model_call
---@field within? linewright.time the answer counts until then [s]
---@field otherwise? any taken without an answer; a function gets the reason

--- What `infer.load` takes; one of file, role and param.
---@class (exact) linewright.model_options
---@field [1] string|nil the model's file; the same as `file`
---@field file? string relative to the recipe
---@field role? string the line's model for that role
---@field param? string the parameter that names the file
---@field name? string what it is called in records
---@field backend? string "forest", "onnx" or one of your own; default: by the file
---@field providers? any what the backend computes on
---@field level? string how much the backend rewrites the model
---@field threads? integer of one run; default 1
---@field input? table name -> unit and shape, of one input
---@field inputs? table the same of several
---@field output? table the names of its output's numbers
---@field outputs? table the same of several
---@field within? linewright.time of a call; default 1 s [s]
---@field latency? linewright.time that a call takes in virtual time [s]
---@field otherwise? any taken without an answer
---@field queue? integer calls that may wait; default 256
---@field contexts? integer runs side by side; default 1
---@field batch? integer rows of one run at most; default 1
---@field missing? "refuse"|"pass" what becomes of an input without a value; default pass
---@field optional? boolean the recipe can do without it

--- What a spec gives `rig { ... }`.
---@class (exact) linewright.rig_options
---@field recipe string|table its path, or what it returned
---@field line string|table path of the profile, or what it returned
---@field params? table<string, any> values by parameter, numbers or texts with units
---@field formula? string path of a formula
---@field set? table<string, string> values as texts, as --set gives them
---@field seed? integer of chance in the twin; default 1
---@field sim? boolean false: the line's own drivers; default the twin
---@field db? string database to record into; default in memory
---@field batch? string name of the batch
---@field root? string folder of the project; default the working folder
---@field on_note? function called with each printed line

---@class linewright.channel
local channel = {}

--- The newest reading, in the contract's unit.
---@return number|string|nil value nil when there is no good one
---@return "good"|"uncertain"|"bad" quality
---@return number age [s]
function channel:read() end

--- Why a detector among the filters of the tag fired last; nil when none did.
---@return string|nil why its kind and reason, "cusum: shifted up"
---@return number|nil age [s] of the sample at which it fired
function channel:fired() end

--- The newest picture, decoded; of channels that are `readable "picture"`.
---@return linewright.tensor|nil picture
---@return string name of its file, or why there is none
---@return integer|nil bits of each number
function channel:open() end

--- Ask for a value; refused outside of the limits.
---@param value linewright.quantity in the contract's unit
function channel:set(value) end

--- What a twin's `step` gets.
---@class linewright.twin_io
local twin_io = {}

---@param signal integer its number, from `at` of start
---@return number|nil value in the signal's unit; nil when nobody has set it
function twin_io:get(signal) end

---@param signal integer
---@param value number in the signal's unit
function twin_io:set(signal, value) end

--- What `infer.load` returns.
---@class linewright.model_handle
local model = {}

--- Is there a model behind it? Only `optional = true` may be without.
---@return boolean
function model:is_ready() end

--- Compute within the tick; for small models.
---   local y, why = m:run { t, 2, 3, 4 }
---@param x linewright.Samples|number[]|number
---@return number|linewright.Samples|nil y
---@return string|nil message
---@return string|nil code
function model:run(x) end

--- Compute off the tick and wait for it; journaled like a step.
---   local v, by = m:call({ t, 2, 3, 4 }, { within = "50 ms", otherwise = 0 })
---@param x linewright.Samples|number[]|number
---@param options? linewright.model_call
---@return any y or what `otherwise` says
---@return table by for `from` of r.decision; by.fallback says why there is no answer
function model:call(x, options) end

--- Digest, backend, input and answer of the newest run, for `from` of r.decision.
---@return table
function model:evidence() end

--- Calls done, late and refused; waiting; latency p50, p99, p99.9 [s].
---@return number ...
function model:stats() end

--- Models of recipes.
---@class linewright.infer_word
infer = {}

--- A model, found and checked while the file loads.
---   local m = infer.load { "soft_sensor.onnx", input = { 4 }, output = { 1 } }
---@param t linewright.model_options
---@return linewright.model_handle
function infer.load(t) end

--- A tensor of a shape, to be filled with `set`.
---   local x = infer.tensor("u8", 1, 3, 224, 224)
---@param type string "f32", "f64", "i64", "u8", ...
---@param ... integer its shape
---@return linewright.tensor
function infer.tensor(type, ...) end

align = require "align"
control = require "control"
decide = require "decide"
dsp = require "dsp"
filter = require "filter"
guard = require "guard"
picture = require "picture"
regex = require "regex"
train = require "train"
vibration = require "vibration"
watch = require "watch"

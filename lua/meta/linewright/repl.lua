---@meta linewright.repl

--- Words of `linewright repl`, beside Lua's own, the library's modules and the
--- words of recipes.
---@class linewright.repl
local repl = {}

--- Draw: samples, lists of numbers or {x, y} pairs, channels of the line at hand,
--- or a table of them whose keys are their names. Series of one unit share axes.
--- In a terminal that shows pictures it is one; `:save FILE.svg` keeps it.
---   plot(csv "run.csv")
---   plot { before = s, after = filtered(s, "median", 5), title = "a spike less" }
---   plot("oven.zones[1].temp", "oven.zones[1].setpoint")
---@param ... linewright.Samples|number[]|string|linewright.repl.PlotOptions
---@return table plot with :save(path)
function repl.plot(...) end

---@class linewright.repl.PlotOptions
---@field title string above the plot
---@field rows integer height of each panel in lines
---@field columns integer width
---@field together boolean true: one panel for all; false: one for each

--- Read a column of a CSV file. A steady column named time, t, time_s or seconds
--- gives the rate.
---   s = csv("run.csv", "temp")
---   s = csv("run.csv", 2, { rate = 100, unit = "degC" })
---@param path string
---@param column? string|integer its head or number; default the first that is no time
---@param options? linewright.repl.CsvOptions
---@return linewright.Samples
function repl.csv(path, column, options) end

---@class linewright.repl.CsvOptions
---@field rate number samples a second
---@field unit string

--- Read what the historian recorded of a tag in the newest run, on a regular grid:
--- the mean of what came in each step, else the value held.
---   s = span("web.speed", "10 min")
---   s = span("web.speed", { every = "1 s", db = "line.db", batch = "0417" })
---@param tag string
---@param last? string only the end of it; default all
---@param options? linewright.repl.SpanOptions
---@return linewright.Samples
function repl.span(tag, last, options) end

---@class linewright.repl.SpanOptions
---@field every string step of the grid, default a ten-thousandth of the time
---@field db string database, default that of the command line
---@field batch string which run, default the newest

--- List the tags that the newest run recorded, with their units.
---   tags()
---@param options? linewright.repl.SpanOptions
---@return table
function repl.tags(options) end

--- Ask the database in words; what it does not understand it refuses.
---   ask "yield yesterday"
---@param text string
---@return table answer
function repl.ask(text) end

---@class linewright.repl.Database
local Database = {}

--- The records of the command line's database, or of another.
---   db:ask "yield yesterday"
---   db "press.db":sql "SELECT batch, recipe FROM batches"
---@param path? string
---@return linewright.repl.Database
function repl.db(path) end

--- Ask in words; what is not understood is refused.
---@param text string
---@return table answer
function Database:ask(text) end

--- Read with SQL: the first thousand rows, each by its columns' names.
---@param text string
---@return table rows
function Database:sql(text) end

--- Run a streaming filter over a whole array.
---   filtered(s, "lowpass", 2, 4)
---@param s linewright.Samples
---@param kind string as in dsp.filter and line profiles
---@param ... number its parameters
---@return linewright.Samples
function repl.filtered(s, kind, ...) end

--- Amplitudes by frequency of the largest beginning that is a power of two long.
---   plot(spectrum(s))
---@param s linewright.Samples with a rate
---@return linewright.Samples
function repl.spectrum(s) end

--- Compare two arrays: figures side by side, and whether they are distributed
--- differently.
---   compare(s, filtered(s, "median", 5))
---@param before linewright.Samples
---@param after linewright.Samples
---@return table comparison with p, and rows of name, before, after
function repl.compare(before, after) end

--- Bring a line up: to look at it, or with `sim = true` on its twin, whose
--- outputs are free. It goes on while you type.
---   open("lines/pilot_a.lua", { sim = true })
---@param line string path of the profile
---@param options? linewright.repl.OpenOptions
function repl.open(line, options) end

---@class linewright.repl.OpenOptions
---@field sim boolean its twin instead of its devices

--- Look at the line of a run that is going on elsewhere; nothing can be set.
---   attach "linewright.db"
---@param db? string database of the run, default that of the command line
---@param line? string name of the line that is meant; another one is refused
function repl.attach(db, line) end

--- Readings of the line at hand: one channel, those of a pattern, or all.
---   read "web.speed"
---   read("web.speed").value * 2
---   read "oven.*"
---@param path? string channel; `*` stands for anything
---@return table reading with value, unit, quality, age_s, or a list of them
function repl.read(path) end

--- Set an output of the line at hand: freely on a twin, on devices while it is
--- armed. The guard of the line holds in both.
---   set("web.speed", "5 m/min")
---@param path string channel
---@param value number|string in the channel's unit, or with its own
function repl.set(path, value) end

--- Arm the outputs of the line at hand for a time: a lease. At its end, by
--- `disarm`, by a trip, or when this program goes, each output that was set goes
--- back to what it was. Who armed, what went out and the end are recorded.
---   arm("line-B", "10 min")
---@param line string its name, typed in full: a person means this line
---@param time? string default 10 min, at most 1 h
function repl.arm(line, time) end

--- End the lease of `arm` now.
---   disarm()
function repl.disarm() end

--- How the line at hand fares: lease, scans, drivers; of a run its state too.
---   status()
---@return string
function repl.status() end

--- Tell a channel every so often, above the line that is being typed.
---   watch("web.speed", "1 s")
---   stop "watch web.speed"
---@param path string
---@param period? string default 1 s
function repl.watch(path, period) end

--- Find the numbers that cost least, by a simplex (Nelder-Mead) within bounds.
---   search { kp = { 0.1, 10 }, ti = { 20, 900 }, cost = function(x)
---     return loop_test { output = "oven.zones[1].setpoint", reading = "oven.zones[1].temp",
---       target = 80, kp = x.kp, ti = x.ti }.iae end }
---@param options linewright.repl.SearchOptions
---@return table found the numbers, cost, trials; plot() draws the cost of each trial
function repl.search(options) end

---@class linewright.repl.SearchOptions
---@field cost function(x) what a choice costs; nan is as bad as can be
---@field budget integer trials, default 120

--- Try a control loop on a line's twin: a PI(D) controller moves an output until
--- a reading is at its target. A gain given as { least, most } is searched for.
---   loop_test { line = "lines/pilot_a.lua", output = "oven.zones[1].setpoint",
---     reading = "oven.zones[1].temp", target = 80, kp = { 1, 10 }, ti = { 100, 1000 } }
---@param options linewright.repl.LoopOptions
---@return table tried iae, overshoot [%], settled_s, x, y; plot() draws it
function repl.loop_test(options) end

---@class linewright.repl.LoopOptions
---@field line string profile, default the line at hand
---@field output string channel that is set
---@field reading string channel that follows
---@field target number of the reading
---@field kp number|number[] gain; { least, most } is searched for, as of those below
---@field ti string|number|number[] integral time [s]
---@field td string|number|number[] derivative time [s]
---@field bias number|number[] output before the first error, default 0
---@field budget integer trials of a search, default 24
---@field set table other channels to begin with, by path
---@field every string period, default 1 s
---@field within string how long, default 10 min
---@field seed integer of chance in the twin

--- Put a recipe on a line's twin in virtual time. The rig of the specs, and for
--- the prompt: branches() tells what each branch waits for, go(60) runs on at 60
--- times real time while you type, halt() ends that, pause() and resume() command
--- the run, samples(path) is what a channel was, plot(t) its key channels.
---   t = rig { recipe = "recipes/electrode_coating.lua", line = "lines/pilot_a.lua" }
---   t:start() t:advance "10 min"
---   t:branches()
---   t:fault("gauge.mass", "bad") t:force("oven.zones[1].temp", 200)
---   t:go(60)
---@param options linewright.repl.RigOptions
---@return Rig
function repl.rig(options) end

---@class linewright.repl.RigOptions
---@field recipe string path, or what `recipe "name" {}` returns
---@field line string path of the profile; default the line at hand
---@field params table values by parameter, numbers or texts with units
---@field formula string path
---@field seed integer of chance in the twin, default 1
---@field db string database to record into, default in memory

--- The decisions of a run, with score, limits and what they came from.
---   decisions()
---   decisions(t)
---@param source? table a rig, or { db = ..., batch = ... }; default the newest run
---@return table
function repl.decisions(source) end

--- Why something is as it is: from an output, alarm, decision or state back through
--- the records to what commanded it.
---   why "web.speed"
---   why("Held", t)
---@param thing? string default the state
---@param source? table a rig, or { db = ..., batch = ... }; default the newest run
---@return table
function repl.why(thing, source) end

--- Load a model to run it by hand. Called with numbers or samples it gives a number
--- or samples.
---   m = model "models/regression.json"
---   m { 1, 2, 3, 4 }
---@param path string file, or the address of a model server
---@param backend? string default the best that takes the file
---@return table model
function repl.model(path, backend) end

--- Do something every so often while nothing is evaluated; true ends it.
---   every("1 s", function() print(read "web.speed") end)
---@param period string|number e.g. "100 ms"; a number is seconds
---@param fn function
---@param name? string to stop it by
---@return string name
function repl.every(period, fn, name) end

--- End a job of `every`; all without a name.
---   stop "job1"
---@param name? string
function repl.stop(name) end

--- What there is, or the page of a name, as `?name` shows it.
---@param name? string
function repl.help(name) end

--- Leave.
---@param code? integer exit code
function repl.quit(code) end

--- LuaJIT's FFI, on a host in engineering mode: a C library without compiling
--- anything. Its pages are LuaJIT's own; docs/native.md makes a driver of one.
---   ffi.cdef "double cos(double);"
---   ffi.C.cos(0)
---@return table ffi the library itself
function repl.ffi() end

--- The numbers of an array where they lie, without a copy: index from 0. The
--- pointer keeps the array alive; nothing checks an index.
---   p, n = view(s)
---   p[0] = 1
---@param samples linewright.Samples
---@return ffi.cdata* pointer `double *`, `float *` or `int16_t *` by the array's layout
---@return integer n
function repl.view(samples) end

--- Is code compiled here, and if not, why?
---   jit()
---@return string one line
function repl.jit() end

return repl

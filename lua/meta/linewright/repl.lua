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

--- Put a recipe on a line's twin in virtual time.
---   t = rig { recipe = "recipes/electrode_coating.lua", line = "lines/pilot_a.lua" }
---   t:start() t:advance "10 min" t:state()
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

return repl

---@meta linewright.dsp
-- luacheck: ignore 241 (stubs are filled in, not read)

--- Signal kernels: sample arrays, streaming filters, detectors, features.
---
--- A sample that is not a finite number is a missing one: filters repeat their
--- last output for it and leave their state alone, figures leave it out, and
--- Lua sees it as nil.
---@class linewright.dsp
local dsp = {}

--- An array of float64 numbers with an optional time base and unit. A slice
--- shares the numbers of the array it was cut from.
---@class linewright.Samples
---@operator add(linewright.Samples|number): linewright.Samples
---@operator sub(linewright.Samples|number): linewright.Samples
---@operator mul(linewright.Samples|number): linewright.Samples
---@operator div(linewright.Samples|number): linewright.Samples
---@operator unm: linewright.Samples
---@operator len: integer
local Samples = {}

--- Make an array of n equal samples.
---@param n integer 0..2^27
---@param value? number default 0
---@return linewright.Samples
function dsp.samples(n, value) end

--- Make an array of the arguments.
---@param ... number? nil is a missing sample
---@return linewright.Samples
function dsp.of(...) end

--- Make an array first, first + step, first + 2 step, ...
---@param n integer
---@param first number
---@param step number
---@return linewright.Samples
function dsp.ramp(n, first, step) end

--- Read one column of text separated by commas, semicolons or tabs. A cell that
--- is no number is a missing sample.
---@param text string
---@param column string|integer head of the column, or its number in text without heads
---@return linewright.Samples? samples, string? message, string? code
function dsp.csv(text, column) end

--- Read the bytes that `Samples:pack` made.
---@param bytes string
---@param layout? "f64"|"f32"|"i16"
---@param scale? number > 0, of one step of i16, default 1
---@return linewright.Samples
function dsp.unpack(bytes, layout, scale) end

--- One sample.
---@param i integer 1..#self
---@return number? x nil when missing
function Samples:get(i) end

--- Change one sample.
---@param i integer 1..#self
---@param x? number nil: missing
---@return linewright.Samples self
function Samples:set(i, x) end

--- A view of samples i..j; negative places count from the end.
---@param i? integer default 1
---@param j? integer default the last
---@return linewright.Samples
function Samples:slice(i, j) end

--- An array of its own with the same samples.
---@return linewright.Samples
function Samples:copy() end

--- Samples i..j as values, at most 200.
---@param i? integer
---@param j? integer
---@return number? ...
function Samples:unpack(i, j) end

--- Time base: read it, or set it and return the array.
---@param rate_hz? number >= 0, 0 = none
---@param t0_s? number time of the first sample [s]
---@return number|linewright.Samples rate_hz, number? t0_s
function Samples:rate(rate_hz, t0_s) end

--- Unit: read it, or set it and return the array.
---@param unit? string at most 23 characters
---@return string|linewright.Samples
function Samples:unit(unit) end

--- The larger (smaller) of each sample and the bound.
---@param bound number|linewright.Samples
---@return linewright.Samples
function Samples:atleast(bound) end
Samples.atmost = Samples.atleast

--- Element by element; samples outside the domain become missing.
---@return linewright.Samples
function Samples:abs() end
Samples.sqrt, Samples.log = Samples.abs, Samples.abs

--- How many samples are not missing.
---@return integer
function Samples:count() end

--- Sum of the samples, pairwise.
---@return number
function Samples:sum() end

--- Figures of the samples that are not missing; nil when there are none.
--- `std` divides by n; `kurtosis` of a normal signal is 3; `crest` is the
--- largest magnitude over the root mean square.
---@return number?
function Samples:mean() end
Samples.std, Samples.min, Samples.max = Samples.mean, Samples.mean, Samples.mean
Samples.peak_to_peak, Samples.rms, Samples.crest = Samples.mean, Samples.mean, Samples.mean
Samples.skewness, Samples.kurtosis, Samples.median = Samples.mean, Samples.mean, Samples.mean

--- The p-quantile, linear between samples.
---@param p number 0..1
---@return number?
function Samples:quantile(p) end

--- How often the signal crosses a level.
---@param level? number default 0
---@param band? number >= 0, dead band to either side, default 0
---@return integer
function Samples:crossings(level, band) end

--- As text, one number a line, after the time when there is a rate.
---@return string
function Samples:csv() end

--- As bytes, little-endian; i16 keeps x / scale, cut at its range.
---@param layout? "f64"|"f32"|"i16"
---@param scale? number > 0, default 1
---@return string
function Samples:pack(layout, scale) end

--- A streaming filter; calling it is `step`.
---@class linewright.Filter
---@overload fun(x: number?, dt_s: number?): number?
local Filter = {}

--- Make a filter of the table that line profiles use as well; `linewright.filters`
--- lists its kinds and their parameters.
---@param kind string "lowpass", "median", "hampel", ...
---@param rate_hz number samples a second, > 0
---@param ... number? parameters in the order of the table; nil takes the default
---@return linewright.Filter
function dsp.filter(kind, rate_hz, ...) end

--- Filter one sample.
---@param x number? nil gives nil and changes nothing
---@param dt_s? number time since the last sample [s], used by "ewma" and "rate" only
---@return number? y nil while unprimed
function Filter:step(x, dt_s) end

--- Filter a block; blocks of any length join.
---@param x linewright.Samples
---@param out? linewright.Samples of the same length; x itself for in place
---@return linewright.Samples out
function Filter:run(x, out) end

--- Back to just made.
---@return linewright.Filter self
function Filter:reset() end

--- Has the output stopped depending on how the filter was started?
---@return boolean
function Filter:primed() end

--- Group delay at direct current.
---@return number samples, number seconds
function Filter:delay() end

---@return string kind
function Filter:kind() end

--- The state as text, for a checkpoint.
---@return string
function Filter:save() end

--- Take a saved state; the filter must have been made alike.
---@param text string
---@return linewright.Filter? self, string? message, string? code
function Filter:load(text) end

return dsp

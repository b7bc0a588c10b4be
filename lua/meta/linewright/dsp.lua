---@meta linewright.dsp
-- luacheck: ignore 241 (stubs are filled in, not read)

--- Signal kernels: sample arrays, streaming filters, detectors, features.
---
--- A sample that is not a finite number is a missing one: filters repeat their
--- last output for it and leave their state alone, figures leave it out, and
--- Lua sees it as nil.
---@class linewright.dsp
local dsp = {}

--- An array of numbers with an optional time base, unit and quality. Numbers lie
--- as float64, or for records as float32 or int16; all are computed with alike.
--- A slice shares numbers and qualities with the array it was cut from. A bad
--- sample keeps its number but counts as missing in all that is computed.
---@class linewright.Samples
---@operator add(linewright.Samples|number): linewright.Samples
---@operator sub(linewright.Samples|number): linewright.Samples
---@operator mul(linewright.Samples|number): linewright.Samples
---@operator div(linewright.Samples|number): linewright.Samples
---@operator pow(linewright.Samples|number): linewright.Samples
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
---@param column string|integer head of the column, or its number in text without heads;
---  "level" is found as "level [bar]" too, which gives the unit
---@param time? string|integer column of times [s]: regular ones become the time base
---@return linewright.Samples? samples
---@return linewright.Samples|string|nil times when asked for, or the message
---@return string? code "E-NOTFOUND": no such column
function dsp.csv(text, column, time) end

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

--- Change one sample, or several in a row.
---@param i integer 1..#self, of the first
---@param ... number? nil: missing
---@return linewright.Samples self
function Samples:set(i, ...) end

--- A view of samples i..j; negative places count from the end.
---@param i? integer default 1
---@param j? integer default the last
---@return linewright.Samples
function Samples:slice(i, j) end

--- An array of its own with the same samples, layout and qualities.
---@return linewright.Samples
function Samples:copy() end

--- A copy in another layout. What i16 cannot hold becomes the end of its range.
---@param layout "f64"|"f32"|"i16"
---@param scale? number > 0, of one step of i16, default 1
---@return linewright.Samples
function Samples:to(layout, scale) end

--- How the numbers lie.
---@return "f64"|"f32"|"i16" layout, number scale, integer bytes
function Samples:layout() end

--- Quality of one sample: read it, or set it and return the array.
---@param i integer 1..#self
---@param word? "good"|"uncertain"|"bad"
---@return string|linewright.Samples
function Samples:quality(i, word) end

--- Give samples i..j, by default all, a quality.
---@param word "good"|"uncertain"|"bad"
---@param i? integer
---@param j? integer
---@return linewright.Samples self
function Samples:mark(word, i, j) end

--- All qualities as an array, 0 good, 1 uncertain, 2 bad: read it, or set it and
--- return the array.
---@param mask? linewright.Samples as many
---@return linewright.Samples
function Samples:mask(mask) end

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
Samples.sqrt, Samples.exp, Samples.log = Samples.abs, Samples.abs, Samples.abs

--- 1 where the sample is above (below) the bound, else 0; missing where either is.
---@param bound number|linewright.Samples
---@return linewright.Samples
function Samples:above(bound) end
Samples.below = Samples.above

--- The samples with what is missing taken from another array, or a number.
---@param other number|linewright.Samples
---@return linewright.Samples
function Samples:otherwise(other) end

--- How many samples are not missing.
---@return integer
function Samples:count() end

--- Sum of the samples, pairwise.
---@return number
function Samples:sum() end

--- Figures of the samples that are not missing; nil when there are none.
--- `mad` is the median distance from the median; `std` divides by n; `kurtosis` of a normal
--- signal is 3; `crest` is the
--- largest magnitude over the root mean square.
---@return number?
function Samples:mean() end
Samples.std, Samples.min, Samples.max = Samples.mean, Samples.mean, Samples.mean
Samples.peak_to_peak, Samples.rms, Samples.crest = Samples.mean, Samples.mean, Samples.mean
Samples.skewness, Samples.kurtosis, Samples.median = Samples.mean, Samples.mean, Samples.mean
Samples.mad = Samples.mean

--- The p-quantile, linear between samples.
---@param p number 0..1
---@return number?
function Samples:quantile(p) end

--- Least, largest and mean of n equal parts, to draw long signals.
---@param n integer 1..1e6
---@return linewright.Samples lo, linewright.Samples hi, linewright.Samples mean
function Samples:parts(n) end

--- How often the signal crosses a level.
---@param level? number default 0
---@param band? number >= 0, dead band to either side, default 0
---@return integer
function Samples:crossings(level, band) end

--- As text, one number a line, after the time when there is a rate. With a name
--- under a head, "time,name [unit],quality", the last when there are qualities;
--- `dsp.csv` reads all of it back.
---@param name? string without separators, quotes and brackets
---@return string
function Samples:csv(name) end

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

--- Why a detector last fired; nil when it has not, or for a filter.
---@return string?
function Filter:why() end

--- A symmetric window to multiply a block with.
---@param kind "rectangle"|"hann"|"hamming"|"blackman"
---@param n integer
---@return linewright.Samples
function dsp.window(kind, n) end

--- Power density by Welch's method: Hann window, segments overlapping by half,
--- each freed from its mean. Bin k lies at (k - 1) / density:rate() Hz.
---@param s linewright.Samples with a rate, no sample missing
---@param segment integer power of two, 4..#s
---@return linewright.Samples density [unit^2/Hz], segment/2 + 1 bins
function dsp.welch(s, segment) end

--- Amplitudes of the Fourier transform: a sine of amplitude a in a bin gives a.
--- Bin k lies at (k - 1) / spectrum:rate() Hz.
---@param s linewright.Samples with a rate; their number a power of two
---@return linewright.Samples spectrum #s/2 + 1 bins
function dsp.spectrum(s) end

--- Envelope of the part of the signal in a band: how strongly it rings.
---@param s linewright.Samples with a rate; their number a power of two
---@param low_hz number >= 0
---@param high_hz number > low_hz, at most half the rate
---@return linewright.Samples
function dsp.envelope(s, low_hz, high_hz) end

--- Every frequency equally strong, phases as they were (cepstrum pre-whitening): knocks of a
--- bearing stand out of a machine's tones. Source: P. Borghesani et al., Mech. Syst. Signal
--- Process. 36(2), 2013.
---@param s linewright.Samples their number a power of two
---@return linewright.Samples
function dsp.whiten(s) end

--- One frequency (Goertzel).
---@param s linewright.Samples with a rate
---@param hz number 0..half the rate
---@return number amplitude, number phase [rad]
function dsp.tone(s, hz) end

--- Power of a density in a band.
---@param density linewright.Samples of `dsp.welch`
---@param low_hz number
---@param high_hz number
---@return number power [unit^2]
function dsp.band_power(density, low_hz, high_hz) end

--- Butterworth filter forward and backward: no delay, twice the order.
---@param s linewright.Samples with a rate
---@param cutoff_hz number
---@param order? integer 1..12, default 2
---@param band? "lowpass"|"highpass"
---@return linewright.Samples
function dsp.zero_phase(s, cutoff_hz, order, band) end

--- Two-sample Kolmogorov-Smirnov test.
---@param a linewright.Samples
---@param b linewright.Samples
---@return number distance 0..1, number p chance of so large a distance
function dsp.ks(a, b) end

--- Population stability index: below 0.1 alike, above 0.25 changed.
---@param reference linewright.Samples
---@param s linewright.Samples
---@param bins? integer 2..1000, default 10
---@return number
function dsp.psi(reference, s, bins) end

--- By how many samples b lags behind a, to a fraction; nil when one is constant.
---@param a linewright.Samples
---@param b linewright.Samples as many
---@param most integer largest lag looked for
---@return number? samples, number? correlation
function dsp.lag(a, b, most) end

--- Read irregular readings off on a regular grid, by straight lines.
---@param places linewright.Samples rising: times, metres, turns
---@param s linewright.Samples as many readings
---@param from number first place of the grid
---@param step number > 0
---@param gap number > 0, longest stretch that is bridged
---@param n integer places of the grid
---@return linewright.Samples missing where there is nothing to read
function dsp.regrid(places, s, from, step, gap, n) end

--- Running integral of a speed, to regrid by distance or by turns.
---@param speed linewright.Samples with a rate
---@return linewright.Samples
function dsp.travel(speed) end

--- Every factor-th sample after a low-pass without delay.
---@param s linewright.Samples
---@param factor integer 1..200
---@return linewright.Samples
function dsp.decimate(s, factor) end

--- Watches several signals together (Hotelling's T^2).
---@class linewright.Monitor
local Monitor = {}

--- Make a monitor that learns from its first rows.
---@param channels integer 1..32
---@param train integer rows to learn from
---@param factor? number > 0, limit over the largest T^2 of those rows, default 1
---@param ridge? number > 0, default 0.01
---@return linewright.Monitor
function dsp.monitor(channels, train, factor, ridge) end

--- Take one row.
---@param ... number? one value a channel; a row with nil repeats the last severity
---@return number? severity 1 and more is an alarm; nil while training
function Monitor:step(...) end

--- The channel with the largest share in the last row's severity, and how far it
--- was from its mean.
---@return integer? channel, number? sigma
function Monitor:why() end

---@return boolean
function Monitor:primed() end

---@return linewright.Monitor self
function Monitor:reset() end

return dsp

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

--- All qualities as an array, 0 bad, 1 uncertain, 2 good: read it, or set it and
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

--- The state as text, plain data for a checkpoint.
---@return string
function Filter:save() end

--- Take a saved state; the filter must have been made alike.
---@param text string
---@return linewright.Filter? self, string? message, string? code
function Filter:load(text) end

--- Why and when a detector last fired; nil when it has not, or for a filter.
---@return string? why
---@return integer? sample which one, counted from 1 since it was made or reset
---@return number? seconds since the first sample
function Filter:why() end

--- Second-order sections b0, b1, b2, a1, a2 of a recursive filter, one after the other; nil for
--- others.
---@return linewright.Samples?
function Filter:sections() end

--- Taps of a finite filter, the newest sample's first; nil for others.
---@return linewright.Samples?
function Filter:taps() end

--- What the filter does to a frequency; filters with sections or taps only.
---@param hz number 0..half the rate
---@return number? gain, number|string phase [rad] or message, number|string delay [s] or code
function Filter:response(hz) end

--- Put a recursive filter into the steady state of a constant input (SciPy's `sosfilt_zi`).
---@param x0 number
---@return linewright.Filter? self nil for filters without sections
function Filter:settle(x0) end

--- A recursive filter of given sections.
---@param rate_hz number > 0
---@param sections linewright.Samples b0, b1, b2, a1, a2 of 1 to 12 stable sections
---@param settle? boolean start as if the first sample had been there for ever; default from rest
---@return linewright.Filter
function dsp.cascade(rate_hz, sections, settle) end

--- A finite filter of given taps.
---@param rate_hz number > 0
---@param taps linewright.Samples 1..4096, the newest sample's first
---@param settle? boolean as for `dsp.cascade`
---@return linewright.Filter
function dsp.fir(rate_hz, taps, settle) end

--- Taps by window (SciPy's `firwin`) that pass low..high, in parts of the sample rate.
---@param n integer 1..4096; odd when high is 0.5
---@param low number 0..high
---@param high number ..0.5
---@param window? "rectangle"|"hann"|"hamming"|"blackman"|"kaiser" default "hamming"
---@param beta? number Kaiser's, default 8
---@return linewright.Samples
function dsp.taps(n, low, high, window, beta) end

--- Taps by Parks and McClellan: bands of low, high, gain and weight, in parts of the sample rate.
---@param n integer 3..511
---@param ... number low, high, gain, weight of 1 to 8 bands that rise and lie apart
---@return linewright.Samples? taps, number|string ripple or message, string? code
function dsp.remez(n, ...) end

--- One recursive filter over many channels.
---@class linewright.Bank
---@overload fun(...: number?): ...
local Bank = {}

--- Make a bank.
---@param channels integer 1..256
---@param kind "lowpass"|"highpass"|"bandpass"|"bandstop"|"notch"
---@param rate_hz number
---@param ... number? parameters as for `dsp.filter`
---@return linewright.Bank
function dsp.bank(channels, kind, rate_hz, ...) end

--- One sample of each channel.
---@param ... number? nil: missing
---@return number? ... nil before a channel's first sample
function Bank:step(...) end

--- A block: rows side by side in one array, or each of at most 64 channels an array of its own.
---@param ... linewright.Samples
---@return linewright.Samples ... as many
function Bank:run(...) end

---@return linewright.Bank self
function Bank:reset() end

---@return boolean each channel has had a sample
function Bank:primed() end

---@return number samples group delay at direct current
function Bank:delay() end

---@return string
function Bank:save() end

---@param text string
---@return linewright.Bank? self, string? message, string? code
function Bank:load(text) end

--- Best linear estimate of states from noisy readings of some of them.
---@class linewright.Kalman
---@overload fun(...: number?): ...
local Kalman = {}

--- Make a Kalman filter; matrices are samples, row by row. Source: R. E. Kalman, J. Basic Eng.
--- 82(1), 1960. For one signal the filter "kalman" of `dsp.filter` is simpler.
---@param states integer 1..8
---@param readings integer 1..8
---@param transition linewright.Samples states x states
---@param observation linewright.Samples readings x states
---@param process linewright.Samples covariance, states x states
---@param reading linewright.Samples covariance, readings x readings
---@param start linewright.Samples states
---@param spread linewright.Samples covariance of the start, states x states
---@return linewright.Kalman
function dsp.kalman(states, readings, transition, observation, process, reading, start, spread) end

--- One row of readings.
---@param ... number? nil: missing, the prediction stands
---@return number ... the states
function Kalman:step(...) end

---@param rows linewright.Samples readings side by side
---@return linewright.Samples rows of states
function Kalman:run(rows) end

--- How surprising the last row with a reading was: about the number of readings if the model is
--- true.
---@return number?
function Kalman:surprise() end

---@return linewright.Samples covariance of the estimate
function Kalman:spread() end

---@return boolean true: its start is an estimate
function Kalman:primed() end

--- Tells of the newest sample: no delay.
---@return number samples 0
---@return number seconds 0
function Kalman:delay() end

---@return linewright.Kalman self
function Kalman:reset() end

---@return string
function Kalman:save() end

---@param text string
---@return linewright.Kalman? self, string? message, string? code
function Kalman:load(text) end

--- A level that is true but slow joined with a rate that is fast but drifts.
---@class linewright.Complementary
---@overload fun(level: number?, rate: number?): number?
local Complementary = {}

---@param rate_hz number samples a second
---@param tau_s number time beyond which the level counts more than the rate
---@return linewright.Complementary
function dsp.complementary(rate_hz, tau_s) end

---@param level number?
---@param rate number? in the level's unit per second
---@return number? level nil before the first
function Complementary:step(level, rate) end

---@param level linewright.Samples
---@param rate linewright.Samples as many
---@param out? linewright.Samples
---@return linewright.Samples out
function Complementary:run(level, rate, out) end

---@return boolean has a level come?
function Complementary:primed() end

--- None, as long as the rate is that of the level: what the lag keeps back the rate adds.
---@return number samples 0
---@return number seconds 0
function Complementary:delay() end

---@return linewright.Complementary self
function Complementary:reset() end

---@return string
function Complementary:save() end

---@param text string
---@return linewright.Complementary? self, string? message, string? code
function Complementary:load(text) end

--- Phases of a three-phase system to the axes of its stator and back (Clarke), and to the axes of
--- a rotor at electrical angle theta [rad] and back (Park). Amplitudes are kept.
---@param a linewright.Samples
---@param b linewright.Samples
---@param c linewright.Samples
---@return linewright.Samples alpha, linewright.Samples beta, linewright.Samples zero
function dsp.clarke(a, b, c) end

---@param alpha linewright.Samples
---@param beta linewright.Samples
---@param zero? linewright.Samples
---@return linewright.Samples a, linewright.Samples b, linewright.Samples c
function dsp.phases(alpha, beta, zero) end

---@param alpha linewright.Samples
---@param beta linewright.Samples
---@param theta linewright.Samples
---@return linewright.Samples d, linewright.Samples q
function dsp.park(alpha, beta, theta) end

---@param d linewright.Samples
---@param q linewright.Samples
---@param theta linewright.Samples
---@return linewright.Samples alpha, linewright.Samples beta
function dsp.stator(d, q, theta) end

---@param a linewright.Samples
---@param b linewright.Samples
---@param c linewright.Samples
---@param theta linewright.Samples
---@return linewright.Samples d, linewright.Samples q
function dsp.dq(a, b, c, theta) end

---@param alpha linewright.Samples
---@param beta linewright.Samples
---@return linewright.Samples angle [rad], linewright.Samples amplitude
function dsp.polar(alpha, beta) end

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

--- A filter forward and backward: no delay, twice the order, the square of its gain. Ends are
--- extended as SciPy's `sosfiltfilt` and, for taps, `filtfilt` do. Others raise.
---@param s linewright.Samples with a rate, no sample missing
---@param kind "lowpass"|"highpass"|"bandpass"|"bandstop"|"notch"|"fir"|"equiripple"|"savgol"
---@param ... number? parameters as for `dsp.filter`: every design
---@return linewright.Samples
function dsp.zero_phase(s, kind, ...) end

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

--- Mahalanobis distance of a row from what was learnt, in sigma.
---@param ... number? one value a channel
---@return number? nil while training or with a missing value
function Monitor:distance(...) end

--- Tells of the newest sample: no delay.
---@return number samples 0
---@return number seconds 0
function Monitor:delay() end

---@return boolean
function Monitor:primed() end

--- What was learnt, or the training rows so far, as text.
---@return string
function Monitor:save() end

---@param text string
---@return linewright.Monitor? self, string? message, string? code
function Monitor:load(text) end

---@return linewright.Monitor self
function Monitor:reset() end

return dsp

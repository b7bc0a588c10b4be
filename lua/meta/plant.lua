---@meta
--- Options of drivers, parameters of filters, and the library's contracts, for editors.
--- Written by tools/reference.lua from the program's own tables and stdlib/capabilities/; do not edit.


--- Options of drivers, each with the kinds that take it.
---@class (exact) linewright.driver_options
---@field baud? number modbus_rtu: bits per second, default 19200
---@field data_bits? number modbus_rtu: 5 to 8, default 8
---@field device? string modbus_rtu: serial port, e.g. /dev/ttyUSB0
---@field every? linewright.time pictures: time from picture to picture
---@field file? string replay: table with a header line; native: Lua file that binds the library, beside the profile
---@field folder? string pictures: PNG, JPEG, TIFF, PGM or PPM files, played by name
---@field format? string replay: csv (default), or f32: nothing but float32 samples, little-endian
---@field gap? number modbus_tcp, modbus_rtu: registers read in vain to join requests, default 8
---@field host? string modbus_tcp: name or address of the device
---@field loop? number replay, pictures: how many times it is played, 0 = for ever, default 1
---@field max_block? number modbus_tcp, modbus_rtu: registers per request, 4 to 125, default 125
---@field parity? string modbus_rtu: none, even (default) or odd
---@field period? linewright.time replay: time from row to row, for a table without time stamps
---@field port? number modbus_tcp: TCP port, default 502
---@field seed? number sim: seed of the plant's noise, default 1
---@field separator? string replay: one character, tab or auto (default)
---@field skip? number replay: rows left out at the start, default 0
---@field speed? string replay: real (default), N times real, or max: a row per read
---@field stop_bits? number modbus_rtu: 1 (default) or 2
---@field time? string replay: column of time stamps, default the first
---@field timeout? linewright.time modbus_tcp, modbus_rtu: longest wait for an answer, default 500 ms; native: longest that a read may take, default 500 ms
---@field trigger? string pictures: signal: one picture for each new number of the tag 'trigger', in place of every
---@field unit_id? number modbus_tcp, modbus_rtu: unit id of the device, 0 to 255, default 1
---@field within? linewright.time pictures: a picture that comes later is late, default half of every, 500 ms when triggered
---@field write? string modbus_tcp, modbus_rtu: function codes: auto (default), single (5, 6), multiple (15, 16)
---@field watchdog? linewright.driver_options.watchdog

---@class (exact) linewright.driver_options.watchdog
---@field every? linewright.time modbus_tcp, modbus_rtu: interval of the watchdog, default 250 ms
---@field register? string modbus_tcp, modbus_rtu: register that counts, or coil that toggles, while the host is well

--- A filter of a tag: `{ "hampel", window = 5, k = 4 }`; see docs/filters.md.
---@class (exact) linewright.filter_spec
---@field [1] "lowpass"|"highpass"|"bandpass"|"bandstop"|"notch"|"ewma"|"fir"|"equiripple"|"savgol"|"average"|"deviation"|"median"|"quantile"|"minimum"|"maximum"|"mad"|"hampel"|"rate"|"deadband"|"hysteresis"|"debounce"|"despike"|"stuck"|"alphabeta"|"integral"|"fill"|"derivative"|"kalman"|"cusum"|"ewma_chart"|"page_hinkley"|"shewhart"|"zscore"|"ar"|"adwin"
---@field alpha? linewright.quantity alphabeta: weight of a reading [number]
---@field band? linewright.quantity deadband: half width [difference in the tag's unit]; stuck: largest spread called still [difference in the tag's unit]
---@field beta? linewright.quantity alphabeta: weight for the slope [number]
---@field cutoff? linewright.quantity lowpass, highpass, fir, equiripple: edge of the pass band [Hz]
---@field delta? linewright.quantity page_hinkley: change that is no change [difference in the tag's unit]; adwin: chance of a false alarm at a look [number]
---@field derivative? linewright.quantity savgol: 0 smooths, 1 gives the slope per second [whole number]
---@field design? string lowpass, highpass, bandpass, bandstop: shape of the response [a word]
---@field down? linewright.quantity rate: fastest fall per second; 0 the same as up [the tag's unit/s]
---@field frequency? linewright.quantity notch: what is removed [Hz]
---@field h? linewright.quantity cusum: limit in sigma [number]
---@field high? linewright.quantity bandpass, bandstop: upper edge of the band [Hz]
---@field hold? linewright.quantity debounce: how long it must stand [s]
---@field k? linewright.quantity hampel: limit in standard deviations [number]; cusum: slack in sigma [number]; zscore, ar: limit in sigma [number]
---@field lag? linewright.quantity savgol: which sample, 0 the newest, -1 the centre [whole number]; hampel: which sample is judged, 0 the newest [whole number]
---@field limit? linewright.quantity ewma_chart: in sigma of the average [number]; page_hinkley: of the cumulated change [difference in the tag's unit]
---@field low? linewright.quantity bandpass, bandstop: lower edge of the band [Hz]
---@field mean? linewright.quantity cusum, ewma_chart, shewhart: of the good signal, with sigma [the tag's unit]
---@field noise? linewright.quantity kalman: standard deviation of a reading [difference in the tag's unit]
---@field off? linewright.quantity hysteresis: where it becomes 0 [the tag's unit]
---@field on? linewright.quantity hysteresis: where it becomes 1 [the tag's unit]
---@field order? linewright.quantity lowpass, highpass, bandpass, bandstop: order of the prototype; higher is steeper and slower [whole number]; savgol: of the fitted polynomial [whole number]; kalman: 1 a level, 2 with slope, 3 with bend [whole number]; ar: samples that predict the next [whole number]
---@field p? linewright.quantity quantile: which quantile [number]
---@field q? linewright.quantity notch: frequency over its -3 dB width [number]
---@field range? linewright.quantity adwin: spread of the good signal, highest less lowest [difference in the tag's unit]
---@field ripple? linewright.quantity lowpass, highpass, bandpass, bandstop: of the pass band, chebyshev1 and elliptic [dB]
---@field rules? linewright.quantity shewhart: which of the eight, 1 + 2 + 4 + ... + 128 [whole number]
---@field samples? linewright.quantity despike: longest spike held back [whole number]; fill: longest gap bridged [whole number]
---@field scale? linewright.quantity mad: factor; 1.4826 makes it a standard deviation [number]
---@field sigma? linewright.quantity cusum, ewma_chart, shewhart: of the good signal; 0 learns both [difference in the tag's unit]
---@field step? linewright.quantity despike: largest change that passes [difference in the tag's unit]
---@field stop? linewright.quantity lowpass, highpass, bandpass, bandstop: attenuation of the stop band, chebyshev2 and elliptic [dB]; equiripple: where the stop band begins [Hz]
---@field taps? linewright.quantity fir: length in samples; longer is steeper and later [whole number]; equiripple: length in samples [whole number]
---@field tau? linewright.quantity ewma: time constant [s]; derivative: time constant of the lag; 0 none [s]
---@field train? linewright.quantity cusum, ewma_chart, shewhart: samples to learn mean and sigma from [whole number]; ar: samples to learn from [whole number]
---@field up? linewright.quantity rate: fastest rise per second [the tag's unit/s]
---@field wander? linewright.quantity kalman: how far a sample's jolt moves it, standard deviation [difference in the tag's unit]
---@field weight? linewright.quantity equiripple: of the stop band's ripple [number]; ewma_chart: of the newest sample [number]
---@field window? linewright.quantity savgol, average, deviation, median, quantile, minimum, maximum, mad, hampel, zscore: length in samples [whole number]
---@field within? linewright.quantity stuck: still for so long is stuck [s]

--- areal_mass_gauge@1: a gauge for areal mass behind the dryer (beta, X-ray, ultrasound)
---@class linewright.areal_mass_gauge
---@field mass linewright.channel areal mass of the coating, one side, readable [g/m2]
---@field distance number web from the die to the gauge [m]
---@field period number time between two readings [s]

--- chamber_furnace@1: a chamber that heats parts to a temperature
---@class linewright.chamber_furnace
---@field setpoint linewright.channel what the furnace's own controller holds, writable [degC]
---@field temp linewright.channel temperature of the parts or the chamber, readable [degC]
---@field ramp_max number fastest rise it can follow [K/min]
---@field temp_max number highest temperature the furnace may reach [degC]
---@field at_temperature function

--- defect_vision@1: defect classes from pictures of the web
---@class linewright.defect_vision
---@field frame linewright.channel the newest picture, or the twin's label, readable [1]
---@field classes string[] labels that the model can tell apart a text
---@field classify function

--- gas_supply@1: protective gas from a main that others use as well
---@class linewright.gas_supply
---@field pressure linewright.channel pressure of the main, readable [bar]

--- inspection_cell@1: one picture of each part, and a gate with three ways
---@class linewright.inspection_cell
---@field gate linewright.channel way of the newest part: 0 good, 1 review bin, 2 reject, writable [1]
---@field late? linewright.channel pictures that came late, readable [1]
---@field lost? linewright.channel pictures that never came, readable [1]
---@field part linewright.channel number of the newest part under the camera, readable [1]
---@field shot? linewright.channel its picture, from a driver of pictures, readable a text
---@field defects number[] of rendered pictures: part, x, y, radius, depth, and so on [1]
---@field light number[] of rendered pictures: from part, gain, and so on [1]
---@field pictures string without a shot: a folder, one picture a part by name; or rendered a text

--- machine_health@1: signals of a machine that rise with wear
---@class linewright.machine_health
---@field current linewright.channel motor current, readable [A]
---@field temperature linewright.channel of the bearing over its surroundings, readable [K]
---@field vibration linewright.channel effective velocity at the bearing, readable [mm/s]
---@field vibration_max number must stand still there, such as a limit of ISO 20816 [mm/s]

---@class linewright.pump_bench.pumps
---@field current linewright.channel motor current, readable [A]
---@field flow linewright.channel circulation, readable [L/min]
---@field fluid linewright.channel of the fluid in the loop, readable [degC]
---@field pressure linewright.channel in the loop after the pump, readable [bar]
---@field temperature linewright.channel of the motor's body, readable [degC]
---@field truth? linewright.channel in recordings: 1 = a fault is known, readable [1]
---@field vibration_1 linewright.channel effective value of the first accelerometer, in g, readable [1]
---@field vibration_2 linewright.channel effective value of the second accelerometer, in g, readable [1]
---@field voltage linewright.channel at the motor, readable [V]

--- pump_bench@1: electric pumps and their condition signals
---@class linewright.pump_bench
---@field pumps linewright.pump_bench.pumps[]
---@field published string[] results of others, to be shown beside the score a text

--- slot_die@1: a slot die with its metering pump
---@class linewright.slot_die
---@field flow linewright.channel slurry flow; 0 = no film, writable [mL/min]
---@field gap? linewright.channel slot to web, writable [um]
---@field lips linewright.channel 1 = lip purge on, writable [1]
---@field flow_max number most the pump can give [mL/min]
---@field width number coated width [m]

---@class linewright.vibration_point.points
---@field acceleration linewright.channel in g, readable [1]

--- vibration_point@1: accelerometers near rolling bearings, sampled fast
---@class linewright.vibration_point
---@field points linewright.vibration_point.points[]
---@field ball number knocks per turn of a spot on a ball [1]
---@field cage number turns of the cage per turn of the shaft [1]
---@field inner number knocks per turn of a spot on the inner race [1]
---@field known string[] in recordings: the fault of each point, or none a text
---@field outer number knocks per turn of a spot on the outer race [1]
---@field rate number samples a second [Hz]
---@field speeds number[] of the shaft at each point [1/min]

--- web_transport@1: a driven web: one speed for the whole path
---@class linewright.web_transport
---@field speed linewright.channel web speed; reads the true one if measured, writable [m/min]
---@field tension? linewright.channel web tension at the winder, writable [N]
---@field speed_max number highest speed the drive can hold [m/min]

---@class linewright.zoned_dryer.zones
---@field setpoint linewright.channel what the zone's own controller holds, writable [degC]
---@field temp linewright.channel air or web temperature of the zone, readable [degC]

--- zoned_dryer@1: a dryer of one or more zones along the web
---@class linewright.zoned_dryer
---@field zones linewright.zoned_dryer.zones[]
---@field length number heated length, all zones together [m]
---@field temp_max number highest temperature the dryer may reach [degC]
---@field hottest function
---@field profile function
---@field settled function

---@meta linewright.picture

--- Pictures from a camera to a model. A picture is a tensor f32 [height x width x 1 or 3],
--- in the number of its file: 0..255 of 8 bits, 0..65535 of 16; colours in the order red,
--- green, blue. Every function gives a new picture.
local picture = {}

--- Decode a PNG, JPEG, TIFF, PGM or PPM file.
---@param path string
---@return linewright.tensor|nil picture
---@return integer|string bits 8 or 16, or the message
---@return string|nil code
function picture.open(path) end

--- The same from bytes in memory.
---@param bytes string
---@param name string|nil for messages
function picture.decode(bytes, name) end

--- Rows without a header: 8 bits, or 16 little-endian.
---@return linewright.tensor|nil picture
---@return integer|string bits
---@return string|nil code
function picture.raw(bytes, height, width, channels, bits) end

--- Cut out; left and top count from 1.
---@return linewright.tensor
function picture.region(p, left, top, width, height) end

--- Each new pixel is the weighted mean of the old ones under it.
---@return linewright.tensor
function picture.resize(p, width, height) end

---@return linewright.tensor of one channel
function picture.grey(p) end

--- gain x + bias, held in lo..hi.
---@return linewright.tensor
function picture.affine(p, gain, bias, lo, hi) end

--- full (x / full)^gamma; full is 255 unless given.
---@return linewright.tensor
function picture.gamma(p, gamma, full) end

--- A light that is (1 - share) at one side and (1 + share) at the other.
---@return linewright.tensor
function picture.slope(p, share_x, share_y) end

--- To the mean and standard deviation of a reference.
---@return linewright.tensor
function picture.normalise(p, mean, sd) end

--- Flat field by a dark frame and a frame of the empty scene.
---@return linewright.tensor
function picture.flat(p, dark, flat) end

--- Flat field without a frame: divides by the picture's own slow light, a twofold moving
--- mean of 2 radius + 1 pixels (radius: width / 8), floor `least` (4).
---@return linewright.tensor
function picture.level(p, radius, least) end

--- How the light is: mean, sd, p1, p50, p99, clipped, black, slope_x, slope_y, focus.
---@param full number|nil 255 or 65535
---@return linewright.samples in the order of light_names
function picture.light(p, full) end

---@return string ... names
function picture.light_names() end

--- Channel planes for a model: f32 [1 x channels x height x width], (x - mean) scale.
---@param order string|nil "rgb" or "bgr"
---@param ... number mean of each plane
---@return linewright.tensor
function picture.planes(p, channels, order, scale, ...) end

--- The points of a part as rows of one batch: a grid of equal pieces counted row by row from 1,
--- `count` of them from `first` on, each laid out as by `planes`.
---@param columns integer points in a row of the picture
---@param rows integer
---@param first integer
---@param count integer
---@param channels integer
---@param scale number|nil default 1
---@param mean number|nil default 0
---@return linewright.tensor f32 [count x channels x height x width]
function picture.points(p, columns, rows, first, count, channels, scale, mean) end

--- Means, then maxima of each of `channels` planes.
---@param samples linewright.samples
---@return linewright.samples
function picture.pool(samples, channels) end

--- A map of features as cells, each a row of what `train.cells` learns from: the means of
--- `channels` planes over a grid of rows x columns, row by row. A mask gives labels the same way:
--- `picture.cells(mask:get(), 1, height, 19)` is how much of each cell is marked.
---@param samples linewright.samples planes [channels x height x width]
---@param channels integer
---@param height integer of a plane
---@param rows integer
---@param columns integer|nil default rows
---@return linewright.samples rows columns x channels
function picture.cells(samples, channels, height, rows, columns) end

return picture

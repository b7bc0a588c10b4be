---@meta linewright.infer

--- Models: opened from a file, called at once or off the thread. For trusted
--- code; recipes use the word `infer` (linewright.infer_words).
local infer = {}

--- Open a model with the best backend that takes the file's content.
---@param path string file, or "http://host:port/v2/models/NAME"
---@param backend string|nil "tiny", "onnxruntime", "oip"; nil: the best
---@param providers string|nil "webgpu,cpu", tried in order
---@param level string|nil instruction set of tiny: "portable", "avx2", "avx512"
---@param threads integer|nil of one run, default 1
---@param allowed string|nil text of an allow-list of SHA-256 digests
---@return linewright.model|nil model
---@return string|nil message
---@return string|nil code
function infer.open(path, backend, providers, level, threads, allowed) end

--- The i-th backend; nothing past the end.
---@return string name
---@return string help
---@return string|nil version nil: not available
---@return string why
function infer.kind(i) end

--- Load a backend from a shared object.
---@return true|nil ok
---@return string|nil message
---@return string|nil code
function infer.plugin(path) end

--- A tensor of zeros.
---@param type string f32 f64 u8 i8 u16 i16 u32 i32 u64 i64 bool
---@param ... integer sizes
---@return linewright.tensor
function infer.tensor(type, ...) end

--- Inputs of models for decisions that are to be computed again.
---@param folder string made with the first file
---@param most_bytes number that its files may take; the oldest go
---@param has_thread boolean another thread writes, else `keep` does
---@return linewright.inputs|nil inputs
---@return string|nil message
---@return string|nil code
function infer.inputs(folder, most_bytes, has_thread) end

--- Fill a tensor with an input that was kept.
---@param folder string
---@param digest string SHA-256, hex
---@param tensor linewright.tensor of its type and sizes
---@return linewright.tensor|nil tensor
---@return string|nil message names the file
---@return string|nil code
function infer.kept(folder, digest, tensor) end

---@class linewright.inputs
local Inputs = {}

--- Have a copy in memory for a while; the newest 64 MiB stay.
---@param digest string of the tensor's bytes
---@param tensor linewright.tensor
function Inputs:hold(digest, tensor) end

--- To disk with it; true with a thread means that it will be.
---@param digest string
---@return true|nil ok
---@return string|nil message
---@return string|nil code
function Inputs:keep(digest) end

--- The next one that the thread could not write.
---@return string|nil digest
---@return string|nil message
function Inputs:failed() end

---@return integer how many wait to be written
function Inputs:waiting() end

--- Write what waits.
function Inputs:close() end

---@class linewright.tensor
local Tensor = {}

--- Take the numbers of samples, as many as there are elements.
---@param samples linewright.samples
---@return linewright.tensor self
function Tensor:set(samples) end

---@return linewright.samples
function Tensor:get() end

---@return string type
---@return integer ... sizes
function Tensor:shape() end

---@return integer elements
function Tensor:len() end

---@return string sha256 of the elements' bytes, hex
function Tensor:digest() end

---@return boolean no NaN and no infinity
function Tensor:is_finite() end

---@class linewright.model
local Model = {}

--- Input or output i ("in", "out"); nothing past the end. -1 is any size.
---@return string name
---@return string type
---@return integer ... sizes
function Model:describe(direction, i) end

---@return string backend
---@return string provider
---@return string level instruction set, "any" for trees, or the library's version
---@return number cost multiplications of a row, 0 = not known
---@return string digest SHA-256 of the file
---@return number bytes of the file
---@return boolean is_inline runs in microseconds
---@return string|nil passed_over providers asked for before the one in use, and why they did not take it
function Model:used() end

--- Functions for calls on this thread; one input and one output of floats.
---@param flatten fun(x: any): linewright.samples for arguments that are no samples
---@param takes_missing boolean|nil NaN may go in
---@return (fun(self: any, x: any): number|linewright.samples)|nil run
---@return fun()|string last samples in, samples out, digest, calls, failed
---@return string|nil code
function Model:caller(flatten, takes_missing) end

--- Threads that run the model.
---@param contexts integer|nil default 1
---@param queue integer|nil calls that may wait, default 16
---@param batch integer|nil rows of one run at most, default 1
---@return linewright.model.runner|nil
---@return string|nil message
---@return string|nil code
function Model:runner(contexts, queue, batch) end

function Model:close() end

---@class linewright.model.runner
local Runner = {}

---@param within_ns number time the call may take
---@param ... linewright.tensor one for each input
---@return linewright.model.job|nil
---@return string|nil message
---@return string|nil code
function Runner:add(within_ns, ...) end

---@return integer fd readable once a call has ended
function Runner:fd() end

---@return number ... done, failed, late, refused, waiting, deepest, runs, p50, p99, p99.9 [s]
function Runner:stats() end

function Runner:close() end

---@class linewright.model.job
local Job = {}

--- Nothing while it goes on.
---@return boolean|nil done
---@return number|string|nil took [s], or the message
---@return string|nil code
function Job:poll() end

--- As poll, after its end.
function Job:wait() end

---@return linewright.samples|nil output i
function Job:result(i) end

function Job:drop() end

return infer

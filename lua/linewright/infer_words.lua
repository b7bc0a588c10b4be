--- The word `infer` of recipes: `infer.load { ... }` declares a model while the
--- file loads; it is opened, checked and pinned with the other files of the
--- bundle, and its handle is what handlers call.

local dsp = require "linewright.dsp"
local hidden = require "linewright.hidden"
local infer = require "linewright.infer"
local safe = require "linewright.safe"

local tostring = require("linewright.safe").plain
local samples_of = dsp.of
local suggest = require "linewright.suggest"
local units = require "linewright.units"
local words = require "linewright.words"

local format = string.format
local unpack = table.unpack or unpack -- luacheck: ignore 143

local infer_words = {}

-- Option to the Lua type that it must have; `time` is a duration.
local OPTIONS = { [1] = "string", file = "string", role = "string", param = "string",
  name = "string", backend = "string", providers = "any", level = "string", threads = "number",
  input = "table", inputs = "table", output = "table", outputs = "table", within = "time",
  latency = "time", otherwise = "any", queue = "number", contexts = "number", batch = "number",
  missing = "string", optional = "boolean" }

local DEFAULTS = { within = 1e9, queue = 256, contexts = 1, batch = 1, threads = 1 }

--- The options that `infer.load` takes.
---@return table<string|integer, boolean>
function infer_words.options()
  local out = {}
  for key in pairs(OPTIONS) do out[key] = true end
  return out
end

--- The models that the files of a project declared.
---@param list table project.files
---@return table states
function infer_words.declared(list) return hidden.get(list) or {} end

local function names_of(t)
  local out = {}
  for name in pairs(t) do out[#out + 1] = tostring(name) end
  table.sort(out)
  return out
end

local function fail(text, ...) error(format("E-ARG infer.load: " .. text, ...), 3) end

local function take(spec, key, value)
  local wanted = OPTIONS[key]
  if not wanted then
    fail("unknown option '%s'%s", tostring(key), suggest.text(tostring(key), names_of(OPTIONS)))
  elseif wanted == "time" then
    local ns, message = units.duration(value)
    if not ns then fail("%s: %s", key, message) end
    spec[key] = ns
  elseif wanted ~= "any" and type(value) ~= wanted then
    fail("%s must be a %s, not a %s", tostring(key), wanted, type(value))
  else
    spec[key] = value
  end
end

local MISSING = { refuse = true, pass = true }

-- Where the model comes from: exactly one of the three.
local function check_source(spec)
  spec.file = spec.file or spec[1]
  local n = 0
  for _, key in ipairs { "file", "role", "param" } do n = n + (spec[key] and 1 or 0) end
  if n ~= 1 then
    fail("give one of: a file, role = \"vision\" (the line's model for that role), "
      .. "param = \"model\" (the formula names the file)")
  end
  if not MISSING[spec.missing or "pass"] then
    fail("missing must be \"refuse\" or \"pass\", not \"%s\"", spec.missing)
  end
end

local RANGES = { threads = 64, contexts = 16, queue = 4096, batch = 65536 }

local function check_ranges(spec)
  for key, most in pairs(RANGES) do
    local n = spec[key]
    if not (n >= 1 and n <= most and n == math.floor(n)) then
      fail("%s must be a whole number from 1 to %d, not %s", key, most, tostring(n))
    end
  end
end

local function providers_text(providers)
  if type(providers) == "table" then
    for i, word in ipairs(providers) do
      if type(word) ~= "string" then fail("providers[%d] must be a string", i) end
    end
    return table.concat(providers, ",")
  elseif providers ~= nil and type(providers) ~= "string" then
    fail("providers must be a list of names")
  end
  return providers
end

-- `input = {32}` is the shape of the one input, `inputs = { x = {1, 32} }` of
-- each; a name instead of a number, or -1, is any size.
local function shapes(one, many)
  if one and many then fail("give input or inputs, not both") end
  if one then return { one } end
  return many
end

local function new_spec(t, dir, at)
  local spec = { dir = dir, at = at }
  for key, value in pairs(t) do take(spec, key, value) end
  check_source(spec)
  for key, value in pairs(DEFAULTS) do
    if spec[key] == nil then spec[key] = value end
  end
  check_ranges(spec)
  spec.providers = providers_text(spec.providers)
  spec.want_in = shapes(spec.input, spec.inputs)
  spec.want_out = shapes(spec.output, spec.outputs)
  spec.name = spec.name or (spec.file or spec.role or spec.param):match "[^/]*$"
  return spec
end

-- A plain list of numbers as samples; nil is a missing number.
local PIECE = 200
function infer_words.flatten(x)
  if type(x) == "number" then return samples_of(x) end
  if type(x) ~= "table" then
    error(format("E-ARG a model takes samples, a tensor, a list of numbers or a number, not %s",
      type(x)), 2)
  end
  local n = #x
  if n <= PIECE then return samples_of(unpack(x, 1, n)) end
  local out = dsp.samples(n)
  for i = 1, n do out:set(i, x[i]) end
  return out
end

local function not_loaded(spec)
  return function()
    error(format("E-STATE model '%s' is ready once the recipe is bound to a line", spec.name), 2)
  end
end

-- A handle: its methods lie behind one look-up, for calls in the microseconds.
local function new_handle(spec)
  local methods = { name = spec.name }
  for _, word in ipairs { "run", "call", "evidence", "stats" } do
    methods[word] = not_loaded(spec)
  end
  local names = { "call", "evidence", "is_ready", "name", "run", "stats" }
  setmetatable(methods, { __index = function(_, name)
    error(format("E-NAME model '%s' has no '%s' (%s)%s", spec.name, tostring(name),
      table.concat(names, ", "), suggest.text(tostring(name), names)), 2)
  end })
  methods.is_ready = function() return false end
  local handle = setmetatable({}, { __index = methods, __metatable = "model",
    __newindex = function(_, key)
      error(format("E-READONLY model '%s': %s cannot be set", spec.name, tostring(key)), 2)
    end,
    __tostring = function() return "model " .. spec.name end })
  hidden.set(handle, { spec = spec, methods = methods, handle = handle })
  return handle
end

--- The model that a contract's own methods call, where the line names one.
---@param role string
---@param wants table input, output: lists of sizes
---@param at table place of the unit
---@return table state
function infer_words.of_contract(role, wants, at)
  return hidden.get(new_handle(new_spec({ role = role, optional = true, input = wants.input,
    output = wants.output }, nil, at)))
end

--- The word for the files of one folder.
---@param project table
---@param dir string the folder of the file that uses the word
---@return table infer
function infer_words.of(project, dir)
  return safe.freeze({
    tensor = infer.tensor,
    load = function(t)
      if words.is_void(t) then return words.VOID end
      if type(t) ~= "table" then
        error("E-ARG infer.load takes a table: infer.load { \"models/x.onnx\", input = {32} }", 2)
      end
      if project.sealed then
        error("E-STATE infer.load belongs to the top of the file: a model is loaded with it", 2)
      end
      local handle = new_handle(new_spec(t, dir, words.here()))
      local list = infer_words.declared(project.files)
      hidden.set(project.files, list)
      list[#list + 1] = hidden.get(handle)
      return handle
    end,
  }, "infer")
end

return infer_words

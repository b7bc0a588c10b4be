--- A plant twin at work: the file loaded, its state begun, stepped once per tick.
---
--- Writing one is described in examples/twins/coater.lua: `options`, `signals`,
--- `start(o, at, rng)` and `step(s, io, dt)`; io:get(n) and io:set(n, x) know a
--- signal by the number that `at "name"` gives.

local Findings = require "linewright.findings"
local project = require "linewright.project"
local rng = require "linewright.rng"
local stdlib = require "linewright.stdlib"
local vm = require "linewright.vm"

local format = string.format

local Twin = {}
Twin.__index = Twin

local twin = {}

-- A twin's step has no deadline of the line, but it must come to an end.
local BUDGET_NS = 1e9

-- The twin's own stream of chance; the recipe has another (inline.lua).
local TWIN_STREAM = 1

local function load_file(path, sources)
  local files = project.new(Findings.new(), { stdlib_words = stdlib.words, sources = sources })
  local loaded = files:load("twin", path)
  files.findings:raise()
  for _, name in ipairs { "start", "step" } do
    if type(loaded[name]) ~= "function" then
      error(format("E-TWIN %s: the twin has no function '%s'", path, name), 0)
    end
  end
  return loaded
end

--- Begin a twin.
---@param spec table bundle.twin: file, options, signals = { {name, unit, value|nil}, ... }, sources
---@param seed number
---@return table twin
function twin.new(spec, seed)
  local file = load_file(spec.file, spec.sources)
  local index = {}
  for i, signal in ipairs(spec.signals) do index[signal.name or signal[1]] = i end
  local function at(name)
    return index[name] or error(format("E-TWIN '%s' is no signal of this twin", tostring(name)), 2)
  end
  local self = setmetatable({ index = index, step_fn = file.step, name = file.name,
    signals = spec.signals }, Twin)
  local ok, state = vm.call(file.start, BUDGET_NS, spec.options, at, rng.new(seed, TWIN_STREAM))
  if not ok then error(format("E-TWIN %s: start failed: %s", spec.file, tostring(state)), 0) end
  self.state = state
  return self
end

-- What the twin's file does not know stands where the line says, until the line
-- itself or a fault moves it. An output may have been set before the first step.
local function stand(self, io)
  for i, signal in ipairs(self.signals) do
    local now = signal.value and io:get(i)
    if now then io:set(i, now ~= 0 and now or signal.value) end
  end
  self.is_standing = true
end

--- Move the plant on.
---@param io table linewright.sim
---@param dt number [s]
function Twin:step(io, dt)
  if not self.is_standing then stand(self, io) end
  vm.tick(0) -- the plant's CPU time is not charged to the run's tick
  local ok, err = vm.call(self.step_fn, BUDGET_NS, self.state, io, dt)
  if not ok then error(format("E-TWIN %s: step failed: %s", self.name, tostring(err)), 0) end
end

return twin

--- What channels were, for plots: at most so many samples of each. When the room
--- is used up every other sample goes and the step doubles, so that a plot shows
--- all of the time at a resolution that a screen can show.

local dsp = require "linewright.dsp"

local Recorder = {}
Recorder.__index = Recorder

local recorder = {}

local ROOM = 2048

--- A recorder of channels.
---@param step_s number between two samples
---@return table recorder
function recorder.new(step_s)
  return setmetatable({ step_s = step_s, n = 0, channels = {}, due_s = nil, from_s = nil },
    Recorder)
end

local function thin(self)
  for _, s in pairs(self.channels) do
    for i = 1, ROOM / 2 do s:set(i, s:get(2 * i - 1)) end
    for i = ROOM / 2 + 1, ROOM do s:set(i, nil) end
  end
  self.n, self.step_s = ROOM / 2, self.step_s * 2
end

--- Is it time for a sample?
---@param t_s number
---@return boolean
function Recorder:is_due(t_s) return not self.due_s or t_s >= self.due_s - 1e-9 end

--- Take a sample of each channel.
---@param t_s number
---@param read function(path): number|nil
---@param paths string[]
function Recorder:take(t_s, read, paths)
  if self.n == ROOM then thin(self) end
  self.from_s = self.from_s or t_s
  self.n = self.n + 1
  for _, path in ipairs(paths) do
    local s = self.channels[path]
    if not s then
      s = dsp.samples(ROOM, 0 / 0)
      self.channels[path] = s
    end
    local value = read(path)
    s:set(self.n, type(value) == "number" and value or nil) -- a text is no sample
  end
  self.due_s = math.max(t_s, self.due_s or t_s) + self.step_s
end

--- What was recorded of a channel.
---@param path string
---@param unit string
---@param t0_s number|nil added to its times
---@return linewright.Samples|nil
function Recorder:samples(path, unit, t0_s)
  local s = self.channels[path]
  if not s or self.n == 0 then return nil end
  return s:slice(1, self.n):copy():rate(1 / self.step_s, self.from_s + (t0_s or 0)):unit(unit)
end

return recorder

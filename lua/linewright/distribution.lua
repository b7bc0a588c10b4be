-- How one signal's values are distributed, against what was learnt: the object
-- behind `watch.distribution`.

local dsp = require "linewright.dsp"

local format = string.format

local distribution = {}

local Distribution = {}
Distribution.__index = Distribution
Distribution.__metatable = "watch.distribution"

-- What each method makes of reference and recent readings: severity, and why.
distribution.METHODS = {
  -- The chance that both come from one source, on a scale on which the limit is 1.
  ks = function(self)
    local distance, p = dsp.ks(self.reference, self.recent)
    return math.log(math.max(p, 1e-300)) / math.log(self.limit), format(
      "its distribution lies %.2f from the one learnt, chance %.2g", distance, p)
  end,
  psi = function(self)
    local psi = dsp.psi(self.reference, self.recent)
    return psi / self.limit, format("its population stability index is %.2f", psi)
  end,
}

--- Take one reading; each full window is compared with what was learnt.
---@param x number|nil nil repeats the last severity
---@return number|nil severity nil until the first window
function Distribution:__call(x)
  if x == nil then return self.last end
  local is_learning = self.n < self.train
  local into, at = self.recent, (self.n - self.train) % #self.recent + 1
  if is_learning then into, at = self.reference, self.n + 1 end
  into:set(at, x)
  self.n = self.n + 1
  if is_learning or at < #self.recent then return self.last end
  self.last, self.text = distribution.METHODS[self.method](self)
  if self.last >= 1 then self.fired, self.fired_at = self.text, self.n end
  return self.last
end

--- Why and at which reading it last fired; nil when it has not.
---@return string|nil why, number|nil reading
function Distribution:why() return self.fired, self.fired_at end

--- Learn anew.
---@return table self
function Distribution:reset()
  self.n, self.last, self.text, self.fired, self.fired_at = 0, nil, nil, nil, nil
  return self
end

local STATE = { "n", "last", "text", "fired", "fired_at" }

--- What was learnt and seen so far, as plain data for a loop's state.
---@return table
function Distribution:save()
  local out = { reference = self.reference:csv(), recent = self.recent:csv() }
  for _, key in ipairs(STATE) do out[key] = self[key] end
  return out
end

--- Go on from what save gave.
---@param state table of a watch of the same sizes
---@return table|nil self
---@return string|nil message
---@return string|nil code
function Distribution:load(state)
  local reference, recent = dsp.csv(state.reference, 1), dsp.csv(state.recent, 1)
  if #reference ~= #self.reference or #recent ~= #self.recent then
    return nil, "not the saved state of a watch of this size", "E-CORRUPT"
  end
  self.reference, self.recent = reference, recent
  for _, key in ipairs(STATE) do self[key] = state[key] end
  return self
end

--- A watch that has learnt nothing yet; arguments are checked.
---@param method string one of METHODS
---@param train integer
---@param window integer
---@param limit number
---@return table
function distribution.new(method, train, window, limit)
  return setmetatable({ train = train, method = method, limit = limit,
    reference = dsp.samples(train), recent = dsp.samples(window) }, Distribution):reset()
end

return distribution

-- The permits of a line, as the run sees them: the scan keeps an output back, this
-- says which permit did and whether it is given by now.

local permits = {}

local COMPARE = {
  above = function(x, limit) return x > limit end,
  below = function(x, limit) return x < limit end,
  is = function(x, limit) return x == limit end,
  is_not = function(x, limit) return x ~= limit end,
}

local function is_given(port, need)
  local value, quality = port:read(need.channel.index)
  return quality == "good" and COMPARE[need.op](value, need.limit)
end

--- The text of the first permit that an output lacks now.
---@param bundle table
---@param port linewright.Port
---@param channel table the output's, of the bundle
---@param value number|nil what it is to be set to [contract unit]; nil: any permit of it counts
---@return string|nil text
function permits.lacking(bundle, port, channel, value)
  for _, entry in ipairs(bundle.rules or {}) do
    local rule = entry.rule
    if rule.kind == "permit" and entry.channel == channel
      and (value == nil or COMPARE[rule.op](value, entry.limit))
      and not is_given(port, entry.need) then
      return rule.text
    end
  end
end

return permits

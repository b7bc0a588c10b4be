-- What so many tries without a failure say, by the rule of three: 95 % confidence.
local bound = {}

---@param n integer tries
---@return string text "at most 0.03 % by the rule of three"
function bound.of(n)
  local percent = math.min(300 / n, 100)
  return (percent < 10 and "at most %.2g %% by the rule of three" or "at most %.0f %% by the rule of three"):format(percent)
end

return bound

--- Text of scripts, devices and people as it may stand on a terminal.

local function escape(c) return ("\\x%02x"):format(c:byte()) end

--- Control characters, those of Unicode too, as "\x1b"; none can draw, and what follows a
--- line break stands below its own line and cannot look like one of ours.
---@param text string
---@param indent string|nil before each line but the first; nil: a break is a space, one line
---@return string
return function(text, indent)
  text = text:gsub("\r\n?", "\n"):gsub("[%z\1-\9\11-\31\127]", escape)
  return (text:gsub("\194([\128-\159])", escape):gsub("\n", indent and "\n" .. indent or " "))
end

---@meta linewright.regex

--- Regular expressions in Perl's syntax (PCRE2, bytes) with bounded work. Patterns have at
--- most 1,024 bytes and 32 groups, texts at most 8,192 bytes; what is wrong with a pattern
--- raises E-REGEX, a search that backtracks too much E-BUDGET. Compiled patterns are kept.
---@class linewright.regex
local regex = {}

--- The first match at or after init.
---@param text string
---@param pattern string
---@param init number|nil from 1 on
---@return integer|nil first
---@return integer last
---@return string|false ... groups; false for one that took no part
function regex.find(text, pattern, init) end

--- The named groups of the first match.
---@param text string
---@param pattern string
---@return table<string, string|false>|nil
function regex.named(text, pattern) end

return regex

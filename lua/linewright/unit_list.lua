-- Lists of a unit's channels, `eq.oven.zones`: a line has so many of them and no
-- more. `#` and ipairs see plain tables; an index that the line does not have is
-- an error that says so, instead of Lua's "attempt to index a nil value".

local unit_list = {}

local lists = setmetatable({}, { __mode = "k" })

-- An ipairs written in C asks once beyond the end (Lua 5.4) and means no harm.
local function is_asked_by_c() return debug.getinfo(3, "S").what == "C" end

local function missing(path, n, line_name)
  local has = n == 0 and "none" or n == 1 and "1, [1]" or ("%d, [1] to [%d]"):format(n, n)
  return function(_, key)
    if type(key) == "number" and is_asked_by_c() then return nil end
    error(("E-NAME %s has %s on line '%s', there is no [%s]"):format(path, has, line_name,
      tostring(key)), 2)
  end
end

--- Make a list read-only and sure of its end.
---@param list table[] filled
---@param path string "eq.oven.zones"
---@param line_name string
---@return table[] the same list
function unit_list.seal(list, path, line_name)
  lists[list] = true
  return setmetatable(list, { __index = missing(path, #list, line_name), __metatable = path,
    __newindex = function(_, key)
      error(("E-READONLY %s[%s] cannot be changed"):format(path, tostring(key)), 2)
    end })
end

--- The entry of any table, nil beyond the end of these lists: for an ipairs.
---@param t table
---@param i integer
---@return any
function unit_list.get(t, i)
  if lists[t] then return rawget(t, i) end
  return t[i]
end

return unit_list

-- What the host knows of a table and no recipe may see: kept in its metatable under a
-- key that only this file has. A weak table of table -> what is known would never let
-- go of an entry whose value leads back to its key; LuaJIT has no ephemerons.

local hidden = {}

local raw_metatable = debug.getmetatable
local KEY = {}

--- Keep something with a table; its metatable is ours already, or there is none.
---@param t table
---@param value any
function hidden.set(t, value)
  local meta = raw_metatable(t)
  if not meta then
    meta = { __metatable = false } -- recipes can neither look into it nor replace it
    setmetatable(t, meta)
  end
  meta[KEY] = value
end

--- What is kept with a value, nil when nothing is.
---@param t any
---@return any
function hidden.get(t)
  local meta = type(t) == "table" and raw_metatable(t)
  return meta and rawget(meta, KEY)
end

return hidden

-- The functions that a recipe may call, each made safe to hand out: no
-- addresses, no unbounded strings, no order that differs between processes.

local own_place = require "linewright.own_place"
local patterns = require "linewright.patterns"
local sorted = require "linewright.sorted"
local unit_list = require "linewright.unit_list"
local vm = require "linewright.vm"

local safe = {}

local entry = unit_list.get
local unpack = table.unpack or unpack
local REP_MAX_BYTES = 1024 * 1024
local NESTING_MAX = 180 -- pcall inside pcall; the C stack ends soon after

-- Raw access to metatables: `__metatable` hides ours from recipes, not from us.
local raw_metatable = debug.getmetatable

-- Read-only tables: proxy -> what it stands for. Weak both ways: the proxy holds
-- its table, and LuaJIT never collects a key that its own value leads to.
local frozen = setmetatable({}, { __mode = "kv" })

local function refuse_write(name)
  return function(_, key)
    error(("E-READONLY %s.%s cannot be set: %s is read-only"):format(name, tostring(key), name), 2)
  end
end

--- A read-only stand-in for a table.
---@param t table
---@param name string what messages call it
---@return table proxy
function safe.freeze(t, name)
  local proxy = setmetatable({}, {
    __index = t, __newindex = refuse_write(name), __metatable = name,
    __len = function() return #t end, __pairs = function() return sorted(t) end,
  })
  frozen[proxy] = t
  return proxy
end

--- A table that we can walk without any code of a recipe running in our hands: it has
--- no metatable but our own.
---@param t any
---@return boolean
function safe.is_plain(t)
  return type(t) == "table" and (raw_metatable(t) == nil or frozen[t] ~= nil)
end

--- A copy of t with more entries.
function safe.with(t, more)
  local out = {}
  for k, v in pairs(t) do out[k] = v end
  for k, v in pairs(more) do out[k] = v end
  return out
end

--- Errors that recipe code may not catch.
function safe.is_control(err)
  if type(err) == "table" then return rawget(err, "control") == true end
  return type(err) == "string"
    and (err:find("E-BUDGET", 1, true) or err:find("not enough memory", 1, true)) ~= nil
end

--- A value for a message to a recipe: no address; none of its metamethods is called.
---@param x any
---@return string
function safe.plain(x)
  local kind = type(x)
  local is_plain = kind == "number" or kind == "string" or kind == "boolean" or kind == "nil"
  return is_plain and tostring(x) or kind
end

-- Text of a value without its address; `__tostring` of the recipe's own tables
-- may speak, our types name themselves.
local function text_of(x)
  if type(x) == "number" then return x ~= x and "nan" or (("%.14g"):format(x)) end
  local meta = type(x) ~= "string" and raw_metatable(x)
  local speaks = type(meta) == "table" and rawget(meta, "__tostring")
  return safe.plain(speaks and tostring(x) or x) -- LuaJIT takes whatever `__tostring` returns
end
safe.tostring = text_of

-- C stack that nested calls may take, in protected calls; patterns and sorts
-- that call back take four times as much. It ends before the real one does.
local C_STACK_MAX, CALLBACK = 200, 4

local function enter(units, what)
  if vm.nest(units) > C_STACK_MAX then
    vm.nest(-units)
    error(what, 3)
  end
end

-- Depth of protected calls inside a coroutine. A branch that was cancelled in
-- one never comes back to count down, so counts go with the coroutine.
local depth = setmetatable({}, { __mode = "k" })
local running = coroutine.running
local TOO_DEEP = "pcall inside pcall, more than " .. NESTING_MAX .. " deep"

local function leave(key, level, ok, ...)
  if key then depth[key] = level else vm.nest(-1) end
  if ok then return true, ... end
  local err = ...
  if safe.is_control(err) then error(err, 0) end
  if type(err) ~= "string" then return false, err end
  -- An address is what a C library or Lua itself wrote into a message.
  return false, own_place.strip((err:gsub("%f[%a](%a+): 0x%x+", "%1")))
end

local function protected(f, ...)
  local key, is_main = running()
  if is_main or not key then -- no coroutine: nothing here is ever left behind
    enter(1, TOO_DEEP)
    return leave(nil, nil, pcall(f, ...))
  end
  local level = depth[key] or 0
  if level >= NESTING_MAX then error(TOO_DEEP, 2) end
  depth[key] = level + 1
  return leave(key, level, pcall(f, ...))
end

-- The handler runs after unwinding: one that loops is stopped like any code.
local function protected_with(f, handler, ...)
  local function finish(ok, ...)
    if ok then return true, ... end
    return false, handler((...))
  end
  return finish(protected(f, ...))
end

-- Calls back into Lua from C are bounded: patterns and sorts that call
-- themselves end the C stack before they end the Lua stack.
local function bounded(fn, ...)
  enter(CALLBACK, "callbacks nested more than " .. C_STACK_MAX / CALLBACK .. " deep")
  local result = { pcall(fn, ...) }
  vm.nest(-CALLBACK)
  if not result[1] then error(result[2], 0) end
  return result[2], result[3]
end

local function gsub(s, pattern, replacement, n)
  if type(replacement) ~= "function" then return patterns.gsub(s, pattern, replacement, n) end
  return bounded(patterns.gsub, s, pattern, replacement, n)
end

local function rep(s, n, separator)
  s, n = tostring(s), tonumber(n) or 0
  if n ~= n then error("string.rep: the count is nan", 2) end
  local bytes = (#s + (separator and #separator or 0)) * math.max(n, 0)
  if bytes > REP_MAX_BYTES then
    error(("string.rep would make %.0f bytes, at most %d are allowed"):format(bytes,
      REP_MAX_BYTES), 2)
  end
  return string.rep(s, n, separator)
end

local INTEGER = { d = true, i = true, x = true, X = true, c = true, o = true, u = true }

-- `%s` and `%q` of a table would print its address and `%p` any address; `%d` of 2.0 is
-- an error in one engine and fine in the other.
local function format(pattern, ...)
  local given, n = { ... }, 0
  for flags, kind in pattern:gsub("%%%%", ""):gmatch "%%([%-+ #0%d%.]*)(%a)" do
    n = n + 1
    if #flags > 10 then error("string.format: '" .. flags .. "' is too long", 2) end
    local x = given[n]
    if kind == "p" then error("string.format: no %p in recipes", 2) end
    if ("sq"):find(kind, 1, true) then given[n] = text_of(x) end
    if INTEGER[kind] and type(x) == "number" then
      if x ~= x or math.abs(x) >= 2 ^ 53 then
        error("string.format: no whole number: " .. text_of(x), 2)
      end
      given[n] = math.floor(x)
    end
  end
  return string.format(pattern, unpack(given, 1, math.max(n, select("#", ...))))
end

local function set_metatable(t, meta)
  if frozen[t] then error("setmetatable: the table is read-only", 2) end
  if type(meta) == "table" then
    for _, key in ipairs { "__gc", "__mode", "__close" } do
      if rawget(meta, key) ~= nil then
        error("setmetatable: '" .. key .. "' is not for recipes", 2)
      end
    end
  end
  return setmetatable(t, meta)
end

local function get_metatable(t)
  return type(t) == "table" and getmetatable(t) or nil
end

local function pairs_in_order(t)
  local meta = type(t) == "table" and raw_metatable(t)
  local own = meta and rawget(meta, "__pairs")
  if own then return own(t) end
  if type(t) ~= "table" then error("pairs takes a table, got " .. type(t), 2) end
  return sorted(t)
end

-- Unlike LuaJIT's own, this one sees the entries of read-only stand-ins.
local function step(t, i)
  local v = entry(t, i + 1)
  if v ~= nil then return i + 1, v end
end
local function ipairs_through(t)
  if type(t) ~= "table" then error("ipairs takes a table, got " .. type(t), 2) end
  return step, t, 0
end

local function next_in_order(t, after)
  local order = sorted.keys(t)
  if after == nil then return order[1], t[order[1]] end
  for i, k in ipairs(order) do
    if k == after then return order[i + 1], t[order[i + 1]] end
  end
  error("next: no such key", 2)
end

local function check_writable(t, name)
  if frozen[t] then error(name .. ": the table is read-only", 3) end
end

-- LuaJIT shifts down to a position in C, however far below the list it is.
local function check_place(at, n, name)
  if type(at) == "number" and not (at >= 1 and at <= n + 1) and at ~= n then
    error(("%s: position %.14g is not within 1..%d"):format(name, at, n + 1), 3)
  end
end

local function placing(fn, name, arg_n)
  return function(t, ...)
    check_writable(t, name)
    if type(t) == "table" and select("#", ...) == arg_n then check_place((...), #t, name) end
    return fn(t, ...)
  end
end

local function sort(t, before)
  check_writable(t, "table.sort")
  if before then bounded(table.sort, t, before) else table.sort(t) end
end

local function atan(y, x)
  if not x then return math.atan(y) end
  return (math.atan2 or math.atan)(y, x)
end

local function pick(from, names)
  local out = {}
  for name in names:gmatch "%w+" do out[name] = from[name] end
  return out
end

local function tanh(x)
  local e = math.exp(2 * math.max(-20, math.min(20, x)))
  return (e - 1) / (e + 1)
end

local MATH = "abs acos asin ceil cos deg exp floor fmod huge log max min modf pi rad sin sqrt tan"
local STRING = "byte char len lower reverse sub upper"

safe.math = safe.with(pick(math, MATH), {
    atan = atan, atan2 = atan,
    pow = function(x, y) return x ^ y end,
    log10 = function(x) return math.log(x, 10) end,
    sinh = function(x) return (math.exp(x) - math.exp(-x)) / 2 end,
    cosh = function(x) return (math.exp(x) + math.exp(-x)) / 2 end,
    tanh = tanh,
  })

safe.string = safe.freeze(safe.with(pick(string, STRING), {
  format = format, rep = rep,
  find = patterns.find, match = patterns.match, gmatch = patterns.gmatch, gsub = gsub,
}), "string")

safe.table = safe.freeze({
  concat = table.concat, unpack = unpack, sort = sort,
  insert = placing(table.insert, "table.insert", 2),
  remove = placing(table.remove, "table.remove", 1),
  pack = table.pack or function(...) return { n = select("#", ...), ... } end,
}, "table")

--- Globals of every environment; math, time and print are made for each.
safe.globals = {
  string = safe.string, table = safe.table, unpack = unpack,
  assert = assert, error = error, ipairs = ipairs_through, select = select, type = type,
  tonumber = tonumber, rawequal = rawequal, rawget = rawget,
  rawlen = rawlen or function(x) return #x end, -- luacheck: ignore 113
  tostring = text_of, pairs = pairs_in_order, next = next_in_order,
  pcall = protected, xpcall = protected_with,
  setmetatable = set_metatable, getmetatable = get_metatable,
}

return safe

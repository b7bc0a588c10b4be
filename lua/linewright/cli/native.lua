--- Role `native`: a process of its own for one native block. It talks with its
--- driver on descriptor 3, in the words of host/io/native.h; the file that it
--- runs binds a vendor's library by LuaJIT's FFI:
---
---   local ffi = require "ffi"
---   return {
---     open  = function(options) return device end,
---     read  = function(device) return { mass = 12.3 } end,  -- by address; nil = bad
---     write = function(device, address, value) end,         -- may be missing
---     close = function(device) end,                         -- may be missing
---   }

local json = require "linewright.json"

---@class linewright.cli.native
local role = {}

local CHUNK = 4096

-- Lines and blocks from a descriptor, by the C library's own read.
local function new_link(fd)
  local ffi = require "ffi"
  ffi.cdef [[
    long read(int fd, void *to, unsigned long n);
    long write(int fd, const void *from, unsigned long n);
  ]]
  local buffer, kept, link = ffi.new("char[?]", CHUNK), "", {}

  local function more()
    local n = tonumber(ffi.C.read(fd, buffer, CHUNK))
    if n <= 0 then return false end
    kept = kept .. ffi.string(buffer, n)
    return true
  end

  function link.line()
    local at = kept:find("\n", 1, true)
    while not at do
      if not more() then return nil end
      at = kept:find("\n", 1, true)
    end
    local text = kept:sub(1, at - 1)
    kept = kept:sub(at + 1)
    return text
  end

  function link.block(n)
    while #kept < n do
      if not more() then return nil end
    end
    local text = kept:sub(1, n)
    kept = kept:sub(n + 1)
    return text
  end

  function link.say(text) ffi.C.write(fd, text, #text) end

  return link
end

local function one_line(text) return (tostring(text):gsub("[%c]+", " "):sub(1, 150)) end

local function take_head(link)
  local head = {}
  for _, name in ipairs { "code", "options" } do
    local n = (link.line() or ""):match("^" .. name .. " (%d+)$")
    head[name] = n and link.block(tonumber(n))
    if not head[name] then return nil end
  end
  local n = (link.line() or ""):match "^points (%d+)$"
  head.points = {}
  for i = 1, tonumber(n or 0) do head.points[i] = link.line() end
  return head
end

local function open_device(head)
  local chunk, message = loadstring(head.code, "=native") -- luacheck: ignore 113
  if not chunk then error(message, 0) end
  local file = chunk()
  if type(file) ~= "table" or type(file.open) ~= "function" or type(file.read) ~= "function" then
    error("the file must return a table with open and read", 0)
  end
  return file, file.open(json.decode(head.options))
end

-- Numbers of the library may be cdata (int64_t): only plain numbers leave.
local function plain(value)
  if type(value) == "boolean" then return value and 1 or 0 end
  return tonumber(value)
end

local function values_of(points, read)
  local out = { "values" }
  for i, address in ipairs(points) do
    local n = plain(read[address])
    out[i + 1] = n and n == n and ("%.17g"):format(n) or "nan"
  end
  return table.concat(out, " ") .. "\n"
end

local function answer(file, device, points, line)
  if line == "read" then return values_of(points, file.read(device) or {}) end
  local index, value = line:match "^write (%d+) (%S+)$"
  if not index then error("unknown request " .. line, 0) end
  if not file.write then error("the file has no write", 0) end
  file.write(device, points[tonumber(index)], tonumber(value))
  return "ok\n"
end

--- Serve until the driver closes the descriptor.
---@return integer code
function role.main()
  if _VERSION ~= "Lua 5.1" then return 3 end
  local link = new_link(3)
  local head = take_head(link)
  if not head then return 2 end
  local ok, file, device = pcall(open_device, head)
  if not ok then
    link.say("error " .. one_line(file) .. "\n")
    return 1
  end
  link.say "ready\n"
  local line = link.line()
  while line do
    local fine, text = pcall(answer, file, device, head.points, line)
    link.say(fine and text or "error " .. one_line(text) .. "\n")
    line = link.line()
  end
  if file.close then pcall(file.close, device) end
  return 0
end

return role

-- luacheck: read globals loadstring getfenv setfenv
-- Every function that a recipe can reach, by walking from its globals, r, eq and
-- p, is on a list under tests/data. A new one is put there by hand, after a
-- thought about what a hostile recipe would do with it; LW_REACHABLE=write
-- writes the list anew.
local sys = require "linewright.sys"

local small_run = dofile "tests/support/small_run.lua"

local LIST = "tests/data/reachable.txt"

-- What stands behind a table: its own entries, and those of proxies.
local function entries(value)
  local out = {}
  for k, v in next, value do out[k] = v end
  local meta = debug.getmetatable(value)
  if meta and type(meta.__index) == "table" then
    for k, v in next, meta.__index do out[k] = v end
  end
  return out
end

local function walk(value, path, out, seen)
  if type(value) == "function" then out[#out + 1] = path end
  if type(value) ~= "table" or seen[value] then return end
  seen[value] = true
  for k, v in pairs(entries(value)) do
    local name = type(k) == "number" and path .. "[]" or path .. "." .. tostring(k)
    if type(k) ~= "number" or k == 1 then walk(v, name, out, seen) end
  end
end

local function reachable()
  local t = small_run { execute = function() end }
  local out, seen = {}, {}
  local rt = t.run.rt
  local globals = debug.getmetatable(t.run.bundle.env).__index
  walk({ r = rt.r, eq = rt.eq, p = rt.p }, "run", out, seen)
  for name, value in next, globals do walk(value, name, out, seen) end
  table.sort(out)
  return table.concat(out, "\n") .. "\n"
end

local function changes(listed, found)
  local before, now, out = {}, {}, {}
  for name in listed:gmatch "[^\n]+" do before[name] = true end
  for name in found:gmatch "[^\n]+" do
    now[name] = true
    if not before[name] then out[#out + 1] = "not on the list: " .. name end
  end
  for name in listed:gmatch "[^\n]+" do
    if not now[name] then out[#out + 1] = "on the list only: " .. name end
  end
  return table.concat(out, "\n")
end

describe("what a recipe reaches", function()
  it("is exactly what the list names", function()
    local found = reachable()
    if os.getenv "LW_REACHABLE" == "write" then assert(sys.write_file(LIST, found)) end
    assert.equal("", changes(sys.read_file(LIST), found))
  end)

  it("is no function of the host's own libraries in disguise", function()
    local raw = {}
    for _, fn in ipairs { load, loadstring, loadfile, dofile, setmetatable, getmetatable, pcall,
      xpcall, tostring, pairs, next, rawset, require, print, string.rep, string.format, string.find,
      string.match, string.gmatch, string.gsub, string.dump, collectgarbage, getfenv, setfenv } do
      raw[fn] = true
    end
    local t = small_run { execute = function() end }
    for name, value in next, debug.getmetatable(t.run.bundle.env).__index do
      assert.is_nil(raw[value], name)
    end
    for name, value in pairs(entries(debug.getmetatable(t.run.bundle.env).__index.string)) do
      assert.is_nil(raw[value], "string." .. name)
    end
  end)
end)

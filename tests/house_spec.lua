-- The rules of the house: which room may use what, how large things may grow,
-- what is never written down. One walk over the sources, no build needed.

local function read(path)
  local f = assert(io.open(path, "rb"))
  local text = f:read("*a")
  f:close()
  return text
end

local function files(pattern)
  local out = {}
  local pipe = assert(io.popen("git ls-files --cached --others --exclude-standard -- " .. pattern))
  for path in pipe:lines() do out[#out + 1] = path end
  pipe:close()
  return out
end

-- Which rooms a room may include from; DESIGN.md's arrows.
local BELOW = {
  base = {},
  dsp = { "base" }, infer = { "base", "dsp" }, loop = { "base" },
  image = { "base", "dsp" }, store = { "base" },
  io = { "base", "image" },
  scan = { "base", "dsp", "image", "store", "io" },
  worker = { "base", "dsp", "image", "store", "io", "scan", "loop" },
  bind = { "base", "dsp", "infer", "image", "store", "io", "scan", "loop", "worker" },
  net = { "base", "loop", "image", "store", "worker" },
  cmd = { "base", "dsp", "infer", "image", "store", "io", "scan", "loop", "worker", "bind", "net" },
}

-- A dependency has one home.
local HOMES = {
  ["lua.h"] = "bind", ["lauxlib.h"] = "bind", ["lualib.h"] = "bind", ["luajit.h"] = "bind",
  ["sqlite3.h"] = "store", ["uv.h"] = "loop", ["udunits2.h"] = "image",
  ["modbus.h"] = "io", ["modbus/modbus.h"] = "io", ["pcre2.h"] = "bind",
  ["sodium.h"] = "base", ["zstd.h"] = "store", ["libpq-fe.h"] = "store", ["histedit.h"] = "cmd",
  ["curl/curl.h"] = "infer",
  ["png.h"] = "infer", ["jpeglib.h"] = "infer", ["tiffio.h"] = "infer",
}

local CLOCK_WORDS = { "clock_gettime", "gettimeofday", "[^%w_]time%s*%(%s*NULL", "CLOCK_REALTIME" }

local function room_of(path)
  return path:match "^host/(%w+)/" or "top"
end

local function without_comments(text)
  return (text:gsub("/%*.-%*/", ""):gsub("//[^\n]*", ""))
end

local function report(findings)
  assert.equal("", table.concat(findings, "\n"))
end

describe("the house", function()
  local c_files = files "'host/*.c' 'host/*.h'"

  it("has includes that point one way", function()
    local bad = {}
    for _, path in ipairs(c_files) do
      local room = room_of(path)
      local allowed = { linewright = true, [room] = true }
      for _, r in ipairs(BELOW[room] or {}) do allowed[r] = true end
      for inc in read(path):gmatch '#include "([^"]+)"' do
        local target = inc:match "^(%w+)/" or inc:match "^(%w+)%.h$"
        if room ~= "top" and not allowed[target] then bad[#bad + 1] = path .. " includes " .. inc end
      end
    end
    report(bad)
  end)

  it("keeps each dependency in one room", function()
    local bad = {}
    for _, path in ipairs(c_files) do
      for inc in read(path):gmatch "#include <([^>]+)>" do
        local home = HOMES[inc]
        if home and room_of(path) ~= home then bad[#bad + 1] = path .. " includes <" .. inc .. ">" end
      end
    end
    report(bad)
  end)

  it("asks the system for the time in loop/ only", function()
    local bad = {}
    for _, path in ipairs(c_files) do
      local text = without_comments(read(path))
      for _, word in ipairs(CLOCK_WORDS) do
        if room_of(path) ~= "loop" and text:find(word) then bad[#bad + 1] = path .. " uses " .. word end
      end
    end
    report(bad)
  end)

  it("keeps source files small enough to read at one sitting", function()
    local bad = {}
    local limits = { { "'host/*.c'", 500 }, { "'host/*.h'", 240 }, { "'lua/*.lua' 'stdlib/*.lua'", 300 } }
    for _, limit in ipairs(limits) do
      for _, path in ipairs(files(limit[1])) do
        local _, lines = read(path):gsub("\n", "")
        if lines > limit[2] and not path:find "^lua/meta/" then
          bad[#bad + 1] = ("%s has %d lines, at most %d"):format(path, lines, limit[2])
        end
      end
    end
    report(bad)
  end)

  it("has no recipe that names a line, tag or address", function()
    local bad = {}
    for _, path in ipairs(files "'recipes/*.lua'") do
      local text = read(path)
      for _, word in ipairs { "modbus", "hr:%d", "ir:%d", '"[034]%d%d%d%d"', "tag%s*{", "driver%s*[\"(]" } do
        if text:find(word) then bad[#bad + 1] = path .. " has " .. word end
      end
    end
    report(bad)
  end)

  it("names no path of a developer's machine", function()
    local bad = {}
    for _, path in ipairs(files "'*.c' '*.h' '*.lua' '*.md' '*.sh' '*.txt' '*.json' 'Makefile'") do
      for line in read(path):gmatch "[^\n]+" do
        if line:find "[^%w_.%%]/home/%w" or line:find "[^%w_.%%]/root/%w" then bad[#bad + 1] = path .. ": " .. line end
      end
    end
    report(bad)
  end)

  it("has public docstrings on every function of the public header", function()
    local bad, previous = {}, ""
    for line in read("host/linewright.h"):gmatch "([^\n]*)\n" do
      if line:find "^LW_API" and not previous:find "^//" then bad[#bad + 1] = line end
      previous = line
    end
    report(bad)
  end)
end)

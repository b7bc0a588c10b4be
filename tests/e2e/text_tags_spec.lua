-- Texts from devices: a Modbus TCP server's registers and a recording's column.
local process = require "tests.support.process"
local projects = require "tests.support.project"
local rig = require "linewright.rig"

local CONTRACT = [[
return capability "marker@1" { lot = readable "text", other = readable { "text", optional = true } }
]]

local RECIPE = [[
return recipe "lots" {
  api = 1, version = "1.0.0",
  needs = { marker = cap "marker@1" {} },
  execute = function(r) r.dwell("60 s") end,
}
]]

local LINE = [[
local io = %s
return line "shed" {
  api = 1, revision = 1, scan = "10 ms",
  units = { marker = equip "marker@1" { lot = tag { io, %s }, other = tag { io, %s } } },
}
]]

local project, server
before_each(function()
  project = projects.new()
  project:write("capabilities/marker.lua", CONTRACT)
  project:write("soak.lua", RECIPE)
end)
after_each(function()
  if server then server:stop() end
  server = nil
  project:remove()
end)

-- Bytes as --set arguments for the registers from `first` on.
local function registers(words, first, bytes)
  for i = 1, #bytes, 2 do
    words[#words + 1] = "--set"
    words[#words + 1] = ("hr:%d=%d"):format(first + (i - 1) / 2,
      bytes:byte(i) * 256 + (bytes:byte(i + 1) or 0))
  end
end

local function run_on(driver, lot, other)
  project:write("shed.lua", LINE:format(driver, lot, other))
  local t = rig { recipe = project.dir .. "/soak.lua", line = project.dir .. "/shed.lua", sim = false }
  t:start()
  t:advance "0.5 s"
  return t
end

describe("a text of a device", function()
  it("comes from registers, in both word orders, odd bytes and all", function()
    local words = { process.beside "modbus_server", "--port", "0" }
    registers(words, 10, "LOT 17-\195\164  ")
    registers(words, 40, "OL\0T\255\27 ")
    server = process.start(project.dir, "server", words)
    local port = process.wait(function() return server:out():match "127%.0%.0%.1:(%d+)" end, "it")
    local t = run_on(('driver "modbus_tcp" { host = "127.0.0.1", port = %s }'):format(port),
      '"hr:10:8", type = "text"', '"hr:40:3", type = "text", word_order = "little"')
    assert.equal("LOT 17-\195\164", t:value "marker.lot")
    assert.equal("LOT", t:value "marker.other")
    local _, quality, age_s = t.line.port:read(t.bundle.channels["marker.lot"].index)
    assert.equal("good", quality)
    assert.is_true(age_s <= 0.1)
    server:signal "KILL"
    t:advance "10 s"
    local _, after = t.line.port:read(t.bundle.channels["marker.lot"].index)
    assert.equal("bad", after)
    t.line:close()
  end)

  it("comes from a column of a recording", function()
    local csv = project:write("rec.csv", 't,lot,note\n0,LOT 1,"a, b"\n2,LOT 2,\n30,LOT 3,c\n')
    local t = run_on(('driver "replay" { file = "%s" }'):format(csv), '"lot"', '"note"')
    local index = t.bundle.channels["marker.other"].index
    assert.equal("LOT 1", t:value "marker.lot")
    assert.equal("a, b", (t.line.port:read(index)))
    t:advance "2 s"
    assert.equal("LOT 2", t:value "marker.lot")
    t:advance "1 s"
    assert.equal("bad", (select(2, t.line.port:read(index))))
    t.line:close()
  end)
end)

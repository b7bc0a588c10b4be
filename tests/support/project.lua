-- A folder with a recipe, the smallest line (a dryer of one zone) and what else a spec
-- writes, thrown away after.
local loader = require "linewright.loader"
local process = require "tests.support.process"
local sys = require "linewright.sys"

local Project = {}
Project.__index = Project

local RECIPE = [[
return recipe "soak" {
  api = 1, version = "1.0.0",
  needs = { oven = cap "zoned_dryer@1" {} },
  params = { hot = param { "degC", default = 80, min = 20, max = 120 } },
  execute = function(r, eq, p)
    r.step("heat", function() eq.oven.zones[1].setpoint:set(p.hot) end)
  end,
}
]]

local function new()
  local dir = os.tmpname()
  os.remove(dir)
  assert(sys.mkdir(dir))
  local self = setmetatable({ dir = dir, running = {} }, Project)
  self:write("soak.lua", RECIPE)
  self:write("shed.lua", assert(sys.read_file "tests/support/shed.lua"))
  return self
end

function Project:write(name, text)
  local folder = name:match "^(.*)/"
  if folder then sys.mkdir(self.dir .. "/" .. folder) end
  assert(sys.write_file(self.dir .. "/" .. name, text))
  return self.dir .. "/" .. name
end

--- Replace a piece of the recipe or line; the piece must be there once.
function Project:edit(name, from, to)
  local path = self.dir .. "/" .. name
  local text = assert(sys.read_file(path))
  local a, b = text:find(from, 1, true)
  assert(a, "no such text: " .. from)
  assert(not text:find(from, b + 1, true), "twice there: " .. from)
  self:write(name, text:sub(1, a - 1) .. to .. text:sub(b + 1))
end

--- Check it; the printed findings without the folder's name, and the bundle.
function Project:check(options)
  options = options or {}
  options.recipe = options.recipe or self.dir .. "/soak.lua"
  if options.line == nil then options.line = self.dir .. "/shed.lua" end
  options.line = options.line or nil
  options.root = self.dir
  local bundle, findings = loader.check(options)
  local text = findings:text():gsub(self.dir:gsub("%p", "%%%0") .. "/", "")
  return text, bundle, findings
end

--- Start the program in the background; it ends with the project at the latest.
---@param name string of its files
---@param ... string words
function Project:start(name, ...)
  local p = process.start(self.dir, name, { process.program(), ... })
  self.running[#self.running + 1] = p
  return p
end

--- Start the PLC simulator of line B; what it is told stands in the file "ledger".
---@param port string? of one that has ended; else any that is free
---@param ledger string? its path
---@return table process
---@return string port
function Project:plc(port, ledger)
  local plc = process.start(self.dir, "plc", { process.beside "plc_line_b", "--port", port or "0", "--ledger",
    ledger or self.dir .. "/ledger" })
  self.running[#self.running + 1] = plc
  return plc, process.wait(function() return plc:out():match "127%.0%.0%.1:(%d+)" end, "the PLC")
end

--- The same, and the profile of line B for it as "line.lua".
function Project:line_b()
  local plc, port = self:plc()
  self:write("line.lua", (assert(sys.read_file "examples/lines/line_b.lua"):gsub("port = 1502", "port = " .. port)))
  return plc
end

function Project:remove()
  for _, p in ipairs(self.running) do p:stop() end
  os.execute(("rm -rf '%s'"):format(self.dir))
end

return { new = new }

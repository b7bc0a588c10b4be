-- Native blocks of a profile: the Lua file that binds a vendor's library is read
-- as text and pinned with the rest of the bundle; it runs nowhere but in the
-- process of its driver.

local check = require "linewright.check"
local json = require "linewright.json"
local project_of = require "linewright.project"

local natives = {}

local chunk_of = loadstring or load -- luacheck: ignore 113

local function check_engine(f, driver, sim)
  if _VERSION == "Lua 5.1" or sim then return end -- LuaJIT calls itself that
  f:fail(("native \"%s\" needs LuaJIT's FFI; this program was built with %s"):format(
    driver.native, _VERSION), driver.at, "E-UNSUPPORTED")
end

local function read_text(project, driver, path)
  local text, message, code = project:source("native").read(path)
  if not text then
    project.findings:fail(("native \"%s\": %s"):format(driver.native, message), driver.at,
      code or "E-IO")
    return nil
  end
  local file = project:remember("native", path, text)
  local ok, syntax = chunk_of(text, "@" .. file.path)
  if not ok then
    local at, said = project_of.place_of(syntax, file.path)
    project.findings:fail(said, at or driver.at, "E-SYNTAX")
    return nil
  end
  return text
end

--- What a native driver gets beside the options that it declares.
---@param project table
---@param driver table what `native "name" {}` returned
---@param options table|nil checked options, to add to
---@param dir string folder of the profile
---@param sim boolean|nil the twin stands in for it
function natives.prepare(project, driver, options, dir, sim)
  local f = project.findings
  if not driver.native then
    f:fail("driver \"native\" is written native \"name\" { file = \"gauge.lua\" }", driver.at,
      "E-SYNTAX")
    return
  end
  check_engine(f, driver, sim)
  local text, problem = json.encode(driver.given)
  if not text then
    f:fail(("native \"%s\" holds %s"):format(driver.native, problem), driver.at, "E-TYPE")
  end
  if not (options and options.file) then return end
  options.code = read_text(project, driver, project_of.join(dir, options.file))
  options.arguments = text
  check.type(f, driver.native, "string", "native", driver.at)
end

return natives

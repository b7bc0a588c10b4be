-- Writes the stubs of the language, the plant and the rig, then docs/reference/ from all stubs:
-- build/release/linewright --role tool script tools/reference.lua
-- With the word `stubs` or `pages` it gives a table of path to text instead.
local sorted = require "linewright.sorted"
local stub = require "linewright.surface_stub"
local sys = require "linewright.sys"

local stubs = { ["lua/meta/language.lua"] = stub.language(), ["lua/meta/plant.lua"] = stub.plant(),
  ["lua/meta/linewright/rig.lua"] = stub.rig() }
if ... == "stubs" then return stubs end

local pages = require "linewright.surface_page"
if ... == "pages" then return pages.files() end

for path, text in sorted(stubs) do assert(sys.write_file(path, text)) end
for path, text in sorted(pages.files()) do assert(sys.write_file(path, text)) end
return 0

-- Writes docs/errors.md: build/release/linewright --role tool script tools/error_guide.lua
local text = require("linewright.errors").page()
if ... == "text" then return text end
assert(require("linewright.sys").write_file("docs/errors.md", text))
return 0

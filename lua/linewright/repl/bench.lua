local bench = { title = "recipes on a twin" }
function bench.words() return { rig = require "linewright.rig" } end
return bench

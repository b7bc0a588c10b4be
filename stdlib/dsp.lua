--- Sample arrays and the kernels on them, for recipes: the same functions as `linewright.dsp`,
--- whose page documents them. Memory counts against the recipe's own; nothing here hands out a
--- pointer.

local kernels = require "linewright.dsp"

local dsp = {}
for name, fn in pairs(kernels) do dsp[name] = fn end

return dsp

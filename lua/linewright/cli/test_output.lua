-- What `linewright test` prints: busted's own report, then one plain line that
-- scripts can read.

local printable = require "linewright.printable"
local sys = require "linewright.sys"

return function(options)
  local busted = require "busted"
  local kind = sys.isatty(1) and "utfTerminal" or "plainTerminal"
  local handler = require("busted.outputHandlers." .. kind)(options)
  local subscribe, format = handler.subscribe, handler.format

  -- What a recipe under test raised stands in the message.
  function handler.format(...)
    local told = format(...)
    told.name = printable(told.name, "  ")
    if type(told.message) == "string" then told.message = printable(told.message, "") end
    return told
  end

  function handler.subscribe(self, opts)
    subscribe(self, opts)
    busted.subscribe({ "exit" }, function()
      local line = ("%d passed, %d failed"):format(
        handler.successesCount, handler.failuresCount + handler.errorsCount)
      if handler.pendingsCount > 0 then
        line = line .. (", %d skipped"):format(handler.pendingsCount)
      end
      sys.stdout(line .. "\n")
      return nil, true
    end)
  end

  return handler
end

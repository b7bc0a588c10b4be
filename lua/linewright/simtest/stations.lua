--- The drivers of a line as its twin knows them: which channels go down together.

local sorted = require "linewright.sorted"

local stations = {}

-- All that the twin stands in for share one.
local TWIN = "twin"

--- The driver of a channel, as a key.
---@param channel table with a signal
---@return any
function stations.of(channel)
  local spec = channel.spec or {}
  local has_own = spec.driver and spec.driver.driver == "sim" and spec.address ~= "none"
  return has_own and spec.driver or TWIN
end

--- The drivers that read or drive each signal.
---@param bundle table of linewright.loader, with a twin
---@return table<integer, table<any, true>> set of drivers by signal
function stations.by_signal(bundle)
  local set = {}
  local function add(signal, station)
    set[signal] = set[signal] or {}
    set[signal][station] = true
  end
  for _, channel in sorted(bundle.channels) do
    if channel.signal then
      add(channel.signal, stations.of(channel))
      local back = bundle.twin.index[(channel.spec or {}).feedback or ""]
      if back then add(back, stations.of(channel)) end
    end
  end
  return set
end

return stations

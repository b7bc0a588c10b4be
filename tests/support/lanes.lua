-- Several courses of one spec side by side, each with processes of its own: while
-- one waits, the others go on.
local sys = require "linewright.sys"

local lanes = {}

local due_ns = setmetatable({}, { __mode = "k" }) -- of each lane that waits

--- Let some time go by; in a lane, the others use it.
function lanes.pause(seconds)
  local lane, until_ns = coroutine.running(), sys.real_ns() + seconds * 1e9
  if not (lane and due_ns[lane]) then return sys.wait_until(until_ns) end
  due_ns[lane] = until_ns
  coroutine.yield()
end

-- Lets those go on whose time has come; returns when the next one's does.
local function turn(waiting)
  local next_ns = math.huge
  for i = #waiting, 1, -1 do
    local lane = waiting[i]
    if due_ns[lane] <= sys.real_ns() then
      local ok, message = coroutine.resume(lane)
      if not ok then error(message, 0) end
    end
    if coroutine.status(lane) == "dead" then
      table.remove(waiting, i)
    else
      next_ns = math.min(next_ns, due_ns[lane])
    end
  end
  return next_ns
end

--- Run fn(1) to fn(n) side by side until all are through; the first error ends it.
function lanes.run(n, fn)
  local waiting = {}
  for i = 1, n do
    waiting[i] = coroutine.create(function() fn(i) end)
    due_ns[waiting[i]] = 0
  end
  while #waiting > 0 do
    local next_ns = turn(waiting)
    if #waiting > 0 then sys.wait_until(next_ns) end
  end
end

return lanes

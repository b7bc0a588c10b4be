--- Words about a line that runs: one of our own on its devices or its twin, or
--- that of a run elsewhere, which is only looked at.

local bare = require "linewright.bare"
local live_of = require "linewright.live"
local loader = require "linewright.cli.loader"
local readings = require "linewright.repl.readings"
local recorder_of = require "linewright.repl.recorder"
local suggest = require "linewright.suggest"
local sys = require "linewright.sys"
local units = require "linewright.units"

local live = {}

local ANSWER_S = 20     -- patience with the visible process
local SAMPLE_S = 0.2    -- of the recorder behind plots
local FEW = 200         -- channels; more are recorded once a second
local SETTLE_S = 0.5    -- for the first readings of a line that comes up

-- --------------------------------------------------------------------- link --

-- Another image is the line's now: "view" or "full".
local function take_image(s, plan)
  local fd = s.link:take_fd()
  if not fd then return end
  if s.live then s.live:close() end
  s.live = assert(live_of.open(fd, s.line.plans[plan]))
end

local function request(s, text)
  s.link:send("l", text)
  local deadline = sys.real_ns() + ANSWER_S * 1e9
  while sys.real_ns() < deadline do
    local kind, payload = s.link:receive(1)
    if kind == false then break end
    if kind == "G" then take_image(s, payload) end
    if kind == "L" and payload:find "^ok" then return payload:match "^ok\n?(.*)$" end
    if kind == "L" then return nil, payload end
  end
  return nil, "E-TIMEOUT the visible process does not answer"
end

local function must(value, message)
  if value == nil then error(message, 3) end
  return value
end

-- ------------------------------------------------------------------ channels --

local function need_line(s)
  if s.live then return s.live end
  error("E-STATE no line is at hand: attach(), or open(\"LINE\", { sim = true })", 3)
end

local function names_of(s)
  local out, i = {}, 1
  while true do
    local name, unit = s.live:tag(i)
    if not name then return out end
    out[i] = { name = name, unit = unit }
    i = i + 1
  end
end

local function plain_names(s)
  local out = {}
  for i, tag in ipairs(names_of(s)) do out[i] = tag.name end
  return out
end

local function tag_of(s, path)
  local i = type(path) == "string" and s.live:find(path)
  if i then return i end
  error(("E-NAME '%s' is no channel of this line%s"):format(tostring(path),
    suggest.text(path, plain_names(s))), 3)
end

local function reading(s, i)
  local value, quality, age_s = s.live:read(i)
  local name, unit = s.live:tag(i)
  return readings.one { path = name, value = value, unit = unit, quality = quality,
    age_s = age_s }
end

-- The image may have been exchanged while something was evaluated.
local function catch_up(s)
  if not s.line.plans then return end
  local kind, payload = s.link:receive(0)
  if kind == "G" then take_image(s, payload) end
end

local function pattern_of(text)
  return "^" .. text:gsub("[%^%$%(%)%%%.%[%]%+%-%?]", "%%%0"):gsub("%*", ".*") .. "$"
end

local function read(s, path)
  need_line(s)
  if path and not path:find("*", 1, true) then
    local r = reading(s, tag_of(s, path))
    if r.quality ~= "bad" then return r end
    catch_up(s)
    return reading(s, tag_of(s, path))
  end
  local out, pattern = readings.list(), path and pattern_of(path)
  for i, tag in ipairs(names_of(s)) do
    if not pattern or tag.name:find(pattern) then out[#out + 1] = reading(s, i) end
  end
  return out
end

local function set(s, path, value)
  need_line(s)
  local i = tag_of(s, path)
  local name, unit = s.live:tag(i)
  if not s.line.plans then
    error(("E-DENIED %s: a run has this line, it is only looked at"):format(name), 3)
  end
  local number, message, code = units.value(value, unit)
  if not number then error(("%s %s: %s"):format(code or "E-UNIT", name, message), 3) end
  must(request(s, ("set\t%d\t%.17g"):format(i - 1, number)))
end

-- ----------------------------------------------------------------- recording --

local function record(s)
  local known = names_of(s)
  local paths, index = {}, {}
  for i, tag in ipairs(known) do paths[i], index[tag.name] = tag.name, i end
  s.recorder = recorder_of.new(#known > FEW and 1 or SAMPLE_S)
  s.recorder_wall = os.time() - sys.real_ns() / 1e9
  s:every("live", s.recorder.step_s, function()
    if not s.live then return true end
    catch_up(s)
    s.recorder:take(sys.real_ns() / 1e9, function(path)
      local value, quality = s.live:read(index[path])
      return quality ~= "bad" and value or nil
    end, paths)
  end)
  s.sources[1] = function()
    local out = {}
    for _, tag in ipairs(s.live and names_of(s) or {}) do out[tag.name] = tag.unit end
    return out
  end
end

local function recorded(s, path)
  if not (s.live and s.recorder and s.live:find(path)) then return nil end
  local _, unit = s.live:tag(s.live:find(path))
  return s.recorder:samples(path, unit, s.recorder_wall)
end

-- --------------------------------------------------------------------- words --

local function settle(s)
  local deadline = sys.real_ns() + SETTLE_S * 1e9
  while sys.real_ns() < deadline do
    local bad = false
    for i = 1, #names_of(s) do
      local _, quality = s.live:read(i)
      bad = bad or quality == "bad"
    end
    if not bad then return end
    local kind, payload = s.link:receive(0.02)
    if kind == "G" then take_image(s, payload) end
  end
end

local function announce(s, what)
  local name, tag_n = s.live:line()
  io.stdout:write(("line %s is up, %s: %d channels; read(), plot(\"%s\")\n"):format(name, what,
    tag_n, (s.live:tag(1))))
end

local function checked(path, options)
  local bundle, findings = bare.check(path, options)
  findings:raise()
  return bundle
end

local function open_request(s, head, message)
  for _ = 1, 100 do
    local answer, complaint = request(s, head .. message)
    if answer or not complaint:find "^E%-AGAIN" then return answer, complaint end
    s.link:receive(0.1)
  end
  return nil, "E-AGAIN outputs are still on their way back"
end

local function open(s, path, options)
  options = options or {}
  local bundle = checked(path, { sim = options.sim, view = not options.sim })
  s.line = { path = path, is_sim = options.sim, name = bundle.line.name,
    plans = { view = bundle.plan, full = options.sim and bundle.plan } }
  local head = ("open\t%d\t%s\t%s\n"):format(options.sim and 1 or 0, path, s.options.db or "")
  must(open_request(s, head, loader.message(bundle)))
  settle(s)
  record(s)
  if s.options.is_interactive then
    announce(s, options.sim and "its twin, outputs are free" or "looked at, nothing is written")
  end
end

local function attach(s, db, wanted)
  local socket = (db or s.options.db or "linewright.db") .. ".sock"
  local found, message, code = live_of.attach(socket)
  if not found then error((code or "E-IO") .. " " .. message, 3) end
  local name = found:line()
  if wanted and name ~= wanted then
    found:close()
    error(("E-NOTFOUND the run in this database has line %s, not %s"):format(name, wanted), 3)
  end
  if s.live then s.live:close() end
  s.live, s.line = found, { socket = socket }
  record(s)
  if s.options.is_interactive then announce(s, "a run has it, it is only looked at") end
end

local function arm(s, name, time)
  need_line(s)
  if not s.line.plans then error("E-DENIED a run has this line, it is only looked at", 3) end
  if s.line.is_sim then error("E-STATE a twin needs no arming: its outputs are free", 3) end
  local ns, complaint = units.duration(time or "10 min")
  if not ns then error("E-UNIT arm: " .. complaint, 3) end
  local bundle = checked(s.line.path, {})
  s.line.plans.full = bundle.plan
  local who = (sys.getenv "USER" or "engineer"):gsub("[\t\n]", " ")
  must(request(s, ("arm\t%.3f\t%s\t%s\n"):format(ns / 1e9, who, tostring(name)) ..
    loader.message(bundle)))
  settle(s)
  io.stdout:write(("armed for %s: set(\"CHANNEL\", value); disarm() or the end of the time puts "
    .. "everything back\n"):format(units.time_text(ns)))
end

local function status(s)
  need_line(s)
  if s.line.socket then
    local answer, message, code = live_of.ask(s.line.socket, "status")
    if not answer then error((code or "E-IO") .. " " .. message, 3) end
    return (answer:gsub("^ok\n", "", 1))
  end
  local text = must(request(s, "look"))
  local left, scans, late, most, mode = text:match "^(%S+)\t(%d+)\t(%d+)\t(%S+)\t([^\n]*)"
  local out = { ("line    %s, %s"):format(s.line.name, mode) }
  if tonumber(left) > 0 then
    out[2] = "armed   " .. units.time_text(math.floor(left) * 1e9) .. " left"
  end
  out[#out + 1] = ("scan    %s done, %s late, at most %s ms"):format(scans, late, most)
  for name, state, problem in text:gmatch "\n([^\t\n]*)\t([^\t\n]*)\t([^\n]*)" do
    if problem ~= "" then problem = ", " .. problem end
    out[#out + 1] = ("driver  %s: %s%s"):format(name, state, problem)
  end
  return table.concat(out, "\n") .. "\n"
end

-- watch("web.speed", "1 s"): a line above the prompt every so often.
local function watch(s, path, period)
  need_line(s)
  tag_of(s, path)
  s:every("watch " .. path, units.duration(period or "1 s") / 1e9, function()
    io.stdout:write(path, "  ", tostring(read(s, path)), "\n")
  end)
end

--- The words of this group.
---@param s table session
---@return table
function live.words(s)
  table.insert(s.recorded, function(path) return recorded(s, path) end)
  s.on_frame = function(kind, payload)
    if kind == "G" then take_image(s, payload) end
  end
  return {
    open = function(path, options) return open(s, path, options) end,
    attach = function(db, line) return attach(s, db, line) end,
    read = function(path) return read(s, path) end,
    set = function(path, value) return set(s, path, value) end,
    arm = function(name, time) return arm(s, name, time) end,
    disarm = function() must(request(s, "disarm")) end,
    status = function() return status(s) end,
    watch = function(path, period) return watch(s, path, period) end,
  }
end

return live

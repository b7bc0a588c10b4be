-- From a bound line to the flat plan that the C host runs.

local options_of = require "linewright.driver_options"
local plan = require "linewright.plan"
local sorted = require "linewright.sorted"
local units = require "linewright.units"

local planner = {}

local POLLS_TO_STALE = 5

-- A poll that was lost is known to be so after the driver's time-out; the next
-- one has as long again before its tags are bad.
local TIMEOUTS_TO_STALE = 2

local function is_sim(driver) return driver and driver.driver == "sim" end

-- The twin's signal that stands behind a tag, by name.
local function signal_name(spec)
  return spec.twin or (is_sim(spec.driver) and spec.address ~= "none" and spec.address) or nil
end

-- What the twin has for a tag: a signal of its file, or a value; nil for nothing.
local function stand_in(spec) return spec.twin_value or signal_name(spec) end

local RECORDINGS = { replay = true, pictures = true }

-- A recording has no plant behind it: a simulated run plays it as any other does.
local function is_played(ctx, spec)
  return RECORDINGS[spec.driver.driver] and not (ctx.twin and (spec.twin or spec.twin_value))
end

-- How a tag is fed: "driver", "twin" or "nothing".
local function source_of(ctx, spec)
  local has_device = spec.driver and spec.address and spec.address ~= "none"
  if has_device and (is_played(ctx, spec) or not ctx.sim and not is_sim(spec.driver)) then
    return "driver"
  end
  return ctx.twin and stand_in(spec) and "twin" or "nothing"
end

local function note_unfed(ctx, ch)
  local spec = ch.spec
  local why = stand_in(spec) and "the line has no usable twin"
    or "it has no `twin`: its name in the twin, or the value at which it stands there"
  local kind = (ctx.sim or is_sim(spec.driver)) and not ctx.optional[ch] and "fail" or "warn"
  ctx.f[kind](ctx.f, ("%s is fed by nothing in this run: %s"):format(ch.path, why), spec.at,
    "E-ADDRESS")
end

local function kind_text(unit) return unit == "text" and "a text" or "a number in " .. unit end

-- A text is no number that could be converted.
local function text_factors(ctx, ch, unit)
  if unit ~= ch.unit then
    ctx.f:fail(("%s is %s, but the twin's signal is %s"):format(ch.path, kind_text(ch.unit),
      kind_text(unit)), { ch.spec.at, ctx.twin.at }, "E-TYPE")
  end
  return 1, 0
end

-- Twin unit -> tag unit; with `equals` the way goes through the contract's unit.
local function signal_factors(ctx, ch, index)
  local unit = ctx.twin.signals[index].unit
  local gain, bias, code
  if unit == "text" or ch.unit == "text" then return text_factors(ctx, ch, unit) end
  if ch.spec.equals == nil then
    gain, bias, code = units.gain(unit, ch.tag_unit)
  else
    gain, bias, code = units.gain(unit, ch.unit)
    if gain then gain, bias = gain / ch.gain, (bias - ch.bias) / ch.gain end
  end
  if gain then return gain, bias end
  ctx.f:fail(("%s: twin signal: %s"):format(ch.path, bias), { ch.spec.at, ctx.twin.at }, code)
  return 1, 0
end

-- A signal beside those that the twin steps; only the line, a spec or a fault moves it.
local function feed_by_constant(ctx, ch)
  local twin = ctx.twin
  local index = #twin.signals + 1
  twin.signals[index] = { name = "line:" .. ch.line_path, unit = ch.tag_unit,
    value = ch.spec.twin_value }
  twin.index["line:" .. ch.line_path] = index
  ch.signal, ch.signal_gain, ch.signal_bias = index, 1, 0
end

local function feed_by_name(ctx, ch)
  local suggest = require "linewright.suggest"
  local name = signal_name(ch.spec)
  local index = ctx.twin.index[name]
  if not index then
    local names = {}
    for i, s in ipairs(ctx.twin.signals) do names[i] = s.name end
    local hint = suggest.text(name, names)
    ctx.f:fail(("%s: the twin has no signal '%s'%s"):format(ch.path, name,
      hint ~= "" and hint or " (" .. table.concat(names, ", ") .. ")"),
      { ch.spec.at, ctx.twin.at }, "E-NAME")
    return
  end
  ch.signal = index
  ch.signal_gain, ch.signal_bias = signal_factors(ctx, ch, index)
end

-- The folder where the files of a channel of pictures lie is its source's.
local function find_folder(ctx, ch)
  local options = ctx.driver_options[ch.spec.driver] or {}
  ch.folder = options.folder
  if ch.folder or ch.unfed then return end
  ctx.f:fail(("%s is a picture: its driver must have a folder of them (pictures, camera)"):format(
    ch.path), ch.spec.at, "E-CONTRACT")
end

--- Decide how each channel is fed.
---@param ctx table f, twin|nil, sim, optional (set of channels), channels, driver_options
---@return boolean uses_twin
function planner.feed(ctx)
  local uses_twin = false
  for _, ch in ipairs(ctx.channels) do
    ch.source = source_of(ctx, ch.spec)
    ch.unfed = ch.source == "nothing"
    if ch.unfed then note_unfed(ctx, ch) end
    if ch.is_picture then find_folder(ctx, ch) end
    if ch.source == "twin" then
      local feed = ch.spec.twin_value and feed_by_constant or feed_by_name
      feed(ctx, ch)
      uses_twin = true
    end
  end
  return uses_twin
end

local function set(p, i, field, value)
  if value ~= nil then p:tag_set(i, field, value) end
end

local function driver_index(ctx, p, driver)
  if ctx.driver_index[driver] then return ctx.driver_index[driver] end
  local i = p:driver(driver.driver, options_of.name(driver))
  for name, value in sorted(ctx.driver_options[driver] or {}) do
    -- Who only looks on does not stand for the PLC's dead-man either.
    if not (ctx.is_view and name:find "^watchdog") then p:option(i, name, value) end
  end
  ctx.driver_index[driver] = i
  return i
end

-- Who only looks on reads an output where its true value is.
local function set_device(ctx, p, i, spec)
  local address, feedback = spec.address, spec.feedback
  if ctx.is_view then
    address, feedback = feedback or spec.access ~= "w" and address or nil, nil
    if not address then return end
  end
  set(p, i, "driver", driver_index(ctx, p, spec.driver))
  set(p, i, "address", address)
  set(p, i, "feedback", feedback)
end

local function set_source(ctx, p, i, ch)
  local spec = ch.spec
  if ch.source == "driver" or is_sim(spec.driver) then
    set_device(ctx, p, i, spec)
  end
  if ch.signal then
    set(p, i, "signal", ch.signal)
    set(p, i, "signal_gain", ch.signal_gain)
    set(p, i, "signal_bias", ch.signal_bias)
  end
end

-- How old a reading may be when the profile does not say.
local function stale_ns(ctx, ch)
  local spec = ch.spec
  local every_ns = math.max(spec.poll_ns or 0, ctx.profile.scan_ns)
  local driver = ch.source == "driver" and spec.driver
  local options = driver and ctx.driver_options[driver] or {}
  local timeout_s = tonumber(options.timeout) or driver and options_of.TIMEOUT_S[driver.driver] or 0
  return math.max(POLLS_TO_STALE * every_ns, TIMEOUTS_TO_STALE * timeout_s * 1e9)
end

local function set_numbers(ctx, p, i, ch)
  local spec = ch.spec
  for _, field in ipairs { "gain", "bias", "lo", "hi", "step_max", "rate_max" } do
    set(p, i, field, ch[field])
  end
  set(p, i, "scale", spec.scale)
  set(p, i, "offset", spec.offset)
  set(p, i, "deadband", spec.deadband and spec.deadband * math.abs(ch.gain))
  for level, value in sorted(ch.safe) do set(p, i, "safe_" .. level, value) end
  set(p, i, "poll_ns", spec.poll_ns)
  set(p, i, "history", spec.history)
  set(p, i, "max_age_ns", spec.max_age_ns or stale_ns(ctx, ch))
end

local function add_tag(ctx, p, ch)
  local spec = ch.spec
  local i = p:tag(ch.path)
  ch.index = i
  set(p, i, "unit", spec.unit)
  set(p, i, "process_unit", ch.unit)
  set(p, i, "type", spec.type)
  set(p, i, "word_order", spec.word_order)
  set(p, i, "access", ctx.is_view and "r" or spec.access)
  set_source(ctx, p, i, ch)
  set_numbers(ctx, p, i, ch)
  for _, filter in ipairs(spec.filters or {}) do
    p:filter(i, filter.kind, (table.unpack or unpack)(filter.params)) -- luacheck: ignore 113 143
  end
end

local function add_rule(p, r)
  local rule, need = r.rule, r.need
  if need.channel then
    p:rule(rule.kind, r.channel.index, rule.op, r.limit, rule.level, rule.lasting_ns, rule.text,
      need.channel.index, need.op, need.limit)
  else
    p:rule(rule.kind, r.channel.index, rule.op, r.limit, rule.level, rule.lasting_ns, rule.text)
  end
end

local function add_rules(ctx, p)
  if ctx.is_view then return end
  for _, r in ipairs(ctx.rules) do add_rule(p, r) end
end

--- Build the plan.
---@param ctx table f, profile, profile_path, channels, rules, twin|nil (only if used),
---  driver_options
---@return userdata plan from linewright.plan
function planner.build(ctx)
  local profile = ctx.profile
  local p = plan.new(profile.name, ctx.profile_path)
  for _, field in ipairs { "scan_ns", "tick_ns", "heartbeat_ns", "tick_cpu_ns", "memory_bytes",
    "history_keep_ns", "history_share", "revision" } do
    if profile[field] then p:set(field, profile[field]) end
  end
  p:set("api", profile.table.api)
  ctx.driver_index = {}
  for _, signal in ipairs(ctx.twin and ctx.twin.signals or {}) do
    p:signal(signal.name, signal.unit)
  end
  for _, ch in ipairs(ctx.channels) do
    if not ch.unfed then add_tag(ctx, p, ch) end
  end
  add_rules(ctx, p)
  local ok, message, code = p:check()
  if not ok then ctx.f:fail(message, profile.at, code) end
  return p
end

return planner

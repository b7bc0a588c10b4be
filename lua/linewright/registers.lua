-- Registers that two tags of one device claim: a 32-bit value fills two of them,
-- and `40201` is another way to write `hr:200`. Two readings of one register in
-- two types cannot both be right.

local check = require "linewright.check"

local registers = {}

local WORDS = { u32 = 2, s32 = 2, f32 = 2, u64 = 4, s64 = 4, f64 = 4 }
local LAST = 65535
local TABLES = { ["0"] = "co", ["1"] = "di", ["3"] = "ir", ["4"] = "hr" }

-- Where a Modbus address lies: table ("hr"), first register from 0, and what of
-- a register it takes (".3"). Nil for other texts; those are findings already, as are
-- registers beyond the last one.
local function parse(address)
  local name, first, rest = address:match "^(%a%a):(%d+)(.*)$"
  if name then return name, tonumber(first), rest end
  local digit, number, tail = address:match "^([0134])(%d%d%d%d%d?)(.*)$"
  if not digit or tail:find "^%d" then return nil end
  return TABLES[digit], tonumber(number) - 1, tail
end

-- A claim of a tag on registers: { spec, table, first, last, rest, writes }.
local function claim(spec, address, writes)
  local name, first, rest = parse(address)
  if not name or first > LAST then return nil end
  local n = (name == "hr" or name == "ir") and WORDS[spec.type] or 1
  return { spec = spec, address = address, place = name, first = first, last = first + n - 1,
    rest = rest, writes = writes }
end

--- Does a tag lie in a device with registers?
---@param spec table from linewright.tags
---@return boolean
function registers.is_device(spec)
  return spec.driver ~= nil and tostring(spec.driver.driver):find "^modbus" ~= nil
end

local function claims_of(spec)
  local out = {}
  local has_number = registers.is_device(spec) and spec.has_type and spec.type ~= "text"
  if not has_number or not spec.address or spec.address == "none" then return out end
  out[1] = claim(spec, spec.address, spec.access ~= "r")
  if spec.feedback then out[#out + 1] = claim(spec, spec.feedback, false) end
  return out
end

local function shape(c)
  local order = WORDS[c.spec.type] and (c.spec.word_order or "big") or ""
  return ("%s %s"):format(c.spec.type, order):gsub(" $", "")
end

local function span(c)
  local text = c.first == c.last and ("%s:%d"):format(c.place, c.first)
    or ("%s:%d..%d"):format(c.place, c.first, c.last)
  return c.address == text and text or ("%s (%s)"):format(c.address, text)
end

local function text_of(c) return ("%s = %s %s"):format(c.spec.name, shape(c), span(c)) end

local function refuse(f, a, b, how, remedy)
  f:fail(("%s and %s %s: %s; %s%s"):format(a.spec.name, b.spec.name, how, text_of(a), text_of(b),
    remedy), { b.spec.at, a.spec.at }, "E-ADDRESS")
end

local function mention(f, writer, reader)
  f:warn(("%s reads what %s writes (%s): it tells what was asked for, not what the plant does")
    :format(reader.spec.name, writer.spec.name, span(writer)),
    { reader.spec.at, writer.spec.at }, "E-ADDRESS")
end

local function compare(f, a, b)
  if a.writes and b.writes then return refuse(f, a, b, "are both written", "") end
  -- Bits of a word beside its other bits or the whole.
  if a.rest ~= "" or b.rest ~= "" then return end
  if a.first ~= b.first or shape(a) ~= shape(b) then
    return refuse(f, a, b, "share a register", ". One address, type or word_order is wrong")
  end
  if a.writes then mention(f, a, b) elseif b.writes then mention(f, b, a) end
end

local function overlap(a, b)
  return a.spec ~= b.spec and (a.rest == b.rest or a.rest == "" or b.rest == "")
end

-- Compare a claim with those of its registers that came before, each once.
local function take(f, c, by_register)
  local seen = {}
  for register = c.first, c.last do
    local key = c.place .. register
    local earlier = by_register[key] or {}
    by_register[key] = earlier
    for _, other in ipairs(earlier) do
      if not seen[other] and overlap(c, other) then compare(f, other, c) end
      seen[other] = true
    end
    earlier[#earlier + 1] = c
  end
end

-- What tells a device that the host lives counts up: no output may lie there.
local function check_watchdog(f, driver, by_register)
  local watchdog = driver.options.watchdog
  local address = type(watchdog) == "table" and watchdog.register
  local at = check.place(driver.at, "watchdog", "register")
  local own = type(address) == "string"
    and claim({ name = "the watchdog", type = "u16", at = at }, address, true)
  for _, other in ipairs(own and by_register[own.place .. own.first] or {}) do
    if other.writes then refuse(f, other, own, "are both written", "") end
  end
end

--- Find tags whose registers overlap.
---@param f table findings
---@param specs table[] tags in a fixed order, from linewright.tags
function registers.check(f, specs)
  local of_driver = {}
  for _, spec in ipairs(specs) do
    for _, c in ipairs(claims_of(spec)) do
      of_driver[spec.driver] = of_driver[spec.driver] or {}
      take(f, c, of_driver[spec.driver])
    end
  end
  for driver, by_register in pairs(of_driver) do check_watchdog(f, driver, by_register) end
end

return registers

--- Plain data to JSON and back, exactly: sorted keys, shortest numbers that read
--- back equal, not-a-number and infinities, tables with keys that JSON lacks.
--- The journal's text; two equal values always give equal bytes.

local floor, huge = math.floor, math.huge
local format, gsub, byte, sub, find, match, char =
  string.format, string.gsub, string.byte, string.sub, string.find, string.match, string.char
local concat, sort = table.concat, table.sort

local json = { max_bytes = 64 * 1024, max_depth = 16 }

-- Key of an object that stands for something JSON has no word for.
local ESCAPE = "#"

local PLAIN = { number = true, string = true, boolean = true, table = true }

local ESCAPED = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function escape_char(c) return ESCAPED[c] or format("\\u%04x", byte(c)) end

--- A string as a JSON string; bytes above 127 pass as they are.
---@param s string
---@return string
function json.quote(s)
  if find(s, '[%c"\\\127]') then s = gsub(s, '[%c"\\\127]', escape_char) end
  return '"' .. s .. '"'
end

local function shortest(x)
  local text = format("%.15g", x)
  if tonumber(text) == x then return text end
  text = format("%.16g", x)
  return tonumber(text) == x and text or format("%.17g", x)
end

local function special_number(x)
  if x ~= x then return '{"#":"nan"}' end
  return x > 0 and '{"#":"inf"}' or '{"#":"-inf"}'
end

--- A number as text that reads back to the very same number.
---@param x number
---@return string
function json.number(x)
  if x - x ~= 0 then return special_number(x) end
  if x == 0 and 1 / x < 0 then return "-0.0" end
  if x == floor(x) and x > -1e15 and x < 1e15 then return format("%.0f", x) end
  return shortest(x)
end

-- Numbers before strings before booleans; each kind in its own order.
local RANK = { number = 1, string = 2, boolean = 3 }
local function key_before(a, b)
  local ra, rb = RANK[type(a)], RANK[type(b)]
  if ra ~= rb then return ra < rb end
  if ra == 3 then return a and not b end
  return a < b
end

--- Keys of a table in a fixed order: numbers, strings, booleans.
---@param t table
---@return any[] keys
function json.sorted_keys(t)
  local keys, n, strings = {}, 0, true
  for k in next, t do
    n = n + 1
    keys[n] = k
    strings = strings and type(k) == "string"
  end
  if strings then sort(keys) else sort(keys, key_before) end
  return keys
end

-- Values come from scripts: all that follows looks at tables raw, so that no
-- metamethod of theirs runs where the host encodes.

-- 1..n without holes? Returns n, or nil for anything else.
local function array_length(t)
  local n, last = 0, 0
  for k in next, t do
    if type(k) ~= "number" or k < 1 or k ~= floor(k) then return nil end
    n, last = n + 1, k > last and k or last
  end
  return n == last and n > 0 and n or nil
end

local encode

local function encode_pairs(out, t, keys, state)
  out[#out + 1] = '{"#":['
  for i, k in ipairs(keys) do
    out[#out + 1] = i > 1 and ",[" or "["
    encode(out, k, state)
    out[#out + 1] = ","
    encode(out, rawget(t, k), state)
    out[#out + 1] = "]"
  end
  out[#out + 1] = "]}"
end

local function encode_object(out, t, state)
  local keys = json.sorted_keys(t)
  local strings = rawget(t, ESCAPE) == nil
  for i = 1, #keys do
    local k = keys[i]
    if not RANK[type(k)] then error({ what = "a table with a " .. type(k) .. " as key" }, 0) end
    strings = strings and type(k) == "string"
  end
  if not strings then return encode_pairs(out, t, keys, state) end
  out[#out + 1] = "{"
  for i = 1, #keys do
    local k = keys[i]
    out[#out + 1] = (i > 1 and "," or "") .. json.quote(k) .. ":"
    encode(out, rawget(t, k), state)
  end
  out[#out + 1] = "}"
end

local function encode_table(out, t, state)
  if state.seen[t] then error({ what = "a table that contains itself" }, 0) end
  if state.depth >= json.max_depth then
    error({ what = "tables nested deeper than " .. json.max_depth .. " levels" }, 0)
  end
  state.seen[t], state.depth = true, state.depth + 1
  local n = array_length(t)
  if n then
    for i = 1, n do
      out[#out + 1] = i > 1 and "," or "["
      encode(out, rawget(t, i), state)
    end
    out[#out + 1] = "]"
  else
    encode_object(out, t, state)
  end
  state.seen[t], state.depth = nil, state.depth - 1
end

function encode(out, v, state)
  local kind = type(v)
  if kind == "number" then
    out[#out + 1] = json.number(v)
  elseif kind == "string" then
    out[#out + 1] = json.quote(v)
  elseif kind == "boolean" then
    out[#out + 1] = v and "true" or "false"
  elseif kind == "nil" then
    out[#out + 1] = "null"
  elseif kind == "table" then
    encode_table(out, v, state)
  else
    error({ what = "a " .. kind }, 0)
  end
end

--- Encode plain data: nil, booleans, numbers, strings, tables of these.
---@param v any
---@return string|nil text nil when v cannot be stored
---@return string|nil what the offending thing in words: "a function"
function json.encode(v)
  local out = {}
  local ok, err = pcall(encode, out, v, { seen = {}, depth = 0 })
  if not ok then return nil, type(err) == "table" and err.what or tostring(err) end
  local text = concat(out)
  if #text > json.max_bytes then
    return nil, format("%.1f KiB of data (at most %d KiB)", #text / 1024, json.max_bytes / 1024)
  end
  return text
end

--- Is v of a type that can be stored at all (nil is)?
---@param v any
---@return boolean
function json.is_plain(v) return v == nil or PLAIN[type(v)] == true end

-- ------------------------------------------------------------------ decode ---

local UNESCAPE = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t",
  ['"'] = '"', ["\\"] = "\\", ["/"] = "/" }

local function utf8_char(code)
  if code < 0x80 then return char(code) end
  if code < 0x800 then return char(0xC0 + floor(code / 64), 0x80 + code % 64) end
  return char(0xE0 + floor(code / 4096), 0x80 + floor(code / 64) % 64, 0x80 + code % 64)
end

local function fail(at, what) error({ what = format("%s at byte %d", what, at) }, 0) end

local function decode_escaped(s, at)
  local out, from = {}, at + 1
  while true do
    local stop = find(s, '["\\]', from)
    if not stop then fail(at, "string without end") end
    out[#out + 1] = sub(s, from, stop - 1)
    if byte(s, stop) == 34 then return concat(out), stop + 1 end
    local c = sub(s, stop + 1, stop + 1)
    if c == "u" then
      local code = tonumber(sub(s, stop + 2, stop + 5), 16)
      if not code then fail(stop, "bad escape") end
      out[#out + 1], from = utf8_char(code), stop + 6
    else
      out[#out + 1], from = UNESCAPE[c] or fail(stop, "bad escape"), stop + 2
    end
  end
end

-- Most strings hold nothing that was escaped.
local function decode_string(s, at)
  local stop = find(s, '["\\]', at + 1)
  if stop and byte(s, stop) == 34 then return sub(s, at + 1, stop - 1), stop + 1 end
  return decode_escaped(s, at)
end

local SPECIAL = { nan = 0 / 0, inf = huge, ["-inf"] = -huge }

-- What an object with the one key "#" stands for.
local function unescape_object(v)
  if type(v) ~= "table" then return SPECIAL[v] end
  local t = {}
  for _, pair in ipairs(v) do t[pair[1]] = pair[2] end
  return t
end

local decode

local function skip(s, at)
  return (byte(s, at) or 0) > 32 and at or find(s, "[^ \t\r\n]", at) or #s + 1
end

local function decode_array(s, at)
  local t, n = {}, 0
  at = skip(s, at + 1)
  if byte(s, at) == 93 then return t, at + 1 end
  while true do
    n = n + 1
    t[n], at = decode(s, at)
    at = skip(s, at)
    local c = byte(s, at)
    if c == 93 then return t, at + 1 end
    if c ~= 44 then fail(at, "expected , or ]") end
    at = at + 1
  end
end

local function decode_object(s, at)
  local t, n = {}, 0
  at = skip(s, at + 1)
  if byte(s, at) == 125 then return t, at + 1 end
  while true do
    at = skip(s, at)
    if byte(s, at) ~= 34 then fail(at, "expected a key") end
    local k
    k, at = decode_string(s, at)
    at = skip(s, at)
    if byte(s, at) ~= 58 then fail(at, "expected :") end
    t[k], at = decode(s, at + 1)
    n = n + 1
    at = skip(s, at)
    local c = byte(s, at)
    if c == 125 then
      if n == 1 and t[ESCAPE] ~= nil then return unescape_object(t[ESCAPE]), at + 1 end
      return t, at + 1
    end
    if c ~= 44 then fail(at, "expected , or }") end
    at = at + 1
  end
end

local WORDS = { { "true", true }, { "false", false }, { "null", nil } }

local function decode_word(s, at)
  for _, word in ipairs(WORDS) do
    if sub(s, at, at + #word[1] - 1) == word[1] then return word[2], at + #word[1] end
  end
  fail(at, "expected a value")
end

function decode(s, at)
  at = skip(s, at)
  local c = byte(s, at)
  if c == 123 then return decode_object(s, at) end
  if c == 91 then return decode_array(s, at) end
  if c == 34 then return decode_string(s, at) end
  local digits = match(s, "^-?[%d.]+[eE]?[+-]?%d*", at) or ""
  if tonumber(digits) then return tonumber(digits), at + #digits end
  return decode_word(s, at)
end

--- Read what encode wrote (and ordinary JSON).
---@param text string
---@return any value
---@return string|nil err nil on success
function json.decode(text)
  local ok, v, at = pcall(decode, text, 1)
  if not ok then return nil, type(v) == "table" and v.what or tostring(v) end
  at = skip(text, at)
  if at <= #text then return nil, format("unexpected text at byte %d", at) end
  return v, nil
end

return json

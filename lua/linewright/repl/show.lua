--- Values as people want to see them: tables aligned, samples as a sparkline with
--- figures, readings with unit, quality and age. A table whose metatable has a
--- function `__show(value, width, is_ascii)` says itself how it looks.

local printable = require "linewright.printable"
local units = require "linewright.units"

local format, floor, rep = string.format, math.floor, string.rep

local show = {}

local DEPTH_MAX, ENTRIES_MAX, ROWS_MAX, TEXT_MAX = 4, 40, 30, 2000
local SPARK_N = 48
local SPARKS = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" }
local ASCII_SPARKS = { "_", ".", "-", "=", "+", "*", "#", "@" }
local SAMPLES = "linewright.samples"

local raw_metatable = debug.getmetatable

--- A number to ten digits, without the zeros behind them.
---@param x number
---@return string
function show.number(x)
  if x ~= x then return "nan" end
  if x == floor(x) and math.abs(x) < 1e15 then return format("%d", x) end
  return (format("%.10g", x))
end

local function quoted(text)
  if #text > TEXT_MAX then
    return format("%q... (%d bytes)", text:sub(1, TEXT_MAX), #text)
  end
  return '"' .. text:gsub('[%z\1-\8\11-\31"\\]', function(c)
    return c == '"' and '\\"' or c == "\\" and "\\\\" or format("\\%d", c:byte())
  end) .. '"'
end

-- Characters on the screen: continuation bytes of UTF-8 take no place.
local function width_of(text)
  local _, continued = text:gsub("[\128-\191]", "")
  return #text - continued
end

local function pad(text, n) return text .. rep(" ", n - width_of(text)) end

local function key_text(k)
  if type(k) == "string" and k:find "^[%a_][%w_]*$" then return k end
  return "[" .. (type(k) == "string" and quoted(k) or tostring(k)) .. "]"
end

local function sorted_keys(t)
  local keys = {}
  for k in pairs(t) do keys[#keys + 1] = k end
  table.sort(keys, function(a, b)
    if type(a) ~= type(b) then return type(a) == "number" end
    if type(a) == "number" or type(a) == "string" then return a < b end
    return tostring(a) < tostring(b)
  end)
  return keys
end

-- ------------------------------------------------------------------ samples --

--- A line of block characters, one for each part of the samples.
---@param s linewright.Samples
---@param is_ascii boolean|nil
---@return string
function show.sparkline(s, is_ascii)
  local n = math.min(#s, SPARK_N)
  if n == 0 then return "" end
  local _, _, mean = s:parts(n)
  local lo, hi = mean:min(), mean:max()
  local blocks, out = is_ascii and ASCII_SPARKS or SPARKS, {}
  for i = 1, n do
    local x = mean:get(i)
    local place = x and (hi > lo and floor((x - lo) / (hi - lo) * 7.999) + 1 or 4)
    out[i] = place and blocks[place] or " "
  end
  return table.concat(out)
end

local function time_base(s)
  local rate, t0 = s:rate()
  if not (rate and rate > 0) then return "" end
  return format("  at %s Hz, %s s from %s s", units.number(rate), units.number(#s / rate),
    units.number(t0))
end

local function figure(x) return x and format("%.6g", x) or "-" end

local function samples_text(s, _, is_ascii)
  local unit = s:unit()
  local head = format("samples [%d]%s%s", #s, unit ~= "" and " " .. unit or "", time_base(s))
  if #s == 0 then return head end
  local missing = #s - s:count()
  return format("%s\n%s\nmin %s  mean %s  max %s  std %s  median %s%s", head,
    show.sparkline(s, is_ascii), figure(s:min()), figure(s:mean()), figure(s:max()),
    figure(s:std()), figure(s:median()), missing > 0 and ("  missing %d"):format(missing) or "")
end

--- Is this an array of samples?
function show.is_samples(x)
  local meta = type(x) == "userdata" and raw_metatable(x)
  return meta and meta.__metatable == SAMPLES or false
end

-- ------------------------------------------------------------------- tables --

local function scalar(v)
  local kind = type(v)
  if kind == "number" then return show.number(v) end
  if kind == "string" then return quoted(v) end
  if kind == "nil" or kind == "boolean" then return tostring(v) end
end

local function list_length(t)
  local n = #t
  for k in pairs(t) do
    if type(k) ~= "number" or k < 1 or k > n or k % 1 ~= 0 then return nil end
  end
  return n
end

local function is_cell(k, v)
  return type(k) ~= "number" and scalar(v) ~= nil and not (type(v) == "string" and v:find "\n")
end

-- Rows of the same few columns: a list of flat tables. Their columns, or nil.
local function columns_of(t, n)
  local columns, seen = {}, {}
  for i = 1, n do
    if type(t[i]) ~= "table" or raw_metatable(t[i]) then return nil end
    for _, k in ipairs(sorted_keys(t[i])) do
      if not is_cell(k, t[i][k]) then return nil end
      if not seen[k] then columns[#columns + 1] = k end
      seen[k] = true
    end
  end
  return #columns > 0 and #columns <= 12 and columns or nil
end

--- Rows of texts as an aligned table; numbers stand to the right.
---@param head string[]
---@param rows string[][]
---@param numeric table<integer, boolean>|nil by column
---@return string
function show.grid(head, rows, numeric)
  local widths, out = {}, {}
  numeric = numeric or {}
  for c, text in ipairs(head) do widths[c] = width_of(text) end
  local texts = {}
  for i, row in ipairs(rows) do
    texts[i] = {}
    for c = 1, #head do
      texts[i][c] = printable(row[c] or "")
      widths[c] = math.max(widths[c], width_of(texts[i][c]))
    end
  end
  local function line(row)
    local cells = {}
    for c = 1, #head do
      local text = row[c]
      cells[c] = numeric[c] and rep(" ", widths[c] - width_of(text)) .. text or pad(text, widths[c])
    end
    out[#out + 1] = (table.concat(cells, "  "):gsub("%s+$", ""))
  end
  line(head)
  for _, row in ipairs(texts) do line(row) end
  return table.concat(out, "\n")
end

local function records_text(t, n, columns)
  local head, rows, numeric = {}, {}, {}
  for c, key in ipairs(columns) do head[c], numeric[c] = tostring(key), true end
  for i = 1, math.min(n, ROWS_MAX) do
    rows[i] = {}
    for c, key in ipairs(columns) do
      local v = t[i][key]
      rows[i][c] = v == nil and "" or type(v) == "string" and v or scalar(v)
      if type(v) == "string" then numeric[c] = false end
    end
  end
  local text = show.grid(head, rows, numeric)
  if n > ROWS_MAX then text = format("%s\n... %d rows more", text, n - ROWS_MAX) end
  return text
end

local value_text

local function indent(text) return (text:gsub("\n", "\n  ")) end

local function short_list(t, n)
  local out = {}
  for i = 1, n do
    out[i] = scalar(t[i])
    if not out[i] then return nil end
  end
  return "{ " .. table.concat(out, ", ") .. " }"
end

local function entry_text(v, ctx, depth)
  local text = value_text(v, ctx, depth + 1)
  local is_map = type(v) == "table" and not raw_metatable(v) and text:sub(1, 1) ~= "{"
  return (is_map or text:find "\n") and "\n  " .. indent(text) or text
end

local function map_text(t, ctx, depth)
  local keys, names, widest, out = sorted_keys(t), {}, 0, {}
  for i = 1, math.min(#keys, ENTRIES_MAX) do
    names[i] = key_text(keys[i])
    widest = math.max(widest, width_of(names[i]))
  end
  widest = math.min(widest, 24)
  for i, name in ipairs(names) do
    local text = entry_text(t[keys[i]], ctx, depth)
    out[i] = text:sub(1, 1) == "\n" and name .. text or pad(name, widest) .. "  " .. text
  end
  if #keys > ENTRIES_MAX then out[#out + 1] = format("... %d more", #keys - ENTRIES_MAX) end
  return table.concat(out, "\n")
end

-- A list as a table or on one line, nil when it is neither.
local function list_text(t, n, width)
  local columns = n > 1 and columns_of(t, n)
  if columns then return records_text(t, n, columns) end
  local short = n <= ENTRIES_MAX and short_list(t, n)
  return short and width_of(short) <= width and short or nil
end

local function table_text(t, ctx, depth)
  if ctx.seen[t] then return "{ itself }" end
  if next(t) == nil then return "{}" end
  if depth > DEPTH_MAX then return "{ ... }" end
  ctx.seen[t] = true
  local n = list_length(t)
  local text = n and list_text(t, n, ctx.width) or map_text(t, ctx, depth)
  ctx.seen[t] = nil
  return text
end

-- ------------------------------------------------------------------- others --

local function userdata_text(v)
  local text = tostring(v)
  local meta = raw_metatable(v)
  local names = {}
  for name, method in pairs(meta and type(meta.__index) == "table" and meta.__index or {}) do
    if type(method) == "function" and not name:find "^__" then names[#names + 1] = name end
  end
  if #names == 0 then return text end
  table.sort(names)
  return format("%s: %s", text, table.concat(names, ", "))
end

local function own_text(v, ctx)
  local meta = raw_metatable(v)
  local fn = meta and rawget(meta, "__show")
  if not fn and type(v) == "table" then fn = meta and rawget(meta, "__tostring") end
  if not fn then return nil end
  local ok, text = pcall(fn, v, ctx.width, ctx.is_ascii)
  if ok and type(text) == "string" then return text end
  return format("a %s that cannot tell its text%s", type(v),
    type(text) == "string" and ": " .. text or "")
end

local KINDS = {
  ["function"] = function(v, ctx) return ctx.signature and ctx.signature(v) or "a function" end,
  table = function(v, ctx, depth) return own_text(v, ctx) or table_text(v, ctx, depth) end,
  userdata = function(v, ctx) return own_text(v, ctx) or userdata_text(v) end,
}

function value_text(v, ctx, depth)
  if type(v) == "string" and depth == 1 and v:find "\n" then
    return printable(v:gsub("\n$", ""), "")
  end
  if show.is_samples(v) then return samples_text(v, ctx.width, ctx.is_ascii) end
  local kind = KINDS[type(v)]
  return scalar(v) or kind and kind(v, ctx, depth) or "a " .. type(v)
end

--- A value as text of one or more lines.
---@param v any
---@param options table|nil width (columns), is_ascii, signature(fn) -> text
---@return string
function show.value(v, options)
  options = options or {}
  local ctx = { width = options.width or 80, is_ascii = options.is_ascii,
    signature = options.signature, seen = {} }
  return value_text(v, ctx, 1)
end

return show

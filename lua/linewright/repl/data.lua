--- Words about recorded data: CSV files, spans of the historian, the batch
--- record, and what is done with samples before and after.

local dsp = require "linewright.dsp"
local show = require "linewright.repl.show"
local suggest = require "linewright.suggest"
local sys = require "linewright.sys"
local units = require "linewright.units"

local data = {}

local GRID_MAX = 4000000  -- samples of one span
local GRID = 10000        -- without `every`
local BUCKETS_MAX = 100000

local function check_samples(x, what)
  if not show.is_samples(x) then
    error(("%s: samples are wanted, got %s"):format(what, type(x)), 3)
  end
  return x
end

local function world(value, message, code)
  if value == nil then error((code or "E-IO") .. " " .. tostring(message), 3) end
  return value
end

-- ---------------------------------------------------------------------- csv --

-- A steady time column gives the rate; an unsteady one none.
local function rate_of(t)
  local n = #t
  if n < 2 then return nil end
  local first, last = t:get(1), t:get(n)
  if not (first and last and last > first) then return nil end
  local step = (last - first) / (n - 1)
  local middle = t:get(math.floor(n / 2) + 1)
  local wanted = first + step * math.floor(n / 2)
  if not middle or math.abs(middle - wanted) > step * 0.5 then return nil end
  return 1 / step, first
end

local TIME_HEADS = { time = true, t = true, time_s = true, t_s = true, seconds = true,
  ["time [s]"] = true }

local function heads_of(text)
  local line = text:match "^[^\r\n]*" or ""
  local sign = line:find ";" and ";" or line:find "\t" and "\t" or ","
  local out = {}
  for cell in (line .. sign):gmatch("(.-)" .. sign) do
    out[#out + 1] = cell:gsub('^%s*"?', ""):gsub('"?%s*$', "")
  end
  return out
end

local function time_of(text, heads)
  for _, head in ipairs(heads) do
    if TIME_HEADS[head:lower()] then return dsp.csv(text, head) end
  end
end

-- Without a name: the first column that is no time or date; of a file without heads the first.
local function first_column(text, heads)
  local first
  for _, head in ipairs(heads) do
    if tonumber(head) then return 1 end
    if not TIME_HEADS[head:lower()] then
      local s = dsp.csv(text, head)
      if s and (#s == 0 or s:count() > 0) then return head end
      first = first or head
    end
  end
  return first
end

local function check_head(path, heads, column)
  if type(column) ~= "string" then return end
  for _, head in ipairs(heads) do
    if head == column then return end
  end
  error(("E-NOTFOUND %s: no column '%s' (%s)%s"):format(path, column, table.concat(heads, ", "),
    suggest.text(column, heads)), 4)
end

local function check_numbers(s, path, column)
  if #s == 0 or s:count() > 0 then return end
  error(("E-TYPE %s: no number in column %s of %d lines"):format(path, show.value(column), #s), 4)
end

local function csv(path, column, options)
  if type(column) == "table" then column, options = nil, column end
  options = options or {}
  local text = world(sys.read_file(path))
  local heads = heads_of(text)
  column = column or first_column(text, heads)
  local s, message = dsp.csv(text, column)
  if not s then check_head(path, heads, column) end
  world(s, message)
  local rate, t0 = options.rate, 0
  local t = not rate and time_of(text, heads)
  if t then rate, t0 = rate_of(t) end
  if rate then s:rate(rate, t0) end
  check_numbers(s, path, column)
  return options.unit and s:unit(options.unit) or s
end

-- ---------------------------------------------------------------- historian --

-- From the first record to the last: in virtual time their clock is not the wall's.
local function times_of(store, id)
  local q = world(store:sql("SELECT begun_ns, ended_ns, is_ended FROM batches WHERE run = ?1", id))
  local _, from, to, is_ended = q:row()
  q:close()
  return from, is_ended == 1 and to or math.max(to, os.time() * 1e9)
end

local FAR_NS, LOOKED_AT = 9e18, 20

-- Readings may come after the last record: ask some tags for their last one.
local function last_reading(h, from, to)
  local n = 0
  for tag in h:tags(from, to + 1) do
    local _, _, t_ns = h:at(tag, FAR_NS)
    to = math.max(to, type(t_ns) == "number" and t_ns or to)
    n = n + 1
    if n == LOOKED_AT then break end
  end
  return to + 1
end

-- The newest run of a database, its historian and its time from begin to end.
local function open_run(s, options)
  local db = options and options.db or s.options.db or "linewright.db"
  local store = world(require("linewright.store").open(db, "r"))
  local id = world(store:run_find(options and options.batch))
  local from, to = times_of(store, id)
  store:close()
  local folder = db .. ".history"
  local own = ("%s/run-%d"):format(folder, id)
  local h = world(require("linewright.history").open(sys.exists(own) and own or folder))
  return h, from, last_reading(h, from, to)
end

local function ns_of(x, what)
  local ns, message = units.duration(x)
  if not ns then error(("E-UNIT %s: %s"):format(what, message), 3) end
  return ns
end

local function unit_of(h, tag, from, to)
  local known = {}
  for name, unit in h:tags(from, to) do
    if name == tag then return unit end
    known[#known + 1] = name
  end
  h:close()
  error(("E-NOTFOUND nothing was recorded of '%s'%s; tags() lists what there is"):format(tag,
    suggest.text(tag, known)), 3)
end

-- On a regular grid: the mean of what came in each step, else the value held.
local function grid(h, tag, from, step_ns, n)
  local out, i = dsp.samples(n), 0
  for start = from, from + (n - 1) * step_ns, BUCKETS_MAX * step_ns do
    local part = math.min(BUCKETS_MAX, n - i)
    for _, count, _, _, mean, _, _, held in h:buckets(tag, start, start + part * step_ns, part) do
      i = i + 1
      out:set(i, count > 0 and mean or (held == held and held or nil))
    end
  end
  return out:rate(1e9 / step_ns, from / 1e9)
end

local function span(s, tag, last, options)
  if type(last) == "table" then last, options = nil, last end
  options = options or {}
  local h, from, to = open_run(s, options)
  local unit = unit_of(h, tag, from, to)
  if last then from = math.max(from, to - ns_of(last, "span")) end
  local step_ns = options.every and ns_of(options.every, "every")
    or math.max(1e6, math.floor((to - from) / GRID))
  local n = math.max(1, math.floor((to - from) / step_ns))
  if n > GRID_MAX then error("E-RANGE span: more than 4e6 samples, give a larger `every`", 2) end
  local out = grid(h, tag, from, step_ns, n):unit(unit)
  h:close()
  return out
end

local Tags = { __show = function(self)
  local rows = {}
  for i, tag in ipairs(self) do rows[i] = { tag.name, tag.unit } end
  return #rows > 0 and show.grid({ "tag", "unit" }, rows) or "nothing was recorded"
end }

local function tags(s, options)
  local h, from, to = open_run(s, options)
  local out = setmetatable({}, Tags)
  for name, unit in h:tags(from, to) do out[#out + 1] = { name = name, unit = unit } end
  h:close()
  return out
end

-- -------------------------------------------------------------- before, after --

local function filtered(s, kind, ...)
  check_samples(s, "filtered(samples, kind, ...)")
  local rate = s:rate()
  local f = dsp.filter(kind, rate and rate > 0 and rate or 1, ...)
  return f:run(s)
end

local function segment_of(n)
  local segment = 4
  while segment * 2 <= n and segment < 65536 do segment = segment * 2 end
  return segment
end

-- Amplitudes; of a length that is no power of two the largest beginning.
local function spectrum(s)
  check_samples(s, "spectrum(samples)")
  if not (s:rate() > 0) then
    error("spectrum: the samples have no time base; give one by s:rate(HZ)", 2)
  end
  local n = segment_of(#s)
  return dsp.spectrum(n == #s and s or s:slice(1, n))
end

local Comparison = { __show = function(self, _, is_ascii)
  local rows = {}
  for i, row in ipairs(self) do
    rows[i] = { row.name }
    for c, x in ipairs { row.before, row.after } do rows[i][c + 1] = ("%.6g"):format(x) end
    rows[i][4] = row.before ~= 0 and ("%+.1f %%"):format((row.after / row.before - 1) * 100) or ""
  end
  local figures = show.grid({ "", "before", "after", "change" }, rows, { [2] = true, [3] = true,
    [4] = true })
  return table.concat({ figures, "before " .. show.sparkline(self.samples[1], is_ascii),
    "after  " .. show.sparkline(self.samples[2], is_ascii), self.verdict }, "\n")
end }

local FIGURES = { "mean", "std", "min", "max", "rms", "median" }

local function compare(a, b)
  check_samples(a, "compare(before, after)")
  check_samples(b, "compare(before, after)")
  local out = setmetatable({ samples = { a, b } }, Comparison)
  for _, name in ipairs(FIGURES) do
    local x, y = a[name](a), b[name](b)
    if x and y then out[#out + 1] = { name = name, before = x, after = y } end
  end
  local distance, p = dsp.ks(a, b)
  out.p = p
  out.verdict = ("Kolmogorov-Smirnov distance %.3f, p %.2g: %s"):format(distance, p,
    p < 0.01 and "distributed differently" or "no difference that chance cannot make")
  return out
end

--- The words of this group.
---@param s table session
---@return table
function data.words(s)
  return {
    filtered = filtered, compare = compare,
    spectrum = function(samples)
      local out = spectrum(samples)
      s.names[out], s.axes[out] = "amplitude", "frequency"
      return out
    end,
    csv = function(path, column, options)
      local samples = csv(path, column, options)
      s.names[samples] = type(column) == "string" and column or path
      return samples
    end,
    span = function(tag, last, options)
      local samples = span(s, tag, last, options)
      s.names[samples] = tag
      return samples
    end,
    tags = function(options) return tags(s, options) end,
  }
end

return data

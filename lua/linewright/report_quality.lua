--- What a batch record says of quality: OEE, capability, control-chart violations,
--- deviations, the roll map.

local dsp = require "linewright.dsp"
local query_answer = require "linewright.query_answer"
local query_sql = require "linewright.query_sql"
local sorted = require "linewright.sorted"
local units = require "linewright.units"

local format = string.format

local report_quality = {}

-- Mean moving range of two over sigma, for a normal distribution.
-- Source: ISO 7870-2, factor d2 for n = 2.
local D2 = 1.128

local RULES = { "one point beyond 3 sigma", "nine in a row on one side",
  "six in a row rising or falling", "fourteen in a row alternating",
  "two of three beyond 2 sigma on one side", "four of five beyond 1 sigma on one side",
  "fifteen in a row within 1 sigma", "eight in a row, none within 1 sigma" }

-- --------------------------------------------------------------------- oee ---

local function row_of(store, sql)
  local q = store:sql(sql)
  if not q then return nil end
  local names, values, row = { q:columns() }, { q:row() }, {}
  q:close()
  if not values[1] then return nil end
  for i, name in ipairs(names) do row[name] = values[i + 1] end
  return row
end

--- Times, counts and ISO 22400 figures of a run.
---@param store table linewright.store
---@param id number
---@return table|nil oee busy_s, production_s, setup_s, downtime_s, waiting_s, total, good, unit and
---  figures { availability, effectiveness, quality, oee }; nil when the run was never busy
function report_quality.oee(store, id)
  local row = row_of(store, query_sql.text { run = id, figure = "oee" })
  if not row or row.busy_s <= 0 then return nil end
  row.figures = query_answer.oee(row)
  return row
end

-- -------------------------------------------------------------- capability ---

local function by_name(values)
  local names, lists = {}, {}
  for _, v in ipairs(values) do
    if type(v.value) == "number" then
      if not lists[v.name] then
        lists[v.name], names[#names + 1] = {}, v.name
      end
      table.insert(lists[v.name], v)
    end
  end
  return names, lists
end

local function moments(list)
  local mean, m2 = 0, 0
  for n, v in ipairs(list) do
    local d = v.value - mean
    mean = mean + d / n
    m2 = m2 + d * (v.value - mean)
  end
  return mean, #list > 1 and math.sqrt(m2 / (#list - 1)) or nil
end

-- Limits count only when every value has the same ones.
local function limits(list)
  local lo, hi = list[1].lo, list[1].hi
  for _, v in ipairs(list) do
    if v.lo ~= lo or v.hi ~= hi then return nil end
  end
  return lo, hi
end

-- Sigma of a chart of single values: from the mean moving range, so that a slow
-- drift does not hide itself.
local function moving_sigma(list)
  local sum = 0
  for i = 2, #list do sum = sum + math.abs(list[i].value - list[i - 1].value) end
  return sum / (#list - 1) / D2
end

--- Nelson's rules over a list of values.
--- Source: L. S. Nelson, "The Shewhart Control Chart: Tests for Special Causes",
--- Journal of Quality Technology 16(4), 1984.
---@param list { value: number }[] in the order of time
---@return { index: integer, rule: integer, text: string }[] violations, each where a rule begins to
---  hold
function report_quality.nelson(list)
  local out = {}
  if #list < 3 then return out end
  local mean, sigma = moments(list), moving_sigma(list)
  if not (sigma > 0) then return out end
  for rule = 1, 8 do
    local chart, held = dsp.filter("shewhart", 1, 2 ^ (rule - 1), 100, mean, sigma), false
    for i, v in ipairs(list) do
      local holds = (chart:step(v.value, 1) or 0) >= 1
      if holds and not held then out[#out + 1] = { index = i, rule = rule, text = RULES[rule] } end
      held = holds
    end
  end
  sorted.by(out, "index", "rule")
  return out
end

local function result_of(name, list)
  local mean, sd = moments(list)
  local out = { name = name, unit = list[1].unit, n = #list, mean = mean, sd = sd, values = list,
    target = list[1].target, nelson = report_quality.nelson(list) }
  out.lo, out.hi = limits(list)
  if sd and sd > 0 and (out.lo or out.hi) then
    out.capability = query_answer.capability(mean, sd, #list, out.lo, out.hi)
  end
  return out
end

--- Each numeric result of a run: mean, deviation, capability, Nelson's violations.
---@param r table of report.read
---@return table[] results
function report_quality.results(r)
  local names, lists = by_name(r.values)
  local out = {}
  for i, name in ipairs(names) do out[i] = result_of(name, lists[name]) end
  return out
end

--- A capability in words: "Cp 1.111, Cpk 0.907 (95 % 0.38..1.44, n 8)".
---@param c table
---@return string
function report_quality.capability_text(c)
  local cp = c.cp and format("Cp %.3f, ", c.cp) or ""
  return format("%sCpk %.3f (95 %% %.3f..%.3f, n %d)", cp, c.cpk, c.from, c.to, c.n)
end

-- -------------------------------------------------------------- deviations ---

local OUT_OF_PLAN = { Holding = true, Aborting = true, Stopping = true, Suspending = true }

local function state_deviations(r, out)
  for _, item in ipairs(r.timeline) do
    if item.depth == 0 and OUT_OF_PLAN[item.text] then
      local reason = item.reason and ": " .. item.reason or ""
      out[#out + 1] = { t = item.t, text = item.text .. reason }
    elseif item.depth > 0 and item.reason then
      out[#out + 1] = { t = item.t, text = item.text .. ": " .. item.reason }
    end
  end
end

local function is_outside(v)
  local x = v.value
  return type(x) == "number" and (v.lo and not (x >= v.lo) or v.hi and not (x <= v.hi)) or false
end

local function limits_text(v)
  return format("%s..%s", v.lo and units.number(v.lo) or "", v.hi and units.number(v.hi) or "")
end

local function value_deviations(r, out)
  for _, v in ipairs(r.values) do
    if is_outside(v) then
      out[#out + 1] = { t = v.t, text = format("%s %s is outside %s", v.name,
        units.text(tonumber(format("%.6g", v.value)), v.unit), limits_text(v)) }
    end
  end
end

--- What did not go to plan, in the order of time: holds, aborts, failed steps, trips, results
--- outside their limits, questions that nobody answered.
---@param r table of report.read
---@return { t: number, text: string }[]
function report_quality.deviations(r)
  local out = {}
  state_deviations(r, out)
  value_deviations(r, out)
  for _, a in ipairs(r.alarms) do
    if a.is_trip then out[#out + 1] = { t = a.t, text = a.text } end
  end
  for _, p in ipairs(r.prompts) do
    if p.who == "time-out" then
      out[#out + 1] = { t = p.t, text = "no answer in time to: " .. tostring(p.text) }
    end
  end
  for i, item in ipairs(out) do item.order = i end
  sorted.by(out, "t", "order")
  return out
end

--- Marks that say where on the product they lie, by place.
---@param r table of report.read
---@return table[] marks { at, name, confidence, t }
---@return number length from the first place to the last, or what was produced
function report_quality.roll(r)
  local out, length = {}, 0
  for _, m in ipairs(r.roll) do
    if m.at then
      out[#out + 1] = m
      length = math.max(length, m.at)
    end
  end
  sorted.by(out, "at", "name")
  for _, c in ipairs(r.counts) do length = math.max(length, c.total or 0) end
  return out, length
end

return report_quality

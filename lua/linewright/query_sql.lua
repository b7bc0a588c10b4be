--- From what is asked to one SELECT that gives it, with the rows it counted.
--- Values stand in the text, quoted, so that `query --explain` prints what can be
--- asked again by hand.

local format = string.format

local query_sql = {}

local ALWAYS = { 0, 9e18 }
local COLUMN = { batch = "r.batch", line = "r.line", recipe = "r.recipe", product = "r.formula" }

local function text(v) return "'" .. v:gsub("'", "''") .. "'" end

local function span_of(request)
  local span = request.span
  if span and span.from_ns then return span.from_ns, span.to_ns end
  return ALWAYS[1], ALWAYS[2]
end

local function in_span(request, column)
  if not (request.span and request.span.from_ns) then return "1" end
  return format("%s >= %.0f AND %s < %.0f", column, request.span.from_ns, column,
    request.span.to_ns)
end

local NAMED = { { "line", "line" }, { "batch", "batch" }, { "recipe", "recipe" },
  { "product", "formula" } }

local function names_wanted(request)
  local where = { request.run and format("run = %.0f", request.run) }
  for _, item in ipairs(NAMED) do
    local wanted = request[item[1]]
    if wanted then where[#where + 1] = format("%s = %s", item[2], text(wanted)) end
  end
  return where
end

-- The batches that are meant; a span keeps those that ran in it.
local function runs_cte(request)
  local where = names_wanted(request)
  if request.span and request.span.from_ns then
    where[#where + 1] = format("ended_ns >= %.0f AND begun_ns < %.0f", request.span.from_ns,
      request.span.to_ns)
  end
  local newest = request.span and request.span.batches
    and format(" ORDER BY begun_ns DESC, run DESC LIMIT %d", request.span.batches) or ""
  return format("WITH runs AS (SELECT * FROM batches WHERE %s%s)",
    #where > 0 and table.concat(where, " AND ") or "1", newest)
end

-- Leading column of a grouped answer, and what ends it.
local function grouped(request)
  local column = COLUMN[request.group]
  if not column then return "", "" end
  return column .. " AS " .. request.group .. ", ", " GROUP BY 1 ORDER BY 1"
end

local RUN_N = "(SELECT count(*) FROM runs) AS batch_n"

-- A record made inside a phase has its name on the key's path.
local function in_place(request, key)
  if not request.place then return "1" end
  local label = request.place.name:gsub("[/#%%]", function(c) return format("%%%02X", c:byte()) end)
  return format("instr('/' || %s || '/', %s) > 0", key, text("/" .. label .. "/"))
end

-- The times that are looked at: batches, or the phases of that name, each on its own
-- or (merged) where they overlap once: each one only from where those before it end.
local function windows_cte(request, is_merged)
  local from, to = span_of(request)
  if not request.place then
    return format("%s, windows AS (SELECT *, max(begun_ns, %.0f) AS f, min(ended_ns + 1, %.0f)"
      .. " AS t FROM runs)", runs_cte(request), from, to)
  end
  local scopes = request.place.kind == "phase" and "('phase', 'operation')"
    or format("(%s)", text(request.place.kind))
  local begin = is_merged and "max(p.from_ns, coalesce(max(p.to_ns) OVER (PARTITION BY p.run"
    .. " ORDER BY p.from_ns, p.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), p.from_ns))"
    or "p.from_ns"
  return format("%s, windows AS (SELECT r.*, max(%s, %.0f) AS f, min(p.to_ns, %.0f) AS t"
    .. " FROM runs r JOIN phases p ON p.run = r.run WHERE p.name = %s AND p.scope IN %s"
    .. " AND p.to_ns > %.0f AND p.from_ns < %.0f)", runs_cte(request), begin, from, to,
    text(request.place.name), scopes, from, to)
end

local sql = {}

local function produced(request, columns)
  local group, tail = grouped(request)
  return format("%s SELECT %s%s, min(p.unit) AS unit, max(p.unit) AS other_unit,"
    .. " count(*) AS n, %s FROM produced p JOIN runs r USING (run) WHERE %s AND %s%s",
    runs_cte(request), group, columns, RUN_N, in_span(request, "p.t_ns"),
    in_place(request, "p.key"), tail)
end

function sql.yield(request)
  return produced(request, "sum(p.good) / nullif(sum(p.total), 0) AS value,"
    .. " sum(p.good) AS good, sum(p.total) AS total")
end

function sql.produced(request)
  return produced(request, "sum(p.total) AS value, sum(p.good) AS good")
end

-- A count without classes has its scrap all the same: what is not good.
function sql.scrap(request)
  if request.group ~= "class" then
    return produced(request, "sum(p.total - p.good) AS value, sum(p.total) AS total")
  end
  return format("%s SELECT s.class AS class, sum(s.quantity) AS value, min(s.unit) AS unit,"
    .. " max(s.unit) AS other_unit, count(*) AS n, %s FROM scrap s JOIN runs r USING (run)"
    .. " JOIN produced p ON p.id = s.id WHERE %s AND %s GROUP BY 1 ORDER BY 2 DESC, 1",
    runs_cte(request), RUN_N, in_span(request, "s.t_ns"), in_place(request, "p.key"))
end

function sql.downtime(request)
  local group, tail = grouped(request)
  if request.group == "reason" then
    group, tail = "coalesce(s.reason, 'no reason recorded') AS reason, ",
      " GROUP BY 1 ORDER BY 2 DESC, 1"
  end
  return format("%s SELECT %ssum(min(s.to_ns, r.t) - max(s.from_ns, r.f)) / 1e9 AS value,"
    .. " 's' AS unit, count(*) AS n, %s FROM state_times s JOIN windows r USING (run)"
    .. " WHERE s.class = 'downtime' AND s.to_ns > r.f AND s.from_ns < r.t%s",
    windows_cte(request, true), group, RUN_N, tail)
end

-- ISO 22400-2: busy is all but idle time less engineering, production is
-- Execute less set-up. Set-up phases that overlap count once: each one only from
-- where those before it end.
local OEE = [[,
busy AS (SELECT s.run, s.class, max(s.from_ns, w.f) AS f, min(s.to_ns, w.t) AS t
  FROM state_times s JOIN windows w USING (run)
  WHERE s.class <> 'idle' AND s.to_ns > w.f AND s.from_ns < w.t),
pieces AS (SELECT run, oee, max(from_ns, coalesce(max(to_ns) OVER (PARTITION BY run, oee
    ORDER BY from_ns, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), from_ns)) AS f,
    to_ns AS t
  FROM phases JOIN runs USING (run) WHERE oee IN ('setup', 'engineering')),
lost AS (SELECT b.run, sum(CASE p.oee WHEN 'setup' THEN max(0, min(b.t, p.t) - max(b.f, p.f))
    ELSE 0 END) AS setup_ns,
    sum(CASE p.oee WHEN 'engineering' THEN max(0, min(b.t, p.t) - max(b.f, p.f)) ELSE 0 END)
    AS engineering_ns
  FROM busy b JOIN pieces p USING (run) WHERE b.class = 'production' GROUP BY 1),
times AS (SELECT run, sum(t - f) AS busy_ns,
    sum(CASE class WHEN 'production' THEN t - f ELSE 0 END) AS production_ns,
    sum(CASE class WHEN 'downtime' THEN t - f ELSE 0 END) AS downtime_ns,
    sum(CASE class WHEN 'waiting' THEN t - f ELSE 0 END) AS waiting_ns FROM busy GROUP BY run),
counts AS (SELECT p.run, sum(total) AS total, sum(good) AS good, sum(planned_s) AS planned_s,
    count(*) AS n, count(planned_s) AS planned_n, min(unit) AS unit, max(unit) AS other_unit
  FROM produced p JOIN runs USING (run) WHERE %s AND %s GROUP BY p.run)
SELECT %stotal(busy_ns - coalesce(engineering_ns, 0)) / 1e9 AS busy_s,
  total(production_ns - coalesce(setup_ns, 0) - coalesce(engineering_ns, 0)) / 1e9
    AS production_s,
  total(setup_ns) / 1e9 AS setup_s, total(downtime_ns) / 1e9 AS downtime_s,
  total(waiting_ns) / 1e9 AS waiting_s, sum(planned_s) AS planned_s,
  sum(c.total) AS total, sum(good) AS good, total(c.n) AS n, total(planned_n) AS planned_n,
  min(c.unit) AS unit, max(c.other_unit) AS other_unit, %s
FROM runs r JOIN times USING (run) LEFT JOIN counts c USING (run) LEFT JOIN lost USING (run)%s]]

function sql.oee(request)
  local group, tail = grouped(request)
  return windows_cte(request, true) .. format(OEE, in_span(request, "p.t_ns"),
    in_place(request, "p.key"), group, RUN_N, tail)
end

sql.availability, sql.effectiveness = sql.oee, sql.oee

local function results(request)
  local group, tail = grouped(request)
  return format("%s SELECT %savg(x.value) AS mean, min(x.value) AS min, max(x.value) AS max,"
    .. " stdev(x.value) AS sd, count(*) AS n, min(x.unit) AS unit, max(x.unit) AS other_unit,"
    .. " min(x.lo) AS lo, max(x.lo) AS other_lo, min(x.hi) AS hi, max(x.hi) AS other_hi, %s"
    .. " FROM results x JOIN runs r USING (run) WHERE x.name = %s"
    .. " AND typeof(x.value) IN ('integer', 'real') AND %s AND %s%s",
    runs_cte(request), group, RUN_N, text(request.operand.name), in_span(request, "x.t_ns"),
    in_place(request, "x.key"), tail)
end

local function tags(request)
  local group, tail = grouped(request)
  local name = text(request.operand.name)
  local function figure(what) return format("tag(run, %s, '%s', f, t)", name, what) end
  return format([[%s,
figures AS (SELECT *, %s AS mean, %s AS s, %s AS lo, %s AS hi, %s AS n, %s AS sd,
  tag_unit(run, %s) AS unit FROM windows)
SELECT %ssum(mean * s) / sum(s) AS mean,
  min(lo) AS min, max(hi) AS max,
  sum(s * sd * sd) / sum(s) + sum(s * mean * mean) / sum(s)
    - sum(s * mean) * sum(s * mean) / sum(s) / sum(s) AS variance,
  total(n) AS n, min(unit) AS unit, max(unit) AS other_unit,
  count(mean) AS window_n, %s FROM figures r WHERE t > f AND mean IS NOT NULL%s]],
    windows_cte(request, true), figure "mean", figure "seconds", figure "min", figure "max",
    figure "count", figure "sd", name, group, RUN_N, tail)
end

local function statistics(request)
  return request.operand.kind == "tag" and tags(request) or results(request)
end

for _, figure in ipairs { "mean", "min", "max", "sd", "cp", "cpk" } do sql[figure] = statistics end

function sql.count(request)
  local group, tail = grouped(request)
  if request.noun == "batch" then
    return format("%s SELECT %scount(*) AS value, count(*) AS n, %s FROM runs r"
      .. " WHERE r.is_ended AND %s%s", runs_cte(request), group, RUN_N,
      in_span(request, "r.ended_ns"), tail)
  end
  local from, name = request.noun == "alarm" and "alarms" or "marks", "1"
  if request.operand then name = "x.name = " .. text(request.operand.name) end
  return format("%s SELECT %scount(*) AS value, count(*) AS n, %s FROM %s x"
    .. " JOIN runs r USING (run) WHERE %s AND %s%s", runs_cte(request), group, RUN_N, from, name,
    in_span(request, "x.t_ns"), tail)
end

function sql.duration(request)
  if request.place then
    return windows_cte(request) .. format(" SELECT batch, (t - f) / 1e9 AS value, 's' AS unit,"
      .. " 1 AS n, %s FROM windows ORDER BY f", RUN_N)
  end
  return format("%s SELECT r.batch AS batch, (r.ended_ns - r.begun_ns) / 1e9 AS value,"
    .. " 's' AS unit, 1 AS n, %s FROM runs r WHERE %s ORDER BY r.begun_ns",
    runs_cte(request), RUN_N, request.batch and "1" or in_span(request, "r.ended_ns"))
end

local function recorded_energy(request, source)
  local group, tail = grouped(request)
  return format("%s SELECT %ssum(x.value) * %.17g AS value, count(*) AS n, %s FROM results x"
    .. " JOIN runs r USING (run) WHERE x.name = %s AND %s AND %s%s", runs_cte(request), group,
    source.gain, RUN_N, text(source.name), in_span(request, "x.t_ns"), in_place(request, "x.key"),
    tail)
end

--- Energy of one source: a result, a meter that counts up, or a power.
---@param request table
---@param source table kind "result", "meter" or "power"; name; gain to kWh
---@return string
function query_sql.energy(request, source)
  if source.kind == "result" then return recorded_energy(request, source) end
  local group, tail = grouped(request)
  local name = text(source.name)
  local function figure(what) return format("tag(run, %s, '%s', f, t)", name, what) end
  local value = source.kind == "meter" and figure "rise"
    or format("%s * %s / 3600", figure "mean", figure "seconds")
  return format([[%s,
figures AS (SELECT *, %s AS x, %s AS n, %s AS known FROM windows WHERE t > f)
SELECT %ssum(x) * %.17g AS value, total(n) AS n, total(x IS NULL AND known IS NOT NULL) AS lost_n,
  %s FROM figures r WHERE 1%s]], windows_cte(request, true), value, figure "count", figure "first",
    group, source.gain, RUN_N, tail)
end

--- How many batches are meant.
---@param request table
---@return string
function query_sql.batches(request)
  return runs_cte(request) .. " SELECT count(*) AS batch_n FROM runs"
end

--- The newest of the batches that are meant.
---@param request table
---@param most integer
---@return string
function query_sql.newest(request, most)
  return format("%s SELECT run, begun_ns, ended_ns FROM runs ORDER BY run DESC LIMIT %d",
    runs_cte(request), most)
end

--- The statement for a request of query_parse.
---@param request table
---@return string
function query_sql.text(request) return sql[request.figure](request) end

return query_sql

// The records as tables with the names of the trade.
//
// Times are UTC since 1970 in ns; a span that is still open ends with the run's
// newest record. Classes of states are ISO 22400's: production (Execute),
// downtime (faults), waiting (starved or blocked from outside), setup (getting
// ready and finishing), idle (not busy).
#include "store/sql_private.h"

// A statement reads better in lines of its own.
// clang-format off
#define VIEW "CREATE TEMP VIEW IF NOT EXISTS "
#define NEWEST(run) \
  "(SELECT wall_ns FROM record n WHERE n.run=" run " ORDER BY id DESC LIMIT 1)"

const char lw_sql_views[] =
  VIEW "batches AS"
  " SELECT id AS run, batch, recipe, version, line, formula, state, bundle,"
  "   coalesce((SELECT wall_ns FROM record n WHERE n.run=r.id"
  "     ORDER BY id LIMIT 1), begun_wall_ns) AS begun_ns,"
  "   coalesce(" NEWEST("r.id") ", begun_wall_ns) AS ended_ns,"
  "   ended_wall_ns > 0 AS is_ended FROM main.run r;"

  VIEW "state_times AS"
  " SELECT run, id, key AS state, wall_ns AS from_ns,"
  "   coalesce(lead(wall_ns) OVER (PARTITION BY run ORDER BY id),"
  "     " NEWEST("r.run") ") AS to_ns,"
  "   CASE WHEN key='Execute' THEN 'production'"
  "     WHEN key IN ('Suspending','Suspended','Unsuspending') THEN 'waiting'"
  "     WHEN key IN ('Resetting','Starting','Completing') THEN 'setup'"
  "     WHEN key IN ('Stopped','Idle','Complete') THEN 'idle'"
  "     ELSE 'downtime' END AS class,"
  "   (SELECT data->>'reason' FROM record s WHERE s.run=r.run"
  "     AND s.kind='state' AND s.id<=r.id AND data->>'reason' IS NOT NULL"
  "     ORDER BY s.id DESC LIMIT 1) AS reason"
  " FROM record r WHERE kind='state';"

  VIEW "phases AS"
  " SELECT run, id, key, label(key) AS name, scope, oee, from_ns,"
  "   CASE WHEN next='end' THEN to_ns ELSE " NEWEST("p.run") " END AS to_ns"
  " FROM (SELECT run, id, key, kind, wall_ns AS from_ns,"
  "     data->>'scope' AS scope, data->>'oee' AS oee,"
  "     lead(kind) OVER w AS next, lead(wall_ns) OVER w AS to_ns"
  "   FROM record WHERE kind IN ('begin','end')"
  "   WINDOW w AS (PARTITION BY run, key ORDER BY id)) p"
  " WHERE kind='begin' AND scope IS NOT NULL;"

  VIEW "results AS"
  " SELECT run, id, wall_ns AS t_ns, key, label(key) AS name,"
  "   data->>'v' AS value, data->>'unit' AS unit, data->>'lo' AS lo,"
  "   data->>'hi' AS hi, data->>'target' AS target"
  " FROM record WHERE kind='data';"

  // Whole numbers come as such: 142 good of 150 would give a yield of 0.
  VIEW "produced AS"
  " SELECT run, id, wall_ns AS t_ns, key, data->>'total' * 1.0 AS total,"
  "   data->>'good' * 1.0 AS good, data->>'unit' AS unit,"
  "   data->>'planned_s' * 1.0 AS planned_s, data"
  " FROM record WHERE kind='count';"

  VIEW "scrap AS"
  " SELECT p.run, p.id, p.t_ns, e.key AS class, e.value * 1.0 AS quantity,"
  "   p.unit FROM produced p, json_each(p.data, '$.scrap') e;"

  VIEW "alarms AS"
  " SELECT run, id, wall_ns AS t_ns, kind, coalesce(data->>'text',"
  "     CASE kind WHEN 'trip' THEN data->>'cause' ELSE label(key) END) AS text,"
  "   coalesce(data->>'priority', data->>'level') AS priority"
  " FROM record WHERE kind='trip' OR kind='alarm'"
  "   AND coalesce(data->>'change', 'raised')='raised';"

  VIEW "marks AS"
  " SELECT run, id, wall_ns AS t_ns, label(key) AS name, data->>'at' AS at,"
  "   data->>'conf' AS confidence, data FROM record WHERE kind='mark';"

  VIEW "prompts AS"
  " SELECT run, id, wall_ns AS t_ns, kind, key, data->>'prompt' AS prompt,"
  "   data->>'v' AS answer, data->>'who' AS who"
  " FROM record WHERE kind IN ('prompt','answer');"

  VIEW "decisions AS"
  " SELECT run, id, wall_ns AS t_ns, key, label(key) AS name, data"
  " FROM record WHERE kind='decision';"

  VIEW "commands AS"
  " SELECT run, id, wall_ns AS t_ns, key AS command, data->>'who' AS who,"
  "   data->>'arg' AS argument, data->>'ok' AS accepted,"
  "   data->>'why' AS refused FROM record WHERE kind='cmd';";
// clang-format on

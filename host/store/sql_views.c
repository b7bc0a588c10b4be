// The records as tables with the names of the trade.
//
// Times are UTC since 1970 in ns; a span that is still open ends with the run's
// newest record. Classes of states are ISO 22400's: production (Execute),
// downtime (faults), waiting (starved or blocked from outside), setup (getting
// ready and finishing), idle (not busy).
#include "store/sql_private.h"

#define FIELD(name) "json_extract(data,'$." name "')"

const char lw_sql_views
    [] = "CREATE TEMP VIEW IF NOT EXISTS batches AS"
         "  SELECT id AS run, batch, recipe, version, line, formula, state, "
         "bundle,"
         "    coalesce((SELECT wall_ns FROM record WHERE run=r.id ORDER BY id"
         "      LIMIT 1), begun_wall_ns) AS begun_ns,"
         "    coalesce((SELECT wall_ns FROM record WHERE run=r.id ORDER BY id "
         "DESC"
         "      LIMIT 1), begun_wall_ns) AS ended_ns,"
         "    ended_wall_ns > 0 AS is_ended FROM main.run r;"

         "CREATE TEMP VIEW IF NOT EXISTS state_times AS"
         "  SELECT run, id, key AS state, wall_ns AS from_ns,"
         "    coalesce(lead(wall_ns) OVER (PARTITION BY run ORDER BY id),"
         "      (SELECT wall_ns FROM record n WHERE n.run=r.run ORDER BY id "
         "DESC"
         "        LIMIT 1)) AS to_ns,"
         "    CASE WHEN key='Execute' THEN 'production'"
         "      WHEN key IN ('Suspending','Suspended','Unsuspending') THEN "
         "'waiting'"
         "      WHEN key IN ('Resetting','Starting','Completing') THEN 'setup'"
         "      WHEN key IN ('Stopped','Idle','Complete') THEN 'idle'"
         "      ELSE 'downtime' END AS class,"
         "    (SELECT " FIELD(
             "reason") " FROM record s WHERE s.run=r.run"
                       "      AND s.kind='state' AND s.id<=r.id AND " FIELD(
                           "reason") " IS NOT NULL"
                                     "      ORDER BY s.id DESC LIMIT 1) AS "
                                     "reason"
                                     "  FROM record r WHERE kind='state';"

                                     "CREATE TEMP VIEW IF NOT EXISTS phases AS"
                                     "  SELECT run, id, key, label(key) AS "
                                     "name, scope, oee, from_ns,"
                                     "    CASE WHEN next='end' THEN to_ns ELSE"
                                     "      (SELECT wall_ns FROM record n "
                                     "WHERE n.run=p.run ORDER BY id DESC"
                                     "        LIMIT 1) END AS to_ns FROM"
                                     "  (SELECT run, id, key, kind, wall_ns AS "
                                     "from_ns,"
                                     "    " FIELD("scope") " AS scope, " FIELD(
                                         "oee") " AS oee,"
                                                "    lead(kind) OVER w AS "
                                                "next, lead(wall_ns) OVER w AS "
                                                "to_ns"
                                                "    FROM record WHERE kind IN "
                                                "('begin','end')"
                                                "    WINDOW w AS (PARTITION BY "
                                                "run, key ORDER BY id)) p"
                                                "  WHERE kind='begin' AND "
                                                "scope IS NOT NULL;"

                                                "CREATE TEMP VIEW IF NOT "
                                                "EXISTS results AS"
                                                "  SELECT run, id, wall_ns AS "
                                                "t_ns, key, label(key) AS name,"
                                                "    " FIELD("v") " AS "
                                                                  "value,"
                                                                  " " FIELD("un"
                                                                            "i"
                                                                            "t") " AS unit,"
                                                                                 "    " FIELD(
                                                                                     "lo") " AS lo, " FIELD("hi") " AS hi,"
                                                                                                                  "    " FIELD(
                                                                                                                      "target") " AS target FROM record WHERE kind='data';"

                                                                                                                                "CREATE TEMP VIEW IF NOT EXISTS produced AS"
                                                                                                                                "  SELECT run, id, wall_ns AS t_ns, key, " FIELD("total") " AS total,"
                                                                                                                                                                                          "    " FIELD(
                                                                                                                                                                                              "good") " AS good, " FIELD("unit") " AS unit,"
                                                                                                                                                                                                                                 "    " FIELD(
                                                                                                                                                                                                                                     "planned_s") " AS planned_s, data FROM record"
                                                                                                                                                                                                                                                  "  WHERE kind='count';"

                                                                                                                                                                                                                                                  "CREATE TEMP VIEW IF NOT EXISTS scrap AS"
                                                                                                                                                                                                                                                  "  SELECT p.run, p.id, p.t_ns, e.key AS class, e.value AS quantity, p.unit"
                                                                                                                                                                                                                                                  "  FROM produced p, json_each(p.data,'$.scrap') e;"

                                                                                                                                                                                                                                                  "CREATE TEMP VIEW IF NOT EXISTS alarms AS"
                                                                                                                                                                                                                                                  "  SELECT run, id, wall_ns AS t_ns, kind, coalesce(" FIELD("text") ","
                                                                                                                                                                                                                                                                                                                     "    CASE kind WHEN 'trip' THEN " FIELD("cause") " ELSE label(key)"
                                                                                                                                                                                                                                                                                                                                                                      "    END) AS text,"
                                                                                                                                                                                                                                                                                                                                                                      "    coalesce(" FIELD("priority") "," FIELD("level") ") AS priority"
                                                                                                                                                                                                                                                                                                                                                                                                                           "  FROM record WHERE kind='trip' OR kind='alarm' AND"
                                                                                                                                                                                                                                                                                                                                                                                                                           "    coalesce(" FIELD(
                                                                                                                                                                                                                                                                                                                                                                                                                               "change") ",'raised')='raised';"

                                                                                                                                                                                                                                                                                                                                                                                                                                         "CREATE TEMP VIEW IF NOT EXISTS marks AS"
                                                                                                                                                                                                                                                                                                                                                                                                                                         "  SELECT run, id, wall_ns AS t_ns, label(key) AS name,"
                                                                                                                                                                                                                                                                                                                                                                                                                                         "    " FIELD(
                                                                                                                                                                                                                                                                                                                                                                                                                                             "at") " AS at, " FIELD("conf") " AS confidence, data"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                            "  FROM record WHERE kind='mark';"

                                                                                                                                                                                                                                                                                                                                                                                                                                                                            "CREATE TEMP VIEW IF NOT EXISTS prompts AS"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                            "  SELECT run, id, wall_ns AS t_ns, kind, key,"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                            "    " FIELD("prompt") " AS prompt, " FIELD("v") " AS answer,"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                             "    " FIELD("who") " AS who FROM record"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 "  WHERE kind IN ('prompt','answer');"

                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 "CREATE TEMP VIEW IF NOT EXISTS decisions AS"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 "  SELECT run, id, wall_ns AS t_ns, key, label(key) AS name, data"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 "  FROM record WHERE kind='decision';"

                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 "CREATE TEMP VIEW IF NOT EXISTS commands AS"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 "  SELECT run, id, wall_ns AS t_ns, key AS command,"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 "    " FIELD("who") " AS who, " FIELD(
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                     "arg") " AS argument,"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                            "    " FIELD(
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                "ok") " AS accepted, " FIELD("why") " AS refused"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                    "  FROM record WHERE kind='cmd';";

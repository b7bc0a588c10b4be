#!/usr/bin/env bash
# The fault campaigns at the lengths that are quoted, then the table of goals filled in
# with what this very run measured: soak.sh BUILD_DIR
#   LW_SOAK_MINUTES  about how long it may take, default 60; counts grow with it.
# A campaign says its figures as lines "goal N: text"; the table collects them.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
build=$1
minutes=${LW_SOAK_MINUTES:-60}
code=0
work=$(mktemp -d)
STATE_DIRECTORY=$work
export STATE_DIRECTORY
trap 'rm -rf "$work"' EXIT
log=$work/log

# So many of what is done `$1` times in an hour's run.
scaled() { # count-for-60-minutes least
  awk -v n="$1" -v m="$minutes" -v least="$2" \
    'BEGIN { x = int(n * m / 60); print (x < least ? least : x) }'
}

campaign() { # what command...
  echo "== $1 ($(date +%H:%M))"
  shift
  "$@" 2>&1 | tee -a "$log"
  [ "${PIPESTATUS[0]}" -eq 0 ] || code=1
}

# Histories of one recipe for some seconds, and their sum as a goal's line. In runs of
# 150: LuaJIT keeps some of each recipe that was loaded for as long as the process lives.
days() { # recipe line seeds seconds
  local first=1 rc=0 until=$((SECONDS + $4))
  : >"$work/days"
  while [ "$first" -le "$3" ] && [ "$SECONDS" -lt "$until" ] && [ "$rc" -eq 0 ]; do
    "$build/linewright" sim-test "$1" --line "$2" --seed "$first" --seeds 150 \
      --within "$((until - SECONDS)) s" >"$work/part" 2>&1 || rc=1
    grep -v ' histories, ' "$work/part"
    grep ' histories, ' "$work/part" >>"$work/days"
    first=$((first + 150))
  done
  awk -v name="$(basename "$2" .lua)" '
    { n += $1; hours += $3; broken += $12; real += $3 * 3600 / $8 }
    END { printf "goal 4: %s: %d histories, %.0f virtual hours, %.0f x real time, %d broken", name,
            n, hours, hours * 3600 / real, broken
          print (broken == 0 && n ? sprintf(" (at most %.2g %% by the rule of three)", 300 / n) : "") }
    ' "$work/days"
  return $rc
}

# A suite that proves a goal without a figure of its own, as that goal's line.
suite() { # goal what command...
  local goal=$1 what=$2 rc=0
  shift 2
  "$@" >"$work/part" 2>&1 || rc=1
  [ "$rc" -eq 0 ] || cat "$work/part"
  awk -v goal="$goal" -v what="$what" '
    /^\[  PASSED  \]/ { passed += $4 }
    /^[0-9]+ passed, [0-9]+ failed/ { passed += $1; failed += $3 }
    /^\[  FAILED  \] [0-9]+ test/ { failed += $4 }
    END { printf "goal %s: %s: %d tests passed, %d failed\n", goal, what, passed, failed }' "$work/part"
  return $rc
}

fuzzing() { # seconds
  tests/fuzz/run.sh "" "$1" >"$work/part" 2>&1
  local rc=$?
  cat "$work/part"
  awk '/: Done [0-9]+ runs/ { printf "goal 5: %s %d executions in %d s\n", $1, $3, $6 }' "$work/part"
  return $rc
}

# Changes of the C source that its tests notice; the trip and the scan take longest.
changes() { # target...
  local lua
  lua=$(command -v luajit || command -v lua5.4 || command -v lua5.1) || return 0
  "$lua" tests/support/mutate.lua "$build" "$@" >"$work/part"
  local rc=$?
  cat "$work/part"
  awk '$3 == "mutants," { printf "goal 12: %s: %d changes of the source, %d noticed, %s %%\n", $1, $2, $4, $7 }' \
    "$work/part"
  return $rc
}

campaign "power cuts, raw store" env LW_CUTS="$(scaled 100000 200)" "$build/test_power"
campaign "power cuts, whole host" env LW_HOST_CUTS="$(scaled 2000 20)" "$build/test_host_power"
campaign "kills, disk faults, forwarder, clock" \
  env LW_KILLS="$(scaled 2000 20)" LW_DISK_FAULTS="$(scaled 500 10)" \
  LW_FORWARD_KILLS="$(scaled 100 5)" "$build/linewright" test tests/fault/kill_spec.lua \
  tests/fault/disk_spec.lua tests/fault/forward_spec.lua
campaign "bad days on the trial line" days tests/fault/trial/recipe.lua \
  tests/fault/trial/line.lua 20000 "$(scaled 600 10)"
campaign "bad days in the hardening shop" days recipes/heat_treatment.lua \
  examples/lines/hardening_shop.lua 20000 "$(scaled 300 5)"
campaign "seeded bugs" env LW_MUTANTS="$(awk -v m="$minutes" \
  'BEGIN { print (m >= 45 ? "all" : int(m) + 2) }')" "$build/linewright" test tests/fault/mutants_spec.lua
campaign "a host that stays" env LW_SOAK_ROUNDS="$(scaled 300 5)" \
  "$build/linewright" test tests/fault/soak_host_spec.lua
campaign "days without a break" env LW_SOAK_DAYS="$(awk -v m="$minutes" \
  'BEGIN { print 30 * m / 60 }')" LW_SOAK_RELOADS="$(scaled 10000 50)" \
  "$build/linewright" test tests/fault/soak_spec.lua

campaign "sixteen lines side by side" env LW_LOAD_LINES=16 LW_LOAD_TAGS=3008 \
  LW_LOAD_SECONDS="$(scaled 300 20)" "$build/linewright" test tests/fault/load_spec.lua
campaign "sixteen lines, three times as many tags" env LW_LOAD_LINES=16 LW_LOAD_TAGS=10016 \
  LW_LOAD_SECONDS="$(scaled 60 20)" "$build/linewright" test tests/fault/load_spec.lua
campaign "memory that runs out" env LW_OOM=4000 "$build/test_scarce"
campaign "ways out and runaways" env LW_EXITS=all LW_RUNAWAYS=all "$build/linewright" test \
  tests/fault/exit_spec.lua tests/fault/campaign_spec.lua tests/bind/runaway_spec.lua \
  tests/lua/corpus_spec.lua
campaign "fuzzing" fuzzing "$(scaled 60 2)"
if [ "$minutes" -ge 45 ]; then
  campaign "changes of the source" changes
else
  campaign "changes of the source" changes packml
fi
campaign "batches taken up again" suite 11 "runs from their journals, reloads, older bundles" \
  "$build/linewright" test tests/lua/resume_spec.lua tests/e2e/pinned_spec.lua
campaign "tampering" suite 14 "each way of tampering, flipped bytes" "$build/test_verify"
campaign "decisions" suite 15 "decisions with their records, computed again" "$build/linewright" test \
  tests/e2e/infer_spec.lua tests/lua/infer_cli_spec.lua
campaign "roles and routes" echo "goal 13: no such interface: there is no web API"

echo
"$build/linewright" version | head -n 1
echo "The goals, with what this run of about $minutes minutes measured. An empty place is not"
echo "measured by it; what the other suites say stands in their own output."
awk -f tests/soak_table.awk tests/soak_goals.txt "$log"
exit $code

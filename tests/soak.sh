#!/usr/bin/env bash
# The fault campaigns at the lengths that are quoted, then the table of goals filled in
# with what this very run measured: soak.sh BUILD_DIR
#   LW_SOAK_MINUTES  about how long it may take, default 60; counts grow with it.
# A campaign says its figures as lines "goal N: text"; the table collects them. Where no
# times are taken, as many run side by side as there are cores; where they are, alone.
set -uom pipefail
cd "$(dirname "$0")/.." || exit
build=$1
minutes=${LW_SOAK_MINUTES:-60}
cores=$(nproc)
began=$SECONDS
work=$(mktemp -d)
touch "$work/log" "$work/failed"

# Every job is a process group of its own.
leave() {
  for job_pid in $(jobs -rp); do kill -- "-$job_pid"; done
  rm -rf "$work"
}
trap leave EXIT
trap 'exit 130' INT TERM

# So many of what is done `$1` times in an hour's run.
scaled() { # count-for-60-minutes least
  awk -v n="$1" -v m="$minutes" -v least="$2" \
    'BEGIN { x = int(n * m / 60); print (x < least ? least : x) }'
}

# ------------------------------------------------------------------- campaigns ---

# $job is a folder of the campaign's own, also for the key that its hosts sign with.
perform() { # what command...
  local what=$1 from=$SECONDS rc=0
  shift
  job=$(mktemp -d "$work/XXXXXX")
  export STATE_DIRECTORY=$job
  "$@" >"$job/out" 2>&1 || rc=1
  {
    flock 9
    [ $rc -eq 0 ] || echo "$what" >>"$work/failed"
    printf '\n== %s (%d s%s)\n' "$what" $((SECONDS - from)) "$([ $rc -eq 0 ] || echo ', FAILED')"
    grep -vE '^\+*$|success(es)? / ' "$job/out"
    cat "$job/out" >>"$work/log"
  } 9>"$work/lock"
}

beside() { # what command...
  while [ "$(jobs -rp | wc -l)" -ge "$cores" ]; do wait -n; done
  perform "$@" &
}

alone() { # what command...
  wait
  perform "$@" &
  wait
}

specs() { # [NAME=VALUE ...] spec...
  local settings=()
  while [[ $1 == *=* ]]; do settings+=("$1"); shift; done
  env "${settings[@]}" "$build/linewright" test "$@"
}

# Histories of one recipe for some seconds, and their sum as a goal's line.
days() { # name recipe line seeds seconds
  local name=$1 first=1 rc=0
  shift
  local until=$((SECONDS + $4))
  : >"$job/days"
  while [ "$first" -le "$3" ] && [ "$SECONDS" -lt "$until" ] && [ "$rc" -eq 0 ]; do
    "$build/linewright" sim-test "$1" --line "$2" --seed "$first" --seeds 150 --jobs 1 \
      --within "$((until - SECONDS)) s" >"$job/part" 2>&1 || rc=1
    grep -v ' histories, ' "$job/part"
    grep ' histories, ' "$job/part" >>"$job/days"
    first=$((first + 150))
  done
  awk -v name="$name" '
    { n += $1; hours += $3; broken += $12; real += $3 * 3600 / $8 }
    END { printf "goal 4: %s: %d histories, %.0f virtual hours, %.0f x real time, %d broken", name,
            n, hours, real ? hours * 3600 / real : 0, broken
          print (broken == 0 && n ? sprintf(" (at most %.2g %% by the rule of three)", 300 / n) : "") }
    ' "$job/days"
  return $rc
}

# A suite that proves a goal without a figure of its own, as that goal's line.
suite() { # goal what command...
  local goal=$1 what=$2 rc=0
  shift 2
  "$@" >"$job/part" 2>&1 || rc=1
  [ "$rc" -eq 0 ] || cat "$job/part"
  awk -v goal="$goal" -v what="$what" '
    /^\[  PASSED  \]/ { passed += $4 }
    /^[0-9]+ passed, [0-9]+ failed/ { passed += $1; failed += $3 }
    /^\[  FAILED  \] [0-9]+ test/ { failed += $4 }
    END { printf "goal %s: %s: %d tests passed, %d failed\n", goal, what, passed, failed }' "$job/part"
  return $rc
}

fuzzing() { # seconds
  tests/fuzz/run.sh "" "$1" >"$job/part" 2>&1
  local rc=$?
  cat "$job/part"
  awk '/: Done [0-9]+ runs/ { n++; runs += $3
         printf "goal 5: %s %d executions in %d s, 0 findings (at most %.1g %% by the rule of three)\n", $1, $3, $6, 300 / $3 }
       END { if (n) printf "goal 5: %d targets, %d executions\n", n, runs }' "$job/part"
  return $rc
}

# With the features of the pictures that the bench has kept, or time to take them.
lighting() {
  if [ "$minutes" -lt 45 ] && [ ! -d build/lighting ]; then
    echo "goal 16: not measured: the features of the pictures are taken in runs of 45 minutes and more"
    return 0
  fi
  tests/bench/run.sh "$build" lighting >"$job/part" 2>&1
  local rc=$?
  cat "$job/part"
  sed -n 's/^lighting: skipped, /goal 16: not measured: /p' "$job/part"
  return $rc
}

# LuaJIT cannot be refused memory, PUC Lua can.
scarce() { # build
  LW_OOM=2000 "$1/test_scarce" || return
  cmake --preset puc54 >/dev/null && cmake --build --preset puc54 --target test_scarce -- --quiet &&
    LW_OOM=2000 build/puc54/test_scarce
}

# From the bench of the store, the line of a million records.
verifying() {
  tests/bench/run.sh "$build" store >"$job/part" 2>&1
  local rc=$?
  sed -n 's/^verify  */goal 14: verify: /p' "$job/part"
  return $rc
}

# What `make test` left behind.
tested() {
  local program seconds passed failed
  if ! read -r program seconds passed failed <build/tested 2>/dev/null; then
    echo "goal 20: not measured: run make test before"
    return 0
  fi
  printf 'goal 20: make test took %d min %d s on %d cores: %d passed, %d failed%s\n' \
    $((seconds / 60)) $((seconds % 60)) "$cores" "$passed" "$failed" \
    "$([ "$program" = "$(sha256sum <"$build/linewright" | cut -c1-64)" ] || echo ', of another build')"
}

# ------------------------------------------------------------------------- run ---

beside "bad days on the trial line" days "trial line" tests/fault/trial/recipe.lua \
  tests/fault/trial/line.lua 20000 "$(scaled 600 10)"
beside "bad days in the hardening shop" days "hardening shop" recipes/heat_treatment.lua \
  examples/lines/hardening_shop.lua 20000 "$(scaled 300 5)"
beside "days without a break" specs LW_SOAK_DAYS="$(awk -v m="$minutes" 'BEGIN { print 30 * m / 60 }')" \
  LW_SOAK_RELOADS="$(scaled 10000 50)" tests/fault/soak_spec.lua
beside "a host that stays" specs LW_SOAK_ROUNDS="$(scaled 300 5)" tests/fault/soak_host_spec.lua
beside "power cuts, raw store" env LW_CUTS="$(scaled 100000 200)" "$build/test_power"
beside "power cuts, whole host" env LW_HOST_CUTS="$(scaled 2000 20)" "$build/test_host_power"
beside "disk faults, forwarder" specs LW_DISK_FAULTS="$(scaled 500 10)" \
  LW_FORWARD_KILLS="$(scaled 100 5)" tests/fault/disk_spec.lua tests/fault/forward_spec.lua
beside "a wall clock that is set" specs LW_CLOCK_STEPS="$(scaled 1000000 10000)" tests/fault/clock_spec.lua
beside "a device that goes away" specs tests/fault/flood_spec.lua
beside "memory that runs out" scarce "$build"
beside "batches taken up again" suite 11 "runs from their journals, reloads, older bundles" \
  specs tests/lua/resume_spec.lua tests/e2e/pinned_spec.lua
beside "tampering" env LW_FLIP_EVERY="$(awk -v m="$minutes" 'BEGIN { print 1 + int(60 / m) }')" \
  "$build/test_verify"
beside "decisions" suite 15 "decisions with their records, computed again" \
  specs tests/e2e/infer_spec.lua tests/lua/infer_cli_spec.lua
beside "pictures under changing light" lighting
beside "the time of the tests" tested
beside "roles and routes" echo "goal 13: no such interface: there is no web API"
beside "fuzzing" fuzzing "$(scaled 60 2)"
beside "branches taken" tests/coverage.sh
alone "seeded bugs" specs LW_MUTANTS="$(awk -v m="$minutes" \
  'BEGIN { print (m >= 45 ? "all" : int(m) + 2) }')" tests/fault/mutants_spec.lua

alone "changes of the source" specs LW_MUTATE="$([ "$minutes" -ge 45 ] && echo all || echo packml)" \
  tests/fault/mutation_spec.lua
alone "kills" specs LW_KILLS="$(scaled 2000 20)" tests/fault/kill_spec.lua
alone "verify a million records" verifying
alone "sixteen lines side by side" specs LW_LOAD_LINES=16 LW_LOAD_TAGS=3008 \
  LW_LOAD_SECONDS="$(scaled 300 20)" tests/fault/load_spec.lua
alone "sixteen lines, three times as many tags" specs LW_LOAD_LINES=16 LW_LOAD_TAGS=10016 \
  LW_LOAD_SECONDS="$(scaled 60 20)" tests/fault/load_spec.lua
alone "ways out and runaways" specs LW_EXITS=all LW_RUNAWAYS=all tests/fault/exit_spec.lua \
  tests/fault/campaign_spec.lua tests/bind/runaway_spec.lua tests/lua/corpus_spec.lua

echo
"$build/linewright" version | head -n 1
echo "The goals, and what this run of $(((SECONDS - began + 30) / 60)) minutes measured of each:"
awk -f tests/soak_table.awk tests/soak_goals.txt "$work/log"
if [ -s "$work/failed" ]; then
  sed 's/^/FAILED: /' "$work/failed"
  exit 1
fi

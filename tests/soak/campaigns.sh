# shellcheck shell=bash disable=SC2154 # the variables are those of tests/soak.sh
# What each part of parts.txt does: a function of the same name, for tests/soak.sh. It says
# its figures as lines "goal N: text" and ends with 1 when something did not hold. It may
# use $build, $minutes, $steps (a folder that outlasts an interruption) and $scratch (one
# that does not).

LENGTH=120 # minutes at which the counts below are those that are quoted
BLOCK=100  # seeds that are kept at once

# So many of what is done `$1` times at full length.
scaled() { # count least
  awk -v n="$1" -v m="$minutes" -v whole=$LENGTH -v least="$2" \
    'BEGIN { x = int(n * m / whole); print (x < least ? least : x) }'
}

is_long() { [ "$minutes" -ge $((LENGTH * 3 / 4)) ]; }

specs() { # [NAME=VALUE ...] spec...
  local settings=()
  while [[ $1 == *=* ]]; do settings+=("$1"); shift; done
  env "${settings[@]}" "$build/linewright" test "$@"
}

# A piece of a part's work, done once for this build; prints what it said.
step() { # key command...
  local said=$steps/$1 from=$SECONDS rc=0
  shift
  if [ ! -e "$said" ]; then
    "$@" >"$said.now" 2>&1 || rc=1
    echo $((SECONDS - from)) >>"$steps/seconds"
    [ $rc -ne 0 ] || mv "$said.now" "$said"
  fi
  cat "$said" 2>/dev/null || cat "$said.now"
  return $rc
}

# Histories of one recipe, block by block, and their sum as a goal's line. The last seeds come
# first: the first ones are those that the short forms have played many times. A history is
# the program's, its recipe's and its line's alone: other tests may change in between.
days() { # what recipe line seeds
  local what=$1 rc=0 first n
  shift
  steps=build/soak/histories-$(digest tests/fault/trial)/$part
  mkdir -p "$steps"
  : >"$scratch/days"
  for ((first = ($3 - 1) / BLOCK * BLOCK + 1; first >= 1; first -= BLOCK)); do
    n=$(($3 - first + 1 < BLOCK ? $3 - first + 1 : BLOCK))
    step "$first-$n" "$build/linewright" sim-test "$1" --line "$2" --seed "$first" --seeds "$n" \
      >"$scratch/block" || rc=1
    grep -v ' histories, ' "$scratch/block"
    grep ' histories, ' "$scratch/block" >>"$scratch/days"
    progress "seeds $first to $((first + n - 1)) of $3"
  done
  awk -v what="$what" '
    { n += $1; hours += $3; broken += $12; real += $3 * 3600 / $8 }
    END { printf "goal 4: %s: %d histories, %.0f virtual hours, %.0f x real time, %d broken", what,
            n, hours, real ? hours * 3600 / real : 0, broken
          print (broken == 0 && n ? sprintf(" (at most %.2g %% by the rule of three)", 300 / n) : "") }
    ' "$scratch/days"
  return $rc
}

# A suite that proves a goal without a figure of its own, as that goal's line.
suite() { # goal what command...
  local goal=$1 what=$2 rc=0
  shift 2
  "$@" >"$scratch/said" 2>&1 || rc=1
  [ "$rc" -eq 0 ] || cat "$scratch/said"
  awk -v goal="$goal" -v what="$what" '
    /^\[  PASSED  \]/ { passed += $4 }
    /^[0-9]+ passed, [0-9]+ failed/ { passed += $1; failed += $3 }
    /^\[  FAILED  \] [0-9]+ test/ { failed += $4 }
    END { printf "goal %s: %s: %d tests passed, %d failed\n", goal, what, passed, failed }' "$scratch/said"
  return $rc
}

trial_days() {
  days "trial line" tests/fault/trial/recipe.lua tests/fault/trial/line.lua "$(scaled 20000 20)"
}

shop_days() {
  days "hardening shop" recipes/heat_treatment.lua examples/lines/hardening_shop.lua "$(scaled 2000 10)"
}

seeded_bugs() {
  specs LW_MUTANTS="$(is_long && echo all || echo $((minutes + 2)))" tests/fault/mutants_spec.lua
}

changes() {
  local targets=packml target rc=0
  ! is_long || targets=$(sed -n 's/^ *{ name = "\([a-z_]*\)", source.*/\1/p' tests/support/mutation_targets.lua)
  for target in $targets; do
    step "$target" specs LW_MUTATE="$target" tests/fault/mutation_spec.lua || rc=1
  done
  return $rc
}

batches() {
  specs LW_SOAK_DAYS="$(awk -v m="$minutes" -v whole=$LENGTH 'BEGIN { print 30 * m / whole }')" \
    LW_SOAK_RELOADS="$(scaled 10000 50)" tests/fault/soak_spec.lua
}

staying() { specs LW_SOAK_ROUNDS="$(scaled 300 5)" tests/fault/soak_host_spec.lua; }
raw_cuts() { LW_CUTS=$(scaled 100000 200) "$build/test_power"; }
host_cuts() { LW_HOST_CUTS=$(scaled 2000 20) "$build/test_host_power"; }

disk() {
  specs LW_DISK_FAULTS="$(scaled 500 10)" LW_FORWARD_KILLS="$(scaled 100 5)" \
    tests/fault/disk_spec.lua tests/fault/forward_spec.lua
}

clock() { specs LW_CLOCK_STEPS="$(scaled 1000000 10000)" tests/fault/clock_spec.lua; }
alarms() { specs tests/fault/flood_spec.lua; }

# LuaJIT cannot be refused memory, PUC Lua can; leaks are the sanitizer's.
memory() {
  local preset rc=0
  for preset in release puc54 asan; do
    cmake --preset "$preset" >/dev/null &&
      cmake --build --preset "$preset" --target test_scarce -- --quiet &&
      LW_OOM=$(scaled 2000 100) "build/$preset/test_scarce" || rc=1
  done
  return $rc
}

replay() {
  suite 11 "runs from their journals, reloads, older bundles" \
    specs tests/lua/resume_spec.lua tests/e2e/pinned_spec.lua
}

tampering() {
  LW_FLIP_EVERY=$(awk -v m="$minutes" -v whole=$LENGTH 'BEGIN { print 1 + int(whole / m) }') \
    "$build/test_verify"
}

decisions() {
  suite 15 "decisions with their records, computed again" \
    specs tests/e2e/infer_spec.lua tests/lua/infer_cli_spec.lua
}

# With the features of the pictures that the bench has kept, or time to take them.
lighting() {
  if ! is_long && [ ! -d build/lighting ]; then
    echo "goal 16: not measured: the features of the pictures are taken at full length"
    return 0
  fi
  tests/bench/run.sh "$build" lighting >"$scratch/said" 2>&1
  local rc=$?
  cat "$scratch/said"
  sed -n 's/^lighting: skipped, /goal 16: not measured: /p' "$scratch/said"
  return $rc
}

# What `make test` left behind.
tests() {
  local program seconds passed failed
  if ! { read -r program seconds passed failed <build/tested; } 2>/dev/null; then
    echo "goal 20: not measured: run make test before"
    return 0
  fi
  printf 'goal 20: make test took %d min %d s on %d cores: %d passed, %d failed%s\n' \
    $((seconds / 60)) $((seconds % 60)) "$(nproc)" "$passed" "$failed" \
    "$([ "$program" = "$(sha256sum <"$build/linewright" | cut -c1-64)" ] || echo ', of another build')"
}

roles() { echo "goal 13: no such interface: there is no web API"; }

fuzzing() {
  tests/fuzz/run.sh "" "$(scaled 60 2)" >"$scratch/said" 2>&1
  local rc=$?
  cat "$scratch/said"
  awk '/: Done [0-9]+ runs/ { n++; runs += $3
         printf "goal 5: %s %d executions in %d s, 0 findings (at most %.1g %% by the rule of three)\n", $1, $3, $6, 300 / $3 }
       END { if (n) printf "goal 5: %d targets, %d executions\n", n, runs }' "$scratch/said"
  return $rc
}

branches() { tests/coverage.sh; }
kills() { specs LW_KILLS="$(scaled 2000 20)" tests/fault/kill_spec.lua; }

# From the bench of the store, the line of a million records.
verifying() {
  tests/bench/run.sh "$build" store >"$scratch/said" 2>&1
  local rc=$?
  sed -n 's/^verify  */goal 14: verify: /p' "$scratch/said"
  return $rc
}

sixteen() {
  specs LW_LOAD_LINES=16 LW_LOAD_TAGS=3008 LW_LOAD_SECONDS="$(scaled 300 20)" tests/fault/load_spec.lua
}

threefold() {
  specs LW_LOAD_LINES=16 LW_LOAD_TAGS=10016 LW_LOAD_SECONDS="$(scaled 60 20)" tests/fault/load_spec.lua
}

runaways() {
  specs LW_RUNAWAYS="$(scaled 5 1)" tests/fault/campaign_spec.lua tests/bind/runaway_spec.lua tests/lua/corpus_spec.lua
}

exits() { specs LW_EXITS=all tests/fault/exit_spec.lua; }

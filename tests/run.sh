#!/usr/bin/env bash
# Run every suite and add up what passed and failed. `make test` calls this.
#   tests/run.sh [SUITE ...]   suites: lint c lua sim install asan fuzz puc54 (default all)
set -uo pipefail
cd "$(dirname "$0")/.."

passed=0 failed=0 skipped=0 is_all=$((! $#))
[ $# -gt 0 ] || set -- lint c lua sim install asan fuzz puc54
log=$(mktemp)
# The signing key of the hosts that the tests start.
STATE_DIRECTORY=$(mktemp -d)
export STATE_DIRECTORY
trap 'rm -rf "$log" "$STATE_DIRECTORY"' EXIT

# Add one suite's figures; one that died without figures, or ran no test at all,
# is one failure.
tally() { # name exit-code passed failed skipped
  local f=$4
  if [ "$2" -ne 0 ] && [ "$f" -eq 0 ]; then f=1; fi
  if [ "$3" -eq 0 ] && [ "$f" -eq 0 ]; then f=1; fi
  passed=$((passed + $3)) failed=$((failed + f)) skipped=$((skipped + $5))
  printf '%-20s %5d passed, %d failed%s   %d s\n' "$1" "$3" "$f" \
    "$([ "$5" -gt 0 ] && echo ", $5 skipped")" "$((SECONDS - began))"
}

# Configures anew each time: `make run` may have done so before the packages of
# the tests were there.
build() { # preset
  cmake --preset "$1" >/dev/null || return
  cmake --build --preset "$1" -j "$(nproc)" -- --quiet
}

# How many lines of the log say that tests did so: cmocka's own count.
count() { # word
  grep -oE "\[  $1 *\] [0-9]+ test" "$log" | awk '{n += $(NF-1)} END {print n + 0}'
}

c_tests() { # preset [ctest's choice...]
  began=$SECONDS
  build "$1" || { tally "C tests, $1" 1 0 0 0; return; }
  ctest --test-dir "build/$1" --verbose -j "$(nproc)" --timeout 120 "${@:2}" >"$log" 2>&1
  local code=$?
  [ "$code" -eq 0 ] || grep -E 'FAILED|ERROR|error:|\*\*\*' "$log" |
    grep -v 'Schema error' | head -n 60 # a library of Debian's says much
  tally "C tests, $1" "$code" "$(count PASSED)" "$(count FAILED)" "$(count SKIPPED)"
}

# One file of specs in a process of its own; its report ends with the exit code.
spec() { # program file
  local report=$reports/${2//\//.}
  "$1" test "$2" >"$report" 2>&1
  echo "exit code $?" >>"$report"
}
export -f spec

# Adds a report to passed, failed, skipped of its suite, and prints what failed.
add_report() { # report
  local figures
  figures=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$1" | tail -n 1 | grep -oE '[0-9]+')
  # shellcheck disable=SC2086 # two or three words, none when it died
  set -- "$1" $figures
  local f=${3:-1}
  if [ "$(tail -n 1 "$1")" != "exit code 0" ]; then
    [ "$f" -gt 0 ] || f=1
    grep -vE '^[0-9]+ passed' "$1" | tail -n 120
  fi
  of_specs=($((of_specs[0] + ${2:-0})) $((of_specs[1] + f)) $((of_specs[2] + ${4:-0})))
}

# Specs that hold processes to deadlines have the machine for themselves.
alone=(tests/fault/{campaign,disk,exit,flood,forward,kill,load,soak_host}_spec.lua)

# The other files run side by side, since most of them wait for processes; the
# long ones first.
specs() { # preset
  began=$SECONDS
  build "$1" || { tally "specs, $1" 1 0 0 0; return; }
  reports=$(mktemp -d -p "$STATE_DIRECTORY")
  export reports
  { find tests/e2e tests/fault -name '*_spec.lua' | sort
    find tests -name '*_spec.lua' | sort
  } | grep -vxF "$(printf '%s\n' "${alone[@]}")" | awk '!seen[$0]++' |
    xargs -P "$(($(nproc) + 1))" -I{} bash -c 'spec "$@"' _ "build/$1/linewright" {}
  local of_specs=(0 0 0) report file
  for file in "${alone[@]}"; do spec "build/$1/linewright" "$file"; done
  for report in "$reports"/*; do add_report "$report"; done
  tally "specs, $1" $((of_specs[1] > 0)) "${of_specs[@]}"
}

# A check that passes or fails as a whole.
whole() { # name command...
  local name=$1
  shift
  began=$SECONDS
  if "$@" >"$log" 2>&1; then
    tally "$name" 0 1 0 0
  else
    tail -n 40 "$log"
    tally "$name" 1 0 1 0
  fi
}

# Bad days on the line that has every kind of limit; the box is two minutes.
bad_days() {
  build release || return
  build/release/linewright sim-test tests/fault/trial/recipe.lua --line tests/fault/trial/line.lua \
    --seeds 300 --within "2 min"
}

for suite in "$@"; do
  case $suite in
    lint) whole luacheck luacheck -q --no-color lua stdlib recipes examples tests ;;
    c) c_tests release ;;
    lua) specs release ;;
    sim)
      whole "bad days" bad_days
      tail -n 1 "$log"
      ;;
    install) build release && whole "installed program" tests/install.sh build/release ;;
    asan) c_tests asan ;;
    fuzz)
      whole "fuzzing, 10 s each" tests/fuzz/run.sh "" 10
      awk '/: Done [0-9]+ runs/ { n++; runs += $3 }
           END { printf "%d readers, %d executions\n", n, runs }' "$log"
      ;;
    puc54)
      specs puc54
      # LuaJIT cannot be refused memory.
      c_tests puc54 -R '^(test_scarce|test_vm_oom)$' ;;
    *) echo "tests/run.sh: unknown suite '$suite'" >&2; exit 2 ;;
  esac
done

# For the table of `make soak`: which program it was, and what it took.
if [ "$is_all" -eq 1 ]; then
  echo "$(sha256sum <build/release/linewright | cut -c1-64) $SECONDS $passed $failed" >build/tested
fi
echo "$passed passed, $failed failed$([ "$skipped" -gt 0 ] && echo ", $skipped skipped")"
[ "$failed" -eq 0 ]

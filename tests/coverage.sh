#!/usr/bin/env bash
# Branch coverage of the C that stands between a recipe and the plant: coverage.sh
# Builds build/coverage, runs the tests of these files and prints a line "goal 12: ..."
# for each; ends with 1 when a branch of one was never taken. Decision records are the
# journal's: the C below treats them as it does all kinds, the rest of them is Lua.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
build=build/coverage

files="scan/guard scan/rule scan/setpoint scan/input image/convert
  scan/scan scan/scan_trip scan/scan_rules scan/scan_record scan/scan_text
  base/packml base/ring base/record store/chain store/journal store/pace store/writer"
tests="test_guard test_rule test_setpoint test_input test_convert
  test_trip test_scan test_scan_record test_scan_text test_lost test_restart test_oom
  test_packml test_ring test_record test_chain test_store test_journal test_disk_faults test_pace test_sources test_locks test_writer test_refused"

table=$(mktemp)
trap 'rm -f "$table"' EXIT

cmake --preset coverage >/dev/null || exit
# shellcheck disable=SC2086 # the list is words
cmake --build --preset coverage -j "$(nproc)" --target $tests -- --quiet || exit
find "$build" -name '*.gcda' -delete

code=0
for test in $tests; do
  "$build/$test" >"$table" 2>&1 || { grep -E 'FAILED|ERROR|error' "$table"; code=1; }
done

# shellcheck disable=SC2086 # lines become words
filter=$(echo $files | tr ' ' '|')
gcovr --root . --filter "host/($filter)\.c" --csv --output "$table" "$build" || exit
awk -F , -v files="$files" '
  NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
  { n[$1] = $column["branch_total"]; taken[$1] = $column["branch_covered"] }
  END {
    count = split(files, name, " ")
    for (i = 1; i <= count; i++) {
      file = "host/" name[i] ".c"
      printf "goal 12: %s: %d of %d branches taken, %.1f %%\n", file, taken[file], n[file],
        n[file] ? 100 * taken[file] / n[file] : 0
      if (!n[file] || taken[file] < n[file]) bad = 1
    }
    exit bad
  }' "$table" || code=1
exit $code

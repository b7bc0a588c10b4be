#!/usr/bin/env bash
# Fuzz what reads bytes from outside, under the sanitizers; needs clang with
# libFuzzer (Debian: clang).
#   tests/fuzz/run.sh [NAME [SECONDS]]
# NAME: one of tests/fuzz/target_NAME.c or "model" (default: all); SECONDS for
# each (default 20). Seeds are tests/fuzz/corpus; what is found is kept below
# build/fuzz/found, and a crash ends with exit code 1.
set -uo pipefail
cd "$(dirname "$0")/../.."
seconds=${2:-20} code=0 names=${1:-}
if [ -z "$names" ]; then
  names=$(ls tests/fuzz/target_*.c | sed 's/.*target_//; s/\.c$//')
  names="$names model"
fi
command -v clang >/dev/null || { echo "tests/fuzz: skipped, there is no clang" >&2; exit 0; }

fuzz() { # name
  local found=build/fuzz/found/$1 preset=fuzz
  [ "$1" != api ] || preset=fuzz-luajit # compiled code against interpreted
  [ -e "tests/fuzz/target_$1.c" ] || { echo "tests/fuzz: no target '$1'" >&2; return 2; }
  cmake --preset "$preset" >/dev/null &&
    cmake --build --preset "$preset" -j "$(nproc)" --target "fuzz_$1" -- --quiet || return 1
  mkdir -p "$found"
  "build/$preset/fuzz_$1" -max_total_time="$seconds" -max_len=16384 -timeout=10 \
    -rss_limit_mb=3072 -artifact_prefix="build/fuzz/$1-" -print_final_stats=1 \
    "$found" "tests/fuzz/corpus/fuzz_$1" 2>"build/fuzz/$1.log"
  local rc=$?
  grep -E "^(Done|SUMMARY)" "build/fuzz/$1.log" | sed "s/^/$1: /"
  return $rc
}

for name in $names; do
  if [ "$name" = model ]; then
    tests/fuzz/model.sh "$seconds" || code=1
  else
    fuzz "$name" || code=1
  fi
done
exit $code

#!/usr/bin/env bash
# Fuzz what reads bytes from outside, under the sanitizers, as many targets side
# by side as there are cores; needs clang with libFuzzer (Debian: clang).
#   tests/fuzz/run.sh [NAME [SECONDS]]
# NAME: one of tests/fuzz/target_NAME.c or "model" (default: all); SECONDS for
# each (default 20). Seeds are tests/fuzz/corpus; what is found is kept below
# build/fuzz/found, and a crash ends with exit code 1.
set -uo pipefail
cd "$(dirname "$0")/../.."
seconds=${2:-20} names=${1:-}
if [ -z "$names" ]; then
  names="$(ls tests/fuzz/target_*.c | sed 's/.*target_//; s/\.c$//') model"
fi
command -v clang >/dev/null || { echo "tests/fuzz: there is no clang" >&2; exit 1; }
export seconds

# The API is held on LuaJIT: compiled code against interpreted.
preset_of() { [ "$1" = api ] && echo fuzz-luajit || echo fuzz; }

build() { # preset
  local wanted=() name
  for name in $names; do
    [ "$name" = model ] || [ "$(preset_of "$name")" != "$1" ] || wanted+=("fuzz_$name")
  done
  [ ${#wanted[@]} -gt 0 ] || return 0
  cmake --preset "$1" >/dev/null &&
    cmake --build --preset "$1" -j "$(nproc)" --target "${wanted[@]}" -- --quiet
}

fuzz() { # name
  [ "$1" != model ] || { tests/fuzz/model.sh "$seconds"; return; }
  local found=build/fuzz/found/$1
  mkdir -p "$found"
  "build/$(preset_of "$1")/fuzz_$1" -max_total_time="$seconds" -max_len=16384 -timeout=10 \
    -rss_limit_mb=3072 -artifact_prefix="build/fuzz/$1-" -print_final_stats=1 \
    "$found" "tests/fuzz/corpus/fuzz_$1"
}

# Prints how many executions there were, or the end of what was said.
told() { # name
  local log=build/fuzz/$1.log rc=0
  fuzz "$1" >"$log" 2>&1 || rc=1
  grep -E "^(Done|SUMMARY)" "$log" | sed "s/^/$1: /"
  [ $rc -eq 0 ] || tail -n 40 "$log"
  return $rc
}
export -f preset_of fuzz told

for name in $names; do
  [ "$name" = model ] || [ -e "tests/fuzz/target_$name.c" ] ||
    { echo "tests/fuzz: no target '$name'" >&2; exit 2; }
done
mkdir -p build/fuzz
build fuzz && build fuzz-luajit || exit 1
# shellcheck disable=SC2086 # names are words
printf '%s\n' $names | xargs -P "$(nproc)" -I{} bash -c 'told "$@"' _ {} || exit 1

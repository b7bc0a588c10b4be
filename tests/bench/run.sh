#!/usr/bin/env bash
# Run the benches and print their ratios: run.sh BUILD_DIR [NAME]
# A C bench is tests/bench/bench_NAME.c, a Lua bench tests/bench/bench_NAME.lua.
set -uo pipefail
cd "$(dirname "$0")/../.."
build=$1
only=${2:-}
code=0
# Recordings that are kept packed, for benches that read text.
if [ -d ../shared/data/tep ] && [ ! -e build/tep/d00.dat ]; then
  mkdir -p build/tep
  for packed in ../shared/data/tep/*.dat.gz; do
    file=${packed##*/}
    gzip -dc "$packed" > "build/tep/${file%.gz}"
  done
fi
for source in tests/bench/bench_*.c tests/bench/bench_*.lua; do
  [ -e "$source" ] || continue
  file=${source##*/}
  name=${file#bench_}
  name=${name%.*}
  [ -z "$only" ] || [ "$only" = "$name" ] || continue
  echo "== $name"
  case $file in
    *.c) "$build/${file%.c}" || code=1 ;;
    *.lua) "$build/linewright" --role tool script "$source" || code=1 ;;
  esac
done
exit $code

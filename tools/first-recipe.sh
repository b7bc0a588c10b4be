#!/usr/bin/env bash
# From a clean clone to a first recipe of one's own on a twin, as docs/start.md
# has it: every command that a newcomer types, and how long it keeps them waiting.
#   tools/first-recipe.sh [SOURCE]   a repository to clone, default this one
set -euo pipefail
source=$(realpath "${1:-$(dirname "$0")/..}")
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
steps=0
waited=0

# Type one command: print it, run it, note its seconds.
step() {
  local began=$EPOCHREALTIME took
  steps=$((steps + 1))
  printf '%2d  %s\n' "$steps" "$*"
  eval "$*" >step.log 2>&1 || { cat step.log >&2; exit 1; }
  took=$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }')
  waited=$(awk -v a="$waited" -v b="$took" 'BEGIN { printf "%.1f", a + b }')
  printf '    %s s\n' "$took"
}

step git clone -q "$source" linewright
step make -C linewright build
step 'export PATH=$PWD/linewright/build/release:$PATH'
step linewright new project brewery
step cd brewery
# The first own recipe: hotter, and the web on before the soak.
step "sed -i 's/default = 80/default = 95/; s/r.operation(\"soak\"/r.operation(\"my soak\"/' recipes/brewery.lua"
step linewright watch --once
step "linewright run recipes/brewery.lua --line lines/brewery.lua --set soak='2 min' --sim --speed max"
step linewright sim-test recipes/brewery.lua --line lines/brewery.lua --seeds 2
step linewright report

echo
echo "$steps steps, $waited s of waiting"

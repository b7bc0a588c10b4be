#!/usr/bin/env bash
# The fault campaigns at the lengths that are quoted: soak.sh BUILD_DIR
# Hours on two cores; each prints its number, failures and bound.
set -uo pipefail
cd "$(dirname "$0")/.."
build=$1
code=0
STATE_DIRECTORY=$(mktemp -d)
export STATE_DIRECTORY
trap 'rm -rf "$STATE_DIRECTORY"' EXIT

LW_CUTS=${LW_CUTS:-50000} "$build/test_power" || code=1
LW_HOST_CUTS=${LW_HOST_CUTS:-2000} "$build/test_host_power" || code=1
export LW_DISK_FAULTS=${LW_DISK_FAULTS:-1000} LW_FORWARD_KILLS=${LW_FORWARD_KILLS:-500} \
  LW_KILLS=${LW_KILLS:-2000}
"$build/linewright" test tests/fault || code=1
exit $code

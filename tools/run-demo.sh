#!/usr/bin/env bash
# The main job: the coating recipe drives line B over Modbus TCP, against the
# simulator of that line's PLC in a process of its own.
#   tools/run-demo.sh BUILD_DIR
set -uo pipefail
cd "$(dirname "$0")/.."
build=$1
db=linewright-demo.db
log=$build/plc.log
rm -f "$db" "$db"-wal "$db"-shm

echo "Starting the PLC simulator of line B (Modbus TCP, 127.0.0.1:1502); its dryer"
echo "heats 100 times faster than a real one, the host runs in real time."
"$build/plc_line_b" --port 1502 --thermal-lapse 100 >"$log" 2>&1 &
plc=$!
trap 'kill "$plc" 2>/dev/null; wait "$plc" 2>/dev/null' EXIT
for _ in $(seq 50); do
  grep -q 'Modbus TCP on' "$log" && break
  kill -0 "$plc" 2>/dev/null || break
  sleep 0.1
done
if ! kill -0 "$plc" 2>/dev/null; then
  cat "$log" >&2
  exit 3
fi

"$build/linewright" run recipes/electrode_coating.lua \
  --line examples/lines/line_b.lua --formula examples/formulas/demo.lua \
  --batch demo --db "$db"
code=$?
[ "$code" -eq 0 ] || exit "$code"

echo
"$build/linewright" report demo --db "$db"
echo
echo "The pump gives 4 % more than its name plate says: film outside of 118 +- 3 g/m2 until"
echo "the gauge, 11 m on, has seen it and the recipe has corrected the flow."
"$build/linewright" trend gauge.mass --batch demo --last 85s --rows 6 --db "$db"
cat <<EOF

The records are in $db. What to try next:
  $build/linewright check recipes/electrode_coating.lua --line examples/lines/pilot_a.lua
  $build/linewright run recipes/electrode_coating.lua --line examples/lines/pilot_a.lua --sim --speed max
  $build/linewright port recipes/electrode_coating.lua --from examples/lines/pilot_a.lua --to examples/lines/line_b.lua
EOF

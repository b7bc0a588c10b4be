#!/usr/bin/env bash
# The fault campaigns at the lengths that are quoted, then the table of goals filled in with
# what was measured of this very build: soak.sh BUILD_DIR [PART...]
#   LW_SOAK_MINUTES  about how long all parts may take; counts grow with it
# tests/soak/parts.txt lists the parts, tests/soak/campaigns.sh says what each does. What they
# measure is kept below build/soak for the program with these Lua files and tests: an
# interrupted run goes on where it stopped, and what was measured at this length or longer is
# not measured again. Where no times are taken, as many parts run side by side as there are
# cores; where they are, alone.
set -uom pipefail
cd "$(dirname "$0")/.." || exit
[ $# -gt 0 ] || { echo "usage: tests/soak.sh BUILD_DIR [PART...]" >&2; exit 2; }
build=$1
shift
# shellcheck source=tests/soak/campaigns.sh
. tests/soak/campaigns.sh
minutes=${LW_SOAK_MINUTES:-$LENGTH}

# ------------------------------------------------------------------ what there is ---

declare -A how fixed_s growing_s title
all=()
while IFS='|' read -r part _ kind fixed growing text; do
  all+=("$part")
  how[$part]=$kind fixed_s[$part]=$fixed growing_s[$part]=$growing title[$part]=$text
done <tests/soak/parts.txt

for part; do
  [ -n "${how[$part]:-}" ] || { echo "soak.sh: no part '$part': ${all[*]}" >&2; exit 2; }
done
[ $# -gt 0 ] || set -- "${all[@]}"

# The program with what it reads, and with those tests that have a say.
digest() { # test...
  {
    sha256sum <"$build/linewright"
    find lua stdlib recipes examples "$@" -type f ! -name '*.db*' ! -name '*.sock' -print0 |
      LC_ALL=C sort -z | xargs -0 sha256sum
  } | sha256sum | cut -c1-16
}

kept=build/soak/$(digest tests)
mkdir -p "$kept"
exec 8>build/soak/lock
flock -n 8 || { echo "soak.sh: another run is under way" >&2; exit 1; }

expected_s() { echo $((fixed_s[$1] + growing_s[$1] * minutes / LENGTH)); } # part

# Kept with success, at this length or longer? What costs nothing is always done anew.
is_measured() { # part
  local at rc
  [ $((fixed_s[$1] + growing_s[$1])) -gt 0 ] || return
  IFS='|' read -r at _ rc _ 2>/dev/null <"$kept/$1" || return
  [ "$rc" -eq 0 ] && { [ "${growing_s[$1]}" -eq 0 ] || [ "$at" -ge "$minutes" ]; }
}

# About how many minutes parts take, rounded up.
expected_minutes() { # part...
  local part share s=0
  for part; do
    share=1
    [ "${how[$part]}" != beside ] || share=$cores
    s=$((s + $(expected_s "$part") / share))
  done
  echo $(((s + 59) / 60))
}

# ---------------------------------------------------------------------------- run ---

cores=$(nproc)
work=$(mktemp -d)
exec 7>&1

# Every job is a process group of its own.
leave() {
  for job_pid in $(jobs -rp); do kill -- "-$job_pid" 2>/dev/null; done
  rm -rf "$work"
}
trap leave EXIT
trap 'say "stopped; the same command goes on from here"; exit 130' INT TERM

say() { echo "$(date +%H:%M:%S)  $*" >&7; }
progress() { say "$part: $*"; }

# Keep what a part said; that of a failure also beyond the next time.
keep() { # seconds exit-code
  echo "$minutes|$1|$2|$(date '+%-d %b %H:%M')" | cat - "$scratch/said" >"$scratch/kept"
  mv "$scratch/kept" "$kept/$part"
  [ "$2" -eq 0 ] || cp "$kept/$part" "$kept/$part.failed"
}

# $scratch is also for the key that a part's hosts sign with.
measure() { # part
  local from=$SECONDS rc=0 took
  part=$1 steps=$kept/$1.steps scratch=$(mktemp -d "$work/XXXXXX")
  mkdir -p "$steps"
  export STATE_DIRECTORY=$scratch
  say "begins: $part: ${title[$part]} (about $(expected_s "$part") s)"
  "$part" >"$scratch/said" 2>&1 || rc=1
  # Of what is done in steps, with those of earlier runs.
  took=$(awk -v s=$((SECONDS - from)) '{ sum += $1 } END { print NR ? sum : s }' \
    "$steps/seconds" 2>/dev/null || echo $((SECONDS - from)))
  keep "$took" $rc
  {
    flock 9
    say "ends: $part ($took s$([ $rc -eq 0 ] || echo ', FAILED'))"
    grep -vE '^\+*$|success(es)? / ' "$scratch/said" >&7
  } 9>"$work/lock"
}

# Run one part as its kind wants to be run.
start() { # part
  case ${how[$1]} in
    beside)
      while [ "$(jobs -rp | wc -l)" -ge "$cores" ]; do wait -n; done
      (renice -n 10 $BASHPID >/dev/null; measure "$1") &
      ;;
    whole) wait; (renice -n 10 $BASHPID >/dev/null; measure "$1") & wait ;;
    alone) wait; measure "$1" & wait ;;
  esac
}

wanted=()
for part; do
  if is_measured "$part"; then say "kept: $part"; else wanted+=("$part"); fi
done
say "${#wanted[@]} parts to measure, about $(expected_minutes "${wanted[@]}") minutes on $cores cores; kept in $kept"
for part in "${wanted[@]}"; do start "$part"; done
wait

# -------------------------------------------------------------------------- table ---

echo
"$build/linewright" version | head -n 1
echo "The goals, and what was measured of each with this build:"
records=()
for part in "${all[@]}"; do [ ! -e "$kept/$part" ] || records+=("$kept/$part"); done
awk -v whole=$LENGTH -f tests/soak/table.awk tests/soak/goals.txt tests/soak/parts.txt "${records[@]}"
code=0
for part in "${all[@]}"; do
  [ -e "$kept/$part.failed" ] || continue
  if cmp -s "$kept/$part" "$kept/$part.failed"; then
    echo "FAILED: $part: ${title[$part]}; see $kept/$part"
    code=1
  else
    echo "failed before, measured again since: $part; see $kept/$part.failed"
  fi
done
exit $code

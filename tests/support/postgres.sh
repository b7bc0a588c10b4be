#!/bin/sh
# A PostgreSQL server of the tests' own, on a Unix socket in its folder, never
# as root: postgres.sh start|stop|crash|restart DIR
# `start` prints how to connect; exit 77: no server is installed, the reason is printed.
set -eu

what=$1 dir=$2
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || bin=$(dirname "$(command -v initdb || echo /nowhere/initdb)")
[ -x "$bin/initdb" ] || { echo "no PostgreSQL server is installed"; exit 77; }

# initdb refuses root.
as_other=
if [ "$(id -u)" = 0 ]; then
  for user in postgres nobody; do
    id "$user" >/dev/null 2>&1 && break
  done
  command -v setpriv >/dev/null || { echo "no setpriv to leave root with"; exit 77; }
  as_other="setpriv --reuid=$user --regid=$(id -g "$user") --clear-groups"
fi

server() { # options of pg_ctl
  # shellcheck disable=SC2086 # words
  (cd "$dir/pg" && $as_other "$bin/pg_ctl" -D "$dir/pg/data" -l "$dir/pg/log" -s -w "$@")
}
options="-k $dir/pg -c listen_addresses= -c fsync=off"

case $what in
  start)
    mkdir -p "$dir/pg"
    chmod 755 "$dir" "$dir/pg"
    [ -z "$as_other" ] || chown "$user" "$dir/pg"
    # shellcheck disable=SC2086 # words
    (cd "$dir/pg" && $as_other "$bin/initdb" -D "$dir/pg/data" -U lw -A trust -N --locale=C \
      --encoding=UTF8 >"$dir/pg.init" 2>&1) || { cat "$dir/pg.init"; exit 1; }
    server -o "$options" start
    echo "host=$dir/pg user=lw dbname=postgres"
    ;;
  stop) server -m fast stop ;;
  # As if the machine lost its server: no goodbye, recovery at the next start.
  crash) server -m immediate stop ;;
  restart) server -o "$options" start ;;
  *) echo "usage: postgres.sh start|stop|crash|restart DIR" >&2; exit 2 ;;
esac

#!/usr/bin/env bash
# A throw-away PostgreSQL cluster for tests.
#
#   scripts/postgres.sh start [DIR]    make and start a cluster in DIR (default: a new temporary folder); prints DIR
#   scripts/postgres.sh durable [DIR]  the same, with fsync, for measurements
#   scripts/postgres.sh url DIR        print its address
#   scripts/postgres.sh restart DIR    stop it hard and start it again on the same port
#   scripts/postgres.sh stop DIR       stop it and remove DIR
#   scripts/postgres.sh stop-all       stop every cluster that an interrupted run left behind
#
# It uses Debian's server programs, listens on 127.0.0.1 only, trusts every local login and, but for measurements, does not
# fsync: nothing in it is worth keeping. DIR/ctl is a script that takes `restart`, `stop` or `url` for this cluster.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
registry=${CARGO_TARGET_DIR:-$here/target}/test-clusters

die() { echo "postgres.sh: $*" >&2; exit 1; }

server_programs() {
  local newest
  newest=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -1)
  if [ ! -x "$newest/initdb" ]; then die "the PostgreSQL server is missing (Debian: apt-get install postgresql)"; fi
  echo "$newest"
}

# The server refuses to run as root: root borrows the account that Debian's package made.
as_owner() {
  if [ "$(id -u)" = 0 ]; then
    # From `/`, because the account may not enter the caller's folder.
    (cd / && exec runuser -u postgres -- "$@")
  else
    "$@"
  fi
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

launch() {
  local dir=$1 port=$2
  as_owner "$bin/pg_ctl" start --silent --wait --timeout=60 --pgdata="$dir/data" --log="$dir/server.log" \
    --options="-p $port" >/dev/null
}

start() {
  local dir=${1:-} port try
  if [ -z "$dir" ]; then dir=$(mktemp -d "${TMPDIR:-/tmp}/counterfoil-postgres.XXXXXX"); else mkdir -p "$dir"; fi
  dir=$(cd "$dir" && pwd)
  if [ "$(id -u)" = 0 ]; then
    id postgres >/dev/null 2>&1 || die "the account 'postgres' is missing and the server refuses to run as root"
    chown postgres "$dir"
  fi
  as_owner "$bin/initdb" --pgdata="$dir/data" --username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
    --no-sync >"$dir.initdb.log" 2>&1 || { cat "$dir.initdb.log" >&2; rm -rf "$dir" "$dir.initdb.log"; die "initdb failed"; }
  rm -f "$dir.initdb.log"
  as_owner tee -a "$dir/data/postgresql.conf" >/dev/null <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$dir'
max_connections = 300
shared_buffers = 128MB
fsync = $durable
full_page_writes = $durable
log_min_messages = warning
CONF
  # Somebody may take the port between asking for it and using it.
  for try in 1 2 3 4 5; do
    port=$(free_port)
    if launch "$dir" "$port"; then
      echo "$port" >"$dir/port"
      cat >"$dir/ctl" <<CTL
#!/bin/sh
exec '$here/scripts/postgres.sh' "\$1" '$dir'
CTL
      chmod 755 "$dir/ctl"
      # For stop-all; not worth failing over where the folder cannot be written.
      { mkdir -p "$registry" && echo "$dir" >"$registry/$(basename "$dir")"; } 2>/dev/null || true
      echo "$dir"
      return
    fi
  done
  cat "$dir/server.log" >&2
  rm -rf "$dir"
  die "the cluster did not start after $try attempts"
}

known() {
  if [ ! -f "${1:-}/port" ]; then die "no cluster in '${1:-}'"; fi
}

halt() {
  as_owner "$bin/pg_ctl" stop --silent --wait --timeout=60 --mode=immediate --pgdata="$1/data" >/dev/null
}

stop() {
  known "$1"
  halt "$1" || true
  rm -rf "$1" "${registry:?}/$(basename "$1")"
}

command=${1:-}
case "$command" in
  start) durable=off bin=$(server_programs); start "${2:-}" ;;
  durable) durable=on bin=$(server_programs); start "${2:-}" ;;
  url) known "${2:-}"; echo "postgres://postgres@127.0.0.1:$(cat "$2/port")/postgres" ;;
  restart) known "${2:-}"; bin=$(server_programs); halt "$2"; launch "$2" "$(cat "$2/port")" ;;
  stop) bin=$(server_programs); stop "${2:-}" ;;
  stop-all)
    for entry in "$registry"/*; do
      [ -f "$entry" ] || continue
      dir=$(cat "$entry")
      if [ -f "$dir/port" ]; then bin=$(server_programs); stop "$dir"; echo "stopped $dir"; else rm -f "$entry"; fi
    done ;;
  *) sed -n '2,9p' "$0" >&2; exit 2 ;;
esac

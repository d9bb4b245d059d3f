#!/usr/bin/env bash
# A throw-away S3-compatible server for tests.
#
#   scripts/s3.sh start        start it on a free port with one bucket; prints its folder
#   scripts/s3.sh url DIR      print the address of its bucket
#   scripts/s3.sh stop DIR     stop it and remove DIR
#
# It keeps everything in memory, listens on 127.0.0.1 only and lets everybody in. Like the original it refuses parts of less
# than 5 MiB, and keeps the parts of an upload that nobody ends.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
python=${CARGO_TARGET_DIR:-$here/target}/venv-s3/bin/python

die() { echo "s3.sh: $*" >&2; exit 1; }

start() {
  local dir port try
  [ -x "$python" ] || die "$python is missing: run scripts/needs.sh"
  dir=$(mktemp -d "${TMPDIR:-/tmp}/counterfoil-s3.XXXXXX")
  for try in 1 2 3; do
    port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    "$python" -m moto.server -H 127.0.0.1 -p "$port" </dev/null >"$dir/server.log" 2>&1 &
    echo $! >"$dir/pid"
    if "$python" - "$port" <<'PYTHON'
import http.client, sys, time

for _ in range(300):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=5)
        connection.request("PUT", "/attachments")
        sys.exit(connection.getresponse().status != 200)
    except OSError:
        time.sleep(0.1)
sys.exit(1)
PYTHON
    then
      echo "http://127.0.0.1:$port/attachments" >"$dir/url"
      echo "$dir"
      return
    fi
    kill "$(cat "$dir/pid")" 2>/dev/null || true
  done
  cat "$dir/server.log" >&2
  rm -rf "$dir"
  die "the server does not start"
}

case ${1:-} in
  start) start ;;
  url) cat "$2/url" ;;
  stop)
    kill "$(cat "$2/pid")" 2>/dev/null || true
    rm -rf "$2" ;;
  *) die "start, url DIR or stop DIR" ;;
esac

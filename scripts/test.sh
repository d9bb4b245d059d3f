#!/usr/bin/env bash
# Everything `make test` checks. Goes on after a failing suite, and ends with a table of every suite and its count.
#
# A suite's count is read from what its own tool printed, and a suite that ran nothing has failed: nothing can drop out
# unseen. Logs stay in target/test-logs. To run some of them: scripts/test.sh unit 'sdk*' (names of the table, patterns too);
# the table then says that the run was partial.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
target=${CARGO_TARGET_DIR:-target}
logs=$target/test-logs
wanted=("$@")

mkdir -p "$logs"
scripts/needs.sh || exit 1

export CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-never}
# The build must not depend on what a developer has in the environment.
unset COUNTERFOIL_DATA COUNTERFOIL_DATABASE COUNTERFOIL_CONFIG COUNTERFOIL_LISTEN COUNTERFOIL_SECRET_KEY

# ---- bookkeeping ----------------------------------------------------------------------------------------------------

names=() passes=() fails=() skips=() times=() notes=()
chosen() {
  [ ${#wanted[@]} -eq 0 ] && return 0
  local pattern
  for pattern in "${wanted[@]}"; do
    # shellcheck disable=SC2053  # the right side is meant as a pattern
    [[ $1 == $pattern ]] && return 0
  done
  return 1
}

record() { names+=("$1"); passes+=("$2"); fails+=("$3"); skips+=("$4"); times+=("$5"); notes+=("$6"); }

# suite NAME COUNTER COMMAND...: runs the command, has COUNTER read its log and set `passed`, `failed`, `skipped`, `note`.
suite() {
  local name=$1 counter=$2 log started code passed=0 failed=0 skipped=0 note=''
  shift 2
  chosen "$name" || return 0
  log=$logs/$(tr -c 'a-zA-Z0-9\n' - <<<"$name").log
  printf '\n==== %s: %s\n' "$name" "$*"
  started=$SECONDS
  "$@" </dev/null 2>&1 | tee "$log"
  code=${PIPESTATUS[0]}
  "$counter" "$log" "$code"
  if [ "$code" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1 note="ended with status $code before it could count"; fi
  if [ "$passed" -eq 0 ] && [ "$failed" -eq 0 ]; then failed=1 note='ran no test'; fi
  record "$name" "$passed" "$failed" "$skipped" $((SECONDS - started)) "$note"
}

# ---- reading counts -------------------------------------------------------------------------------------------------

sum() { awk '{ total += $1 } END { print total + 0 }'; }

# Sums cargo's lines `test result: ok. 12 passed; 0 failed; 1 ignored; ...`, one for each test program.
cargo_counts() {
  local results
  results=$(grep -E '^test result: ' "$1")
  passed=$(grep -oE '[0-9]+ passed' <<<"$results" | sum)
  failed=$(grep -oE '[0-9]+ failed' <<<"$results" | sum)
  skipped=$(grep -oE '[0-9]+ ignored' <<<"$results" | sum)
}

# Reads pytest's last line: `==== 3 failed, 61 passed, 1 skipped in 20.31s ====`.
pytest_counts() {
  local line
  line=$(grep -E ' in [0-9.]+s' "$1" | tail -1)
  passed=$(grep -oE '[0-9]+ (passed|xfailed)' <<<"$line" | sum)
  failed=$(grep -oE '[0-9]+ (failed|error|xpassed)' <<<"$line" | sum)
  skipped=$(grep -oE '[0-9]+ skipped' <<<"$line" | sum)
}

format_counts() {
  note="$(git ls-files '*.rs' | wc -l) files"
  [ "$2" -eq 0 ] && passed=1 || failed=1
}

clippy_counts() {
  note="$(target_count) targets, warnings are errors"
  [ "$2" -eq 0 ] && passed=1 || failed=1
}

# The last line is `bans ok, licenses ok, sources ok`.
deny_counts() {
  local line
  line=$(tail -1 "$1")
  passed=$(grep -oE '[a-z]+ ok' <<<"$line" | wc -l)
  failed=$(grep -oE '[a-z]+ FAILED' <<<"$line" | wc -l)
  note=$line
}

# ---- what there is --------------------------------------------------------------------------------------------------

metadata() { cargo metadata --locked --no-deps --format-version 1; }

target_count() { metadata | python3 -c 'import json, sys; print(sum(len(p["targets"]) for p in json.load(sys.stdin)["packages"]))'; }

# Integration tests, one package a line with its test programs as cargo's flags: a new program is found, not listed by hand.
# The two packages that must have some are named in any case, so that they fail rather than vanish. Programs are chosen out
# of the whole workspace: with --package cargo would resolve other features and compile everything again.
tested_packages() {
  metadata | python3 -c '
import collections, json, sys
found = {"counterfoil-store": [], "counterfoil": []}
for package in json.load(sys.stdin)["packages"]:
    for target in package["targets"]:
        if "test" in target["kind"]:
            found.setdefault(package["name"], []).append(target["name"])
names = collections.Counter(name for programs in found.values() for name in programs)
for package, programs in sorted(found.items(), reverse=True):
    for name in programs:
        if names[name] > 1:
            sys.exit(f"two test programs are called {name}: rename one")
    print(package, *(f"--test={name}" for name in programs or ["none"]))'
}

# ---- PostgreSQL -----------------------------------------------------------------------------------------------------

cluster='' bucket=''
stop_servers() {
  [ -n "$cluster" ] && scripts/postgres.sh stop "$cluster"
  [ -n "$bucket" ] && scripts/s3.sh stop "$bucket"
  cluster='' bucket=''
}
trap stop_servers EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

cluster=$(scripts/postgres.sh start) || exit 1
TEST_POSTGRES_URL=$(scripts/postgres.sh url "$cluster")
# Takes `restart`, for the tests of what happens when the database goes away.
TEST_POSTGRES_CTL=$cluster/ctl
export TEST_POSTGRES_URL TEST_POSTGRES_CTL

# ---- the suites -----------------------------------------------------------------------------------------------------

suite 'format' format_counts cargo fmt --all --check
suite 'clippy' clippy_counts cargo clippy --locked --workspace --all-targets -- -D warnings
suite 'deny' deny_counts "$target/tools/bin/cargo-deny" --locked check bans licenses sources

# Known vulnerabilities need a database that has to be fetched, which not every machine can.
if chosen 'deny advisories'; then
  if timeout 120 "$target/tools/bin/cargo-deny" --locked fetch db >"$logs/advisory-fetch.log" 2>&1; then
    suite 'deny advisories' deny_counts "$target/tools/bin/cargo-deny" --locked check --disable-fetch advisories
  else
    printf '\n==== deny advisories: NOT CHECKED, the advisory database could not be fetched\n'
    record 'deny advisories' 0 0 1 0 'NOT CHECKED: the advisory database could not be fetched'
  fi
fi

suite 'unit' cargo_counts cargo test --locked --no-fail-fast --workspace --lib --bins

tested=$(tested_packages) || exit 1
while read -r package programs; do
  read -r -a flags <<<"$programs"
  case $package in
    counterfoil | counterfoil-store)
      for engine in sqlite postgres; do
        suite "$package on $engine" cargo_counts env TEST_ENGINE=$engine cargo test --locked --no-fail-fast --workspace "${flags[@]}"
      done ;;
    *) suite "$package" cargo_counts cargo test --locked --no-fail-fast --workspace "${flags[@]}" ;;
  esac
done <<<"$tested"

if chosen 'accessories on s3'; then
  if bucket=$(scripts/s3.sh start); then
    # Those that need a bucket are left out elsewhere.
    suite 'accessories on s3' cargo_counts env TEST_ENGINE=sqlite TEST_S3_URL="$(scripts/s3.sh url "$bucket")" \
      cargo test --locked --no-fail-fast --workspace --test=it -- --include-ignored accessories::
    scripts/s3.sh stop "$bucket"
    bucket=''
  else
    record 'accessories on s3' 0 1 0 0 'the S3 server did not start'
  fi
fi

suite 'doc tests' cargo_counts cargo test --locked --no-fail-fast --workspace --doc

if chosen 'sdk on sqlite' || chosen 'sdk on postgres'; then
  if cargo build --locked --workspace --bin counterfoil; then
    for engine in sqlite postgres; do
      suite "sdk on $engine" pytest_counts env TEST_ENGINE=$engine \
        COUNTERFOIL_BIN="${COUNTERFOIL_BIN:-$target/debug/counterfoil}" "$target/venv/bin/python" -m pytest tests/sdk
    done
  else
    record 'sdk on sqlite' 0 1 0 0 'the server did not build'
    record 'sdk on postgres' 0 1 0 0 'the server did not build'
  fi
fi

# ---- the table ------------------------------------------------------------------------------------------------------

total_passed=0 total_failed=0 total_skipped=0 failing=()
printf '\n%-32s %7s %7s %8s %6s  %s\n' suite passed failed skipped time note
for i in "${!names[@]}"; do
  printf '%-32s %7d %7d %8d %5ds  %s\n' "${names[i]}" "${passes[i]}" "${fails[i]}" "${skips[i]}" "${times[i]}" "${notes[i]}"
  total_passed=$((total_passed + passes[i])) total_failed=$((total_failed + fails[i])) total_skipped=$((total_skipped + skips[i]))
  [ "${fails[i]}" -gt 0 ] && failing+=("${names[i]}")
done
[ ${#wanted[@]} -gt 0 ] && printf '\nThis was a part of the suites only: %s\n' "${wanted[*]}"
if [ ${#failing[@]} -gt 0 ]; then
  printf '\nfailing suites:\n'
  printf '  %s\n' "${failing[@]}"
fi
if [ ${#names[@]} -eq 0 ]; then
  echo "no suite has that name" >&2
  exit 2
fi
summary="$total_passed passed, $total_failed failed"
[ "$total_skipped" -gt 0 ] && summary+=", $total_skipped skipped"
printf '\n%s\n' "$summary"
[ "$total_failed" -eq 0 ]

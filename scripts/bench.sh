#!/usr/bin/env bash
# Builds the load generator, the yardsticks and the server with optimisation and prints the comparison table.
# A throw-away PostgreSQL cluster is started for the runs on that engine; it keeps its promises about the disk.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --locked --package counterfoil --package counterfoil-bench --package xtask
cluster=$(scripts/postgres.sh durable)
trap 'scripts/postgres.sh stop "$cluster"' EXIT
BENCH_POSTGRES_URL=$(scripts/postgres.sh url "$cluster")
export BENCH_POSTGRES_URL
"${CARGO_TARGET_DIR:-target}/release/counterfoil-bench" "$@"

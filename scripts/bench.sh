#!/usr/bin/env bash
# Builds the load generator, the yardsticks and the server with optimisation and prints the comparison tables.
# A throw-away PostgreSQL cluster is started for the runs on that engine; it keeps its promises about the disk.
# BENCH_QUICK=1 measures less; BENCH_ENGINES=sqlite leaves PostgreSQL out. Arguments go to `counterfoil-bench run`.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}
engines=${BENCH_ENGINES:-sqlite,postgres}
cargo build --release --locked --package counterfoil --package counterfoil-bench --package xtask
if [[ $engines == *postgres* ]]; then
  cluster=$(scripts/postgres.sh durable)
  trap 'scripts/postgres.sh stop "$cluster"' EXIT
  BENCH_POSTGRES_URL=$(scripts/postgres.sh url "$cluster")
  export BENCH_POSTGRES_URL
fi
"$target/release/counterfoil-bench" run --engine "$engines" --folder "$target/bench" "$@"

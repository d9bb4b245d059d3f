# Entry points for people and for continuous integration. Each target says what it needs when something is missing.

TARGET := $(or $(CARGO_TARGET_DIR),target)
# Extra flags for the server, for example: make run ARGS="--listen 127.0.0.1:9000"
ARGS ?=

.PHONY: help run build test bench fmt clean-test need-rust

help:
	@echo "make run         build the release binary and start it with a sample account"
	@echo "make test        format, lints, licences, every test on SQLite and on PostgreSQL, the SDK suite"
	@echo "make bench       measure against the yardsticks in bench/ (release build, takes long)"
	@echo "make fmt         format the Rust sources"
	@echo "make clean-test  remove what make test left: virtual environment, tools, logs, stray database clusters"

run: build
	exec $(TARGET)/release/counterfoil demo $(ARGS)

build: need-rust
	cargo build --release --locked --package counterfoil

# Says by itself what is missing, or installs it.
test:
	@scripts/test.sh

bench: need-rust
	@scripts/bench.sh $(ARGS)

fmt: need-rust
	cargo fmt --all

clean-test:
	@scripts/postgres.sh stop-all
	rm -rf $(TARGET)/venv $(TARGET)/venv-s3 $(TARGET)/tools $(TARGET)/test-logs

# SQLite and the TLS library are compiled from C: a C compiler is all that is needed beside Rust.
need-rust:
	@command -v cargo >/dev/null || { echo "cargo is missing: install Rust 1.95 or newer (rustup)" >&2; exit 1; }
	@command -v cc >/dev/null || { echo "cc is missing: a C compiler builds SQLite and the TLS library (Debian: apt-get install gcc libc6-dev)" >&2; exit 1; }

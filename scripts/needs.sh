#!/usr/bin/env bash
# Installs what the test suites need, or says what is missing and how to get it.
#
# Debian packages are installed when this runs as root on a machine with apt-get, otherwise they are named. Python packages
# go to a virtual environment and cargo-deny to a tools folder, both under target/, so that nothing else is touched. What is
# there already is kept: a second run takes a second.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}

missing=()
complain() { missing+=("$1"); }

# ---- programs -------------------------------------------------------------------------------------------------------

command -v cargo >/dev/null || complain "cargo: install Rust 1.95 or newer with rustup"
for component in fmt clippy; do
  cargo "$component" --version >/dev/null 2>&1 || complain "cargo $component: rustup component add ${component/fmt/rustfmt}"
done

# A line of Debian packages and the test that tells whether each is needed.
packages=()
command -v cc >/dev/null || packages+=(gcc libc6-dev)
command -v python3 >/dev/null || packages+=(python3)
# Debian splits the venv module's installer off into a package of its own.
python3 -c 'import venv, ensurepip' 2>/dev/null || packages+=(python3-venv)
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || packages+=(postgresql)
command -v psql >/dev/null || packages+=(postgresql-client)
command -v git >/dev/null || packages+=(git)
# The tests of logins on hosts start a server of their own; the one that the package may start is not used.
[ -x /usr/sbin/sshd ] || packages+=(openssh-server)
command -v ssh-keygen >/dev/null || packages+=(openssh-client)

if [ ${#packages[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing Debian packages: ${packages[*]}"
    # Chatty even when told to be quiet: shown only when it fails.
    mkdir -p "$target"
    if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}"; } \
        </dev/null >"$target/apt.log" 2>&1; then
      tail -20 "$target/apt.log" >&2
      exit 1
    fi
  else
    complain "Debian packages, to be installed by root: apt-get install ${packages[*]}"
  fi
fi

if [ ${#missing[@]} -gt 0 ]; then
  echo "make test needs:" >&2
  printf '  - %s\n' "${missing[@]}" >&2
  exit 1
fi

# ---- Python ---------------------------------------------------------------------------------------------------------

# environment FOLDER LIST: the stamp holds the pinned list and the interpreter, so that a change of either makes it anew.
environment() {
  local stamp
  stamp=$(cat "$2" <(python3 -c 'import sys; print(sys.version, sys.base_prefix)') | sha256sum | cut -c1-64)
  if [ "$(cat "$1/stamp" 2>/dev/null)" != "$stamp" ] || ! "$1/bin/python" -c '' 2>/dev/null; then
    echo "making the Python environment in $1"
    rm -rf "$1"
    python3 -m venv "$1"
    "$1/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$2"
    echo "$stamp" >"$1/stamp"
  fi
}

environment "$target/venv" tests/sdk/requirements.txt
environment "$target/venv-s3" tests/s3/requirements.txt

# ---- cargo-deny -----------------------------------------------------------------------------------------------------

# Compiled from its published source without optimisation: compiling it well takes longer than it will ever save here.
version=0.20.2
if [ "$("$target/tools/bin/cargo-deny" --version 2>/dev/null)" != "cargo-deny $version" ]; then
  echo "compiling cargo-deny $version, once"
  CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=256 \
    CARGO_PROFILE_RELEASE_DEBUG=false CARGO_TARGET_DIR=$target/tools/build \
    cargo install --quiet --locked --root "$target/tools" --version "$version" cargo-deny
  rm -rf "$target/tools/build"
fi

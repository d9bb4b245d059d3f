"""A running server of its own for the suite: started from the debug binary, administered through its command line.

The engine comes from TEST_ENGINE (sqlite, the default, or postgres with TEST_POSTGRES_URL), the binary from
COUNTERFOIL_BIN. Everything lives in a temporary folder; on PostgreSQL every server gets a database of its own.
"""

import contextlib
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("COUNTERFOIL_BIN") or REPOSITORY / "target/debug/counterfoil").resolve()
ENGINE = os.environ.get("TEST_ENGINE", "sqlite")
START_SECONDS = 60

# Passwords of tests need no protection, and there are many of them.
CHEAP_PASSWORDS = "[password_hash]\nmemory_kib = 64\niterations = 1\n"


def free_port():
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, what, seconds=10):
    """Polls until the condition holds; a deadline instead of a guess about time."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen within {seconds} s")
        time.sleep(0.02)


def psql(statement):
    """Runs one administrative statement on the test cluster."""
    program = shutil.which("psql")
    assert program, "psql is missing (Debian: postgresql-client)"
    url = os.environ["TEST_POSTGRES_URL"]
    subprocess.run([program, url, "-v", "ON_ERROR_STOP=1", "-qAtc", statement], check=True)


class Server:
    """One server process and the folder it keeps its data in."""

    def __init__(self, command="serve", settings=""):
        self.command = command
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="counterfoil-sdk-"))
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None
        self.flags = ["--data", str(self.data)]
        self.database = None
        if ENGINE == "postgres":
            self.database = "sdk_" + secrets.token_hex(8)
            psql(f"CREATE DATABASE {self.database}")
            base = urllib.parse.urlsplit(os.environ["TEST_POSTGRES_URL"])
            self.flags += ["--database", base._replace(path="/" + self.database).geturl()]
        configuration = self.folder / "counterfoil.toml"
        configuration.write_text(CHEAP_PASSWORDS + settings, encoding="utf-8")
        self.flags += ["--config", str(configuration)]

    def start(self):
        """Starts the process and waits until it says that it is ready."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(BINARY), self.command, *self.flags, "--listen", f"127.0.0.1:{self.port}"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=clean_environment(),
            )
        wait_for(self.is_ready, "readiness", START_SECONDS)
        return self

    def is_ready(self):
        """Whether /readyz answers; a process that ended is an error with its last words."""
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended with status {self.process.returncode}:\n{self.last_words()}")
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(self.url + "/readyz", timeout=5) as answer:
                return answer.status == 200
        return False

    def last_words(self):
        """The end of the server's output."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-4000:]

    def end(self, how=signal.SIGTERM):
        """Ends the process and gives its exit status."""
        self.process.send_signal(how)
        return self.process.wait(timeout=30)

    def close(self):
        """Ends the process if it still runs and removes everything it left."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.database:
            psql(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *arguments, stdin=""):
        """Runs an administration command against the same data, with the server running or not."""
        return subprocess.run(
            [str(BINARY), *arguments, *self.flags],
            input=stdin,
            text=True,
            capture_output=True,
            cwd=self.folder,
            env=clean_environment(),
            timeout=60,
        )

    def admin(self, *arguments, stdin=""):
        """The same, which has to succeed; gives the answer of --json."""
        done = self.run(*arguments, "--json", stdin=stdin)
        assert done.returncode == 0, f"counterfoil {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}"
        return json.loads(done.stdout)


def clean_environment():
    """The environment without anything that would configure a server or the SDK."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("COUNTERFOIL_", "HUAWEICLOUD_")) or name == "COUNTERFOIL_BIN"
    }

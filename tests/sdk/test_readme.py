"""The README's first screen, pasted as it stands against the demo server."""

import os
import re
import subprocess
import sys

import pytest

from server import REPOSITORY, Server

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
ADDRESS = "127.0.0.1:8080"


def blocks(language):
    """The fenced blocks of one language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def demo():
    """`counterfoil demo` on a free port: only the address differs from what the README says."""
    running = Server(command="demo")
    try:
        yield running.start()
    finally:
        running.close()


def paste(demo, text, program):
    """Runs a block as a newcomer would, with this interpreter as python3."""
    text = text.replace(ADDRESS, f"127.0.0.1:{demo.port}")
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    done = subprocess.run(
        program,
        input=text,
        capture_output=True,
        text=True,
        timeout=120,
        cwd=demo.folder,
        env={**os.environ, "PATH": path},
    )
    assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_demo_prints_address_and_logins(demo):
    said = demo.log.read_text(encoding="utf-8")
    for part in (
        demo.url,
        "acme",
        "alice",
        "Alice-Demo-2026!",
        "DEMOACCESSKEY0000001",
        "DemoSecretKey/For-Local-Use-Only-000000001",
        "provider",
        "erin",
        "Erin-Demo-2026!",
    ):
        assert part in said, part


def test_curl_commands(demo):
    [commands] = [block for block in blocks("sh") if "/v3/auth/tokens" in block]
    output = paste(demo, "set -eu\n" + commands, ["sh"])
    assert '"incident_info_list"' in output and '"total_count"' in output


def test_python_script(demo):
    [script] = blocks("python")
    output = paste(demo, script, [sys.executable, "-"])
    assert re.search(r"TT\d{16}", output)
    assert output.rstrip().endswith("3"), "the case ends as completed"


def test_demo_starts_again_on_its_own_data(demo):
    assert demo.end() == 0
    demo.start()
    assert "DEMOACCESSKEY0000001" in demo.last_words()

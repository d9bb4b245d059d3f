"""The process: start, graceful end, restart on the same data, and commands while nothing runs."""

import signal
import subprocess

import pytest
import requests

from conftest import new_account
from server import BINARY, Server, wait_for


@pytest.fixture
def own():
    """A server of this test alone."""
    running = Server()
    yield running
    running.close()


def test_health(server):
    for path in ("/healthz", "/readyz"):
        assert requests.get(server.url + path, timeout=30).status_code == 200


def test_data_survive_a_restart(own, consultation, submit):
    own.start()
    alice = new_account(own, "alice")[0].customer(own)
    case_id = submit(alice, "Still here")
    assert own.end() == 0, own.last_words()
    own.start()
    assert alice.show_case_detail(case_id=case_id).incident_detail_info.simple_description == "Still here"
    # And a hard end loses nothing that was answered.
    second = submit(alice, "Here as well")
    own.end(signal.SIGKILL)
    own.start()
    assert alice.show_case_detail(case_id=second).incident_detail_info.simple_description == "Here as well"
    assert own.end() == 0
    assert own.run("check").returncode == 0


def test_commands_work_without_a_server(own):
    [user] = new_account(own, "alice")
    own.start()
    assert user.customer(own).list_cases().total_count == 0
    assert user.account in [account["name"] for account in own.admin("account", "list")["accounts"]]


def test_commands_refuse_what_cannot_be(own):
    new_account(own, "alice")
    taken = own.run("account", "create", "provider")
    assert taken.returncode != 0 and "provider" in taken.stderr
    unknown = own.run(
        "user", "create", "--account", "nobody", "--name", "x", "--password-stdin", stdin="Long-Enough-2026!"
    )
    assert unknown.returncode != 0 and "nobody" in unknown.stderr


def test_catalog_goes_out_and_comes_back(own):
    own.start()
    customer = new_account(own, "alice")[0].customer(own)
    file = own.folder / "catalog.toml"
    assert own.run("catalog", "export", str(file)).returncode == 0
    text = file.read_text(encoding="utf-8")
    region = customer.list_regions().data_center_list[0]
    assert region.region_name in text
    file.write_text(text.replace(region.region_name, "新的名字"), encoding="utf-8")
    done = own.run("catalog", "import", str(file))
    assert done.returncode == 0, done.stderr

    def is_renamed():
        return customer.list_regions().data_center_list[0].region_name == "新的名字"

    wait_for(is_renamed, "the new name", seconds=1)
    assert customer.list_regions().data_center_list[0].region_id == region.region_id
    # A wrong document is refused whole, with the line of each fault.
    file.write_text(text + "\n[nonsense]\nx = 1\n", encoding="utf-8")
    refused = own.run("catalog", "import", str(file))
    assert refused.returncode != 0 and str(text.count("\n") + 2) in refused.stderr, refused.stderr
    assert is_renamed()


def test_port_in_use(server, own):
    own.port = server.port
    done = subprocess.run(
        [str(BINARY), "serve", *own.flags, "--listen", f"127.0.0.1:{server.port}"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode != 0
    assert str(server.port) in done.stderr and "panicked" not in done.stderr
    assert requests.get(server.url + "/readyz", timeout=30).status_code == 200

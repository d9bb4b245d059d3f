"""Diagnosis: what is registered for an account is looked at, and what was seen is explained."""

import socket
import threading

import huaweicloudsdkosm.v2 as models
import pytest

from callers import refused
from conftest import new_account
from server import Server, wait_for

RESOURCES = """
[[resource]]
name = "web"
kind = "host"
address = "127.0.0.1"
region = "cn-north-7"
ports = [{{ port = {port}, protocol = "ssh" }}]

[[resource]]
name = "db"
kind = "mysql"
address = "127.0.0.1"
ports = [{{ port = {closed} }}]
"""


@pytest.fixture(scope="module")
def looking():
    """A server that may look at this machine."""
    running = Server(settings='\n[outgoing]\nallow = ["127.0.0.1"]\n')
    try:
        yield running.start()
    finally:
        running.close()


@pytest.fixture(scope="module")
def greeting_port():
    """A port where somebody greets as an SSH server does."""
    listener = socket.create_server(("127.0.0.1", 0))

    def greet():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.sendall(b"SSH-2.0-Example_1\r\n")

    threading.Thread(target=greet, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


@pytest.fixture(scope="module")
def owner(looking, greeting_port, tmp_path_factory):
    """The owner of an account for which a host and a database are registered."""
    user = new_account(looking, "alice")[0]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        closed = probe.getsockname()[1]
    file = tmp_path_factory.mktemp("resources") / "resources.toml"
    file.write_text(RESOURCES.format(port=greeting_port, closed=closed), encoding="utf-8")
    assert looking.admin("resource", "import", str(file), "--account", user.account) == {"added": 2, "changed": 0}
    return user.customer(looking)


def start(customer, kind, **params):
    return customer.create_diagnose_job(
        body=models.SubmitDiagnoseJobReq(type=kind, params=params, region_id="cn-north-7")
    ).job_id


def ended(customer, job_id):
    """The job, once it has ended."""

    def look():
        job = customer.list_diagnose_job(job_id=job_id)
        return job if job.status not in (0, 2) else None

    return wait_for(look, "the end of the diagnosis", 30)


def test_what_is_registered_is_listed(owner):
    page = owner.list_diagnose_resources(body=models.QueryTscDiagnoseResourcesReq(region="cn-north-7"))
    assert page.total_count == 2
    assert [resource.name for resource in page.result] == ["db", "web"]
    assert page.result[1].access_i_pv4 == "127.0.0.1"
    assert page.result[1].metadata["kind"] == "host"


def test_a_host_is_looked_at(owner):
    job_id = start(owner, 3, eip="127.0.0.1")
    job = ended(owner, job_id)
    assert (job.status, job.job_id) == (3, int(job_id))
    levels = {item.check_id: item.problem_level for item in job.items_result}
    assert levels == {"name_resolves": 0, "address_answers": 3, "ssh_greets": 3}
    answer = owner.list_diagnose_items(
        body=models.QueryDiagnoseItemsReq(job_id=job_id, item_ids="ssh_greets,address_answers")
    )
    assert [item.check_id for item in answer.item_results] == ["address_answers", "ssh_greets"]
    assert answer.item_results[1].response.endswith("SSH-2.0-Example_1")
    assert answer.item_results[1].check_name_en == "SSH greets"


def test_a_database_that_is_down(owner):
    job_id = start(owner, 2, instanceId="db")
    job = ended(owner, job_id)
    assert job.status == 3
    record = owner.list_diagnose_records(type=2).records[0]
    assert (record.job_id, record.status) == (job_id, "3")
    assert (record.abnormal_items, record.red_count) == (["ports_open"], 1)
    assert (record.params, record.region) == ({"instanceId": "db"}, "cn-north-7")
    details = owner.list_diagnose_items(body=models.QueryDiagnoseItemsReq(job_id=job_id)).item_results
    assert "端口没有被监听" in next(item for item in details if item.check_id == "ports_open").suggestion


def test_only_what_is_registered_is_looked_at(owner, looking):
    with refused(404, "OSM.01019081"):
        start(owner, 1, eip="127.0.0.2")
    mallory = new_account(looking, "mallory")[0].customer(looking)
    with refused(404, "OSM.01019081"):
        start(mallory, 1, eip="127.0.0.1")
    job_id = start(owner, 4)
    with refused(404, "OSM.01019080"):
        mallory.list_diagnose_job(job_id=job_id)
    assert ended(owner, job_id).status == 3


def test_feedback_is_taken(owner):
    owner.create_diagnose_feedback(body=models.CreateFeedbackReq(type=1, content="很有用", is_helpful=True))

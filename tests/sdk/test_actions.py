"""What a customer does to a case: urge, cancel, close, reopen, delete. And what the operate log says of it."""

import huaweicloudsdkosm.v2 as models
import pytest

from callers import refused
from conftest import new_account
from server import Server


@pytest.fixture(scope="module")
def hurried():
    """A server on which a case may be urged at once, the first time."""
    running = Server(settings="[timers]\nfirst_urge_seconds = 0\n")
    try:
        yield running.start()
    finally:
        running.close()


def status_of(customer, case_id):
    return customer.show_case_status(case_id=case_id).status


def log_types(customer, case_id):
    """The kinds of operation in the log, oldest first."""
    return [
        entry.operate_type
        for entry in customer.list_case_operate_logs(case_id=case_id, limit=100).incident_operate_log_list
    ]


def test_press_comes_too_early(alice, submit, act):
    case_id = submit(alice)
    # Half an hour has to pass after submission.
    with refused(429, "OSM.01010023"):
        act(alice, case_id, "press")
    assert log_types(alice, case_id) == [0]


def test_press(hurried, submit, act):
    alice = new_account(hurried, "alice")[0].customer(hurried)
    case_id = submit(alice)
    act(alice, case_id, "press", operate_desc="Please hurry")
    with refused(429, "OSM.01010004"):
        act(alice, case_id, "press")
    assert status_of(alice, case_id) == 0
    assert log_types(alice, case_id) == [0, 2]


def test_cancel(alice, submit, act):
    case_id = submit(alice)
    act(alice, case_id, "cancel", operate_desc="Found it myself")
    assert status_of(alice, case_id) == 4
    last = alice.list_case_operate_logs(case_id=case_id).incident_operate_log_list[-1]
    assert (last.operate_type, last.operate_desc, last.incident_id) == (4, "Found it myself", case_id)
    with refused(409, "OSM.01019001"):
        act(alice, case_id, "cancel")
    assert log_types(alice, case_id) == [0, 4]


def test_cancel_only_while_nobody_works_on_it(alice, submit, act, desk):
    case_id = submit(alice)
    desk.act(case_id, "accept")
    with refused(409, "OSM.01019001"):
        act(alice, case_id, "cancel")
    assert status_of(alice, case_id) == 1


def test_close_with_a_rating(alice, submit, act, desk):
    case_id = submit(alice)
    with refused(409, "OSM.01019001"):
        act(alice, case_id, "close")
    desk.act(case_id, "accept")
    dimension = alice.list_satisfaction_dimensions().satisfaction_dimension_list[0]
    rating = models.IncidentSatisfactionV2Do(
        satisfaction_id=dimension.satisfaction_id, satisfaction_value=dimension.value
    )
    act(alice, case_id, "close", judgement="Quick and friendly", incident_satisfaction_list=[rating])
    case = alice.show_case_detail(case_id=case_id).incident_detail_info
    assert (case.status, case.judgement) == (3, "Quick and friendly")
    [given] = case.incident_satisfaction
    assert (given.satisfaction_id, given.satisfaction_value) == (dimension.satisfaction_id, dimension.value)
    assert log_types(alice, case_id)[:3] == [0, 1, 3]


@pytest.mark.parametrize(
    "prepare, before",
    [
        ([("accept", {})], 1),
        ([("accept", {}), ("reply", {"content": "Try again", "next": "solution"})], 2),
        ([("accept", {}), ("pause", {"reason": "Waiting for the vendor"})], 5),
        ([("accept", {}), ("reply", {"content": "Which region?", "next": "pending_feedback"})], 17),
    ],
)
def test_close_from_every_status_that_allows_it(alice, submit, act, desk, prepare, before):
    case_id = submit(alice)
    for action, body in prepare:
        desk.act(case_id, action, **body)
    assert status_of(alice, case_id) == before
    act(alice, case_id, "close")
    assert status_of(alice, case_id) == 3


def test_reopen(alice, submit, act, desk):
    case_id = submit(alice)
    with refused(409, "OSM.01019001"):
        act(alice, case_id, "reopen")
    desk.act(case_id, "accept")
    act(alice, case_id, "close")
    act(alice, case_id, "reopen", operate_desc="It came back")
    assert status_of(alice, case_id) == 1
    assert log_types(alice, case_id) == [0, 1, 3, 22]


def test_delete_hides_the_case(server, fresh, submit, act, desk):
    customer = fresh("alice")[0].customer(server)
    case_id = submit(customer)
    with refused(409, "OSM.01019001"):
        act(customer, case_id, "delete")
    act(customer, case_id, "cancel")
    act(customer, case_id, "delete")
    assert customer.list_cases().total_count == 0
    with refused(404, "OSM.01010015"):
        customer.show_case_detail(case_id=case_id)


def test_unknown_action(alice, submit, act):
    case_id = submit(alice)
    for action in ("explode", "CANCEL"):
        with refused(400, "OSM.01010013"):
            act(alice, case_id, action)
    assert status_of(alice, case_id) == 0


def test_operate_logs_are_paged_and_complete(alice, alice_user, submit, act, desk):
    case_id = submit(alice)
    desk.act(case_id, "accept")
    act(alice, case_id, "close")
    act(alice, case_id, "reopen")
    everything = alice.list_case_operate_logs(case_id=case_id, limit=100)
    entries = everything.incident_operate_log_list
    assert everything.total_count == len(entries) == 4
    assert [entry.operator_type for entry in entries] == [0, 1, 0, 0], "customer, engineer, customer, customer"
    assert entries[0].operator_id == alice_user.user_id and entries[0].operator_name == "alice"
    assert len({entry.incident_log_id for entry in entries}) == 4
    page = alice.list_case_operate_logs(case_id=case_id, offset=1, limit=2)
    assert page.total_count == 4
    assert [entry.incident_log_id for entry in page.incident_operate_log_list] == [
        entry.incident_log_id for entry in entries[1:3]
    ]
    for limit in (0, 101):
        with refused(400, "OSM.01010001", "limit"):
            alice.list_case_operate_logs(case_id=case_id, limit=limit)

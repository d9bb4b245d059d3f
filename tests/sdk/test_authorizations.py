"""Authorizations: engineers ask for access, customers grant, refuse and end it, and try logins before they send them."""

import contextlib
import datetime
import socket
import threading
import time

import huaweicloudsdkosm.v2 as models
import pytest

import callers
import conftest
from callers import refused
from server import Server


@pytest.fixture
def request_access(submit, desk):
    """Asks for access in a new case of a customer, and gives the case and the authorization."""

    def request(customer, access_type, hosts=None):
        case_id = submit(customer)
        desk.act(case_id, "accept")
        body = {"access_type": access_type, "description": "To read the system log", "hosts": hosts}
        return case_id, desk.ask("POST", f"/desk/v1/cases/{case_id}/authorizations", body)["authorization_id"]

    return request


HOSTS = [{"address": "198.51.100.7", "instance_id": "i-7"}, {"address": "db.example.com", "port": 2222}]


def logins(customer, authorization_id, account="root", password="hunter-2-secret"):
    """A login for every resource line."""
    detail = customer.show_authorization_detail(authorization_id=authorization_id)
    return [
        models.TenantAgreeAuthDetailV2(auth_detail_id=line.id, account=account, password=password, port=22)
        for line in detail.incident_auth_detail_list
    ]


def confirm(customer, authorization_id, **fields):
    """Grants what was asked for."""
    body = models.AgreeTenantAuthorizationV2Req(**fields)
    return customer.confirm_authorizations(authorization_id=authorization_id, body=body)


def update(customer, authorization_id, action, **fields):
    """Rejects or cancels."""
    body = models.OperateAuthorizationV2Req(**fields)
    return customer.update_authorizations(authorization_id=authorization_id, action_id=action, body=body)


def test_granted_and_cancelled(alice, alice_user, request_access, desk):
    case_id, authorization_id = request_access(alice, "ssh_password", HOSTS)
    listed = alice.list_authorizations(incident_id=case_id, status=0, offset=0, limit=10)
    assert (listed.count, listed.incident_auth_list[0].id) == (1, authorization_id)
    assert listed.incident_auth_list[0].x_customer_id == alice_user.user_id
    confirm(alice, authorization_id, auth_detail_list=logins(alice, authorization_id))
    detail = alice.show_authorization_detail(authorization_id=authorization_id)
    assert (detail.status, detail.auth_handler_name, detail.visit_type_id) == (1, "erin", "ssh_password")
    assert detail.auth_expire_time > detail.auth_effective_time
    assert [(line.account, line.port, line.type) for line in detail.incident_auth_detail_list] == [("root", 22, 1)] * 2
    assert "hunter-2-secret" not in desk.send("GET", f"/desk/v1/authorizations/{authorization_id}").text
    update(alice, authorization_id, "cancel", reject_reason="Done")
    after = alice.show_authorization_detail(authorization_id=authorization_id)
    assert (after.status, after.reject_reason, after.incident_auth_detail_list[0].account) == (5, "Done", None)
    logs = alice.list_case_operate_logs(case_id=case_id).incident_operate_log_list
    assert [entry.operate_type for entry in logs] == [0, 1, 73, 83]


def test_rejected(alice, request_access):
    case_id, authorization_id = request_access(alice, "console_credential")
    with refused(400, "OSM.01010001", "reject_reason"):
        update(alice, authorization_id, "reject")
    with refused(409, "OSM.01010018"):
        update(alice, authorization_id, "cancel")
    with refused(400, "OSM.01010018"):
        update(alice, authorization_id, "explode", reject_reason="x")
    update(alice, authorization_id, "reject", reject_reason="Not on a Friday")
    found = alice.list_authorizations(status=2, incident_id=case_id).incident_auth_list
    assert [(one.id, one.reject_reason) for one in found] == [(authorization_id, "Not on a Friday")]
    with refused(409, "OSM.01010018"):
        confirm(alice, authorization_id)


def test_a_window_of_the_customers_own(alice, request_access):
    _, authorization_id = request_access(alice, "console_credential")
    now = int(time.time() * 1000)
    with refused(400, "OSM.01010001", "auth_expire_time"):
        confirm(alice, authorization_id, auth_expire_time=now + 8 * 24 * 3600 * 1000)
    confirm(alice, authorization_id, auth_effective_time=now, auth_expire_time=now + 3600 * 1000)
    detail = alice.show_authorization_detail(authorization_id=authorization_id)
    begin, end = (datetime.datetime.fromisoformat(t) for t in (detail.auth_effective_time, detail.auth_expire_time))
    assert 3590 <= (end - begin).total_seconds() <= 3600


def test_the_end_of_the_case_ends_it(alice, request_access, act):
    case_id, authorization_id = request_access(alice, "ssh_password", HOSTS)
    confirm(alice, authorization_id, auth_detail_list=logins(alice, authorization_id))
    act(alice, case_id, "close")
    assert alice.show_authorization_detail(authorization_id=authorization_id).status == 3


def test_another_account(alice, mallory, request_access):
    _, authorization_id = request_access(alice, "ssh_password", HOSTS)
    line = alice.show_authorization_detail(authorization_id=authorization_id).incident_auth_detail_list[0].id
    body = models.VerifyHostV2Req(port=22, account="root", password="x")
    assert mallory.list_authorizations().count == 0
    for call in (
        lambda: mallory.show_authorization_detail(authorization_id=authorization_id),
        lambda: confirm(mallory, authorization_id),
        lambda: update(mallory, authorization_id, "reject", reject_reason="x"),
        lambda: mallory.check_hosts(authorization_detail_id=line, body=body),
        lambda: mallory.list_history_sessions(authorization_id=authorization_id, authorization_detail_id=line),
    ):
        with refused(404, "OSM.01019070"):
            call()


def test_login_type(alice):
    assert alice.show_login_type().login_type == ""


def test_history(alice, request_access):
    _, authorization_id = request_access(alice, "ssh_password", HOSTS)
    confirm(alice, authorization_id, auth_detail_list=logins(alice, authorization_id))
    line = alice.show_authorization_detail(authorization_id=authorization_id).incident_auth_detail_list[0].id
    place = {"authorization_id": authorization_id, "authorization_detail_id": line}
    sessions = alice.list_history_sessions(**place, offset=0, limit=10)
    assert (sessions.total_count, sessions.session_list) == (0, [])
    for call in (alice.list_history_operate_logs, alice.list_transport_histories):
        with refused(404, "OSM.01019077"):
            call(**place, session_id=1, sort=1)
        with refused(400, "OSM.01010001", "sort"):
            call(**place, session_id=1, sort=2)


def test_hosts_inside_are_not_tried(alice, request_access):
    _, authorization_id = request_access(alice, "vnc", [{"address": "127.0.0.1"}])
    line = alice.show_authorization_detail(authorization_id=authorization_id).incident_auth_detail_list[0].id
    with refused(403, "OSM.01019075"):
        alice.check_hosts(
            authorization_detail_id=line, body=models.VerifyHostV2Req(port=5900, account="-", password="x")
        )


@contextlib.contextmanager
def vnc_screen():
    """A listener that greets like a VNC server; its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def greet():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    connection.sendall(b"RFB 003.008\n")

    thread = threading.Thread(target=greet, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        # The accept that waits does not notice that its socket is closed.
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(timeout=10)


@pytest.fixture(scope="module")
def open_server():
    """A server that may try hosts on this machine."""
    running = Server(settings='[outgoing]\nallow = ["127.0.0.1"]\n')
    try:
        yield running.start()
    finally:
        running.close()


def test_a_host_is_tried(open_server, submit):
    password = conftest.STAFF_PASSWORD
    open_server.admin(
        "staff", "create", "--name", "erin", "--role", "engineer", "--password-stdin", stdin=password
    )
    desk = conftest.Desk(open_server, callers.token_of(open_server, "provider", "erin", password))
    alice = conftest.new_account(open_server, "alice")[0].customer(open_server)
    case_id = submit(alice)
    desk.act(case_id, "accept")
    body = {"access_type": "vnc", "description": "To see the screen", "hosts": [{"address": "127.0.0.1"}]}
    authorization_id = desk.ask("POST", f"/desk/v1/cases/{case_id}/authorizations", body)["authorization_id"]
    line = alice.show_authorization_detail(authorization_id=authorization_id).incident_auth_detail_list[0].id

    def check(port):
        body = models.VerifyHostV2Req(port=port, account="-", password="12345678")
        return alice.check_hosts(authorization_detail_id=line, body=body)

    with vnc_screen() as port:
        answer = check(port)
        assert not answer.error_code
    with refused(424, "OSM.01019071"):
        check(port)

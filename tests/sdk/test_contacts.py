"""Verification codes through the SDK, with a real mail server and a receiver of SMS on this machine."""

import email
import email.policy
import http.server
import json
import re
import threading

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from huaweicloudsdkcore.exceptions.exceptions import ServerResponseException
from huaweicloudsdkosm.v2 import SendVerifyCodeReq, VerifyVerifyCodeV2Req

from callers import refused
from conftest import new_account
from server import Server, free_port, wait_for

PHONE = "13800138000"


class Inbox:
    """Takes every mail."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        self.mails.append((envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=email.policy.default)))
        return "250 taken"


def let_in(server, session, envelope, mechanism, data):
    """One login is known."""
    return AuthResult(success=(data.login, data.password) == (b"support", b"swordfish"))


@pytest.fixture(scope="module")
def inbox():
    """A mail server that wants a login."""
    handler = Inbox()
    controller = Controller(
        handler, hostname="127.0.0.1", port=free_port(), authenticator=let_in, auth_required=True, auth_require_tls=False
    )
    controller.start()
    handler.port = controller.port
    yield handler
    controller.stop()


@pytest.fixture(scope="module")
def provider():
    """An SMS provider with an HTTP interface."""
    received = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((self.headers["X-Key"], json.loads(body)))
            answer = b'{"code": "OK"}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    server.received = received
    yield server
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def sending(inbox, provider):
    """A server that sends to both and takes verified contacts only."""
    settings = f"""
[contacts]
required = true

[outgoing]
allow = ["127.0.0.1"]

[mail]
transport = "smtp"
from = "Support <support@tickets.example>"
host = "127.0.0.1"
port = {inbox.port}
tls = "none"
login = "support"
password = "swordfish"

[sms]
transport = "http"
url = "http://127.0.0.1:{provider.server_port}/send"
body = '{{"to": "{{{{phone}}}}", "text": "{{{{text}}}}", "code": "{{{{code}}}}"}}'
success_pointer = "/code"
success_value = "OK"
headers = {{ X-Key = "key-1" }}
"""
    running = Server(settings=settings)
    try:
        yield running.start()
    finally:
        running.close()


@pytest.fixture(scope="module")
def users(sending):
    """The owner of an account and another user of it."""
    return [user.customer(sending, language="en-us") for user in new_account(sending, "alice", "bob")]


def send(customer, way, value):
    """Has a code sent."""
    customer.send_verify_codes(body=SendVerifyCodeReq(contact_value=value, contact_way=way, area_code="86"))


def check(customer, way, value, code):
    """Enters a code."""
    body = VerifyVerifyCodeV2Req(verify_code=code, contact_value=value, contact_way=way, area_code="86")
    customer.check_verify_codes(body=body)


def need(customer, way, value):
    """Whether a contact needs a code."""
    return customer.check_need_verify(contact_value=value, contact_way=way)


def test_a_mail_address_is_verified_and_used(users, inbox, submit, sending):
    bob = users[1]
    address = "bob@elsewhere.example"
    answer = need(bob, 1, address)
    assert (answer.need_verify_code, answer.expire_time) == (1, None)
    with refused(400, "OSM.01010010", "remind_mail"):
        submit(bob, remind_mail=address)
    send(bob, 1, address)
    with refused(429, "OSM.01010024"):
        send(bob, 1, address)
    receivers, mail = wait_for(lambda: inbox.mails and inbox.mails[-1], "a mail")
    assert receivers == [address] and mail["From"] == "Support <support@tickets.example>"
    assert re.fullmatch(r"<[0-9a-f]{32}@tickets\.example>", mail["Message-ID"])
    code = re.search(r"\b\d{6}\b", mail.get_content()).group()
    assert code not in mail["Subject"]
    wrong = f"{(int(code) + 1) % 1000000:06}"
    with refused(400, "OSM.01010010"):
        check(bob, 1, address, wrong)
    check(bob, 1, address, code)
    answer = need(bob, 1, address)
    assert answer.need_verify_code == 0 and answer.expire_time is not None
    listed = bob.list_has_verified_contacts(contact_way=1)
    assert listed.count == 1
    contact = listed.contact_list[0]
    assert (contact.contact_way, contact.contact_value) == (1, address)
    submit(bob, remind_mail=address)
    log = sending.log.read_text(encoding="utf-8")
    assert code not in log and address not in log and "swordfish" not in log


def test_a_number_is_verified_by_sms(users, provider, submit):
    alice, bob = users
    send(bob, 0, PHONE)
    key, body = wait_for(lambda: provider.received and provider.received[-1], "an SMS")
    assert (key, body["to"]) == ("key-1", "+8613800138000")
    assert body["code"] in body["text"]
    check(bob, 0, PHONE, body["code"])
    contact = bob.list_has_verified_contacts(contact_way=0).contact_list[0]
    assert (contact.contact_value, contact.area_code) == (PHONE, "86")
    assert alice.list_has_verified_contacts(contact_way=0).count == 1, "the owner sees the account's"
    submit(bob, remind_mobile=PHONE, area_code="86")
    with refused(400, "OSM.01010010", "remind_mobile"):
        submit(alice, remind_mobile=PHONE, area_code="86")


def test_the_verified_id_has_to_fit(users, submit):
    bob = users[1]
    phone = bob.list_has_verified_contacts(contact_way=0).contact_list[0].verified_id
    with refused(400, "OSM.01010010", "remind_mail"):
        submit_with(bob, submit, phone)
    mail = bob.list_has_verified_contacts(contact_way=1).contact_list[0].verified_id
    submit_with(bob, submit, mail)


def submit_with(customer, submit, verified_id):
    """A submission whose mail address is proved by an id in its header."""

    class Proving:
        """The same caller with one header more."""

        def create_cases(self, body):
            return customer.create_cases(body=body, x_email_verifiedid=verified_id)

    return submit(Proving(), remind_mail="bob@elsewhere.example")


def test_nothing_is_sent_where_nothing_is_set_up(alice):
    with pytest.raises(ServerResponseException) as caught:
        send(alice, 1, "a@elsewhere.example")
    assert (caught.value.status_code, caught.value.error_code) == (503, "OSM.01019031")

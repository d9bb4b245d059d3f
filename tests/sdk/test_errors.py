"""Refusals: their status, code, text and request id, for callers with and without the SDK."""

import re

import pytest
import requests

import callers
from callers import refused
from conftest import SOURCE_ID, new_account
from server import Server

CASES = "/v2/servicerequest/cases"


@pytest.fixture(scope="module")
def bearer(server, alice_user):
    return alice_user.bearer(server)


def check(answer, status, code):
    """The OSM form of an error; gives its text."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body["error_code"] == code and body["error_msg"], answer.text
    assert answer.headers["X-Request-Id"]
    return body["error_msg"]


def test_no_login(server):
    for path in (CASES, "/v2/servicerequest/config/regions", "/desk/v1/cases"):
        check(requests.get(server.url + path, timeout=30), 401, "APIGW.0301")


def test_unknown_path_and_method(server, bearer):
    check(bearer.send("GET", "/v2/servicerequest/nothing"), 404, "APIGW.0101")
    check(bearer.send("GET", "/nothing"), 404, "APIGW.0101")
    check(bearer.send("PATCH", CASES), 404, "APIGW.0101")
    answer = bearer.send("GET", "/v3/nothing")
    assert answer.status_code == 404 and answer.json()["error"]["code"] == 404


def test_malformed_json(bearer):
    for data in (b"", b"{", b'{"source_id": "x",', b'{"a": "\xff"}', b"[" * 10_000):
        answer = bearer.send("POST", CASES, data=data, headers={"Content-Type": "application/json"})
        text = check(answer, 400, "OSM.0001")
        if data == b'{"source_id": "x",':
            assert re.search(r"line 1|第 ?1 ?行", text), text


def test_wrong_types(bearer):
    body = {"business_type_id": 5, "simple_description": "x", "source_id": SOURCE_ID}
    assert "business_type_id" in check(bearer.send("POST", CASES, body), 400, "OSM.0001")
    body = {"business_type_id": "b", "simple_description": "x", "source_id": SOURCE_ID, "accessory_ids": [1]}
    assert "accessory_ids" in check(bearer.send("POST", CASES, body), 400, "OSM.0001")
    check(bearer.send("POST", CASES, [1, 2]), 400, "OSM.0001")
    for limit in ("ten", "1.5", "9" * 30):
        answer = bearer.send("GET", CASES, params={"limit": limit})
        assert answer.status_code == 400 and "limit" in answer.json()["error_msg"], answer.text


def test_too_large(bearer):
    big = b'{"simple_description": "' + b"x" * (13 * 1024 * 1024) + b'"}'
    check(bearer.send("POST", CASES, data=big, headers={"Content-Type": "application/json"}), 413, "APIGW.0201")
    check(bearer.send("GET", CASES + "?app_key=" + "x" * 40_000), 414, "APIGW.0201")


def test_control_characters(bearer, alice):
    with refused(404, "OSM.01010015"):
        alice.show_case_detail(case_id="TT\x00\x1b[31m")
    body = {"business_type_id": "b\x00", "simple_description": "x", "source_id": SOURCE_ID}
    check(bearer.send("POST", CASES, body), 400, "OSM.01010001")


def test_text_follows_the_language(alice):
    with refused(400, "OSM.01010001", "limit") as english:
        alice.speaking("en-us").list_cases(limit=101)
    with refused(400, "OSM.01010001", "limit") as chinese:
        alice.list_cases(limit=101)
    assert "100" in english.value.error_msg and "100" in chinese.value.error_msg, "says what is allowed"
    assert re.search(r"[\u4e00-\u9fff]", chinese.value.error_msg)
    assert not re.search(r"[\u4e00-\u9fff]", english.value.error_msg)


def test_request_ids_differ_and_nothing_leaks(bearer):
    first, second = [bearer.send("GET", CASES, params={"limit": -1}) for _ in range(2)]
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]
    assert not re.search(r"panick|rusqlite|postgres|\.rs:", first.text, re.IGNORECASE)


def test_idempotency_key(bearer, consultation, word):
    body = {
        "business_type_id": consultation.problem,
        "product_category_id": consultation.product,
        "incident_sub_type_id": consultation.category,
        "simple_description": f"Once {word}",
        "source_id": SOURCE_ID,
        "extends_map": consultation.answers(),
    }
    headers = {"Idempotency-Key": word}
    first, second = [bearer.send("POST", CASES, body, headers=headers) for _ in range(2)]
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    other = bearer.send("POST", CASES, {**body, "simple_description": f"Twice {word}"}, headers=headers)
    check(other, 409, "OSM.01019002")
    assert bearer.ask("GET", CASES, params={"app_key": word})["total_count"] == 1
    without = [bearer.ask("POST", CASES, body)["incident_id"] for _ in range(2)]
    assert without[0] != without[1]


def test_business_errors_as_in_the_original():
    running = Server(settings='[api]\nbusiness_errors = "200"\n')
    try:
        running.start()
        user = new_account(running, "alice")[0]
        bearer = user.bearer(running)
        for path in (f"{CASES}/TT2026010100000000", f"{CASES}?limit=101"):
            answer = bearer.send("GET", path)
            assert answer.status_code == 200
            assert answer.json()["error_code"].startswith("OSM.0101") and answer.json()["error_msg"]
        # What is not about the business keeps its status.
        assert bearer.send("POST", CASES, data=b"{", headers={"Content-Type": "application/json"}).status_code == 400
        assert callers.Bearer(running, "x").send("GET", CASES).status_code == 401
        assert bearer.send("GET", "/v2/servicerequest/nothing").status_code == 404
    finally:
        running.close()

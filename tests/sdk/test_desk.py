"""The desk: what staff do to a case, and that customers cannot."""

import datetime

import pytest

from callers import refused


def test_accept_and_solve(alice, submit, act, desk, word):
    case_id = submit(alice, f"Please help with {word}")
    assert desk.show(case_id)["status"] == 0
    desk.act(case_id, "accept")
    assert alice.show_case_status(case_id=case_id).status == 1
    desk.act(case_id, "reply", content="Restart it", next="solution")
    assert alice.show_case_status(case_id=case_id).status == 2
    act(alice, case_id, "close")
    logs = alice.list_case_operate_logs(case_id=case_id).incident_operate_log_list
    assert [entry.operate_type for entry in logs] == [0, 1, 18, 3]


def test_list(alice, submit, desk, word):
    case_id = submit(alice, f"Something about {word}")
    page = desk.list(keyword=word)
    assert page["total_count"] == 1
    assert page["cases"][0]["case_id"] == case_id
    assert desk.list(keyword=word, status=1) == {"total_count": 0, "cases": []}
    assert desk.list(keyword=word, status=0)["total_count"] == 1
    assert desk.list(keyword="zzz" + word)["total_count"] == 0


def test_notes_stay_at_the_desk(server, alice, alice_user, submit, desk, word):
    case_id = submit(alice)
    desk.act(case_id, "accept")
    desk.act(case_id, "note", content=f"Internal: {word}")
    assert word in desk.send("GET", f"/desk/v1/cases/{case_id}").text
    # No customer call may show it, or find the case by it.
    assert all(word not in message.content for message in alice.list_messages(case_id=case_id).message_list)
    bearer = alice_user.bearer(server)
    for path in ("", "/messages", "/operate-logs", "/status"):
        assert word not in bearer.send("GET", f"/v2/servicerequest/cases/{case_id}{path}").text
    assert alice.list_cases(app_key=word).total_count == 0
    assert alice.list_cases(search_key=[word]).total_count == 0


def test_confidential_text_is_for_the_handler(server, alice, alice_user, submit, desk, lead, word):
    case_id = submit(alice)
    message = {"content": "Use this to log in", "authorization_content": f"password {word}"}
    alice_user.bearer(server).ask("POST", f"/v2/servicerequest/cases/{case_id}/message", {"message": message})
    assert word not in desk.send("GET", f"/desk/v1/cases/{case_id}").text, "nobody handles it yet"
    desk.act(case_id, "accept")
    assert word in desk.send("GET", f"/desk/v1/cases/{case_id}").text
    assert word not in lead.send("GET", f"/desk/v1/cases/{case_id}").text


def test_files_go_both_ways(alice, submit, desk, text_file):
    case_id = submit(alice, accessory_ids=[text_file(alice, "question.txt", "why?")])
    [message] = desk.show(case_id)["messages"]
    [question] = message["accessory_list"]
    assert desk.send("GET", f"/desk/v1/accessories/{question['accessory_id']}").text == "why?"
    desk.act(case_id, "accept")
    file = {"accessory_name": "answer.txt", "accessory_from": "message", "accessory_data": "YmVjYXVzZQ=="}
    answer = desk.ask("POST", "/desk/v1/accessories", file)["accessory_id"]
    desk.act(case_id, "reply", content="See the file", accessory_ids=[answer], next="solution")
    newest = alice.list_messages(case_id=case_id).message_list[0]
    assert [item.accessory_id for item in newest.accessory_list] == [answer]
    assert alice.download("download_accessories", accessory_id=answer)[0] == b"because"


def test_pause_and_resume(alice, submit, desk):
    tomorrow = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)).isoformat(timespec="seconds")
    case_id = submit(alice)
    desk.act(case_id, "accept")
    desk.act(case_id, "pause", reason="Maintenance window", resume_at=tomorrow)
    assert alice.show_case_status(case_id=case_id).status == 5
    desk.act(case_id, "resume")
    assert alice.show_case_status(case_id=case_id).status == 1
    logs = alice.list_case_operate_logs(case_id=case_id).incident_operate_log_list
    assert [entry.operate_type for entry in logs] == [0, 1, 20, 21]


def test_invalid_is_for_leads(alice, submit, desk, lead):
    case_id = submit(alice)
    refusal = desk.send("POST", f"/desk/v1/cases/{case_id}/invalid", {"reason": "Duplicate"})
    assert refusal.status_code == 403 and refusal.json()["error_code"] == "OSM.01010002"
    assert alice.show_case_status(case_id=case_id).status == 0
    lead.act(case_id, "invalid", reason="Duplicate")
    assert alice.show_case_status(case_id=case_id).status == 12


@pytest.mark.parametrize(
    "action, body",
    [
        ("reply", {"content": "Hello", "next": "processing"}),
        ("pause", {"reason": "Why not"}),
        ("resume", {}),
    ],
)
def test_state_forbids(alice, submit, desk, action, body):
    case_id = submit(alice)
    answer = desk.send("POST", f"/desk/v1/cases/{case_id}/{action}", body)
    assert answer.status_code == 409 and answer.json()["error_code"] == "OSM.01019001"
    assert alice.show_case_status(case_id=case_id).status == 0


def test_replies_are_checked(alice, submit, desk):
    case_id = submit(alice)
    desk.act(case_id, "accept")
    for body, field in (
        ({"next": "solution"}, "content"),
        ({"content": "x"}, "next"),
        ({"content": "x", "next": "later"}, "next"),
    ):
        answer = desk.send("POST", f"/desk/v1/cases/{case_id}/reply", body)
        assert answer.status_code == 400 and field in answer.json()["error_msg"], answer.text
    # A list is no object, even if its items would fit the fields in their order.
    for data in ('["by position"]', '{"content": "x"} {}'):
        headers = {"Content-Type": "application/json"}
        answer = desk.send("POST", f"/desk/v1/cases/{case_id}/note", data=data, headers=headers)
        assert answer.status_code == 400 and answer.json()["error_code"] == "OSM.0001", answer.text
    missing = desk.send("POST", "/desk/v1/cases/TT2026010100000000/accept", {})
    assert missing.status_code == 404 and missing.json()["error_code"] == "OSM.01010015"


def test_customers_stay_out(server, alice, alice_user, submit):
    case_id = submit(alice)
    bearer = alice_user.bearer(server)
    calls = [("GET", "/desk/v1/cases", None), ("GET", f"/desk/v1/cases/{case_id}", None)]
    calls += [
        ("POST", f"/desk/v1/cases/{case_id}/{action}", {"content": "x", "next": "solution", "reason": "x"})
        for action in ("accept", "reply", "note", "pause", "resume", "invalid")
    ]
    for method, path, body in calls:
        for answer in (bearer.send(method, path, body), alice.signed(method, path, body=body)):
            assert answer.status_code == 403, f"{method} {path}: {answer.status_code} {answer.text}"
            assert answer.json()["error_code"] == "OSM.01010002"
    assert alice.show_case_status(case_id=case_id).status == 0


def test_staff_are_no_customers(desk):
    answer = desk.send("GET", "/v2/servicerequest/cases")
    assert answer.status_code == 403 and answer.json()["error_code"] == "OSM.01010002"


def test_staff_and_tenants_share_no_view(mallory, alice, submit, desk):
    case_id = submit(alice)
    desk.act(case_id, "accept")
    with refused(404, "OSM.01010015"):
        mallory.show_case_detail(case_id=case_id)

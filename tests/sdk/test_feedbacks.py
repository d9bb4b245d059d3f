"""Reports of abuse."""

import huaweicloudsdkosm.v2 as models

from callers import refused


def test_create_feedback(alice, alice_user, lead, desk, text_file):
    proof, identity = (text_file(alice, name, "proof", "feedback") for name in ("proof.txt", "identity.txt"))
    fields = {
        "type": "intellectual_property",
        "title": "CDN;https://copies.example",
        "content": "They sell copies.",
        "files": [proof],
        "ip": models.IntellectualPropertyV2(ip_type="copyright", ip_area="CN", ip_number="1", ip_content="A film"),
        "contacts": models.ContactWayInfoV2(name="Rita", mobile="13900001111", id_type=20, id_files=[identity]),
    }
    with refused(400, "OSM.01010016", "type"):
        alice.create_feedback(body=models.CreateFeedbackV2Req(**{**fields, "type": "nothing"}))
    with refused(400, "OSM.01010001", "ip"):
        alice.create_feedback(body=models.CreateFeedbackV2Req(**{**fields, "ip": None}))
    with refused(400, "OSM.01010001", "files"):
        alice.create_feedback(body=models.CreateFeedbackV2Req(**{**fields, "files": ["1"]}))
    alice.create_feedback(body=models.CreateFeedbackV2Req(**fields))
    [report] = [
        report
        for report in lead.ask("GET", "/desk/v1/feedbacks", params={"limit": 100})["feedbacks"]
        if report["account_id"] == alice_user.domain_id
    ]
    assert (report["type"], report["title"]) == ("intellectual_property", "CDN;https://copies.example")
    shown = lead.ask("GET", f"/desk/v1/feedbacks/{report['feedback_id']}")
    assert shown["contacts"]["name"] == "Rita" and shown["ip"]["ip_type"] == "copyright"
    assert [file["file_actual_name"] for file in shown["files"] + shown["id_files"]] == ["proof.txt", "identity.txt"]
    assert lead.send("GET", f"/desk/v1/accessories/{identity}").text == "proof"
    for path in (f"/desk/v1/feedbacks/{report['feedback_id']}", "/desk/v1/feedbacks"):
        assert desk.send("GET", path).status_code == 403, "not for engineers"
    assert desk.send("GET", f"/desk/v1/accessories/{identity}").status_code == 404

"""Another account's ids answer exactly like ids that do not exist, on every operation that takes one."""

import huaweicloudsdkosm.v2 as models
import pytest

from callers import refused

MISSING_CASE, MISSING_ACCESSORY = "TT2026010100000000", "0" * 32

CASE_CALLS = {
    "show_case_detail": {},
    "show_case_status": {},
    "list_messages": {},
    "list_case_operate_logs": {},
    "update_cases": {"action_id": "cancel", "body": models.WorkOrderOperateV2Req()},
    "create_messages": {"body": models.CreateMessageV2Req(message=models.CreateMessageDoV2(content="hello"))},
}
ACCESSORY_CALLS = {
    "download_accessories": {},
    "download_images": {},
    "delete_accessories": {},
    "show_download_accessory_url": {"relation_type": "DEFAULT"},
}


@pytest.fixture(scope="module")
def victim(alice, submit, text_file):
    """A case of alice's with a file."""
    accessory_id = text_file(alice, "secret.txt", "secret")
    return submit(alice, "Confidential quarterly numbers", accessory_ids=[accessory_id]), accessory_id


@pytest.mark.parametrize("operation", CASE_CALLS)
def test_cases(mallory, victim, operation):
    texts = []
    for case_id in (victim[0], MISSING_CASE):
        with refused(404, "OSM.01010015") as caught:
            getattr(mallory, operation)(case_id=case_id, **CASE_CALLS[operation])
        texts.append(caught.value.error_msg.replace(case_id, "ID"))
    assert texts[0] == texts[1]


@pytest.mark.parametrize("operation", ACCESSORY_CALLS)
def test_accessories(mallory, victim, operation):
    texts = []
    for accessory_id in (victim[1], MISSING_ACCESSORY):
        with refused(404, "OSM.01019003") as caught:
            getattr(mallory, operation)(accessory_id=accessory_id, **ACCESSORY_CALLS[operation])
        texts.append(caught.value.error_msg.replace(accessory_id, "ID"))
    assert texts[0] == texts[1]


def test_lists_and_searches(mallory, victim):
    case_id, accessory_id = victim
    for query in (
        {"incident_id": case_id},
        {"app_key": "quarterly"},
        {"app_key": case_id},
        {"search_key": ["Confidential"]},
    ):
        assert mallory.list_cases(**query).total_count == 0, query
    assert mallory.list_accessory_access_urls(accessory_ids=[accessory_id]).accessory_urls == []


def test_nothing_happened(alice, victim):
    case = alice.show_case_detail(case_id=victim[0]).incident_detail_info
    assert case.status == 0 and len(case.message_list) == 1
    assert alice.download("download_accessories", accessory_id=victim[1])[0] == b"secret"


def test_users_of_one_account(server, fresh, submit, act, say):
    alice, bob, carol = [user.customer(server) for user in fresh("alice", "bob", "carol")]
    case_id = submit(bob, "Only for Bob and the owner")
    assert alice.show_case_detail(case_id=case_id).incident_detail_info.xcustomer_name == "bob"
    for call in (
        lambda: carol.show_case_detail(case_id=case_id),
        lambda: act(carol, case_id, "cancel"),
        lambda: say(carol, case_id, "hello"),
        lambda: carol.list_messages(case_id=case_id),
    ):
        with refused(403, "OSM.01010002"):
            call()
    assert bob.show_case_status(case_id=case_id).status == 0


def test_members_of_a_group(server, fresh, submit, say):
    alice, bob, carol = fresh("alice", "bob", "carol")
    group = server.admin(
        "group", "create", "--account", bob.account, "--name", "web", "--role", "ticket_group_operator"
    )
    for user in (bob, carol):
        server.admin("group", "add", "--account", user.account, "--group", "web", "--user", user.name)
    group_id = group["group_id"]
    assert [item["id"] for item in alice.bearer(server).ask("GET", f"/v3/users/{bob.user_id}/groups")["groups"]] == [
        group_id
    ]
    bob, carol = bob.customer(server), carol.customer(server)
    case_id = submit(bob, "For the whole team")
    with refused(403, "OSM.01010002"):
        carol.show_case_detail(case_id=case_id)
    assert carol.show_case_detail(case_id=case_id, group_id=group_id).incident_detail_info.xcustomer_name == "bob"
    assert [case.incident_id for case in carol.list_cases(group_id=group_id).incident_info_list] == [case_id]
    assert carol.list_cases().total_count == 0
    message = models.CreateMessageDoV2(content="I look after it")
    carol.create_messages(case_id=case_id, body=models.CreateMessageV2Req(message=message, group_id=group_id))
    assert bob.list_messages(case_id=case_id).message_list[0].replier_name == "carol"

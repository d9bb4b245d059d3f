"""Submitting, listing, reading and counting cases."""

import datetime
import re

import huaweicloudsdkosm.v2 as models
import pytest

from callers import refused
from conftest import SOURCE_ID

STATUSES = [0, 1, 2, 3, 4, 5, 12, 13, 17]


def ids(page):
    """The case ids of a page, in its order."""
    return [case.incident_id for case in page.incident_info_list]


def test_create_cases(alice, alice_user, submit, consultation):
    case_id = submit(alice, "The very first question")
    assert re.fullmatch(r"TT\d{16}", case_id)
    case = alice.show_case_detail(case_id=case_id).incident_detail_info
    assert case.incident_id == case_id
    assert case.status == 0
    assert case.simple_description == "The very first question"
    assert case.business_type_name == consultation.problem_name
    assert (case.customer_id, case.xcustomer_id) == (alice_user.domain_id, alice_user.user_id)
    assert case.xcustomer_name == "alice"
    assert case.judgement == "" and case.incident_satisfaction == []
    # The description is the first message.
    [first] = case.message_list
    assert (first.type, first.is_first_message, first.content) == (0, 1, "The very first question")
    assert first.replier == alice_user.user_id


@pytest.mark.parametrize("missing", ["business_type_id", "simple_description", "source_id"])
def test_create_cases_needs_its_mandatory_fields(alice, consultation, missing):
    fields = {
        "business_type_id": consultation.problem,
        "simple_description": "x",
        "source_id": SOURCE_ID,
        "extends_map": consultation.answers(),
    }
    del fields[missing]
    with refused(400, "OSM.01010001", missing):
        alice.create_cases(body=models.CreateOrderIncidentV2Req(**fields))


def test_create_cases_of_a_fault_needs_a_region(alice, fault, region_id, submit):
    fields = {
        "incident_sub_type_id": fault.category,
        "product_category_id": fault.product,
        "business_type_id": fault.problem,
        "extends_map": fault.answers(),
    }
    with refused(400, "OSM.01010001", "region_id"):
        submit(alice, "It is down", **fields)
    case_id = submit(alice, "It is down", region_id=region_id, **fields)
    case = alice.show_case_detail(case_id=case_id).incident_detail_info
    assert case.dc_name and case.business_type_name == fault.problem_name


def test_create_cases_needs_the_required_parameters(alice, demanding, region_id, submit):
    kind, case_type = demanding
    fields = {
        "incident_sub_type_id": kind.category,
        "product_category_id": kind.product,
        "business_type_id": kind.problem,
        "region_id": region_id if case_type == "5" else None,
    }
    with refused(400, "OSM.01010001", next(iter(kind.answers()))):
        submit(alice, "Without what the form asks for", extends_map={}, **fields)
    submit(alice, "With what the form asks for", extends_map=kind.answers(), **fields)


def test_create_cases_with_unknown_references(alice, submit):
    with refused(400, "OSM.01010001", "business_type_id"):
        submit(alice, business_type_id="0" * 32)
    with refused(400, "OSM.01010006"):
        submit(alice, severity_id="0" * 32)
    with refused(400, "OSM.01010001", "source_id"):
        submit(alice, source_id="0" * 32)


def test_lengths_count_characters(alice, submit):
    # Four bytes each, one character each.
    longest = "\N{ADMISSION TICKETS}" * 1200
    case_id = submit(alice, longest)
    assert alice.show_case_detail(case_id=case_id).incident_detail_info.simple_description == longest
    with refused(400, "OSM.01010001", "simple_description"):
        submit(alice, longest + "x")


def test_list_cases_pages_newest_first(server, fresh, submit):
    customer = fresh("alice")[0].customer(server)
    empty = customer.list_cases()
    assert (empty.total_count, empty.incident_info_list) == (0, [])
    created = [submit(customer, f"Question {number}") for number in range(12)]
    newest_first = created[::-1]
    assert ids(customer.list_cases()) == newest_first[:10], "a page holds ten unless asked otherwise"
    assert ids(customer.list_cases(offset=10, limit=10)) == newest_first[10:]
    assert ids(customer.list_cases(offset=3, limit=4)) == newest_first[3:7]
    assert customer.list_cases(limit=1).total_count == 12
    beyond = customer.list_cases(offset=100, limit=10)
    assert (beyond.total_count, beyond.incident_info_list) == (12, [])
    for limit in (-1, 101):
        with refused(400, "OSM.01010001", "limit"):
            customer.list_cases(limit=limit)
    with refused(400, "OSM.01010001", "offset"):
        customer.list_cases(offset=-1)


def test_list_cases_by_status(server, fresh, submit, act, desk):
    customer = fresh("alice")[0].customer(server)
    waiting, canceled, accepted = [submit(customer) for _ in range(3)]
    act(customer, canceled, "cancel")
    desk.act(accepted, "accept")
    assert ids(customer.list_cases(status=0)) == [waiting]
    assert ids(customer.list_cases(status=4)) == [canceled]
    assert ids(customer.list_cases(incident_status="1,4")) == [accepted, canceled]
    assert ids(customer.list_cases(status=12)) == []
    with refused(400, "OSM.01010001", "status"):
        customer.list_cases(status=31)
    with refused(400, "OSM.01010001", "incident_status"):
        customer.list_cases(incident_status="0;1")


def test_list_cases_by_time(server, fresh, submit):
    customer = fresh("alice")[0].customer(server)
    case_id = submit(customer)
    # Read in X-Time-Zone, which is GMT+8 when absent.
    here = datetime.timezone(datetime.timedelta(hours=8))

    def text(minutes, zone):
        moment = datetime.datetime.now(zone) + datetime.timedelta(minutes=minutes)
        return moment.strftime("%Y-%m-%d %H:%M:%S")

    assert ids(customer.list_cases(query_start_time=text(-5, here), query_end_time=text(5, here))) == [case_id]
    assert ids(customer.list_cases(query_start_time=text(5, here))) == []
    assert ids(customer.list_cases(query_end_time=text(-5, here))) == []
    utc = datetime.timezone.utc
    assert ids(customer.list_cases(query_start_time=text(-5, utc), x_time_zone="UTC")) == [case_id]
    assert ids(customer.list_cases(query_end_time=text(5, utc), x_time_zone="UTC")) == [case_id]
    assert ids(customer.list_cases(query_end_time=text(5, utc))) == [], "UTC text read eight hours to the east"
    with refused(400, "OSM.01010001", "query_start_time"):
        customer.list_cases(query_start_time="yesterday")


def test_list_cases_by_keyword(server, fresh, submit, say):
    customer = fresh("alice")[0].customer(server)
    chinese = submit(customer, "弹性云服务器无法远程登录，提示连接超时")
    latin = submit(customer, "The Load Balancer drops connections every night")
    mixed = submit(customer, "ECS 实例 reboot 之后磁盘丢失")
    assert ids(customer.list_cases(app_key="远程登录")) == [chinese]
    assert ids(customer.list_cases(app_key="balancer")) == [latin]
    assert ids(customer.list_cases(app_key="ecs")) == [mixed]
    assert ids(customer.list_cases(app_key="磁盘丢失")) == [mixed]
    assert ids(customer.list_cases(app_key=latin)) == [latin], "the id is a keyword too"
    assert ids(customer.list_cases(app_key="登录远程")) == []
    assert ids(customer.list_cases(incident_id=mixed)) == [mixed]
    say(customer, latin, "It started after the certificate was renewed")
    assert ids(customer.list_cases(app_key="certificate")) == [latin], "messages are searched"


def test_list_cases_by_several_keywords(server, fresh, submit):
    customer = fresh("alice")[0].customer(server)
    both = submit(customer, "数据库备份失败 after the upgrade")
    submit(customer, "数据库连接缓慢")
    other = submit(customer, "The upgrade page is empty")
    # The SDK repeats the key; all keywords have to match.
    assert ids(customer.list_cases(search_key=["数据库", "upgrade"])) == [both]
    assert ids(customer.list_cases(search_key=["upgrade"])) == [other, both]
    assert ids(customer.list_cases(search_key=["数据库", "upgrade", "nowhere"])) == []
    with refused(400, "OSM.01010001", "search_key"):
        customer.list_cases(search_key=["a", "b", "c", "d"])
    with refused(400, "OSM.01010001", "search_key"):
        customer.list_cases(search_key=["k" * 65])


def test_list_cases_of_users(server, fresh, submit):
    users = fresh("alice", "bob", "carol")
    alice, bob, carol = [user.customer(server) for user in users]
    mine, his, hers = submit(alice), submit(bob), submit(carol)
    assert ids(alice.list_cases()) == [hers, his, mine], "the owner sees all of the account"
    assert ids(bob.list_cases()) == [his], "a user sees his own"
    assert ids(alice.list_cases(x_customer_id=users[1].user_id)) == [his]
    assert ids(alice.list_cases(x_customer_name="carol")) == [hers]
    assert ids(bob.list_cases(x_customer_id=users[2].user_id)) == []


def test_show_case_status(alice, submit, act):
    case_id = submit(alice)
    assert alice.show_case_status(case_id=case_id).status == 0
    act(alice, case_id, "cancel")
    assert alice.show_case_status(case_id=case_id).status == 4


def test_list_case_counts(server, fresh, submit, act, desk):
    customer = fresh("alice")[0].customer(server)

    def counts(**query):
        return {item.status: item.count for item in customer.list_case_counts(**query).incident_status_counts}

    assert counts() == dict.fromkeys(STATUSES, 0), "every status is listed"
    cases = [submit(customer) for _ in range(4)]
    act(customer, cases[0], "cancel")
    desk.act(cases[1], "accept")
    assert counts() == {**dict.fromkeys(STATUSES, 0), 0: 2, 1: 1, 4: 1}
    assert counts(status=0) == {0: 2}
    with refused(400, "OSM.01010001", "status"):
        customer.list_case_counts(status=21)


def test_unknown_case(alice):
    for case_id in ("TT2026010100000000", "case-123", "x"):
        with refused(404, "OSM.01010015"):
            alice.show_case_detail(case_id=case_id)
        with refused(404, "OSM.01010015"):
            alice.show_case_status(case_id=case_id)
        with refused(404, "OSM.01010015"):
            alice.list_messages(case_id=case_id)
        with refused(404, "OSM.01010015"):
            alice.list_case_operate_logs(case_id=case_id)


def test_confidential_text_is_erased_when_the_case_ends(
    server, alice, alice_user, submit, consultation, act, desk, word
):
    bearer = alice_user.bearer(server)
    body = {
        "business_type_id": consultation.problem,
        "product_category_id": consultation.product,
        "incident_sub_type_id": consultation.category,
        "simple_description": "With a secret",
        "source_id": SOURCE_ID,
        "extends_map": consultation.answers(),
        "authorization_content": f"password {word}",
    }
    case_id = bearer.ask("POST", "/v2/servicerequest/cases", body)["incident_id"]
    path = f"/v2/servicerequest/cases/{case_id}"
    assert word in bearer.send("GET", path).text
    assert alice.list_cases(app_key=word).total_count == 0, "not searchable"
    desk.act(case_id, "accept")
    assert desk.show(case_id)["authorization_content"] == f"password {word}"
    message = {"content": "Another one", "authorization_content": f"pin {word}"}
    bearer.ask("POST", path + "/message", {"message": message})
    assert f"pin {word}" in bearer.send("GET", path + "/messages").text
    act(alice, case_id, "close")
    for caller, where in ((bearer, path), (bearer, path + "/messages"), (desk, f"/desk/v1/cases/{case_id}")):
        answer = caller.send("GET", where)
        assert answer.status_code == 200 and word not in answer.text

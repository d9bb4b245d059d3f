"""Partners: what customers and partners ask, and who handles a case."""

import callers
from callers import refused
from conftest import Desk
from server import wait_for


def test_partners(server, fresh, submit, desk):
    [customer], [owner, pete] = fresh("alice"), fresh("paula", "pete")
    alice, partner = customer.customer(server), owner.customer(server)
    assert partner.show_partners_cases_privilege().has_privilege is False
    info = alice.show_partners_service_info().partners_service_info
    assert info.customer_id is None and info.service_time_zone is None

    server.admin("partner", "create", "--account", owner.account, "--days", "7", "--hours", "00:00-24:00")
    server.admin("partner", "staff", "--account", owner.account, "--user", pete.name)
    server.admin("partner", "link", "--customer", customer.account, "--partner", owner.account)
    wait_for(lambda: partner.show_partners_cases_privilege().has_privilege, "the change")
    info = alice.show_partners_service_info().partners_service_info
    assert (info.customer_id, info.customer_name) == (owner.domain_id, owner.account)
    assert (info.service_time_zone, info.service_time_day, info.service_time_hour) == ("GMT+08:00", "7", "00:00-24:00")

    case_id = submit(alice)
    assert alice.show_case_detail(case_id=case_id).incident_detail_info.business_ownership == 1
    people = Desk(server, callers.token_of(server, owner.account, pete.name, pete.password))
    wait_for(lambda: people.send("GET", "/desk/v1/cases").status_code == 200, "the change")
    assert [case["case_id"] for case in people.list()["cases"]] == [case_id]
    people.act(case_id, "accept")
    people.act(case_id, "reply", content="Solved.", next="solution")
    [reply, _] = alice.list_messages(case_id=case_id).message_list
    assert (reply.replier_type, reply.replier_name) == (2, pete.name)
    server.admin("partner", "allow", "--account", owner.account, "--deny")
    assert alice.show_partners_service_info().partners_service_info.customer_id is None
    answer = people.send("POST", f"/desk/v1/cases/{case_id}/note", {"content": "still here"})
    assert (answer.status_code, answer.json()["error_code"]) == (403, "OSM.01010056")
    assert desk.show(case_id)["business_ownership"] == 1


def test_show_partners_service_info_bounds(alice):
    with refused(400, "OSM.01010001", "product_id"):
        alice.show_partners_service_info(product_id="x" * 65)

"""Support plans and their monthly quotas."""

import pytest

from callers import refused

PLAN = """
[plans.sdk-{name}]
name = {{ zh = "套件", en = "Suite" }}
bought = true
faults = false
severities = {{ guidance = {{ minutes = 960, calendar = "around-the-clock" }}, system-impaired = {{}} }}
quotas = {{ all = {{ monthly = 2, pack = 1 }} }}
"""


@pytest.fixture
def planned(server, fresh, tmp_path):
    """The owner of a fresh account with a plan of its own: two cases a month, no faults, two severities."""
    owner = fresh("alice")[0]
    plans = tmp_path / "plans.toml"
    server.admin("plan", "export", str(plans))
    with plans.open("a", encoding="utf-8") as document:
        document.write(PLAN.format(name=owner.account))
    server.admin("plan", "import", str(plans))
    server.admin("plan", "assign", "--account", owner.account, "--plan", f"sdk-{owner.account}")
    return owner


def test_list_case_quotas(server, planned, alice, consultation, submit):
    unlimited = alice.list_case_quotas(business_type_id=consultation.problem)
    assert (unlimited.total, unlimited.un_used) == (-1, -1)
    customer = planned.customer(server)

    def left():
        answer = customer.list_case_quotas(
            business_type_id=consultation.problem, product_category_id=consultation.product
        )
        return answer.total, answer.un_used

    assert left() == (2, 2)
    submit(customer)
    assert left() == (2, 1)
    submit(customer)
    with refused(429, "OSM.01010037"):
        submit(customer)
    pack = server.admin("plan", "pack", "add", "--account", planned.account, "--quota", "all")
    assert pack["cases"] == 1
    assert left() == (3, 1)
    submit(customer)
    assert left() == (3, 0)
    with refused(400, "OSM.01010001", "business_type_id"):
        customer.list_case_quotas(business_type_id="0" * 32)
    with refused(400, "OSM.01010001", "business_type_id"):
        customer.list_case_quotas()


def test_an_invalid_case_gives_its_quota_back(server, planned, consultation, submit, desk, lead):
    customer = planned.customer(server)
    case_id = submit(customer)
    lead.act(case_id, "invalid", reason="not a request")
    assert customer.list_case_quotas(business_type_id=consultation.problem).un_used == 2
    assert desk.show(case_id)["support_plan"]["plan_name"] in ("Suite", "套件")


def test_severities_and_faults_follow_the_plan(server, planned, fault, region_id, submit):
    customer = planned.customer(server)
    offered = customer.list_severities(product_category_id=fault.product, business_type_id=fault.problem)
    assert [severity.severity_id for severity in offered.severity_list] == ["system-impaired", "guidance"]
    with refused(400, "OSM.01010006"):
        submit(customer, severity_id="core-down")
    submit(customer, severity_id="guidance")
    with refused(403, "OSM.01010009"):
        submit(
            customer,
            "It is broken",
            incident_sub_type_id=fault.category,
            product_category_id=fault.product,
            business_type_id=fault.problem,
            region_id=region_id,
            extends_map=fault.answers() or None,
        )

"""Who may do what: the account's switches, privileges, its users and agencies, and acting through an agency."""

import huaweicloudsdkosm.v2 as models
import pytest

import callers
from callers import refused
from server import wait_for


@pytest.fixture
def people(server, fresh):
    """Owner and user of an account of their own, with the account."""
    alice, bob = fresh("alice", "bob")
    return alice, alice.customer(server), bob, bob.customer(server)


def soon(condition):
    """What the command line changed is seen by the running server."""
    wait_for(condition, "the change")


def switch(customer, operation, privilege=None):
    """Switches a privilege for the whole account."""
    body = models.CreateAndDeletePrivilegeReq(operation=operation, privilege=privilege)
    return customer.create_privileges(body=body)


def test_list_privileges(people):
    _, alice, _, bob = people
    for privilege, bobs in (("createCase", 1), ("export", 0), ("assumeCaseAll", 0)):
        assert alice.list_privileges(privilege=privilege).has_privilege == 1
        assert bob.list_privileges(privilege=privilege).has_privilege == bobs
    with refused(400, "OSM.01010001", "privilege"):
        bob.list_privileges(privilege="everything")


def test_create_privileges_restricts_submitting(people, submit):
    _, alice, _, bob = people
    submit(bob)
    with refused(403, "OSM.01010002"):
        switch(bob, "create", "createCase")
    switch(alice, "create", "createCase")
    assert alice.show_customer_privilege_policy().policy_switch is True
    assert bob.list_privileges(privilege="createCase").has_privilege == 0
    with refused(403, "OSM.01010007"):
        submit(bob)
    submit(alice)
    switch(alice, "delete")
    submit(bob)


def test_create_privileges_grants_the_export(people):
    _, alice, _, bob = people
    switch(alice, "create", "export")
    assert bob.list_privileges(privilege="export").has_privilege == 1
    switch(alice, "delete", "export")
    assert bob.list_privileges(privilege="export").has_privilege == 0
    with refused(400, "OSM.01010001", "operation"):
        switch(alice, "grant", "export")


def test_show_customer_privilege_policy(people):
    _, alice, _, bob = people
    assert bob.show_customer_privilege_policy().policy_switch is False
    switch(alice, "create")
    assert bob.show_customer_privilege_policy().policy_switch is True


def test_privileges_of_one_user(server, people, submit):
    user, alice, other, bob = people
    switch(alice, "create", "createCase")
    held = ["--account", user.account, "--privilege", "createCase", "--user", other.name]
    assert server.admin("privilege", "grant", *held)["changed"] is True
    soon(lambda: bob.list_privileges(privilege="createCase").has_privilege == 1)
    submit(bob)
    assert server.admin("privilege", "list", "--account", user.account)["grants"][0]["name"] == other.name
    server.admin("privilege", "revoke", *held)
    soon(lambda: bob.list_privileges(privilege="createCase").has_privilege == 0)


def test_list_sub_customers(people):
    owner, alice, user, bob = people
    everybody = alice.list_sub_customers().sub_customer_infos
    assert {info.customer_id for info in everybody} == {owner.user_id, user.user_id}
    assert {info.domain_id for info in everybody} == {owner.domain_id}
    [found] = alice.list_sub_customers(sub_customer_name="OB").sub_customer_infos
    assert (found.customer_id, found.customer_name) == (user.user_id, "b***b")
    [himself] = bob.list_sub_customers().sub_customer_infos
    assert himself.customer_id == user.user_id
    assert bob.list_sub_customers(sub_customer_id=owner.user_id).sub_customer_infos == []


def test_list_agencies_and_acting_through_one(server, people, fresh, submit):
    owner, alice, _, bob = people
    assert bob.list_agencies().total_count == 0
    agent = fresh("marta")[0]
    names = ["--account", owner.account, "--name", "helpers", "--trusted", agent.account]
    created = server.admin("agency", "create", *names, "--role", "ticket_administrator", "--days", "2")
    listed = bob.list_agencies()
    [agency] = listed.agency_list
    assert (listed.total_count, agency.id, agency.name) == (1, created["agency_id"], "helpers")
    assert (agency.trust_domain_id, agency.trust_domain_name) == (agent.domain_id, agent.account)
    assert agency.duration == "1" and agency.create_time < agency.expire_time

    role = {"agency_name": "helpers", "domain_name": owner.account}
    body = {"auth": {"identity": {"methods": ["assume_role"], "assume_role": role}}}
    assumed = agent.bearer(server).send("POST", "/v3/auth/tokens", body)
    assert assumed.status_code == 201, assumed.text
    through = callers.Bearer(server, assumed.headers["X-Subject-Token"])
    secret = submit(alice, "Nothing for helpers")
    answer = through.send("GET", f"/v2/servicerequest/cases/{secret}")
    assert (answer.status_code, answer.json()["error_code"]) == (403, "OSM.01010002")
    held = ["--account", owner.account, "--privilege", "assumeCaseAll", "--agency", "helpers"]
    server.admin("privilege", "grant", *held)
    soon(lambda: through.send("GET", f"/v2/servicerequest/cases/{secret}").status_code == 200)
    through.ask("POST", f"/v2/servicerequest/cases/{secret}/action?action_id=cancel", {})
    logs = alice.list_case_operate_logs(case_id=secret).incident_operate_log_list
    assert logs[-1].operator_name == f"{agent.account}/helpers/marta"
    server.admin("agency", "delete", "--account", owner.account, "--name", "helpers")
    soon(lambda: through.send("GET", f"/v2/servicerequest/cases/{secret}").status_code == 401)

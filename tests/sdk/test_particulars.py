"""What a case carries beside its text: contacts, copy addresses, extra parameters, and its rating."""

import huaweicloudsdkosm.v2 as models

from callers import refused
from conftest import sample


def test_contact_info(alice, mallory, submit, act):
    case_id = submit(alice, remind_mobile="13800138000", remind_mail="alice@acme.example")

    def change(customer=alice, **fields):
        return customer.update_case_contact_info(case_id=case_id, body=models.UpdateCaseContactInfoReq(**fields))

    change(area_code="0086", remind_mobile="13900139000", remind_time="09:00-18:00")
    contact = alice.show_case_detail(case_id=case_id).incident_detail_info.ext_info
    assert (contact.area_code, contact.remind_mobile, contact.remind_mail, contact.remind_time) == (
        "86",
        "13900139000",
        "alice@acme.example",
        "09:00-18:00",
    )
    change(remind_mail="")
    assert alice.show_case_detail(case_id=case_id).incident_detail_info.ext_info.remind_mail is None
    types = [entry.operate_type for entry in alice.list_case_operate_logs(case_id=case_id).incident_operate_log_list]
    assert types == [0, 114, 115]
    with refused(400, "OSM.01010001"):
        change()
    with refused(400, "OSM.01010001", "remind_mail"):
        change(remind_mail="nobody")
    with refused(404, "OSM.01010015"):
        change(mallory, remind_time="0")
    act(alice, case_id, "cancel")
    with refused(409, "OSM.01019001"):
        change(remind_time="0")


def test_copy_addresses(server, fresh, submit, act):
    user = fresh("alice")[0]
    customer = user.customer(server)
    empty = customer.list_case_cc_emails()
    assert (empty.cc_email_info.cc_email, empty.mc_email_infos) == ("", [])
    first = submit(customer, extension_map={"cc_email": "lead@acme.example;ops@acme.example"})
    second = submit(customer, extension_map={"cc_email": ["boss@acme.example"]})
    used = customer.list_case_cc_emails()
    info = used.cc_email_info
    assert (info.user_id, info.customer_id, info.cc_email) == (user.user_id, user.domain_id, "boss@acme.example")
    assert used.mc_email_infos == ["boss@acme.example", "lead@acme.example", "ops@acme.example"]
    contact = customer.show_case_detail(case_id=first).incident_detail_info.ext_info
    assert contact.cc_email == "lead@acme.example,ops@acme.example"
    with refused(400, "OSM.01010008"):
        submit(customer, extension_map={"cc_email": "nobody"})
    most = customer.list_case_limits().config.create_case_ccemail_max_count
    with refused(400, "OSM.01010008"):
        submit(customer, extension_map={"cc_email": [f"reader{i}@acme.example" for i in range(most + 1)]})
    act(customer, second, "cancel")
    assert customer.list_case_cc_emails().mc_email_infos == ["lead@acme.example", "ops@acme.example"]


def test_extra_parameters(alice, alice_user, server, demanding, region_id, submit, mallory):
    kind, case_type = demanding
    fields = {
        "incident_sub_type_id": kind.category,
        "product_category_id": kind.product,
        "business_type_id": kind.problem,
        "region_id": region_id if case_type == "5" else None,
    }
    case_id = submit(alice, extends_map=kind.answers(), **fields)
    path = f"/v2/servicerequest/cases/{case_id}/extends-param"
    bearer = alice_user.bearer(server)
    alice.show_case_extends_param(case_id=case_id)
    # The SDK's model has no place for the values.
    assert bearer.ask("GET", path)["extends_map"] == kind.answers()
    [first, *_] = kind.params
    new = sample(first) if first.param_type != 3 else "another"
    alice.create_case_extends_param(
        case_id=case_id, body=models.PutCaseExtParamReq(extends_map={first.param_key: new})
    )
    assert bearer.ask("GET", path)["extends_map"] == {**kind.answers(), first.param_key: new}
    with refused(400, "OSM.01010001", "extends_map.nothing"):
        alice.create_case_extends_param(case_id=case_id, body=models.PutCaseExtParamReq(extends_map={"nothing": "x"}))
    with refused(404, "OSM.01010015"):
        mallory.show_case_extends_param(case_id=case_id)


def test_scores(alice, mallory, submit, desk):
    case_id = submit(alice)
    dimensions = alice.list_satisfaction_dimensions().satisfaction_dimension_list

    def rate(customer=alice, judgement="Quick", value=None):
        scores = [
            models.IncidentSatisfactionV2Do(
                satisfaction_id=dimension.satisfaction_id,
                satisfaction_value=dimension.value if value is None else value,
            )
            for dimension in dimensions
        ]
        body = models.CreateScoreV2Req(judgement=judgement, incident_satisfaction_list=scores)
        return customer.create_scores(case_id=case_id, body=body)

    with refused(409, "OSM.01019001"):
        rate()
    desk.act(case_id, "accept")
    desk.act(case_id, "reply", content="Try again", next="solution")
    rate()
    case = alice.show_case_detail(case_id=case_id).incident_detail_info
    assert (case.status, case.judgement) == (3, "Quick"), "rating the solution closes the case"
    assert [score.satisfaction_value for score in case.incident_satisfaction] == [d.value for d in dimensions]
    rate(judgement="Not so quick", value=0)
    case = alice.show_case_detail(case_id=case_id).incident_detail_info
    assert case.judgement == "Not so quick"
    assert {score.satisfaction_value for score in case.incident_satisfaction} == {0}
    types = [entry.operate_type for entry in alice.list_case_operate_logs(case_id=case_id).incident_operate_log_list]
    assert types == [0, 1, 18, 3, 5, 5]
    with refused(400, "OSM.01010001", "satisfaction_value"):
        rate(value=99)
    with refused(404, "OSM.01010015"):
        rate(mallory)
